"""A county of a million made persons, written set by set: what took weeks to enter is there in minutes.

Names, documents and phones are made as those of the demonstration: numbers begin with 990000.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module
from random import Random
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from lianfang import vault
from lianfang.bulk import copy_in
from lianfang.mandate.duties.actions import enrol_areas, settle
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.models import Activation, Duty
from lianfang.registry.accounts.models import Account, Appointment
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.hashes import document_digits, document_hash, phone_digits, phone_hash, phone_tail
from lianfang.registry.people.models import Document, Household, Person, Phone
from lianfang.registry.places.actions import AreaRow, import_areas, install
from lianfang.registry.places.models import Area
from lianfang.science.identity.documents import check_character, read_document
from lianfang.science.identity.names import initials, pinyin_key
from lianfang.science.plan import load_shipped
from lianfang.science.population.sampling import make_given_name, make_surname, stream

PATH, PLAN, BY = "140931", "county-report-2020", Actor("bench")
DAYS = 13  # that the plan has been in force
FIRST_BIRTHDAY = date(1930, 1, 1)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class County:
    """The county that measurements use; `today` is its last day."""

    path: str
    persons: int
    observed: int
    villages: list[str]
    activation: Activation
    today: date
    quick: bool = False  # only to see that everything runs

    def account(self, role: str, area: str) -> Account:
        """An account with the role there, made at first use."""
        name = f"bench-{role}-{area}"
        found, made = Account.objects.get_or_create(username=name, defaults={"display_name": name})
        if made:
            since = timezone.now() - timedelta(days=1)
            Appointment.objects.create(account=found, role=role, area_path=area, since=since)
        return found


def is_made() -> bool:
    return Event.objects.filter(action="bench.made").exists()


def found(persons: int, observed: int, *, quick: bool = False) -> County:
    """The county as it stands in the database, the tally summed as each tick leaves it."""
    settle(at=timezone.now())
    activation = Activation.objects.select_related("plan_version").get(area_path=PATH)
    villages = list(Area.objects.under(PATH).reporting_units().order_by("path").values_list("path", flat=True))
    return County(PATH, persons, observed, villages, activation, timezone.localdate(), quick)


def make(persons: int, observed: int, progress: Progress) -> None:
    """Write the county: areas, people, arrivals, observations since the plan began and what was done for them."""
    now = timezone.now()
    today = timezone.localdate(now)
    with transaction.atomic():
        install(by=BY, at=now - timedelta(days=DAYS + 1), exercise=True)
        progress("villages")
        villages = _villages(max(12, persons // 625), now)
        start = today - timedelta(days=DAYS)
        order = Order(PATH, start)
        activation = activate(by=BY, at=_at(start), plan=load_shipped(PLAN), order=order)
        enrol_areas(activation=activation)
        progress(f"{persons:,} persons")
        _people(persons, villages, now)
        progress(f"{observed:,} observations")
        _observations(activation, observed, today)
        _posts(villages, _at(start))
    with transaction.atomic(), _loading():
        progress("obligations")
        generate(today + timedelta(days=1))
        progress("evidence")
        _evidence(today)
        progress("what is done")
        _settle()
        progress("indexes")
    with transaction.atomic():
        _count()
        audit.record(by=BY, action="bench.made", at=now, area_path=PATH)
    with connection.cursor() as cursor:
        progress("vacuum")
        cursor.execute("VACUUM ANALYZE")


def _at(day: date, hour: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _villages(count: int, now: datetime) -> list[str]:
    towns = list(Area.objects.filter(kind="township", path__startswith=PATH).order_by("path"))
    turns = itertools.islice(itertools.cycle(towns), count)
    rows = [
        AreaRow(number, f"{town.path}{201 + number // len(towns):03}", f"{town.name[:2]}{number}", town.path, "village")
        for number, town in enumerate(turns)
    ]
    import_areas(by=BY, at=now, rows=rows)
    return [row.code for row in rows]


# --- people ------------------------------------------------------------------------------------------------


def _people(count: int, villages: list[str], now: datetime) -> None:
    """Three to a door; every third phone is the family's."""
    chance = stream(1, "bench")
    names = [(name, pinyin_key(name)[:200], initials(name)[:30]) for name in {_name(chance) for _ in range(20_000)}]
    doors = -(-count // 3)
    columns = ("id", "uid", "area_path", "door", "door_key")
    copy_in(Household, columns, ((n, uuid4(), _village(n, villages), f"{n}号", str(n)) for n in range(1, doors + 1)))
    copy_in(
        Person,
        (
            *("id", "uid", "name", "pinyin", "initials", "sex", "birth_date", "area_path", "household_id"),
            *("registered_at", "arrived_at", "version"),
        ),
        _cards(count, villages, names, chance, now),
    )
    copy_in(Document, _NUMBER + ("kind",), (_document(n) for n in range(1, count + 1)))
    copy_in(Phone, _NUMBER + ("tail_hash",), (_phone_row(n) for n in range(1, count + 1)))
    _restart("people_household", "people_person", "people_document", "people_phone")


_NUMBER = ("id", "person_id", "number_sealed", "number_hash", "digits_hash")


def _document(n: int) -> tuple:
    read = read_document(_number(n))
    return n, n, vault.seal(read.number), document_hash(read), document_digits(read), read.kind.value


def _phone_row(n: int) -> tuple:
    number = _phone(n)
    return n, n, vault.seal(number), phone_hash(number), phone_digits(number), phone_tail(number)


def _name(chance: Random) -> str:
    return make_surname(chance) + make_given_name(chance, chance.choice(["male", "female"]))


def _village(door: int, villages: list[str]) -> str:
    return villages[door % len(villages)]


def _cards(count: int, villages: list[str], names: list, chance: Random, now: datetime) -> Iterator[tuple]:
    registered = now - timedelta(days=DAYS)
    for n in range(1, count + 1):
        door = (n + 2) // 3
        sex = "male" if n % 2 else "female"
        yield (n, UUID(int=n), *chance.choice(names), sex, _born(n), _village(door, villages), door, registered, now, 1)


def _born(n: int) -> date:
    return FIRST_BIRTHDAY + timedelta(days=n * 7919 % 32_000)


def _number(n: int) -> str:
    """Different for each person: a birthday recurs every 32,000 persons, the sequence counts those."""
    stem = f"990000{_born(n):%Y%m%d}{n // 32_000 % 1000:03}"
    return stem + check_character(stem)


def _phone(n: int) -> str:
    return f"154{(n - n % 3) if n % 3 else n:08}"


def _restart(*tables: str) -> None:
    """Ids were given here: the sequences go on after them."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608 - constants
            )


# --- what the plan asks for --------------------------------------------------------------------------------

_ARRIVALS = """
INSERT INTO screening_arrival (uid, person_id, area_path, arrived_on, reached_home_at, origin_text, transport, vehicle,
       registered_at)
SELECT gen_random_uuid(), id, area_path, a.day, (a.day + time '09:00') AT TIME ZONE %(zone)s, '', '', '',
       (a.day + time '18:00') AT TIME ZONE %(zone)s
  FROM people_person CROSS JOIN LATERAL (SELECT %(today)s::date - 1 - (id %% 11)::int AS day) a
 WHERE id <= %(people)s
"""
_STAYS = """
INSERT INTO screening_stay (arrival_id, path, last_day)
SELECT id, CASE WHEN person_id <= %(observed)s THEN '420100' ELSE '140100' END, arrived_on FROM screening_arrival
"""
_ENROLMENTS = """
INSERT INTO duties_enrolment (activation_id, subject_kind, subject, cause, pathway, observed, area_path, anchor_on,
       anchor_at, first_day, last_day, registered_at, closed_reason)
SELECT %(activation)s, 'person', p.uid, p.uid, %(pathway)s, %(watched)s, p.area_path, a.arrived_on, a.reached_home_at,
       a.arrived_on + %(shift)s::int, a.arrived_on + %(shift)s::int + %(days)s::int - 1, a.registered_at, ''
  FROM screening_arrival a JOIN people_person p ON p.id = a.person_id WHERE p.id <= %(people)s
"""


def _observations(activation: Activation, observed: int, today: date) -> None:
    """A fifth more people came back than are under observation: they came from elsewhere and have a notice only."""
    arrived = observed * 6 // 5
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVALS, {"today": today, "people": arrived, "zone": settings.TIME_ZONE})
        cursor.execute(_STAYS, {"observed": observed})
        for pathway, people, watched, shift, days in (
            ("registered", arrived, False, 0, None),
            ("arrival-check", observed, False, 0, None),
            ("key-area-arrival", observed, True, 1, 14),
        ):
            told = {"activation": activation.pk, "pathway": pathway, "people": people}
            cursor.execute(_ENROLMENTS, told | {"watched": watched, "shift": shift, "days": days})


_EVIDENCE = """
INSERT INTO duties_evidence (record, subject, kind, slot, at, registered_at, arrived_at)
SELECT gen_random_uuid(), o.subject, d.evidence[1], CASE WHEN d.per_role THEN o.slot ELSE '' END, w.at, w.at, w.at
  FROM duties_obligation o JOIN response_duty d ON d.id = o.duty_id
 CROSS JOIN LATERAL (SELECT o.opens_at + (coalesce(o.due_at, o.opens_at + interval '1 day') - o.opens_at)
                                        * (0.1 + (o.id %% 89) / 100.0) AS at) w
 WHERE d.completes = '' AND w.at < now() AND o.day <= %(today)s AND o.id %% 100 >= 4
"""


def _evidence(today: date) -> None:
    """Of what is due by now, 96 of 100 was done in time."""
    with connection.cursor() as cursor:
        cursor.execute(_EVIDENCE, {"today": today})


_INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'duties_obligation' AND indexname = ANY(%s)"
_SECONDARY = ["area_day", "subject", "undone", "undone_area"]


@contextmanager
def _loading() -> Iterator[None]:
    """Triggers sleep and indexes are made at the end: what they keep is settled set by set, as migration 0005 did."""
    names = [f"duties_obligation_{name}" for name in _SECONDARY]
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [names])
        made = [definition for (definition,) in cursor.fetchall()]
        for name in names:
            cursor.execute(f"DROP INDEX IF EXISTS {name}")
        for table in ("duties_obligation", "duties_evidence"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("duties_obligation", "duties_evidence"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for definition in made:
            cursor.execute(definition)


def _settle() -> None:
    """First what has its own evidence, then what it completes."""
    of_duties = "SELECT duties_settle(array_agg(o.id)) FROM duties_obligation o WHERE o.duty_id = %s"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE duties_evidence")
        for duty in Duty.objects.order_by("completes", "pk"):
            cursor.execute(of_duties, [duty.pk])


def _count() -> None:
    with connection.cursor() as cursor:
        cursor.execute(import_module("lianfang.mandate.duties.migrations.0005_obligations_of_before_are_settled").COUNT)


def _posts(villages: list[str], since: datetime) -> None:
    """A head for each village but every twentieth, whose post is vacant."""
    accounts = [
        Account(username=f"head-{path}", display_name=f"head of {path}", phone="15400000000")
        for number, path in enumerate(villages)
        if number % 20
    ]
    Account.objects.bulk_create(accounts)
    Appointment.objects.bulk_create(
        Appointment(account=account, role="village_head", area_path=account.username[5:], since=since)
        for account in accounts
    )
