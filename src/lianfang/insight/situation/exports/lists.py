"""What an exported list says, row by row. Documents and phones are masked unless asked for in full."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from lianfang.field.observation import queries as observation
from lianfang.field.observation.forms import ListFilter
from lianfang.field.observation.queries.observed import Observed, observed_people, observed_rows
from lianfang.field.screening.forms import ArrivalsFilter
from lianfang.field.screening.imports import FIELDS
from lianfang.field.screening.models import Arrival
from lianfang.field.screening.queries import listed
from lianfang.insight.situation.exports import declarations, organisation, overdue, residents
from lianfang.mandate.duties.forms import SHOWS
from lianfang.mandate.duties.overdue import beside
from lianfang.mandate.duties.queries import Item, items, summaries
from lianfang.mandate.duties.wording import duty_words, owner_key, row_of, state_words
from lianfang.mandate.intake.sheets_out import EXERCISE
from lianfang.mandate.intake.wording import sex_label
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import Numbers, numbers_of
from lianfang.registry.people.searching import search
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import full_name, is_exercise
from lianfang.web.wording import span_words, when_words

KINDS = {
    "arrivals": gettext_lazy("Arrivals"),
    "persons": gettext_lazy("Persons"),
    "observations": gettext_lazy("People under observation"),
    "gaps": gettext_lazy("Outstanding list"),
    "overdue": gettext_lazy("Overdue, reminders"),
    "residents": gettext_lazy("Residents' ledger"),
    "directory": gettext_lazy("Directory"),
    "responsibility": gettext_lazy("Register of responsibility"),
    "vacancies": gettext_lazy("Vacancies"),
    "declarations": gettext_lazy("Staff travel declarations"),
}
_CHUNK = 2000
_ONLY = ("key_area", "incomplete", "hour_unknown")
_NUMBER = re.compile(r"\d{6,}[\dXx]*")
_FIELDS = {spec.code: spec for spec in FIELDS}


@dataclass(frozen=True)
class Wanted:
    """What to export. `narrowed` filters a list as its page does.

    arrivals: key_area, incomplete, hour_unknown, q · observations: show, q · gaps: duty, state, owner
    overdue: duty, level, hours, earlier
    """

    kind: str
    area_path: str
    as_of: datetime
    in_full: bool = False
    narrowed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A list ready to be written: one title, headings, then rows read as they are written."""

    title: str
    headers: list[str]
    rows: Iterable[list[object]]
    filename: str


def table(wanted: Wanted) -> Table:
    """The list with its title; every list of an exercise says so in the title and in its name."""
    headers, found = rows(wanted)
    words = [full_name(wanted.area_path), str(KINDS[wanted.kind]), *_narrowed_words(wanted)]
    moment = _("as of %(moment)s") % {"moment": when_words(wanted.as_of)}
    stamp = timezone.localtime(wanted.as_of).strftime("%Y%m%d-%H%M")
    mark = [EXERCISE] if is_exercise() else []
    name = "-".join([*mark, words[0], words[1], stamp]).replace(" · ", "-").replace("/", "-")
    return Table(" · ".join([*mark, *words, moment]), headers, found, name)


def _narrowed_words(wanted: Wanted) -> list[str]:
    """What the list was narrowed to, as its page says it; typed numbers are masked as in the rows."""
    told = wanted.narrowed
    words = [_NUMBER.sub("***", told["q"])] if told.get("q") else []
    if wanted.kind == "gaps":
        words += [_duty_title(told["duty"], wanted)] if told.get("duty") else []
        words.append(str(SHOWS[told.get("state", "outstanding")].label))
        words += [told["owner"]] if told.get("owner") else []
    if wanted.kind == "overdue":
        words += overdue.narrowed_words(told, _duty_title(told["duty"], wanted) if told.get("duty") else "")
    if wanted.kind == "arrivals":
        words += [str(ArrivalsFilter.base_fields[name].label) for name in _ONLY if told.get(name)]
    if wanted.kind == "observations" and told.get("show"):
        words.append(str(dict(ListFilter.base_fields["show"].choices)[told["show"]]))
    return words


def _duty_title(duty: str, wanted: Wanted) -> str:
    """A duty as its plan calls it; one that nothing is owed for keeps its code."""
    words = duty_words(summaries(area_path=wanted.area_path, as_of=wanted.as_of, duty=duty))
    return words[duty].title if duty in words else duty


