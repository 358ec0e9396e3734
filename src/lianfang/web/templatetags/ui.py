"""Components shared by every page. Each takes small named values; none reads the database or the clock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select, Widget
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from lianfang.web import wording

register = template.Library()

STATES = {
    "due": ("circle-dashed", _("To do")),
    "done": ("circle-check", _("Done")),
    "late": ("clock-check", _("Done late")),
    "overdue": ("alert-triangle", _("Overdue")),
    "excused": ("circle-minus", _("Excused with reason")),
    "fever": ("temperature-plus", _("Fever")),
    "review": ("user-question", _("To review")),
    "unknown": ("help", _("not established")),
    "neutral": ("point", ""),
}
SPARK_WIDTH, SPARK_HEIGHT = 96, 28


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """{% icon "phone" %}: decoration; with a label it speaks for itself."""
    if label:
        return format_html('<i class="ti ti-{}" role="img" aria-label="{}"></i>', name, label)
    return format_html('<i class="ti ti-{}" aria-hidden="true"></i>', name)


@register.simple_tag
def state(kind: str, label: str = "") -> SafeString:
    """{% state "overdue" %} {% state "due" "未测" %}: colour, icon and word."""
    symbol, word = STATES[kind]
    return format_html(
        '<span class="lf-state lf-{}"><i class="ti ti-{}" aria-hidden="true"></i>{}</span>',
        kind,
        symbol,
        label or word,
    )


@register.simple_tag
def when(moment: datetime | date | None, as_of: datetime | None = None, kind: str = "due") -> SafeString:
    """{% when due_at as_of %} adds 逾期 35 分钟; kind="event" says 35 分钟前; kind="plain" neither."""
    if moment is None:
        return format_html('<span class="lf-muted">{}</span>', wording.NOT_ESTABLISHED)
    absolute = format_html('<time datetime="{}">{}</time>', moment.isoformat(), wording.when_words(moment, as_of))
    if as_of is None or kind == "plain" or not isinstance(moment, datetime):
        return absolute
    late = kind == "due" and moment < as_of
    return format_html(
        '<span class="lf-when">{} <span class="{}">{}</span></span>',
        absolute,
        "lf-late-words" if late else "lf-muted",
        wording.distance_words(moment, as_of, due=kind == "due"),
    )


@register.simple_tag
def day(value: date, year: object = "") -> str:
    """{% day slot.day %}: 2月8日（周六）; {% day value "year" %} with the year."""
    return wording.day_words(value, year=bool(year))


@register.simple_tag
def duration(minutes: int | None) -> str:
    """{% duration gap.age_minutes %}: 2 小时 30 分."""
    return str(wording.NOT_ESTABLISHED) if minutes is None else wording.span_words(minutes)


@register.simple_tag
def share(done: int, due: int | None, untimed: int = 0) -> str:
    """{% share done due untimed %}: 92.3%; 无应办 where nothing is due, 底数不明 where all of it is untimed."""
    return wording.share_words(done, None if untimed and not due else due)


@register.filter
def number(value: object) -> str:
    """{{ count|number }}: 2,121."""
    return wording.number_words(value)


@register.filter
def device(user_agent: str) -> str:
    """{{ session.user_agent|device }}: Chrome · Android; where it is none that people know, its first words."""
    return wording.device_words(user_agent)


@register.inclusion_tag("web/ui/figure.html")
def figure(label: str, value: object, **options: Any) -> dict[str, Any]:
    """{% figure label value unit= numerator= denominator= as_of= href= delta= spark= state= note= assumed= %}

    value None, or a denominator given as 0 or None: 底数不明. delta is the change since the day before;
    spark a list of numbers, oldest first; state colours the value (a key of STATES).
    """
    empty_base = "denominator" in options and not options["denominator"]
    delta = options.get("delta")
    return {
        **options,
        "label": label,
        "value": value,
        "established": value is not None and value != "" and not empty_base,
        "has_delta": isinstance(delta, int | float | Decimal),
        "delta_words": f"{'+' if (delta or 0) > 0 else '−'}{wording.number_words(abs(delta or 0))}",
        "spark_points": spark_points(options.get("spark") or []),
    }


def spark_points(values: Sequence[float]) -> str:
    """Points of an SVG polyline in a box of 96 by 28, two units of margin; flat lines sit in the middle."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    step = (SPARK_WIDTH - 4) / (len(values) - 1)
    height = SPARK_HEIGHT - 4
    ratio = [(v - low) / (high - low) if high > low else 0.5 for v in values]
    return " ".join(f"{2 + i * step:.1f},{2 + height * (1 - r):.1f}" for i, r in enumerate(ratio))


@register.inclusion_tag("web/ui/bar.html")
def bar(done: int, due: int | None, **options: Any) -> dict[str, Any]:
    """{% bar done due late= overdue= excused= label= %}: done includes late; the rest of due is open."""
    late, overdue, excused = (options.get(name) or 0 for name in ("late", "overdue", "excused"))
    counts = [("done", done - late), ("late", late), ("excused", excused), ("overdue", overdue)]
    segments, x = [], 0.0
    for kind, count in counts if due else []:
        width = min(100.0 * count / due, 100.0 - x) if due else 0.0
        if width > 0:
            segments.append({"kind": kind, "x": f"{x:.2f}", "width": f"{width:.2f}"})
            x += width
    left = None if due is None else max(due - done - excused, 0)
    return {"segments": segments, "done": done, "due": due, "left": left, "label": options.get("label", "")}


