"""What the columns of a list are, as somebody says: this list is read so, and the next one with these headings."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from lianfang.mandate.intake.models import Batch, ColumnMapping
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor

OPEN_STATES = ("checked", "failed")


@transaction.atomic
def map_columns(*, by: Actor, at: datetime, batch: Batch, said: Mapping[str, Mapping[str, int]]) -> Batch:
    """`said`: fingerprint of a row of headings → field → column from 0. The list is read again."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in OPEN_STATES or batch.original_sealed is None:
        return batch
    for fingerprint, columns in said.items():
        mapping, fresh = ColumnMapping.objects.get_or_create(
            area_path=batch.area_path,
            kind=batch.kind,
            fingerprint=fingerprint,
            defaults={"columns": dict(columns), "by": by.name, "at": at},
        )
        if not fresh:
            changed = {"columns": dict(columns), "by": by.name, "at": at, "version": F("version") + 1}
            ColumnMapping.objects.filter(pk=mapping.pk).update(**changed)
    batch.state, batch.fault = "received", None
    batch.save(update_fields=["state", "fault"])
    data = {"batch": str(batch.uid), "fields": sorted({code for columns in said.values() for code in columns})}
    audit.record(by=by, action="list.columns_said", at=at, area_path=batch.area_path, data=data)
    return batch