def rows(wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    """(headings, rows): text, numbers, days and moments. Rows are read as they are asked for."""
    makers: dict[str, Callable[[Wanted], tuple[list[str], Iterator[list[object]]]]] = {
        "arrivals": _arrivals,
        "persons": _persons,
        "observations": _observations,
        "gaps": _gaps,
        "overdue": _overdue,
        "residents": _residents,
        "declarations": _declarations,
        **{kind: partial(_organisation, told) for kind, told in _ORGANISATION.items()},
    }
    return makers[wanted.kind](wanted)


def _organisation(told: Callable, wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    return told(wanted.area_path, wanted.as_of)


_ORGANISATION: dict[str, Callable] = {
    "directory": organisation.directory,
    "responsibility": organisation.responsibility,
    "vacancies": organisation.vacancies,
}


def _residents(wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    return residents.headers(), residents.rows(wanted.area_path, wanted.as_of, in_full=wanted.in_full)


def _declarations(wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    told = declarations.rows(wanted.area_path, wanted.as_of, wanted.narrowed, in_full=wanted.in_full)
    return declarations.headers(), told


# --- arrivals: headings that the importer knows -----------------------------------------------------------

_ARRIVAL_CODES = (
    "name",
    "sex",
    "document",
    "phone",
    "origin",
    "arrived_on",
    "reached_home",
    "transport",
    "vehicle",
    "township",
    "village",
    "door",
)


def heading(code: str) -> str:
    """The first known heading of a field in the reader's language, so that the file is recognised again."""
    chinese = (get_language() or "zh-hans").startswith("zh")
    titles = _FIELDS[code].titles
    found = next((title for title in titles if title.isascii() != chinese), titles[0])
    return found[:1].upper() + found[1:]


def _arrivals(wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    found = listed(area_path=wanted.area_path, as_of=wanted.as_of, chosen=wanted.narrowed)
    return [heading(code) for code in _ARRIVAL_CODES], _arrival_rows(wanted, found)


def _arrival_rows(wanted: Wanted, found) -> Iterator[list[object]]:
    names = _names(wanted.area_path)
    ordered = found.order_by("person__area_path", "person__household__door", "person__pinyin", "pk")
    for chunk in _chunks(ordered.iterator(_CHUNK)):
        numbers = _numbers([arrival.person.uid for arrival in chunk], wanted)
        for arrival in chunk:
            yield _arrival_row(arrival, numbers[arrival.person.uid], names)


def _arrival_row(arrival: Arrival, numbers: Numbers, names: dict[str, str]) -> list[object]:
    person = arrival.person
    return [
        person.name,
        sex_label(person.sex) if person.sex else "",
        numbers.document,
        _phones(numbers),
        arrival.origin_text,
        arrival.arrived_on,
        arrival.reached_home_at,
        arrival.transport,
        arrival.vehicle,
        *_where(person, names),
    ]


# --- persons ----------------------------------------------------------------------------------------------


def _persons(wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    headers = [
        *(heading(code) for code in ("name", "sex")),
        _("Date of birth"),
        *(heading(code) for code in ("document", "phone", "township", "village", "door")),
        _("Registered at"),
        _("Under observation"),
    ]
    return headers, _person_rows(wanted)


def _person_rows(wanted: Wanted) -> Iterator[list[object]]:
    names = _names(wanted.area_path)
    people = Person.objects.as_of(wanted.as_of).under(wanted.area_path).select_related("household")
    under = observation.under_observation(wanted.area_path, wanted.as_of)
    observed = set(under.values_list("subject", flat=True))
    ordered = people.order_by("area_path", "household__door", "pinyin", "pk")
    for chunk in _chunks(ordered.iterator(_CHUNK)):
        numbers = _numbers([person.uid for person in chunk], wanted)
        for person in chunk:
            yield [
                person.name,
                sex_label(person.sex) if person.sex else "",
                person.birth_date,
                numbers[person.uid].document,
                _phones(numbers[person.uid]),
                *_where(person, names),
                person.registered_at,
                _("yes") if person.uid in observed else _("no"),
            ]


# --- people under observation -----------------------------------------------------------------------------


def _observations(wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    headers = [
        *(heading(code) for code in ("name", "sex", "document", "phone", "township", "village", "door")),
        _("First day"),
        _("Last day"),
        _("Day of observation"),
        _("Days in all"),
        _("Last temperature"),
        _("Measured at"),
        _("Fever"),
        _("Notice"),
        _("Team places filled"),
        _("Team places"),
        _("Overdue"),
        _("Next due"),
    ]
    return headers, _observation_rows(wanted)


def _observation_rows(wanted: Wanted) -> Iterator[list[object]]:
    where = {"area_path": wanted.area_path, "as_of": wanted.as_of}
    names = _names(wanted.area_path)
    # The cards that counted at the moment: one withdrawn since then stands in the figure of that moment.
    cards = Person.objects.as_of(wanted.as_of).under(wanted.area_path).select_related("household")
    people = observed_people(cards, **where, show=wanted.narrowed.get("show", ""))
    people = search(people, wanted.narrowed.get("q", ""))
    ordered = people.order_by("area_path", "household__door", "pinyin", "pk")
    for chunk in _chunks(ordered.iterator(_CHUNK)):
        numbers = _numbers([person.uid for person in chunk], wanted)
        for told in observed_rows(chunk, **where):
            yield _observation_row(told, numbers[told.person.uid], names)


def _observation_row(told: Observed, numbers: Numbers, names: dict[str, str]) -> list[object]:
    notices = {"issued": _("issued"), "served": _("served"), "refused": _("refused")}
    return [
        told.person.name,
        sex_label(told.person.sex) if told.person.sex else "",
        numbers.document,
        _phones(numbers),
        *_where(told.person, names),
        told.period.first_day,
        told.period.last_day,
        told.period.number,
        told.period.days,
        told.reading.celsius if told.reading else None,
        told.reading.at if told.reading else None,
        _("yes") if told.is_fever else "",
        notices.get(told.notice, _("none")),
        told.filled,
        told.places,
        told.overdue,
        told.next_due,
    ]


# --- the outstanding list ---------------------------------------------------------------------------------


def _gaps(wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    headers = [
        _("Duty"),
        _("Clauses"),
        *(heading(code) for code in ("name", "document", "township", "village", "door")),
        _("Day"),
        _("Slot or place"),
        _("Due at"),
        _("State"),
        _("Overdue by"),
        _("Overdue minutes"),
        _("Owner"),
        _("Owner's phone"),
        pgettext("escalation", "Reached level"),
    ]
    return headers, _gap_rows(wanted)


def _overdue(wanted: Wanted) -> tuple[list[str], Iterator[list[object]]]:
    headers, _rows = _gaps(wanted)
    return [*headers, *overdue.headers()], _overdue_rows(wanted)


def _overdue_rows(wanted: Wanted) -> Iterator[list[object]]:
    """As on its page; beside each row its steps up the ladder and the last reminder."""
    names = _names(wanted.area_path)
    for chunk in _chunks(overdue.found(wanted.area_path, wanted.as_of, wanted.narrowed)):
        told = beside([item.id for item in chunk], wanted.as_of)
        numbers = _numbers([item.subject for item in chunk if item.subject_kind == "person"], wanted)
        for item in chunk:
            row = _gap_row(item, numbers.get(item.subject), names, wanted.as_of)
            yield [*row, *overdue.cells(told[item.id])]


def _gap_rows(wanted: Wanted) -> Iterator[list[object]]:
    show, owner = SHOWS[wanted.narrowed.get("state", "outstanding")], wanted.narrowed.get("owner")
    found = items(
        area_path=wanted.area_path,
        as_of=wanted.as_of,
        duty=wanted.narrowed.get("duty"),
        states=list(show.states),
    )
    chosen = [item for item in found if show.takes(item) and (not owner or owner_key(item) == owner)]
    names = _names(wanted.area_path)
    for chunk in _chunks(chosen):
        people = [item.subject for item in chunk if item.subject_kind == "person"]
        numbers = _numbers(people, wanted)
        for item in chunk:
            yield _gap_row(item, numbers.get(item.subject), names, wanted.as_of)


def _gap_row(item: Item, numbers: Numbers | None, names: dict[str, str], as_of: datetime) -> list[object]:
    row = row_of(item, as_of)
    clauses = plan_of(item.plan_version_id).duties[item.code].clauses
    return [
        row.title,
        " ".join(clauses),
        item.name,
        numbers.document if numbers else "",
        names.get(item.area_path[:9], ""),
        item.area_name,
        item.door or "",
        item.day,
        row.slot,
        item.due_at,
        state_words(item),
        span_words(item.age_minutes) if item.age_minutes else "",
        item.age_minutes,
        item.owner,
        item.owner_phone,
        row.level,
    ]


# --- shared -----------------------------------------------------------------------------------------------


def _chunks(found: Iterable) -> Iterator[list]:
    source = iter(found)
    while chunk := list(islice(source, _CHUNK)):
        yield chunk


def _names(area_path: str) -> dict[str, str]:
    """Path → name of the townships and villages of the area."""
    below = Area.objects.filter(path__startswith=area_path[:9], path__length__in=(9, 12))
    return dict(below.values_list("path", "name"))


def _where(person: Person, names: dict[str, str]) -> list[object]:
    door = person.household.door if person.household else ""
    return [names.get(person.area_path[:9], ""), names.get(person.area_path[:12], ""), door]


def _numbers(uids: Sequence[UUID], wanted: Wanted) -> dict[UUID, Numbers]:
    return numbers_of(uids, in_full=wanted.in_full)


def _phones(numbers: Numbers) -> str:
    return pgettext("between names", ", ").join(numbers.phones)
