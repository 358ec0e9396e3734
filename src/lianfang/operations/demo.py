"""The demonstration county: 保德县 with made villages and people, entered as users enter them.

Nothing is written past the actions: lists come in by the intake, the day's work by records, obligations by the plan.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from lianfang.field.observation.actions import answer_callback, arrange_care, meet_need, receive_alert
from lianfang.field.observation.models import Alert, Callback, Need
from lianfang.field.screening.models import Arrival
from lianfang.jobs import tick
from lianfang.mandate.duties.actions import enrol_areas
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.intake import actions as intake
from lianfang.mandate.intake.records import record_batch
from lianfang.mandate.response.actions import Order, activate
from lianfang.mandate.response.queries import activations_on
from lianfang.operations import demo_care, demo_order
from lianfang.registry.accounts import actions as accounts
from lianfang.registry.accounts.models import Account
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.queries import numbers_of
from lianfang.registry.places.actions import AreaRow, import_areas
from lianfang.registry.places.models import Area
from lianfang.registry.places.queries import division_index
from lianfang.science.plan import Plan, load_shipped
from lianfang.science.population.county import County
from lianfang.science.population.days import DayPlan, ObservedPerson, simulate_day
from lianfang.science.population.lists import write_returnees_xlsx
from lianfang.science.population.people import Person, make_households
from lianfang.science.population.places import VillageRow

COUNTY = "140931"
PLAN = "county-report-2020"
PEOPLE = 20_400
VILLAGES_A_TOWNSHIP = 14
SEED = 20200208
DAYS_OF_WORK = 3  # whole days before today, from the plan's first; today up to now
BY = Actor("demo")
_OFFICE_OPENS = 9

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Login:
    """An account to try, with its password, printed once."""

    username: str
    password: str
    title: str
    area: str


def is_made() -> bool:
    return activations_on(timezone.localdate()).filter(area_path=COUNTY, ordered_by=BY.name).exists()


@transaction.atomic
def make(now: datetime, progress: Progress) -> list[Login]:
    """Make the county relative to `now`; returns the accounts to try. Interrupted, it leaves nothing behind."""
    today = timezone.localdate(now)
    plan = load_shipped(PLAN)
    county = County(SEED)
    progress("villages")
    villages = _make_villages(county, now)
    start = today - timedelta(days=DAYS_OF_WORK)
    enrol_areas(activation=activate(by=BY, at=_at(start, 8), plan=plan, order=Order(COUNTY, start)))
    for name, day in _bring_lists(county, villages, plan, now):
        progress(f"list {name} {day}")
    progress("accounts")
    logins = _make_accounts(villages, _at(start, 9))
    progress("organisation")
    staff = _staff(villages, now)
    demo_order.command(by=BY, at=_at(start, 9), county=COUNTY, people=staff)
    demo_order.settle(by=BY, at=now, county=COUNTY, people=staff)
    for day in _days(today):
        moment = min(now, _at(day, 23, 50))
        tick(moment)
        progress(f"day {day}")
        _work(plan, villages, day, moment)
        _answer(moment)
        if timezone.localtime(moment).hour >= _OFFICE_OPENS:
            demo_care.review(county=COUNTY, at=moment)
        tick(moment)
    town = next(one.area for one in logins if one.username == "town")
    demo_care.care(area_path=town, at=now, staff=demo_care.Staff(doctor=_acting("clinic"), county=_acting("county")))
    audit.record(by=BY, action="demo.made", at=now, area_path=COUNTY)
    return logins


def _days(today: date) -> Iterator[date]:
    for back in reversed(range(DAYS_OF_WORK + 1)):
        yield today - timedelta(days=back)


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def _make_villages(county: County, now: datetime) -> list[VillageRow]:
    townships = list(Area.objects.filter(kind="township", path__startswith=COUNTY).order_by("path"))
    rows = county.villages([(town.path, town.name) for town in townships], VILLAGES_A_TOWNSHIP)
    given = [AreaRow(number, row.code, row.name, row.parent, row.kind) for number, row in enumerate(rows, start=1)]
    import_areas(by=BY, at=now, rows=given)
    return rows


def _reporting(villages: list[VillageRow]) -> list[VillageRow]:
    return [row for row in villages if row.kind in ("village", "community")]


def _bring_lists(county: County, villages: list[VillageRow], plan: Plan, now: datetime) -> Iterator[tuple[str, date]]:
    """Each township's list, two or three days old, through the intake."""
    index = division_index()
    keys = [index.name_of(area.path) for area in plan.key_areas]
    key_places = [index.name_of(f"{area.path}{city}") for area in plan.key_areas for city in ("01", "09", "11")] + keys
    others = [index.name_of(path) for path in ("1401", "1402", "31", "11", "5101", "3205", "6108", "3505")]
    towns = {town.path: town.name for town in Area.objects.filter(kind="township", path__startswith=COUNTY)}
    today = timezone.localdate(now)
    with tempfile.TemporaryDirectory() as folder:
        for position, (path, name) in enumerate(sorted(towns.items())):
            day = today - timedelta(days=2 + position % 2)
            mine = [row for row in villages if row.code.startswith(path)]
            rows = county.arrivals(
                mine, PEOPLE // len(towns) + 1, as_of=day, key_places=key_places, other_places=others
            )
            file = Path(folder) / f"{name}.xlsx"
            write_returnees_xlsx(file, rows, name, day)
            _import(file, path, _at(day, 18))
            yield name, day


