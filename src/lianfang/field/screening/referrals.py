"""Reads of people to be looked for, and of who was checked before, whatever list or record told of them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from lianfang import vault
from lianfang.field.screening.models import Handover, Referral, Verification
from lianfang.mandate.duties.models import Enrolment, Evidence
from lianfang.registry.people.models import Document, Person, Phone

CONTACTS = ("first_verification", "call", "visit", "temperature", "symptoms")


@dataclass(frozen=True)
class Told:
    """A row to look for with what the list says, unsealed for whoever has to ring or go there."""

    referral: Referral
    told: dict[str, str]


@dataclass(frozen=True)
class Before:
    """What is known of a person whom a new list names. `observation`: running, ended, or none."""

    person: UUID | None = None
    registered_at: datetime | None = None
    verified_at: datetime | None = None
    contact_at: datetime | None = None
    observation: str = ""
    outcome: str = ""
    outcome_at: datetime | None = None

    @property
    def checked(self) -> bool:
        return bool(self.verified_at or self.contact_at or self.outcome or self.observation)


def within(paths: Iterable[str]) -> QuerySet[Referral]:
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(area_path__startswith=path)
    return Referral.objects.filter(condition, withdrawn_at__isnull=True)


def told_of(rows: Iterable[Referral]) -> list[Told]:
    return [Told(row, json.loads(vault.unseal(row.told_sealed))) for row in rows]


def counts_of_lists(batches: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Rows, told of, still unplaced: of many lists in one query."""
    rows = Referral.objects.filter(batch__in=batches, withdrawn_at__isnull=True).values("batch")
    found = rows.annotate(
        rows=Count("pk"), told=Count("pk", ~Q(outcome="")), unplaced=Count("pk", Q(placed=False))
    ).order_by()
    return {one.pop("batch"): one for one in found}


Keys = tuple[bytes | None, Sequence[bytes], str]


def checked_before(keys: Sequence[Keys], *, area_path: str, batch: UUID) -> list[Before]:
    """For each (document hash, phone hashes, sound of the name): the person, if known for sure, and what is known.

    Sure is a document, or a phone with a name that sounds the same. A family's phone alone says nothing.
    A list of an area learns what the area knows: of whoever is another's it says no more than that the person was
    handed over from here or that an earlier list of this area told so.
    """
    people = _people(keys, area_path)
    uids = {person.uid for person in people if person}
    contacts = _latest(
        Evidence.objects.filter(subject__in=uids, kind__in=CONTACTS, withdrawn_at__isnull=True), "subject"
    )
    verified = _latest(Verification.objects.filter(person__uid__in=uids, outcome="reached"), "person__uid")
    running = _observations(uids)
    documents = {key for key, _phones, _sound in keys if key}
    earlier = _handed_over(documents, area_path) | _earlier_outcomes(documents, area_path, batch)
    found = []
    for (document, _phones, _sound), person in zip(keys, people, strict=True):
        outcome, at = earlier.get(document or b"", ("", None))
        if person is None:
            found.append(Before(outcome=outcome, outcome_at=at))
            continue
        uid = person.uid
        found.append(
            Before(
                uid,
                person.registered_at,
                verified.get(uid),
                contacts.get(uid),
                running.get(uid, ""),
                outcome,
                at,
            )
        )
    return found


def _latest(rows: QuerySet, key: str) -> dict[UUID, datetime]:
    return dict(rows.values_list(key).annotate(last=Max("at")).order_by())


def _people(keys: Sequence[Keys], area_path: str) -> list[Person | None]:
    live = {
        "person__withdrawn_at__isnull": True,
        "withdrawn_at__isnull": True,
        "person__area_path__startswith": area_path,
    }
    documents = Document.objects.filter(number_hash__in={key for key, _phones, _sound in keys if key}, **live)
    by_document = {bytes(one.number_hash): one.person for one in documents.select_related("person")}
    numbers = {number for _key, phones, _sound in keys for number in phones}
    rung = Phone.objects.filter(number_hash__in=numbers, **live)
    by_phone: dict[tuple[bytes, str], Person] = {}
    for one in rung.select_related("person"):
        by_phone.setdefault((bytes(one.number_hash), one.person.pinyin), one.person)
    return [
        by_document.get(document or b"") or next((by_phone[p, sound] for p in phones if (p, sound) in by_phone), None)
        for document, phones, sound in keys
    ]


def _observations(uids: set[UUID]) -> dict[UUID, str]:
    rows = Enrolment.objects.filter(subject__in=uids, observed=True, voided_at__isnull=True)
    found: dict[UUID, str] = {}
    for uid, closed in rows.order_by("closed_at").values_list("subject", "closed_at"):  # what runs comes last and holds
        found[uid] = "ended" if closed else "running"
    return found


Outcomes = dict[bytes, tuple[str, datetime | None]]


def _earlier_outcomes(documents: set[bytes], area_path: str, batch: UUID) -> Outcomes:
    rows = Referral.objects.filter(document__in=documents, area_path__startswith=area_path, withdrawn_at__isnull=True)
    told = rows.exclude(outcome="").exclude(batch=batch).order_by("outcome_at")
    return {bytes(one): (outcome, at) for one, outcome, at in told.values_list("document", "outcome", "outcome_at")}


def _handed_over(documents: set[bytes], area_path: str) -> Outcomes:
    """Who was this area's and was taken over by another: what the sender of a hand-over knows."""
    gone = Handover.objects.filter(
        state="accepted",
        from_path__startswith=area_path,
        person__documents__number_hash__in=documents,
        person__documents__withdrawn_at__isnull=True,
        person__withdrawn_at__isnull=True,
    ).exclude(person__area_path__startswith=area_path)
    told = gone.order_by("decided_at").values_list("person__documents__number_hash", "decided_at")
    return {bytes(document): ("moved_on", at) for document, at in told}
