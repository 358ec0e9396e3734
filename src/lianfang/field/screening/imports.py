"""Lists and records in: arrivals, contacts of a case, first verifications."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from lianfang.field.screening.actions import (
    Card,
    NewArrival,
    NewVerification,
    register_arrivals,
    verify_first,
    withdraw_arrival,
    withdraw_arrivals,
)
from lianfang.field.screening.checks import ChecksImporter
from lianfang.field.screening.contact_list import ContactsImporter
from lianfang.field.screening.judging import ArrivalRow, match, new_person, reader, source
from lianfang.field.screening.models import Arrival
from lianfang.mandate.duties import actions as duties
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.intake.importing import Judged, Origin, Reader, RowIn
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.response.queries import nearest
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.hashes import document_hash
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import by_document
from lianfang.registry.people.rules import Line, Refused

FIELDS = (
    FieldSpec("name", ("姓名", "名字", "人员姓名", "name", "full name"), required=True),
    FieldSpec("sex", ("性别", "sex", "gender")),
    FieldSpec(
        "document",
        (
            "身份证号码",
            "身份证号",
            "身份证",
            "证件号码",
            "证件号",
            "公民身份号码",
            "document",
            "id number",
            "document number",
        ),
    ),
    FieldSpec(
        "phone",
        (
            "联系电话",
            "电话",
            "手机",
            "手机号",
            "手机号码",
            "联系方式",
            "电话号码",
            "phone",
            "telephone",
            "mobile",
        ),
    ),
    FieldSpec(
        "origin",
        (
            "从何地返乡",
            "从何处来",
            "来自何地",
            "来源地",
            "返回地",
            "出发地",
            "何地返回",
            "从何地返回",
            "origin",
            "from",
        ),
    ),
    FieldSpec(
        "arrived_on",
        (
            "返乡日期",
            "返回日期",
            "抵达日期",
            "到达日期",
            "返乡时间",
            "返回时间",
            "来返日期",
            "来返时间",
            "arrival date",
            "arrived on",
            "date of arrival",
        ),
        required=True,
    ),
    FieldSpec(
        "reached_home",
        (
            "到家时间",
            "抵家时间",
            "入户时间",
            "到家时刻",
            "到达时间",
            "抵达时间",
            "到村时间",
            "返家时间",
            "arrived home at",
            "arrival time",
            "time of arrival",
            "reached home",
            "reached home at",
            "time at home",
        ),
    ),
    FieldSpec("transport", ("返乡方式", "返回方式", "交通方式", "交通工具", "transport", "means of transport")),
    FieldSpec("vehicle", ("车次/车牌", "车次", "车牌", "车牌号", "航班", "车次航班", "vehicle", "flight or train")),
    FieldSpec("township", ("乡镇", "乡镇（街道）", "镇街", "街道", "township", "town")),
    FieldSpec(
        "village",
        ("村（社区）", "村", "社区", "村庄", "村名", "居住村", "现住村", "所在村", "village", "community"),
        required=True,
    ),
    FieldSpec("door", ("门牌号", "门牌", "住址门牌", "户号", "door", "door number", "house number")),
    FieldSpec("temperature", ("体温", "体温（℃）", "测温", "今日体温", "temperature")),
    FieldSpec("symptoms", ("有无症状", "症状", "身体状况", "健康状况", "symptoms")),
    FieldSpec("note", ("备注", "说明", "note", "remarks")),
)


class ArrivalsImporter:
    """A list of people who came back: cards, arrivals, the plan's pathways."""

    fields = FIELDS

    def reader(self, origin: Origin) -> Reader:
        activation = nearest(origin.area_path, local_day(origin.at))
        required = activation.plan_version.plan.card.requires if activation else []
        return reader(origin, required)

    def match(self, judged: Sequence[Judged], origin: Origin) -> None:
        match(judged, origin)

    def commit(self, judged: Sequence[Judged], origin: Origin, by: Actor) -> None:
        accepted = [one for one in judged if one.outcome == "accepted"]
        people.register_many(at=origin.registered_at, people=[new_person(one) for one in accepted])
        people.add_sources(at=origin.registered_at, sources=[source(one, origin) for one in judged])
        arrivals = [_new_arrival(one, origin) for one in accepted]
        arrivals += _told_anew(judged, arrivals, origin)
        cards = Person.objects.filter(uid__in={new.person for new in arrivals}).values_list("pk", "uid", "area_path")
        register_arrivals(at=origin.registered_at, arrivals=arrivals, people={one[1]: Card(*one) for one in cards})

    def as_other(self, judged: Judged) -> Judged:
        """A document stands on one card only: it stays where it is."""
        row: ArrivalRow = judged.clean
        if row.document and by_document([document_hash(row.document)]):
            row.document = None
        return judged

    def records(self, row: RowIn, origin: Origin) -> list[UUID]:
        return [origin.uid_of(row, "arrival")]

    def withdraw_records(self, records: Sequence[UUID], at: datetime) -> None:
        withdraw_arrivals(uids=records, at=at)

    def withdraw_cards(self, people_of: Collection[UUID], at: datetime) -> None:
        duties.withdraw_subjects(subjects=people_of, at=at)
        people.withdraw_many(uids=people_of, at=at)
        keys = list(Person.objects.filter(uid__in=people_of).values_list("pk", flat=True))
        Arrival.objects.filter(person__in=keys, withdrawn_at__isnull=True).update(withdrawn_at=at)

    def withdraw_card(self, person: UUID, at: datetime) -> None:
        card = Person.objects.get(uid=person)
        people.withdraw(person=card, at=at)
        card.arrivals.filter(withdrawn_at__isnull=True).update(withdrawn_at=at)
        duties.withdraw_subject(subject=person, at=at)

    def withdraw_row(self, judged: Judged, origin: Origin, at: datetime) -> None:
        withdraw_arrival(uid=origin.uid_of(judged.row, "arrival"), at=at)


