"""A day's obligations, and ten days', against the loop that asks the database for each."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from bench.county import County
from bench.harness import Result, kept_as_it_was, stopwatch
from lianfang.mandate.duties.generation import generate
from lianfang.mandate.duties.models import Enrolment, Obligation
from lianfang.mandate.response.models import Duty

TITLE = "Generation of obligations"
_SAMPLE = 2000


def measure(county: County) -> list[Result]:
    observed = list(
        Enrolment.objects.filter(observed=True, last_day__gte=county.today + timedelta(days=2))
        .order_by("pk")
        .values_list("pk", flat=True)[: county.observed // 2]
    )
    day, made_day = _set_based(county, observed, days=1)
    many, made_many = _set_based(county, None, days=6)
    loop = _row_by_row(county, observed)
    fast = day / made_day
    return [
        Result(
            "a day",
            f"{made_day:,} rows in {day:.1f} s",
            "200,000 in ≤ 5 s",
            day * 200_000 / made_day <= 5,
            f"{day * 200_000 / made_day:.1f} s per 200,000",
        ),
        Result(
            "many days at once",
            f"{made_many:,} rows in {many:.1f} s",
            "2,000,000 in ≤ 50 s",
            many * 2_000_000 / made_many <= 50,
            f"{many * 2_000_000 / made_many:.1f} s per 2,000,000",
        ),
        Result(
            "against row by row",
            f"{loop / fast:.0f} times as fast",
            "≥ 50 times",
            loop / fast >= 50,
            f"baseline: get_or_create of {_SAMPLE:,} rows, {1 / loop:,.0f} rows/s",
        ),
    ]


def _set_based(county: County, only: list[int] | None, days: int) -> tuple[float, int]:
    """(seconds, rows) of making the next days' obligations; taken back afterwards."""
    with kept_as_it_was():
        with stopwatch() as seconds:
            made = generate(county.today + timedelta(days=1 + days), only=only)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit would check
        return seconds(), made


def _row_by_row(county: County, observed: list[int]) -> float:
    """Seconds a row of the loop that peers use: for each person and slot, look and insert."""
    duty = Duty.objects.get(plan_version=county.activation.plan_version, code="temperature")
    plan = county.activation.plan_version.plan.duties["temperature"]
    day = county.today + timedelta(days=2)
    with kept_as_it_was():
        with stopwatch() as seconds:
            for enrolment in Enrolment.objects.filter(pk__in=observed[: _SAMPLE // 2]):
                for slot in plan.slots:
                    opens = timezone.make_aware(datetime.combine(day, slot.start))
                    due = timezone.make_aware(datetime.combine(day, slot.end))
                    Obligation.objects.get_or_create(
                        enrolment=enrolment,
                        duty=duty,
                        day=day,
                        slot=slot.code,
                        defaults={
                            "subject": enrolment.subject,
                            "area_path": enrolment.area_path,
                            "accepts_from": opens,
                            "opens_at": opens,
                            "due_at": due,
                            "known_at": enrolment.registered_at,
                        },
                    )
        return seconds() / _SAMPLE
