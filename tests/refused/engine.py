"""What the engine's later tables refuse."""

from rows import LATER, excuse, obligation

from lianfang.mandate.duties.models import PastCount


def past_count(*, overdue=1, outstanding=2):
    return PastCount.objects.create(at=LATER, area_path="140931101201", overdue=overdue, outstanding=outstanding)


REFUSED = [
    ("duties_excuse_withdrawn_by_whom_and_why", lambda: excuse(obligation(), withdrawn_at=LATER, withdrawn_by="")),
    ("duties_past_count_once", lambda: [past_count() for _twice in range(2)]),
    ("duties_past_count_overdue_is_outstanding", lambda: past_count(overdue=3)),
]