@register.inclusion_tag("web/ui/crumbs.html")
def area_crumbs(crumbs: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """{% area_crumbs crumbs %}: [{"name": "保德县", "url": "/…"}, …], the last one is where we are."""
    return {"crumbs": list(crumbs)}


@register.inclusion_tag("web/ui/empty.html")
def empty(title: str, what: str = "", how: str = "", **options: Any) -> dict[str, Any]:
    """{% empty title what how action_url= action_label= icon= %}: what belongs here, how it gets here."""
    return {"title": title, "what": what, "how": how, "icon": "inbox", **options}


@register.inclusion_tag("web/ui/pager.html", takes_context=True)
def pager(context: template.Context, page: Any) -> dict[str, Any]:
    """{% pager page_obj %}: Django Page; keeps filters and order of the address."""
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("web/ui/sort_th.html", takes_context=True)
def sort_th(context: template.Context, field: str, label: str, css: str = "") -> dict[str, Any]:
    """{% sort_th "due_at" "时限" %}: table head that orders by ?sort=due_at, then ?sort=-due_at."""
    current = context["request"].GET.get("sort", "")
    direction = {field: "ascending", f"-{field}": "descending"}.get(current, "")
    following = f"-{field}" if direction == "ascending" else field
    return {
        "label": label,
        "direction": direction,
        "following": following,
        "css": css,
        "request": context["request"],
    }


@register.inclusion_tag("web/ui/filters.html", takes_context=True)
def filters(context: template.Context, form: Any, action: str = "") -> dict[str, Any]:
    """{% filters form %}: a GET form in one line; ?sort stays, the page number does not."""
    request = context["request"]
    return {"form": form, "action": action or request.path, "sort": request.GET.get("sort", "")}


def control_class(widget: Widget) -> str:
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    if isinstance(widget, RadioSelect):
        return "lf-radios"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.inclusion_tag("web/ui/field.html")
def field(bound: BoundField, label: str = "") -> dict[str, Any]:
    """{% field form.phone %}: label, control, help, errors, tied together for screen readers."""
    widget = bound.field.widget
    check = isinstance(widget, CheckboxInput)
    wrong = "is-invalid" if bound.errors else ""
    css = " ".join(filter(None, [control_class(widget), widget.attrs.get("class", ""), wrong]))
    return {
        "bound": bound,
        "label": label or bound.label,
        "check": check,
        "group": widget.use_fieldset,
        "control": bound.as_widget(attrs={"class": css}),
    }


@register.inclusion_tag("web/ui/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """{% form_errors form %}: everything that is wrong, on top, each line leading to its field."""
    return {"form": form, "faulty": [bound for bound in form if bound.errors]}


@register.inclusion_tag("web/ui/assumed.html")
def assumed(words: str = "") -> dict[str, str]:
    """{% assumed "common practice at checkpoints" %}: 文件未载明 · 暂定, the reason on hover, focus, tap."""
    return {"words": words}


@register.inclusion_tag("web/ui/masked.html")
def masked(text: str, reveal_url: str = "") -> dict[str, str]:
    """{% masked document.masked %}: shows it as given; a text without any * is masked here to be safe."""
    shown = text if "*" in text or not text else f"{text[:3]}{'*' * max(len(text) - 5, 3)}{text[-2:]}"
    return {"text": shown, "reveal_url": reveal_url}


@register.inclusion_tag("web/ui/chart.html")
def chart(name: str, title: str, data: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """{% chart "trend" title data kind="line" unit="人" %}

    data: {"x": ["2月8日", …], "series": [{"name": "应测", "values": [1, None, …], "state": "due"}, …]};
    kind line, area or bar (stacked=True stacks); fit=True lets the axis begin above zero, for measurements
    such as temperatures, never for counts. The table below it says the same.
    """
    rows = zip(data["x"], *(series["values"] for series in data["series"]), strict=True)
    kind = options.get("kind", "line")
    settings = {
        "kind": kind,
        "unit": str(options.get("unit", "")),
        "stacked": bool(options.get("stacked")),
        "fit": bool(options.get("fit")),
        "x": [str(label) for label in data["x"]],
        "series": [{**s, "name": str(s["name"])} for s in data["series"]],
    }
    return {"name": name, "title": title, "settings": settings, "rows": list(rows), "unit": settings["unit"]}


@register.inclusion_tag("web/ui/tiles.html")
def tiles(cells: Iterable[Mapping[str, Any]], title: str, legend: Sequence[str] = ()) -> dict[str, Any]:
    """{% tiles cells title legend %}: 示意图. cell: name, value, level 0–4 or None (底数不明), href, note."""
    return {"cells": list(cells), "title": title, "legend": list(enumerate(legend))}


@register.inclusion_tag("web/ui/map.html")
def area_map(name: str, title: str, shapes: Mapping[str, Any], legend: Sequence[str] = ()) -> dict[str, Any]:
    """{% area_map "coverage" title geojson legend %}

    shapes: GeoJSON FeatureCollection (WGS 84) whose properties are name, value, level 0–4 or None, href.
    """
    return {"name": name, "title": title, "shapes": shapes, "legend": list(enumerate(legend))}