def _import(file: Path, path: str, at: datetime) -> None:
    received = intake.receive(by=BY, at=at, file=intake.NewFile("arrivals", path, file.name, file.read_bytes()))
    intake.commit(by=BY, batch=intake.check(batch=received), now=at)
    intake.refresh_statistics()  # as the worker does after each list


def _work(plan: Plan, villages: list[VillageRow], day: date, until: datetime) -> None:
    """One day of the field, as records; with the gaps that real days have."""
    people = list(_people_on(day))
    lines = simulate_day(
        people,
        day,
        SEED,
        plan=_day_plan(plan),
        villages=[row.code for row in _reporting(villages)],
        until=until,
    )
    record_batch(by=BY, at=until, lines=lines)
    intake.refresh_statistics()  # no other transaction sees these rows, so nothing else would tell the planner


def _answer(until: datetime) -> None:
    """Most fevers are received and seen by a doctor within the hour and most needs met by the evening; some are not."""
    received = Alert.objects.filter(steps__isnull=True).select_related("person").order_by("raised_at", "pk")
    for position, alert in enumerate(received):
        for level, minutes in (("township", 12), ("county", 25)):
            told = alert.raised_at + timedelta(minutes=minutes)
            if position % 6 and told < until:
                receive_alert(by=BY, at=told, alert=alert, level=level)
    for position, call in enumerate(Callback.objects.filter(outcome="").order_by("pk")):
        if position % 5:
            outcome = "differs" if position % 23 == 1 else "not_reached" if position % 11 == 1 else "confirmed"
            answer_callback(by=_acting("cdc"), at=until, callback=call, outcome=outcome)
    for position, alert in enumerate(Alert.objects.filter(referrals__isnull=True).order_by("raised_at", "pk")):
        seen = alert.raised_at + timedelta(minutes=50)
        if position % 5 and seen < until:
            arrange_care(by=BY, at=seen, alert=alert, note="")
    for position, need in enumerate(Need.objects.filter(met_at__isnull=True).order_by("at", "pk")):
        met = need.at + timedelta(hours=5)
        if position % 4 and met < until:
            meet_need(by=BY, at=met, need=need, note="")


def _acting(username: str) -> Actor:
    """One of the accounts to try, as who did something."""
    return Account.objects.get(username=username).actor


