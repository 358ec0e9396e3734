"""Reads of batches and their rows."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from lianfang import vault
from lianfang.mandate.intake.importing import Origin, RowIn
from lianfang.mandate.intake.models import Batch, ColumnMapping, StagedRow
from lianfang.mandate.intake.rules.cells import cell_from_json
from lianfang.mandate.intake.rules.problems import Problem
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.people.queries import survivors
from lianfang.registry.places.models import Area
from lianfang.registry.places.rules import LENGTHS

OUTCOMES = ("accepted", "duplicate", "review", "rejected")


@dataclass(frozen=True)
class RowContent:
    """What a staged row says, unsealed."""

    raw: dict[str, Any]
    problems: list[Problem]
    missing: list[str]
    extra: dict[str, Any]


def judged_before(fingerprints: Iterable[bytes]) -> dict[bytes, tuple[UUID | None, bool]]:
    """Fingerprint → (card, whether the row still waits for a decision), of rows accepted or held before."""
    rows = StagedRow.objects.filter(
        fingerprint__in=list(fingerprints), batch__state="committed", outcome__in=("accepted", "review")
    )
    found = list(rows.order_by("pk").values_list("fingerprint", "person", "outcome", "decision"))
    merged = survivors({person for _mark, person, _outcome, _decision in found if person})
    return {
        bytes(mark): (merged.get(person, person), outcome == "review" and not decision)
        for mark, person, outcome, decision in found
    }


def counts(batch: Batch) -> dict[str, int]:
    """rows = accepted + rejected + duplicate + review, always."""
    found = dict(batch.rows.values_list("outcome").annotate(n=Count("pk")).order_by())
    return {"rows": sum(found.values())} | {outcome: found.get(outcome, 0) for outcome in OUTCOMES}


def content_of(row: StagedRow) -> RowContent:
    told = json.loads(vault.unseal(row.content_sealed))
    return RowContent(told["raw"], [Problem.from_json(p) for p in told["problems"]], told["missing"], told["extra"])


def origin_of(batch: Batch) -> Origin:
    before = Batch.objects.filter(sha256=batch.sha256, area_path=batch.area_path, state="committed")
    return Origin(
        uid=batch.uid,
        label=batch.filename,
        area_path=batch.area_path,
        at=batch.at,
        registered_at=batch.at,
        repeated=before.exclude(pk=batch.pk).exists(),
    )


def mappings_for(batch: Batch) -> dict[str, dict[str, int]]:
    """Fingerprint of headings → columns, as they were said for the area or one above it; the nearest counts."""
    paths = [batch.area_path[:length] for length in range(2, len(batch.area_path) + 1)]
    found = ColumnMapping.objects.filter(kind=batch.kind, area_path__in=paths).order_by("area_path")
    return dict(found.values_list("fingerprint", "columns"))


def layouts_of(batch: Batch) -> list[dict[str, Any]]:
    """What was found at the top of each sheet: headings, examples, the columns as they are read."""
    return json.loads(vault.unseal(batch.layout_sealed)) if batch.layout_sealed else []


class Staged(Protocol):
    """A staged row, or what of it says what the file had."""

    sheet: str
    number: int
    content_sealed: bytes | memoryview


def row_in(row: Staged) -> RowIn:
    """The row as the file had it, ready to be judged again."""
    told = json.loads(vault.unseal(row.content_sealed))
    return RowIn(row.sheet, row.number, _cells(told["raw"]), _cells(told["extra"]))


def _cells(told: dict[str, Any]) -> dict[str, Any]:
    return {name: cell_from_json(value) if type(value) is dict else value for name, value in told.items()}


def batches_for(account: Account):
    """The batches of the areas in which the account may import."""
    found = Batch.objects.none()
    for path in scope_for(account).paths.get(Permission.IMPORT, ()):
        found = found | Batch.objects.filter(area_path__startswith=path)
    return found.order_by("-arrived_at")


def listed_for(account: Account) -> QuerySet[Batch]:
    """As `batches_for`, without the files themselves; `kept` says whether the original is still there."""
    return batches_for(account).defer("original_sealed").annotate(kept=Q(original_sealed__isnull=False))


def counts_of(batches: Iterable[Batch]) -> dict[int, dict[str, int]]:
    """`counts` of many batches by their keys, in one query."""
    keys = [batch.pk for batch in batches]
    found = {key: dict.fromkeys(("rows", *OUTCOMES), 0) for key in keys}
    rows = StagedRow.objects.filter(batch__in=keys).values_list("batch", "outcome").annotate(n=Count("pk"))
    for key, outcome, number in rows.order_by():
        found[key][outcome] = number
        found[key]["rows"] += number
    return found


def undecided(batch: Batch) -> int:
    return batch.rows.filter(outcome="review", decision="").count()


def same_file_before(batch: Batch) -> Batch | None:
    """The last earlier import of the very same file into the same area."""
    earlier = Batch.objects.filter(sha256=batch.sha256, area_path=batch.area_path, pk__lt=batch.pk)
    return earlier.filter(state="committed").defer("original_sealed").order_by("-pk").first()


def areas_to_import(account: Account) -> list[Area]:
    """The areas of the account and those one level below each: into these a list can be imported."""
    condition = Q(pk__in=[])
    for path in scope_for(account).paths.get(Permission.IMPORT, ()):
        below = next((length for length in LENGTHS if length > len(path)), len(path))
        condition |= Q(path=path) | Q(path__startswith=path, path__length=below)
    return list(Area.objects.filter(condition).order_by("path"))
