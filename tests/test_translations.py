"""Everything that is said to a user can be said in Chinese."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "lianfang"
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
TRANSLATING = {
    "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "pgettext": 2, "pgettext_lazy": 2,
    "ngettext": 2, "ngettext_lazy": 2, "npgettext": 3, "npgettext_lazy": 3,
}  # fmt: skip  # how many of the first arguments are text
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def calls_in(source):
    """(function, texts, line) of each call of a translating function, under whatever name it was imported."""
    tree = ast.parse(source)
    names = {name: name for name in TRANSLATING}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", None))
            function = names.get(called)
            if function in TRANSLATING:
                yield function, node.args[: TRANSLATING[function]], node.lineno


def message(function, texts):
    """(context, singular, plural) as the catalogue keeps them; None where a name stands instead of a text."""
    if not all(isinstance(text, ast.Constant) for text in texts):
        return None
    values = [text.value for text in texts]
    context = values.pop(0) if "pget" in function else None
    return context, values[0], values[1] if len(values) > 1 else None


def template_calls(source):
    """Django turns a template into something that has the calls of Python in it, and noise around them."""
    for line in templatize(source).splitlines():
        for call in re.findall(r"\b(?:_|n?p?gettext)\((?:[^()\"']|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')*\)", line):
            yield from calls_in(call.replace("_(", "gettext(", 1) if call.startswith("_(") else call)


def sources():
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield path, calls_in(path.read_text(encoding="utf-8"))
    for pattern in ("*.html", "*.txt", "*.js"):
        for path in sorted(PACKAGE.rglob(f"templates/**/{pattern}")):
            yield path, template_calls(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def used():
    """Where each message is used."""
    found = {}
    for path, calls in sources():
        for function, texts, _ in calls:
            if said := message(function, texts):
                found.setdefault(said, path.relative_to(PACKAGE))
    assert len(found) > 50
    return found


@pytest.fixture(scope="module")
def catalogue():
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def test_extraction_finds_messages_under_any_name():
    source = "from django.utils.translation import ngettext as n, gettext_lazy as l\nl('a')\nn('b', 'c', 3)\nx(4)"
    assert [message(name, texts) for name, texts, _ in calls_in(source)] == [
        (None, "a", None),
        (None, "b", "c"),
    ]


def test_extraction_finds_messages_of_templates():
    source = """{% load i18n %}<a title="{% translate "It's" %}">{{ x|f:_("two") }}</a>
        {% blocktranslate count n=m trimmed %}one {{ who }}{% plural %}{{ n }} (all)
        of {{ who }}{% endblocktranslate %}"""
    said = [message(name, texts) for name, texts, _ in template_calls(source)]
    assert said == [
        (None, "It's", None), (None, "two", None), (None, "one %(who)s", "%(n)s (all) of %(who)s"),
    ]  # fmt: skip


def test_every_message_is_in_the_chinese_catalogue(used, catalogue):
    missing = [
        f"{path}: {singular!r}" for (context, singular, _), path in used.items() if not catalogue.get(singular, context)
    ]
    assert missing == []


def test_every_message_has_chinese_and_none_is_a_guess(catalogue):
    entries = [entry for entry in catalogue if entry.id]
    empty = [entry.id for entry in entries if not all(texts(entry.string))]
    assert empty == []
    assert [entry.id for entry in entries if entry.fuzzy] == []
    assert not catalogue.fuzzy


def test_plurals_are_plurals_in_both(used, catalogue):
    wrong = [
        singular
        for context, singular, plural in used
        if (entry := catalogue.get(singular, context)) and plural and entry.id != (singular, plural)
    ]
    assert wrong == []


def test_placeholders_are_the_same_in_both_languages(catalogue):
    wrong = [
        (entry.id, entry.string)
        for entry in catalogue
        if entry.id
        for text in texts(entry.string)
        if sorted(set(PLACEHOLDER.findall(text))) != sorted(set(PLACEHOLDER.findall(texts(entry.id)[-1])))
    ]
    assert wrong == []


def test_no_message_is_put_together_while_the_program_runs():
    built = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path, calls in sources()
        for _, texts_, line in calls
        if any(isinstance(text, ast.JoinedStr | ast.BinOp) for text in texts_)
    ]
    assert built == []


def test_messages_are_written_in_english(catalogue):
    """A Chinese word may be quoted in an English sentence; a sentence of Chinese is in the wrong place."""
    latin, chinese = re.compile(r"[A-Za-z]"), re.compile(r"[\u4e00-\u9fff]")
    ids = [texts(entry.id)[0] for entry in catalogue if entry.id]
    assert [text for text in ids if len(chinese.findall(text)) > len(latin.findall(text))] == []


def texts(value):
    return [value] if isinstance(value, str) else list(value)
