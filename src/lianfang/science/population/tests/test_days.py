from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lianfang.science.population.days import DayPlan, Line, ObservedPerson, Rates, simulate_day

DAY = date(2020, 2, 9)
ZONE = ZoneInfo("Asia/Shanghai")
PLAN = DayPlan(
    zone=ZONE,
    slots=((time(6), time(12)), (time(14), time(20))),
    team_places=("township_cadre", "village_cadre", "grid_worker"),
    fever_c=37.3,
    verify_within=timedelta(hours=2),
    zero_report_by=time(17),
)
VILLAGES = [f"1409311012{place:02d}" for place in range(1, 13)]
PEOPLE = [
    ObservedPerson(
        document=f"number-{place}" if place % 10 else None,
        person_id=f"person-{place}",
        area=VILLAGES[place % 12],
        reached_home_at=datetime(2020, 2, 9, 14, 0, tzinfo=ZONE) if place % 2 else None,
    )
    for place in range(1000)
]


def lines(rates: Rates | None = None, people: list[ObservedPerson] | None = None) -> list[Line]:
    return simulate_day(PEOPLE if people is None else people, DAY, 1, rates, plan=PLAN, villages=VILLAGES)


def test_day_leaves_about_the_gaps_asked_for() -> None:
    counts = Counter(str(line["kind"]) for line in lines())
    assert 1880 <= counts["temperature"] <= 1960
    assert counts["notice_issued"] == 1000
    assert 890 <= counts["notice_served"] <= 945
    assert 2860 <= counts["team_member"] <= 2940
    assert 920 <= counts["call"] <= 975


def test_day_without_gaps_closes_everything() -> None:
    none = Rates(0, 0, 0, 0, 0, 0, 0, silent_villages=0, zero_villages=0, fevers=0)
    counts = Counter(str(line["kind"]) for line in lines(none))
    assert counts == {
        "temperature": 2000,
        "symptoms": 1000,
        "call": 1000,
        "notice_issued": 1000,
        "notice_served": 1000,
        "team_member": 3000,
        "first_verification": 1000,
        "zero_report": 12,
    }


def test_two_villages_are_silent_and_one_says_zero() -> None:
    reports = {line["area"]: line["value"] for line in lines() if line["kind"] == "zero_report"}
    assert len(reports) == 10
    assert list(reports.values()).count(0) == 1


def test_fevers_are_as_many_as_asked_with_their_symptoms() -> None:
    made = lines(Rates(fevers=3))
    high = [line for line in made if line["kind"] == "temperature" and float(str(line["value"])) > PLAN.fever_c]
    assert len(high) == 3
    ill = [line for line in made if line["kind"] == "symptoms" and line["value"]]
    assert {str(line.get("document") or line.get("person")) for line in ill} == {
        str(line.get("document") or line.get("person")) for line in high
    }


def test_team_of_a_person_has_no_worker_twice() -> None:
    teams: dict[str, list[str]] = {}
    for line in lines():
        if line["kind"] == "team_member":
            teams.setdefault(str(line.get("document") or line.get("person")), []).append(str(line["name"]))
    assert max(len(team) for team in teams.values()) == 3
    assert all(len(set(team)) == len(team) for team in teams.values())


def test_ids_are_unique_and_the_same_every_time() -> None:
    made = lines()
    assert len({line["id"] for line in made}) == len(made)
    assert made == lines()


def test_person_without_document_is_named_by_id() -> None:
    made = lines(people=[PEOPLE[0]])
    assert {line.get("person") for line in made if "area" not in line} == {"person-0"}
    assert not [line for line in made if "document" in line]


def test_first_verification_starts_from_the_hour_of_reaching_home() -> None:
    made = [line for line in lines(people=PEOPLE[1::2]) if line["kind"] == "first_verification"]
    waits = [datetime.fromisoformat(str(line["at"])) - datetime(2020, 2, 9, 14, 0, tzinfo=ZONE) for line in made]
    late = [wait for wait in waits if wait > PLAN.verify_within]
    assert 0 < len(late) < len(waits) / 5
    assert len(waits) < 500


def test_only_those_under_observation_are_measured_and_old_ones_get_no_second_notice() -> None:
    registered = ObservedPerson("a", "1", VILLAGES[0], under_observation=False)
    old = ObservedPerson("b", "2", VILLAGES[0], new=False)
    none = Rates(0, 0, 0, 0, 0, 0, 0, silent_villages=12, fevers=0)
    made = lines(none, [registered, old])
    assert {line["kind"] for line in made if line["document"] == "a"} == {
        "notice_issued",
        "notice_served",
        "first_verification",
    }
    assert {line["kind"] for line in made if line["document"] == "b"} == {"temperature", "symptoms", "call"}


def test_nothing_is_recorded_after_the_moment_given() -> None:
    noon = datetime(2020, 2, 9, 12, 0, tzinfo=ZONE)
    made = simulate_day(PEOPLE, DAY, 1, plan=PLAN, villages=VILLAGES, until=noon)
    times = [datetime.fromisoformat(str(line["at"])) for line in made]
    assert times == sorted(times)
    assert max(times) <= noon
    assert [line for line in lines() if datetime.fromisoformat(str(line["at"])) <= noon] == made