def _people_on(day: date) -> Iterator[ObservedPerson]:
    """Everybody registered by the day, with what the simulation needs to know."""
    watched = set(
        Enrolment.objects.filter(observed=True, first_day__lte=day, last_day__gte=day).values_list("subject", flat=True)
    )
    arrivals = Arrival.objects.filter(registered_at__lte=_at(day, 23, 59)).select_related("person").order_by("pk")
    found: dict[UUID, Arrival] = {arrival.person.uid: arrival for arrival in arrivals}
    numbers = numbers_of(found, in_full=True)
    for uid, arrival in found.items():
        registered_on = timezone.localdate(arrival.registered_at)
        yield ObservedPerson(
            document=numbers[uid].document or None,
            person_id=str(uid),
            area=arrival.area_path,
            under_observation=uid in watched,
            new=registered_on + timedelta(days=1) == day,
            reached_home_at=arrival.reached_home_at,
        )


def _day_plan(plan: Plan) -> DayPlan:
    watched = next(pathway for pathway in plan.pathways.values() if pathway.observed)
    team = plan.team_of(watched)
    report = next(duty for duty in plan.duties.values() if "zero_report" in duty.evidence)
    known = next(duty for duty in plan.duties.values() if "first_verification" in duty.evidence)
    measured = next(duty for duty in plan.duties.values() if "temperature" in duty.evidence)
    return DayPlan(
        zone=timezone.get_default_timezone(),
        slots=tuple((slot.start, slot.end) for slot in measured.slots),
        team_places=tuple(slot.code for slot in team.slots) if team else (),
        fever_c=plan.thresholds["fever_c"].value,
        verify_within=known.within.value if known.within else timedelta(),
        zero_report_by=report.slots[-1].end,
    )


def _staff(villages: list[VillageRow], now: datetime) -> Iterator[Person]:
    """Grown-ups who hold the posts of the organisation; they are on no list."""
    made = make_households(_reporting(villages), 3000, as_of=now.date(), seed=SEED + 2)
    return (one for home in made for one in home.members if one.birth_date.year < now.year - 25)


def _make_accounts(villages: list[VillageRow], at: datetime) -> list[Login]:
    """Responsible persons of most villages (a few posts stay vacant), and the accounts that can log in.

    Two at the county: what one proposes another decides.
    """
    places = _reporting(villages)
    staff = make_households(places, 3 * len(places), as_of=at.date(), seed=SEED + 1)
    people = iter([member for home in staff for member in home.members if member.birth_date.year < at.year - 25])
    first = _busiest(places)
    town = first.code[:9]
    named = [
        ("county", "county_officer", COUNTY),
        ("second", "county_officer", COUNTY),
        ("cdc", "epidemiologist", COUNTY),
        ("town", "township_officer", town),
        ("village", "village_head", first.code),
        ("grid", "grid_worker", first.code),
        ("clinic", "health_centre", town),
        ("admin", "administrator", COUNTY),
        ("auditor", "auditor", COUNTY),
    ]
    logins = [_open(username, role, path, next(people), at) for username, role, path in named]
    for position, row in enumerate([row for row in places if row is not first], start=1):
        if position % 12:  # every twelfth post is vacant: its gaps show the post itself
            _open(f"head-{row.code}", "village_head", row.code, next(people), at, may_log_in=False)
    for path in sorted({row.code[:9] for row in places} - {town}):
        _open(f"town-{path}", "township_officer", path, next(people), at, may_log_in=False)
    return logins


def _busiest(places: list[VillageRow]) -> VillageRow:
    """The village with most people under observation: there is something to see for who logs in there."""
    watched = Counter(Enrolment.objects.filter(observed=True).values_list("area_path", flat=True))
    return max(places, key=lambda row: (watched[row.code], row.code))


def _open(username: str, role: str, path: str, person: Person, at: datetime, *, may_log_in: bool = True) -> Login:
    password = accounts.random_password() if may_log_in else None
    account = accounts.open_account(
        by=BY, at=at, username=username, display_name=person.name, password=password, phone=person.phone or ""
    )
    accounts.appoint(by=BY, at=at, account=account, role=role, area_path=path)
    return Login(username, password or "", role, path)
