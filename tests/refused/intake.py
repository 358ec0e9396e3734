"""What the tables of files in refuse: (name of the constraint, an act that it refuses)."""

from rows import NOW, batch, twice

from lianfang.mandate.intake.models import ColumnMapping


def mapping(**told):
    usual = {"area_path": "140931", "kind": "arrivals", "fingerprint": "a", "columns": {}, "by": "one", "at": NOW}
    return ColumnMapping.objects.create(**usual | told)


REFUSED = [
    ("intake_batch_undone_by_somebody", lambda: batch(state="undone", committed_at=NOW)),
    ("intake_batch_whole_by_somebody", lambda: batch(whole_by="one")),
    ("intake_mapping_one_an_area_and_heading", twice(mapping)),
]
