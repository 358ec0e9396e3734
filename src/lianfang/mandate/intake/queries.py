"""Reads of batches and their rows."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from lianfang import vault
from lianfang.mandate.intake.importing import RowIn, cell_from_json
from lianfang.mandate.intake.models import Batch, StagedRow
from lianfang.mandate.intake.rules.problems import Problem
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission

OUTCOMES = ("accepted", "duplicate", "review", "rejected")


@dataclass(frozen=True)
class RowContent:
    """What a staged row says, unsealed."""

    raw: dict[str, Any]
    problems: list[Problem]
    missing: list[str]


def judged_before(fingerprints: Iterable[bytes]) -> dict[bytes, UUID | None]:
    """Fingerprint → card, of rows that an earlier committed list had accepted or held."""
    rows = StagedRow.objects.filter(
        fingerprint__in=list(fingerprints), batch__state="committed", outcome__in=("accepted", "review")
    )
    return {bytes(found): person for found, person in rows.order_by("pk").values_list("fingerprint", "person")}


def counts(batch: Batch) -> dict[str, int]:
    """rows = accepted + rejected + duplicate + review, always."""
    found = dict(batch.rows.values_list("outcome").annotate(n=Count("pk")).order_by())
    return {"rows": sum(found.values())} | {outcome: found.get(outcome, 0) for outcome in OUTCOMES}


def content_of(row: StagedRow) -> RowContent:
    told = json.loads(vault.unseal(row.content_sealed))
    return RowContent(told["raw"], [Problem.from_json(p) for p in told["problems"]], told["missing"])


def row_in(row: StagedRow) -> RowIn:
    """The row as the file had it, ready to be judged again."""
    raw = content_of(row).raw
    return RowIn(row.sheet, row.number, {code: cell_from_json(value) for code, value in raw.items()})


def batches_for(account: Account):
    """The batches of the areas in which the account may import."""
    found = Batch.objects.none()
    for path in scope_for(account).paths.get(Permission.IMPORT, ()):
        found = found | Batch.objects.filter(area_path__startswith=path)
    return found.order_by("-arrived_at")
