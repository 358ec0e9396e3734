"""A person is handed over by one offer at a time, with a reason, decided by somebody."""

from uuid import uuid4

from rows import NOW, VILLAGE, person

from lianfang.field.screening.models import Handover


def handover(**told):
    usual = {"uid": uuid4(), "from_path": VILLAGE, "to_path": "140931102", "reason": "moved", "sent_at": NOW}
    whose = {} if "person" in told else {"person": person()}
    return Handover.objects.create(**usual | {"sent_by": "one"} | whose | told)


def two_open():
    whose = person()
    handover(person=whose, state="rejected", decided_at=NOW, decided_by="one", decision_reason="not here")
    handover(person=whose)


REFUSED = [
    ("screening_handover_one_open", two_open),
    ("screening_handover_state_known", lambda: handover(state="lost", decided_at=NOW, decided_by="one")),
    ("screening_handover_goes_elsewhere", lambda: handover(to_path=VILLAGE)),
    ("screening_handover_has_a_reason", lambda: handover(reason="")),
    ("screening_handover_decided_by_somebody", lambda: handover(state="accepted")),
    ("screening_handover_rejected_with_reason", lambda: handover(state="rejected", decided_at=NOW, decided_by="one")),
]
