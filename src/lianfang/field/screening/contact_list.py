"""A list of contacts of a case in: who, where to be found, and the day of the last exposure."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from lianfang.field.screening.contacts import NewExposure, register_exposures, withdraw_exposure
from lianfang.field.screening.judging import ArrivalRow, RowReader, judged_row, match, new_person, source
from lianfang.field.screening.models import Exposure
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.intake.importing import Judged, Origin, Reader, RowIn
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.dates import read_moment
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.problems import Problem, ValueFault
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.hashes import document_hash
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import by_document


class ContactReader(RowReader):
    """A row of contacts: the day of exposure stands where a list of arrivals has the day of return."""

    def _read_arrival(self, row: ArrivalRow, cells: dict[str, Any]) -> None:
        told = read_moment(cells.get("last_exposure"), self._today.year, latest=self._today)
        if isinstance(told, ValueFault):
            row.errors.append(told.problem("last_exposure"))
        elif told[0] > self._today:
            shown = clean_text(cells.get("last_exposure"))
            row.errors.append(Problem("last_exposure", shown, "future_date", {"limit": self._today.isoformat()}))
        else:
            row.arrived_on = told[0]
        row.origin_text = clean_text(cells.get("setting"))


class ContactsImporter:
    """A list of contacts: cards, exposures, the plan's pathways."""

    def __init__(self, fields: Sequence[FieldSpec]) -> None:
        self.fields = fields

    def reader(self, origin: Origin) -> Reader:
        rows_of = ContactReader(origin)

        def read(rows: Sequence[RowIn]) -> list[Judged]:
            return [judged_row(row, rows_of.read(row.values), ()) for row in rows]

        return read

    def match(self, judged: Sequence[Judged], origin: Origin) -> None:
        match(judged, origin)

    def commit(self, judged: Sequence[Judged], origin: Origin, by: Actor) -> None:
        """A contact who is known already is a contact all the same."""
        accepted = [one for one in judged if one.outcome == "accepted"]
        people.register_many(at=origin.registered_at, people=[new_person(one) for one in accepted])
        people.add_sources(at=origin.registered_at, sources=[source(one, origin) for one in judged])
        cards = {card.uid: card for card in Person.objects.filter(uid__in={one.person for one in judged})}
        exposures = [_exposure(one, origin) for one in judged if one.person in cards]
        register_exposures(at=origin.registered_at, exposures=exposures, people=cards)

    def as_other(self, judged: Judged) -> Judged:
        row: ArrivalRow = judged.clean
        if row.document and by_document([document_hash(row.document)]):
            row.document = None
        return judged

    def records(self, row: RowIn, origin: Origin) -> list[UUID]:
        return [origin.uid_of(row, "exposure")]

    def withdraw_records(self, records: Sequence[UUID], at: datetime) -> None:
        for uid in records:
            withdraw_exposure(uid=uid, at=at)

    def withdraw_cards(self, people_of: Collection[UUID], at: datetime) -> None:
        duties.withdraw_subjects(subjects=people_of, at=at)
        people.withdraw_many(uids=people_of, at=at)
        Exposure.objects.filter(person__uid__in=people_of, withdrawn_at__isnull=True).update(withdrawn_at=at)

    def withdraw_card(self, person: UUID, at: datetime) -> None:
        card = Person.objects.get(uid=person)
        people.withdraw(person=card, at=at)
        Exposure.objects.filter(person=card, withdrawn_at__isnull=True).update(withdrawn_at=at)
        duties.withdraw_subject(subject=person, at=at)

    def withdraw_row(self, judged: Judged, origin: Origin, at: datetime) -> None:
        withdraw_exposure(uid=origin.uid_of(judged.row, "exposure"), at=at)


def _exposure(one: Judged, origin: Origin) -> NewExposure:
    return NewExposure(
        uid=origin.uid_of(one.row, "exposure"),
        person=one.person,
        exposed_on=one.clean.arrived_on,
        setting=one.clean.origin_text,
        source=origin.label,
    )
