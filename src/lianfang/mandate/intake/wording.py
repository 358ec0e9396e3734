"""The sentence of every rule by which a row, a record or an area is refused."""

from typing import Any, Protocol

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_
from django.utils.translation import pgettext, pgettext_lazy

from lianfang.mandate.intake.rules.messages import MESSAGES
from lianfang.mandate.intake.rules.problems import Problem
from lianfang.registry.places.rules import LONGEST_NAME

RECORD_MESSAGES = {
    "not_json": N_("“%(value)s” is not a record. Write one record a line, as a JSON object in braces."),
    "not_one_of": N_("“%(value)s” is not possible under %(field)s. Use one of these: %(allowed)s."),
    "not_a_uuid": N_(
        "“%(value)s” under %(field)s is not a UUID. Write 32 hexadecimal digits, each record with its own."
    ),
    "not_a_moment": N_(
        "“%(value)s” under %(field)s is not a moment. Write day, hour and zone, for example 2020-02-09T08:30:00+08:00."
    ),
    "in_the_future": N_("%(value)s under %(field)s has not come yet. Check day and hour, and the clock of the device."),
    "not_a_document": N_(
        "“%(value)s” is not a document number. Copy it in full from the document, or name the person by UUID."
    ),
    "unknown_person": N_(
        "Nobody with “%(value)s” is registered in your area. Check the number, or register the person first."
    ),
    "unknown_area": N_("“%(value)s” is not an area within your responsibility. Check the code of the area."),
    "id_conflict": N_(
        "A record with the id %(value)s was sent before and said something else. "
        "Send a correction under an id of its own."
    ),
    "not_under_observation": N_(
        "The person is not under observation and so has no team. Check the person, or register the arrival first."
    ),
    "unknown_team_place": N_("“%(value)s” is not a place of this team. Use one of the places that the plan names."),
    "team_place_taken": N_(
        "The place “%(value)s” of this team is filled. Release the member who holds it before naming another."
    ),
    "team_member_twice": N_("%(value)s already holds a place of this team. Name another person for this place."),
    "no_plan_in_force": N_(
        "No response plan is in force where the person lives, so there is no notice to give. Activate a plan first."
    ),
    "not_a_village": N_("“%(value)s” is not a village or community; only these report. Use the code of 12 digits."),
    "not_a_count": N_("“%(value)s” is not a count. Report a whole number; write 0 where there was nobody."),
}
AREA_MESSAGES = {
    "bad_area_code": N_(
        "“%(value)s” is not a code of an area of this kind. Use the national code; check the column kind as well."
    ),
    "area_without_name": N_("The area has no name. Add it as in the official list."),
    "parent_not_of_code": N_(
        "“%(value)s” is not the area above this code: a code begins with the code of the area above it. "
        "Correct one of them."
    ),
    "bad_boundary": N_("The boundary is not a polygon in degrees. Save the map as GeoJSON in WGS 84 (EPSG:4326)."),
    "code_twice": N_("The code %(value)s stands in the list twice. Keep one of the two rows."),
    "unknown_parent": N_(
        "The area above, “%(value)s”, is neither registered nor in this list. Add it to the list, or correct the code."
    ),
}
_NO_NEAREST = N_("“%(value)s” is not a village of %(area)s. Correct the name, or have the village added first.")
_NO_VILLAGE_GIVEN = N_("The row names no village. It waits until somebody says which village it belongs to.")
_NOTHING_GIVEN = N_("%(field)s is missing. Add it.")
SENTENCES: dict[str, str] = {**RECORD_MESSAGES, **AREA_MESSAGES, **MESSAGES}
_SAID_OF_A_VALUE = frozenset(
    {
        "not_a_uuid",
        "not_a_moment",
        "not_a_document",
        "unknown_person",
        "unknown_area",
        "not_one_of",
        "not_a_count",
    }
)