def _new_arrival(one: Judged, origin: Origin) -> NewArrival:
    row: ArrivalRow = one.clean
    return NewArrival(
        uid=origin.uid_of(one.row, "arrival"),
        person=one.person,
        arrived_on=row.arrived_on,
        reached_home_at=row.reached_home_at,
        origin_text=row.origin_text,
        origin_path=row.origin_path,
        transport=row.transport,
        vehicle=row.vehicle,
    )


def _told_anew(judged: Sequence[Judged], accepted: list[NewArrival], origin: Origin) -> list[NewArrival]:
    """Arrivals of people already on the register that no source had told of: another day, place, or the hour.

    A known person whom a second list places in a key area must not be missed because the card was there first.
    Of the same day, no place or only the province of one that is known tells nothing new.
    """
    repeats = [one for one in judged if one.outcome == "duplicate"]
    known = Arrival.objects.filter(person__uid__in={one.person for one in repeats}, withdrawn_at__isnull=True)
    places: dict[tuple[UUID, date], set[str]] = {}
    hours: set[tuple[UUID, date]] = set()
    for person, day, home, path in known.values_list("person__uid", "arrived_on", "reached_home_at", "stays__path"):
        places.setdefault((person, day), set()).add(path or "")
        hours |= {(person, day)} if home else set()
    for new in accepted:
        places.setdefault((new.person, new.arrived_on), set()).add(new.origin_path)
        hours |= {(new.person, new.arrived_on)} if new.reached_home_at else set()
    anew = []
    for one in repeats:
        key = (one.person, one.clean.arrived_on)
        here = places.setdefault(key, set())
        hour_is_new = one.clean.reached_home_at is not None and key not in hours
        if hour_is_new or not any(place.startswith(one.clean.origin_path) for place in here):
            here.add(one.clean.origin_path)
            hours |= {key} if hour_is_new else set()
            anew.append(_new_arrival(one, origin))
    return anew


def record_verifications(*, by: Actor, at: datetime, lines: Sequence[Line]) -> dict[UUID, Refused]:
    """First verifications; `outcome` not_reached records an attempt, which closes nothing."""
    new, refused = [], {}
    for line in lines:
        try:
            outcome = line.choice("outcome", ("reached", "not_reached"), "reached")
        except Refused as fault:
            refused[line.id] = fault
        else:
            new.append(NewVerification(line.id, line.person, line.at, outcome, line.text("channel")[:20]))
    verify_first(by=by, at=at, verifications=new)
    return refused


RECORDERS = {"first_verification": record_verifications}


_OF_A_LIST = ("name", "sex", "document", "phone", "township", "village")
CHECK_FIELDS = (
    *(replace(spec, required=spec.code == "name") for spec in FIELDS if spec.code in _OF_A_LIST),
    FieldSpec(
        "address",
        ("住址", "地址", "现住址", "居住地址", "家庭住址", "详细地址", "居住地", "现住地址", "address", "home address"),
    ),
    FieldSpec("note", ("备注", "说明", "note", "remarks")),
)
CONTACT_FIELDS = (
    FieldSpec("name", ("姓名", "接触者姓名", "name", "full name"), required=True),
    FieldSpec("document", ("身份证号码", "身份证号", "身份证", "证件号码", "证件号", "document", "id number")),
    FieldSpec("phone", ("联系电话", "电话", "手机", "手机号", "联系方式", "phone", "telephone", "mobile")),
    FieldSpec("township", ("乡镇", "乡镇（街道）", "街道", "township")),
    FieldSpec("village", ("村（社区）", "村", "社区", "现住村", "village", "community"), required=True),
    FieldSpec("door", ("门牌号", "门牌", "door", "door number")),
    FieldSpec(
        "last_exposure",
        ("末次接触日期", "最后接触日期", "末次暴露日期", "末次接触时间", "接触日期", "last exposure", "last contact"),
        required=True,
    ),
    FieldSpec("setting", ("接触场所", "接触地点", "暴露场所", "接触方式", "setting", "where")),
    FieldSpec("note", ("备注", "说明", "note", "remarks")),
)
IMPORTERS = {"checks": ChecksImporter(CHECK_FIELDS), "contacts": ContactsImporter(CONTACT_FIELDS)}
