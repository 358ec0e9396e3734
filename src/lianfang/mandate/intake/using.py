"""Who else builds on a card that a list made or joined. Asked before an import is taken back."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from lianfang.mandate.duties.models import Evidence, TeamMember
from lianfang.registry.people.models import Merge, Person, Source

Uses = dict[UUID, dict[str, list[str]]]


def uses_of(people: Iterable[UUID | None], *, own: set[UUID], batch: UUID, since: datetime | None) -> Uses:
    """Person → why a card that the list made, and what it added to one that it joined, has to stay.

    Reasons: another list tells of the person, somebody recorded something, a team looks after the person, the card
    was merged. What somebody recorded before the import says nothing about it. `own` are the list's own records.
    """
    uids = {uid for uid in people if uid}
    found: Uses = {}
    for uid in Source.objects.filter(
        Q(withdrawn_at__isnull=True) & ~Q(reference=batch), person__uid__in=uids
    ).values_list("person__uid", flat=True):
        _add(found, uid, "made", "other_list")
    for uid, at in _merged(uids):
        _add(found, uid, "made", "merged")
        if since and at > since:  # what was one card before the list came is no use that others made of the list
            _add(found, uid, "joined", "merged")
    for uid, at in _records(uids, own):
        _add(found, uid, "made", "records")
        if since and at and at > since:
            _add(found, uid, "joined", "records")
    members = TeamMember.objects.filter(enrolment__subject__in=uids, enrolment__voided_at__isnull=True)
    for uid, at in members.values_list("enrolment__subject", "registered_at"):
        _add(found, uid, "made", "team")
        if since and at > since:
            _add(found, uid, "joined", "team")
    return found


def _add(found: Uses, uid: UUID, how: str, why: str) -> None:
    reasons = found.setdefault(uid, {}).setdefault(how, [])
    if why not in reasons:
        reasons.append(why)


def _merged(uids: set[UUID]) -> list[tuple[UUID, datetime]]:
    merges = Merge.objects.filter(Q(kept__uid__in=uids) | Q(merged__uid__in=uids), undone_at__isnull=True)
    told = merges.values_list("kept__uid", "merged__uid", "at")
    return [(uid, at) for kept, merged, at in told for uid in (kept, merged) if uid in uids]


def _records(uids: set[UUID], own: set[UUID]) -> list[tuple[UUID, datetime | None]]:
    """Evidence, and every record with an id of its own that points at the card, of whatever context."""
    evidence = Evidence.objects.filter(subject__in=uids, withdrawn_at__isnull=True).values_list(
        "subject", "registered_at", "record"
    )
    found = [(uid, at) for uid, at, record in evidence if record not in own]
    for relation in Person._meta.related_objects:
        model, name = relation.related_model, relation.field.name
        fields = {one.name for one in model._meta.fields}
        if model in (Person, Merge) or not {"uid", "registered_at"} <= fields:
            continue
        rows = model._default_manager.filter(**{f"{name}__uid__in": uids})
        rows = rows.filter(withdrawn_at__isnull=True) if "withdrawn_at" in fields else rows
        by = "reading__uid" if "reading" in fields else "uid"
        told = rows.values_list(f"{name}__uid", "registered_at", by)
        found += [(uid, at) for uid, at, record in told if record not in own]
    return found
