"""A unit's staff list in: who is asked, and what those who have answered said. An export of the ledger opens again."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from lianfang import vault
from lianfang.field.declarations.actions import Answer, Listed, NewStaff, ask, staff_key, submit, take_back
from lianfang.field.declarations.models import Declaration
from lianfang.field.declarations.queries import units_in
from lianfang.field.screening.judging import ArrivalRow, RowReader
from lianfang.mandate.intake.importing import Judged, Origin, Reader, RowIn
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.dates import read_moment
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.problems import Problem, ValueFault
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation.models import Body

FIELDS = (
    FieldSpec("unit", ("单位", "工作单位", "单位名称", "unit", "workplace"), required=True),
    FieldSpec("name", ("姓名", "职工姓名", "name", "full name"), required=True),
    FieldSpec("document", ("身份证号码", "身份证号", "身份证", "证件号码", "document", "id number")),
    FieldSpec("phone", ("联系电话", "电话", "手机", "手机号", "联系方式", "phone", "telephone")),
    FieldSpec("cohabitants", ("同住人数", "同住人", "共同居住人数", "cohabitants")),
    FieldSpec("township", ("乡镇", "乡镇（街道）", "街道", "township")),
    FieldSpec("village", ("村（社区）", "村", "社区", "现住村", "居住村", "village", "community")),
    FieldSpec("door", ("门牌号", "门牌", "door", "door number")),
    FieldSpec("travelled", ("是否外出", "有无外出", "有无旅居史", "是否离开本地", "travelled", "been away")),
    FieldSpec("origin", ("外出地", "旅居地", "到过何处", "从何地返回", "where", "travelled to", "origin")),
    FieldSpec("returned_on", ("返回日期", "返回时间", "回来日期", "returned on", "date of return")),
)
_NO = frozenset(("无", "否", "没有", "未外出", "n", "no", "none", "未离开"))
_YES = frozenset(("有", "是", "外出", "已外出", "y", "yes"))


class StaffRow(ArrivalRow):
    """A row of a staff list: `travelled` is None while it says nothing."""

    unit: Body | None = None
    cohabitants: int | None = None
    travelled: bool | None = None


class StaffReader(RowReader):
    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self._units = units_in(origin.area_path, origin.at)

    def read(self, values: dict[str, Any]) -> ArrivalRow:
        told = super().read(values)
        row = StaffRow(**{field.name: getattr(told, field.name) for field in fields(told)})
        row.unit = self._unit(row, clean_text(values.get("unit")))
        number = clean_text(values.get("cohabitants")).removesuffix("人")
        row.cohabitants = int(number) if number.isdigit() and len(number) < 3 else None
        row.travelled = self._answer(row, clean_text(values.get("travelled")).lower())
        if row.travelled and row.arrived_on is None:
            row.errors.append(Problem("returned_on", "", "no_date"))
        return row

    def _unit(self, row: ArrivalRow, name: str) -> Body | None:
        found = self._units.get(name, [])
        if len(found) != 1:
            row.errors.append(Problem("unit", name, "unknown_unit"))
        return found[0] if len(found) == 1 else None

    @staticmethod
    def _answer(row: ArrivalRow, word: str) -> bool | None:
        """What the row answers; a place or a day says that somebody was away, whatever stands beside it."""
        if row.origin_text or row.arrived_on or word in _YES:
            return True
        return False if word in _NO else None

    def _read_place(self, row: ArrivalRow, cells: dict[str, Any]) -> None:
        """Where somebody lives may be left out: the document alone may name the card."""
        if clean_text(cells.get("village")):
            super()._read_place(row, cells)

    def _read_arrival(self, row: ArrivalRow, cells: dict[str, Any]) -> None:
        row.origin_text = "" if (place := clean_text(cells.get("origin"))).lower() in _NO else place
        resolved = self._divisions.resolve(row.origin_text)
        row.origin_path = resolved.path if resolved else ""
        if row.origin_text and not resolved:
            row.warnings.append(Problem("origin", row.origin_text, "origin_unknown"))
        if cells.get("returned_on") in (None, ""):
            return
        told = read_moment(cells["returned_on"], self._today.year, latest=self._today)
        if isinstance(told, ValueFault):
            row.errors.append(told.problem("returned_on"))
        elif told[0] > self._today:
            limit = {"limit": self._today.isoformat()}
            row.errors.append(Problem("returned_on", clean_text(cells["returned_on"]), "future_date", limit))
        else:
            row.arrived_on = told[0]


class DeclarationsImporter:
    """A staff list: each row asks one person; a row with an answer answers, also for who was asked before."""

    fields = FIELDS

    def reader(self, origin: Origin) -> Reader:
        rows_of = StaffReader(origin)

        def read(rows: Sequence[RowIn]) -> list[Judged]:
            return [_judged(row, rows_of.read(row.values), origin) for row in rows]

        return read

    def match(self, judged: Sequence[Judged], origin: Origin) -> None:
        """Who is on the unit's list already, by this list or another, is not asked twice."""
        known = _asked(judged)
        for one in judged:
            key = _key(one)
            if key in known:
                one.outcome, one.person = "duplicate", known[key]
            else:
                known[key] = one.person

    def commit(self, judged: Sequence[Judged], origin: Origin, by: Actor) -> None:
        """Rows of one person are one declaration; the last that answers counts."""
        at, known = origin.registered_at, _asked(judged)
        fresh: list[tuple[NewStaff, Listed]] = []
        answers: dict[UUID, Answer] = {}
        for one in judged:
            key = _key(one)
            if key not in known:
                known[key] = origin.uid_of(one.row, "declaration")
                fresh.append((_staff(one, known[key]), _listed(one, origin)))
            if one.clean.travelled is not None:
                answers[known[key]] = _answer(one, known[key], origin)
        ask(by=by, at=at, staff=fresh)
        submit(by=by, at=at, answers=list(answers.values()))

    def as_other(self, judged: Judged) -> Judged:
        return judged

    def records(self, row: RowIn, origin: Origin) -> list[UUID]:
        return [origin.uid_of(row, "declaration"), origin.uid_of(row, "answer")]

    def withdraw_records(self, records: Sequence[UUID], at: datetime) -> None:
        take_back(at=at, records=list(records))

    def withdraw_cards(self, people: Collection[UUID], at: datetime) -> None:
        """Cards that answers made go with the answers."""

    def withdraw_card(self, person: UUID, at: datetime) -> None:
        """No row is held, so none is decided."""

    def withdraw_row(self, judged: Judged, origin: Origin, at: datetime) -> None:
        self.withdraw_records(self.records(judged.row, origin), at)


