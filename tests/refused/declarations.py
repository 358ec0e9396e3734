"""A correction says how one knows; a unit's declarations stand in their order."""

from uuid import uuid4

from rows import DAY, NOW, VILLAGE, person

from lianfang.field.screening.models import Arrival


def arrival(**told):
    usual = {"uid": uuid4(), "person": person(), "area_path": VILLAGE, "arrived_on": DAY, "registered_at": NOW}
    return Arrival.objects.create(**usual | told)


REFUSED = [
    ("screening_correction_has_a_reason", lambda: arrival(correction="ticket")),
]
