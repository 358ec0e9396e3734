"""What the tables of files in refuse: (name of the constraint, an act that it refuses)."""

from uuid import uuid4

from rows import NOW, VILLAGE, batch, twice

from lianfang.field.screening.models import Referral
from lianfang.mandate.intake.models import ColumnMapping


def mapping(**told):
    usual = {"area_path": "140931", "kind": "arrivals", "fingerprint": "a", "columns": {}, "by": "one", "at": NOW}
    return ColumnMapping.objects.create(**usual | told)


def referral(**told):
    usual = {"uid": uuid4(), "batch": uuid4(), "sheet": "a", "row": 1, "area_path": VILLAGE, "name": "张三"}
    return Referral.objects.create(**usual | {"told_sealed": b"s", "registered_at": NOW} | told)


REFUSED = [
    ("screening_referral_outcome_known", lambda: referral(outcome="x", outcome_by="one", outcome_at=NOW)),
    ("screening_referral_outcome_signed", lambda: referral(outcome="settled")),
    ("screening_referral_placed_in_a_village", lambda: referral(area_path="140931")),
    ("intake_batch_undone_by_somebody", lambda: batch(state="undone", committed_at=NOW)),
    ("intake_batch_whole_by_somebody", lambda: batch(whole_by="one")),
    ("intake_mapping_one_an_area_and_heading", twice(mapping)),
]
