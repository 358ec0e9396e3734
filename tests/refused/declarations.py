"""A correction says how one knows; a unit's declarations stand in their order."""

from uuid import uuid4

from rows import DAY, NOW, VILLAGE, person

from lianfang.field.declarations.models import Declaration
from lianfang.field.screening.models import Arrival
from lianfang.registry.organisation.models import Body


def arrival(**told):
    usual = {"uid": uuid4(), "person": person(), "area_path": VILLAGE, "arrived_on": DAY, "registered_at": NOW}
    return Arrival.objects.create(**usual | told)


def declaration(unit=None, **told):
    unit = unit or Body.objects.create(
        uid=uuid4(), area_path=VILLAGE, kind="member_unit", name="Transport", valid_from=NOW
    )
    usual = {"uid": uuid4(), "key": b"k" * 32, "name": "one", "batch": uuid4(), "requested_by": "one"}
    return Declaration.objects.create(unit=unit, **usual | {"requested_at": NOW} | told)


def answered(**told):
    usual = {"submitted_at": NOW, "submitted_by": "one", "answer": uuid4(), "travelled": False}
    return declaration(**usual | told)


REFUSED = [
    ("screening_correction_has_a_reason", lambda: arrival(correction="ticket")),
    ("declarations_one_a_person_a_unit", lambda: declaration(unit=declaration().unit)),
    ("declarations_declaration_has_a_name", lambda: declaration(name="")),
    ("declarations_answer_is_signed", lambda: answered(submitted_by="")),
    ("declarations_travel_has_its_day", lambda: answered(travelled=True)),
    ("declarations_matched_after_the_answer", lambda: declaration(person=person())),
]