FIELD_LABELS = {
    "name": pgettext_lazy("field", "name"),
    "sex": pgettext_lazy("field", "sex"),
    "unit": pgettext_lazy("field", "unit"),
    "cohabitants": pgettext_lazy("field", "people living together"),
    "travelled": pgettext_lazy("field", "away lately"),
    "returned_on": pgettext_lazy("field", "day of return"),
    "document": pgettext_lazy("field", "document number"),
    "phone": pgettext_lazy("field", "phone"),
    "origin": pgettext_lazy("field", "place of departure"),
    "arrived_on": pgettext_lazy("field", "day of arrival"),
    "reached_home": pgettext_lazy("field", "time of reaching home"),
    "transport": pgettext_lazy("field", "means of transport"),
    "vehicle": pgettext_lazy("field", "train, flight or plate number"),
    "township": pgettext_lazy("field", "township"),
    "village": pgettext_lazy("field", "village or community"),
    "door": pgettext_lazy("field", "door number"),
    "address": pgettext_lazy("field", "address"),
    "temperature": pgettext_lazy("field", "temperature"),
    "symptoms": pgettext_lazy("field", "symptoms"),
    "note": pgettext_lazy("field", "remarks"),
    "last_exposure": pgettext_lazy("field", "day of the last contact with a case"),
    "setting": pgettext_lazy("field", "where the contact was"),
    "birth_date": pgettext_lazy("field", "date of birth"),
    "id": pgettext_lazy("field", "id of the record"),
    "kind": pgettext_lazy("field", "kind"),
    "at": pgettext_lazy("field", "time"),
    "value": pgettext_lazy("field", "value"),
    "person": pgettext_lazy("field", "person"),
    "area": pgettext_lazy("field", "area"),
    "slot": pgettext_lazy("field", "place in the team"),
    "outcome": pgettext_lazy("field", "outcome"),
    "given_by": pgettext_lazy("field", "given by"),
    "channel": pgettext_lazy("field", "channel"),
    "received_by": pgettext_lazy("field", "received by"),
    "code": pgettext_lazy("field", "area code"),
    "parent": pgettext_lazy("field", "area above"),
    "boundary": pgettext_lazy("field", "boundary"),
    "residence": pgettext_lazy("field", "kind of residence"),
    "care": pgettext_lazy("field", "particular care"),
    "grid": pgettext_lazy("field", "grid"),
    "group": pgettext_lazy("field", "group"),
    "compound": pgettext_lazy("field", "compound"),
    "checked_on": pgettext_lazy("field", "day of the check"),
    "card": pgettext_lazy("field", "card id"),
}
_CODED_VALUES = {"male": pgettext_lazy("sex", "male"), "female": pgettext_lazy("sex", "female")}


class HasPlace(Protocol):
    """A row of a file: its sheet, and the number that Excel shows."""

    sheet: str
    number: int


class _Told(dict[str, str]):
    """What the sentence is filled with; a value that nobody gave shows as a dash, never as an error."""

    def __missing__(self, key: str) -> str:
        return "—"


def field_label(code: str) -> str:
    """The name of a field for people; a code without a name of its own is shown as it is."""
    return str(FIELD_LABELS.get(code, code))


def sex_label(code: str) -> str:
    return str(_CODED_VALUES.get(code, ""))


def fault_message(rule: str, values: dict[str, Any], *, field: str = "", value: str = "") -> str:
    """What is wrong and how to put it right, in the language that is active."""
    told = _Told({name: str(_CODED_VALUES.get(str(said), said)) for name, said in values.items()})
    told["field"] = field_label(field) if field else _("this row")
    told["value"] = value or told.get("value", "")
    if "nearest" in told:
        told["nearest"] = told["nearest"].replace("、", pgettext("between names", ", "))
    return _capital(_(_sentence(rule, told)) % told)


def _sentence(rule: str, told: dict[str, str]) -> str:
    if rule == "unknown_village" and not told.get("nearest"):
        return _NO_NEAREST
    if rule == "place_unclear" and not told["value"]:
        return _NO_VILLAGE_GIVEN
    if rule in _SAID_OF_A_VALUE and not told["value"]:
        return _NOTHING_GIVEN
    return SENTENCES[rule]


def _capital(sentence: str) -> str:
    """Sentences may begin with the name of a field."""
    return sentence[:1].upper() + sentence[1:]


def problem_message(problem: Problem) -> str:
    return fault_message(problem.rule, dict(problem.values), field=problem.field, value=problem.value)


def area_message(rule: str, *, field: str, value: str) -> str:
    """The sentence for a row of a list of areas, whose name is not a person's."""
    own = "area_without_name" if rule == "no_name" else rule
    return fault_message(own, {"limit": LONGEST_NAME}, field=field, value=value)


def problem_json(problem: Problem, row: HasPlace | None = None, lang: str = "") -> dict[str, Any]:
    """A problem as commands print it; one of a whole sheet or file has no row."""
    with translation.override(lang or translation.get_language()):
        message = problem_message(problem)
    return {
        "sheet": row.sheet if row else str(problem.values.get("sheet", "")),
        "row": row.number if row else None,
        "field": problem.field,
        "value": problem.value,
        "rule": problem.rule,
        "message": message,
    }
