"""A page of paper as a file of a word processor: the same words, A4, fonts that Chinese offices have."""

import re
from html.parser import HTMLParser
from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LATIN, _BODY, _HEADING, _TITLE = "Times New Roman", "FangSong", "SimHei", "SimSun"
_LINE = "_" * 18
_SPACE = re.compile(r"\s+")


def to_docx(html: str) -> bytes:
    """The article of a notice or certificate as a .docx; whatever the page says stands in it, in the same order."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    made = BytesIO()
    writer.document.save(made)
    return made.getvalue()


class _Writer(HTMLParser):
    """Blocks become paragraphs, tables stay tables; classes of the paper decide size and place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = _empty_document()
        self.paragraph = None
        self.bold = 0
        self.small = 0
        self.cells: list[list[str]] = []
        self.in_table = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        css = dict(attrs).get("class") or ""
        if tag in ("h2", "h3", "p", "li", "div") and not self.in_table:
            self._begin(tag, css)
        elif tag == "table":
            self.in_table, self.cells = True, []
        elif tag == "tr":
            self.cells.append([])
        elif tag in ("td", "th"):
            self.cells[-1].append("")
        elif tag in ("b", "dd"):
            self.bold += 1
        elif tag == "span" and "lf-line" in css.split():
            self._say(_LINE + "  ")
        self.small += "lf-paper-small" in css

    def _begin(self, tag: str, css: str) -> None:
        if tag == "div":
            if "lf-paper" in css:
                self.paragraph = None
            return
        style = {"h2": "Title", "h3": "Heading 1", "li": "List Bullet"}.get(tag, "Normal")
        self.paragraph = self.document.add_paragraph(style=style)
        if "lf-paper-issued" in css:
            self.paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._table()
        elif tag in ("b", "dd"):
            self.bold -= 1
            if tag == "dd":
                self._say("    ")
        elif tag == "dt":
            self._say(" ")
        elif tag == "span":
            self._say("  ")
        elif tag in ("p", "li", "h2", "h3", "dl"):
            self.paragraph = None
        elif tag == "div" and self.small and self.paragraph is None:
            self.small = 0

    def handle_data(self, data: str) -> None:
        text = _SPACE.sub(" ", data)
        if self.in_table:
            if self.cells and self.cells[-1]:
                self.cells[-1][-1] += text
        elif text.strip() or (text and self.paragraph is not None):
            self._say(text)

    def _say(self, text: str) -> None:
        if self.in_table:
            return
        if self.paragraph is None:
            if not text.strip():
                return
            self.paragraph = self.document.add_paragraph()
        if not self.paragraph.runs:
            text = text.lstrip()
        run = self.paragraph.add_run(text)
        run.bold = bool(self.bold) or None
        if self.small:
            run.font.size = Pt(9)

    def _table(self) -> None:
        self.in_table = False
        rows = [row for row in self.cells if row]
        table = self.document.add_table(rows=len(rows), cols=max(len(row) for row in rows), style="Table Grid")
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                cell = table.cell(number, column).paragraphs[0]
                run = cell.add_run(text.strip())
                run.bold = number == 0 or None
        self.document.add_paragraph()


def _empty_document():
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(22), Mm(20), Mm(26), Mm(24)
    for name, font, size in (
        ("Normal", _BODY, 11),
        ("List Bullet", _BODY, 11),
        ("Heading 1", _HEADING, 12),
        ("Title", _TITLE, 18),
    ):
        style = document.styles[name]
        style.font.name, style.font.size = _LATIN, Pt(size)
        style.font.color.rgb = None
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        style.paragraph_format.space_after = Pt(3)
        style.paragraph_format.space_before = Pt(6 if name == "Heading 1" else 0)
        style.paragraph_format.line_spacing = 1.15
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.styles["Title"].font.bold = True
    return document
