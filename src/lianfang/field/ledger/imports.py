"""Lists in: the residents' ledger of a village. Tables are the registry's; this context only reads lists."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from lianfang.field.ledger.judging import ResidentRow, Vocabulary, match, reader
from lianfang.field.screening.imports import FIELDS as ARRIVAL_FIELDS
from lianfang.mandate.intake.importing import Judged, Origin, Reader, RowIn
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.registry.audit.rules import Actor
from lianfang.registry.homes import actions as homes
from lianfang.registry.homes.models import Compound, Group
from lianfang.registry.people import actions as people
from lianfang.registry.people.hashes import document_hash
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import by_document
from lianfang.registry.people.rules import NewPerson, NewSource

_OF_A_CARD = ("name", "sex", "document", "phone", "township", "village", "door")
FIELDS = (
    *(spec for code in _OF_A_CARD for spec in ARRIVAL_FIELDS if spec.code == code),
    FieldSpec("residence", ("居住类别", "居住类型", "人员类别", "人口类别", "residence", "kind of residence")),
    FieldSpec("care", ("重点照护", "特殊情况", "重点人员类别", "困难情况", "particular care", "vulnerability")),
    FieldSpec("grid", ("网格", "所在网格", "所属网格", "网格名称", "grid")),
    FieldSpec("group", ("小组", "联防联控小组", "联防小组", "十户小组", "所在小组", "group", "joint-control group")),
    FieldSpec("compound", ("小区（院落）", "小区", "院落", "小区院落", "compound")),
    FieldSpec("checked_on", ("核对时间", "核对日期", "最近核对", "checked at", "checked on")),
    FieldSpec("card", ("卡号", "人员卡号", "card", "card id")),
)
WORDS = Vocabulary(
    kinds={
        **dict.fromkeys(("常住", "常住人口", "户籍", "本地户籍", "permanent"), "permanent"),
        **dict.fromkeys(("流动", "流动人口", "暂住", "外来", "租住", "mobile"), "mobile"),
        **dict.fromkeys(("特殊", "特殊人群", "重点", "special", "special care"), "special"),
    },
    care={
        **dict.fromkeys(("无", "否", "没有", "none", "no"), ""),
        **dict.fromkeys(("独居老人", "空巢老人", "elderly, living alone", "elderly_alone"), "elderly_alone"),
        **dict.fromkeys(("孕产妇", "孕妇", "产妇", "pregnant", "pregnant or newly delivered"), "pregnant"),
        **dict.fromkeys(("留守儿童", "困境儿童", "child left behind", "child_left_behind"), "child_left_behind"),
        **dict.fromkeys(("重病患者", "重病", "大病", "透析", "severely ill", "severe_illness"), "severe_illness"),
        **dict.fromkeys(("慢性病患者", "慢性病", "慢病", "chronically ill", "chronic_illness"), "chronic_illness"),
        **dict.fromkeys(("残疾人", "残疾", "disabled"), "disabled"),
        **dict.fromkeys(("卧床不能自理", "卧床", "失能", "不能自理", "bedridden"), "bedridden"),
        **dict.fromkeys(("困难群众", "低保", "低保户", "五保户", "特困", "in hardship", "hardship"), "hardship"),
    },
)
_GROUP_KIND = "ten_households"  # what a ledger calls a group; another kind is chosen on the page


class ResidentsImporter:
    """Cards with doors, how people live there, who needs care, and where the household belongs."""

    fields = FIELDS

    def reader(self, origin: Origin) -> Reader:
        return reader(origin, WORDS)

    def match(self, judged: Sequence[Judged], origin: Origin) -> None:
        match(judged, origin)

    def commit(self, judged: Sequence[Judged], origin: Origin, by: Actor) -> None:
        """A row that names a card by its id never makes another one, whatever it was compared to."""
        at = origin.registered_at
        for one in judged:
            one.person = one.clean.card or one.person
        fresh = [one for one in judged if one.outcome == "accepted" and not one.clean.card]
        people.register_many(at=at, people=[_new_person(one.person, one.clean) for one in fresh])
        people.add_sources(at=at, sources=[_source(one, origin) for one in judged])
        uids = {one.person for one in judged}
        cards = {card.uid: card for card in Person.objects.filter(uid__in=uids, withdrawn_at__isnull=True)}
        told = [(cards[one.person], one.clean) for one in judged if one.person in cards]
        people.give_doors(told=[(card, row.door) for card, row in told if card.area_path == row.village])
        residents = [homes.Told(card, row.kind or None, row.flags) for card, row in told if row.kind or row.flags]
        homes.tell_residents(by=by, at=at, told=residents)
        self._place(by, at, told)

    def _place(self, by: Actor, at: datetime, told: Sequence[tuple[Person, ResidentRow]]) -> None:
        """The household of each row into the grid, group and compound named; the last word of a door counts."""
        here = [(card, row) for card, row in told if card.household_id and card.area_path == row.village]
        villages = {row.village for _card, row in here}
        groups = {
            (one.area_path[:12], one.name): one
            for one in Group.objects.filter(area_path__in=villages, dissolved_at__isnull=True)
        }
        compounds = {
            (one.area_path, one.name): one
            for one in Compound.objects.filter(area_path__in=villages, closed_at__isnull=True)
        }
        wanted = homes.Wanted()
        for card, row in here:
            if row.grid:
                wanted.grids[card.household_id] = row.grid
            if row.group:
                key = (row.village, row.group)
                if key not in groups:
                    groups[key] = homes.form_group(
                        by=by, at=at, area_path=row.village, kind=_GROUP_KIND, name=row.group
                    )
                wanted.groups[card.household_id] = groups[key]
            if row.compound and (row.village, row.compound) in compounds:
                wanted.compounds[card.household_id] = compounds[row.village, row.compound]
        homes.place(by=by, at=at, wanted=wanted)

    def as_other(self, judged: Judged) -> Judged:
        """A document stands on one card only: it stays where it is."""
        row: ResidentRow = judged.clean
        row.card = None
        if row.document and by_document([document_hash(row.document)]):
            row.document = None
        return judged

    def records(self, row: RowIn, origin: Origin) -> list[UUID]:
        return []

    def withdraw_records(self, records: Sequence[UUID], at: datetime) -> None:
        """A ledger's row makes no record beside the card; what it told of a household has a history of its own."""

    def withdraw_cards(self, people_of: Collection[UUID], at: datetime) -> None:
        people.withdraw_many(uids=people_of, at=at)

    def withdraw_card(self, person: UUID, at: datetime) -> None:
        people.withdraw(person=Person.objects.get(uid=person), at=at)

    def withdraw_row(self, judged: Judged, origin: Origin, at: datetime) -> None:
        """Nothing beside the source, which the intake withdraws itself."""


def _new_person(uid: UUID | None, row: ResidentRow) -> NewPerson:
    return NewPerson(
        uid=uid or uuid4(),
        name=row.name,
        area_path=row.village,
        sex=row.sex,
        birth_date=row.birth_date,
        door=row.door,
        document=row.document,
        phones=row.phones,
    )


def _source(one: Judged, origin: Origin) -> NewSource:
    return NewSource(one.person, "ledger", origin.label, origin.uid, one.row.sheet, one.row.number)


IMPORTERS = {"residents": ResidentsImporter()}
