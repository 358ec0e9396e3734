"""Two cards become one, and two again. Nothing merges by itself: each call is a person's decision with a reason."""

from contextlib import suppress
from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Model, UniqueConstraint

from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.following import contexts, followed
from lianfang.registry.people.models import DuplicatePair, Merge, Person


class CardGone(ValueError):
    """One of the cards is merged or withdrawn already."""


class LaterMergeFirst(ValueError):
    """Another merge followed on the same card: it has to be undone before."""


@transaction.atomic
def merge(*, by: Actor, at: datetime, kept: Person, merged: Person, reason: str) -> Merge:
    """Everything that the one card carries goes over to the other; `Merge.moved` remembers what it was.

    The merged card stays in the records, withdrawn, and its uid leads to the kept one.
    """
    kept, merged = _locked(kept, merged)
    if kept.pk == merged.pk or kept.withdrawn_at or merged.withdrawn_at:
        raise CardGone
    rows = {label: _follow(model, field, kept, merged) for label, model, field in followed()}
    told = {
        label: module.merge(at=at, kept=kept, merged=merged)
        for label, module in contexts().items()
        if hasattr(module, "merge")
    }
    merged.withdrawn_at, merged.merged_into = at, kept
    _save(merged, "withdrawn_at", "merged_into")
    kept.compared_at = None
    _save(kept, "compared_at")
    _settle_pair(by, at, kept, merged, "merged")
    made = Merge.objects.create(
        uid=uuid4(), kept=kept, merged=merged, reason=reason, by=by.name, at=at, moved={"rows": rows, "told": told}
    )
    _log(by, at, "person.merged", made, reason)
    return made


@transaction.atomic
def undo_merge(*, by: Actor, at: datetime, merge: Merge) -> Merge:
    """Both cards are as they were, each with its own records; what was written since stays with the kept card.

    The two are remembered as different people.
    """
    merge = Merge.objects.select_for_update().select_related("kept", "merged").get(pk=merge.pk)
    if merge.undone_at is not None:
        return merge
    kept, merged = _locked(merge.kept, merge.merged)
    if kept.withdrawn_at or Merge.objects.filter(kept=kept, pk__gt=merge.pk, undone_at__isnull=True).exists():
        raise LaterMergeFirst
    merged.withdrawn_at = merged.merged_into = None
    merged.compared_at = kept.compared_at = None
    for label, model, field in followed():
        keys = merge.moved["rows"].get(label, [])
        model.objects.filter(pk__in=keys, **{field: kept}).update(**{field: merged})
    for label, module in reversed(contexts().items()):
        if label in merge.moved["told"]:
            module.undo(at=at, kept=kept, merged=merged, moved=merge.moved["told"][label])
    for module in contexts().values():
        if hasattr(module, "settle"):
            module.settle(at=at, kept=kept, merged=merged)
    _save(merged, "withdrawn_at", "merged_into", "compared_at")
    _save(kept, "compared_at")
    _settle_pair(by, at, kept, merged, "refused")
    merge.undone_at, merge.undone_by = at, by.name
    merge.save(update_fields=["undone_at", "undone_by"])
    _log(by, at, "person.merge_undone", merge, "")
    return merge


@transaction.atomic
def refuse_pair(*, by: Actor, at: datetime, one: Person, other: Person) -> DuplicatePair:
    """They are two people: the pair is not proposed again."""
    pair = _settle_pair(by, at, one, other, "refused")
    audit.record(
        by=by,
        action="person.told_apart",
        at=at,
        subject_kind="person",
        subject=one.uid,
        area_path=one.area_path,
        data={"other": str(other.uid)},
    )
    return pair


def _follow(model: type[Model], field: str, kept: Person, merged: Person) -> list[int]:
    """Rows go over one by one where the table allows one of a kind a person: what the kept card has, stays its own."""
    keys = list(model.objects.filter(**{field: merged}).order_by("pk").values_list("pk", flat=True))
    if not any(field in unique.fields for unique in model._meta.constraints if isinstance(unique, UniqueConstraint)):
        model.objects.filter(pk__in=keys).update(**{field: kept})
        return keys
    gone = []
    for key in keys:
        with suppress(IntegrityError), transaction.atomic():
            model.objects.filter(pk=key).update(**{field: kept})
            gone.append(key)
    return gone


def _locked(*people: Person) -> tuple[Person, ...]:
    """The cards as they are now; nobody else changes them before this transaction is over."""
    keys = {person.pk for person in people}
    found = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    return tuple(found[person.pk] for person in people)


def _save(person: Person, *fields: str) -> None:
    person.version += 1
    person.save(update_fields=[*fields, "version"])


def _settle_pair(by: Actor, at: datetime, one: Person, other: Person, state: str) -> DuplicatePair:
    low, high = sorted((one.pk, other.pk))
    decided = {"state": state, "decided_at": at, "decided_by": by.name}
    pair, _made = DuplicatePair.objects.update_or_create(
        low_id=low, high_id=high, defaults=decided, create_defaults={**decided, "found_at": at}
    )
    return pair


def _log(by: Actor, at: datetime, action: str, made: Merge, reason: str) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="person",
        subject=made.kept.uid,
        area_path=made.kept.area_path,
        data={"merge": str(made.uid), "merged": str(made.merged.uid)},
    )