def _judged(row: RowIn, told: StaffRow, origin: Origin) -> Judged:
    one = Judged(row, "rejected" if told.errors else "accepted", told.errors + told.warnings, clean=told)
    if one.outcome == "accepted":
        one.fingerprint = vault.keyed_hash(f"staff:{_key(one).hex()}")
        one.person = origin.uid_of(row, "declaration")
    return one


def _key(one: Judged) -> bytes:
    row: StaffRow = one.clean
    return staff_key(row.unit, row.name, row.document, row.phones[0] if row.phones else "")


def _asked(judged: Sequence[Judged]) -> dict[bytes, UUID]:
    """Key → declaration, for those who are on a unit's list."""
    keys = [_key(one) for one in judged]
    asked = Declaration.objects.filter(key__in=keys, withdrawn_at__isnull=True)
    return {bytes(key): uid for key, uid in asked.values_list("key", "uid")}


def _staff(one: Judged, uid: UUID) -> NewStaff:
    row: StaffRow = one.clean
    phone = row.phones[0] if row.phones else ""
    return NewStaff(uid, row.unit, row.name, row.document, phone, row.cohabitants, row.village, row.door)


def _listed(one: Judged, origin: Origin) -> Listed:
    return Listed(origin.uid, origin.label, one.row.sheet, one.row.number)


def _answer(one: Judged, declaration: UUID, origin: Origin) -> Answer:
    row: StaffRow = one.clean
    return Answer(
        origin.uid_of(one.row, "answer"),
        declaration,
        row.travelled,
        row.origin_text,
        row.origin_path,
        row.arrived_on,
        row.village,
        row.cohabitants,
    )


IMPORTERS = {"declarations": DeclarationsImporter()}
