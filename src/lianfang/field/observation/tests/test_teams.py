"""C11: places of a team, who covers whom, what each carries, and the change of hands."""

from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.observation.actions import assign_many, give_up, hand_over
from lianfang.field.observation.queries.teams import Teams
from lianfang.mandate.duties.actions import PlaceTaken
from lianfang.mandate.duties.models import Enrolment, TeamMember
from lianfang.mandate.duties.queries import summaries
from lianfang.registry.audit.rules import Actor

BY, TOWN, COUNTY = Actor("test"), "140931101", "140931"
AT = parse_datetime("2020-02-09T09:00:00+08:00")
LATER = parse_datetime("2020-02-09T10:00:00+08:00")
FIVE = ("township_cadre", "village_cadre", "health_centre", "group_cadre", "grid_worker")
THREE = {
    "three": {
        "slots": [
            {"code": code, "title": {"zh": zh, "en": code}}
            for code, zh in (("township", "乡镇"), ("village", "村"), ("health", "卫生院"))
        ],
        "clauses": ["XX-2.3.11"],
        "max_load": {"value": 2, "assumed": {"zh": "试验用", "en": "for the test"}},
    }
}
ONE_THREE_N = {
    "one-three-n": {
        "slots": [
            {"code": "leader", "title": {"zh": "组长", "en": "leader"}},
            *({"code": f"core_{n}", "title": {"zh": f"成员{n}", "en": f"core {n}"}} for n in "abc"),
            *(
                {"code": f"helper_{n}", "title": {"zh": f"协助{n}", "en": f"helper {n}"}, "optional": True}
                for n in "ab"
            ),
        ],
        "clauses": ["XX-2.3.11"],
    }
}


def observed():
    return list(Enrolment.objects.filter(observed=True).select_related("activation__plan_version").order_by("pk"))


def everybody(*slots):
    return {slot: (f"某{slot}", "13900000000") for slot in slots}


def test_c11_1_coverage_is_61_of_65_and_the_empty_roles_are_named(town):
    people = observed()
    assert len(people) == 65
    for number, enrolment in enumerate(people):
        missing = {0: ("health_centre",), 1: ("health_centre",), 2: ("grid_worker",)}.get(number, ())
        missing = missing or (
            ("grid_worker", "health_centre", "township_cadre", "village_cadre") if number == 3 else ()
        )
        assign_many(by=BY, at=AT, enrolments=[enrolment], places=everybody(*(s for s in FIVE if s not in missing)))
    found = Teams(COUNTY, LATER).coverage()
    assert (found.persons, found.covered, found.places, found.filled) == (65, 61, 325, 318)
    assert found.share.percent == 93.8
    assert dict(found.empty)["卫生院医生"] == 3
    assert sum(count for _role, count in found.empty) == 7
    assert {len(one.empty) for one in Teams(COUNTY, LATER).incomplete(limit=10)} == {1, 4}
    assert len(Teams(COUNTY, LATER).incomplete(limit=10)) == 4


@pytest.fixture
def three(plan_in_town, arrivals):
    """Three people under the three-in-one template, at most two persons a member."""
    plan_in_town(teams=THREE, pathway={"team": "three"})
    arrivals([{"name": name, "origin": "湖北武汉", "door": f"{n}号"} for n, name in enumerate("甲乙丙", 1)])
    return observed()


def test_c11_2_a_team_without_its_health_centre_is_incomplete(three):
    assign_many(by=BY, at=AT, enrolments=three, places=everybody("township", "village"))
    found = Teams(TOWN, LATER).incomplete(limit=10)
    assert [one.empty for one in found] == [("卫生院",)] * 3
    assign_many(by=BY, at=AT, enrolments=three, places=everybody("health"))
    assert Teams(TOWN, LATER).coverage().covered == 3


def test_c11_3_nobody_holds_two_places_of_one_team(three):
    assign_many(by=BY, at=AT, enrolments=three[:1], places={"township": ("王某", "")})
    told = assign_many(by=BY, at=AT, enrolments=three[:1], places={"village": ("王某", "")})
    assert (told.filled, told.twice) == (0, 1)
    both = assign_many(by=BY, at=AT, enrolments=three[1:2], places={"township": ("李某", ""), "village": ("李某", "")})
    assert (both.filled, both.twice) == (1, 1)


def test_c11_3_a_member_with_more_than_the_set_number_of_persons_is_flagged(three):
    assign_many(by=BY, at=AT, enrolments=three, places={"health": ("医生", "13900000001")})
    assign_many(by=BY, at=AT, enrolments=three[:2], places={"village": ("村长", "")})
    found = {load.name: (load.persons, load.too_many) for load in Teams(TOWN, LATER).loads()}
    assert found == {"医生": (3, True), "村长": (2, False)}


def test_c11_4_helpers_may_be_none_but_leader_and_core_may_not(plan_in_town, arrivals):
    plan_in_town(teams=ONE_THREE_N, pathway={"team": "one-three-n"})
    arrivals([{"name": "甲", "origin": "湖北武汉", "door": "1号"}])
    (person,) = observed()
    assign_many(by=BY, at=AT, enrolments=[person], places=everybody("leader", "core_a", "core_b"))
    assert Teams(TOWN, LATER).coverage().covered == 0
    assert [one.empty for one in Teams(TOWN, LATER).incomplete(limit=5)] == [("成员c",)]
    assign_many(by=BY, at=AT, enrolments=[person], places=everybody("core_c"))
    assert (Teams(TOWN, LATER).coverage().covered, Teams(TOWN, LATER).coverage().places) == (1, 4)
    (owed,) = summaries(area_path=TOWN, as_of=LATER, duty="team")
    assert (owed.due, owed.done) == (4, 4)
    assign_many(by=BY, at=AT, enrolments=[person], places=everybody("helper_a"))
    assert Teams(TOWN, LATER).coverage().places == 4


def test_a_place_is_handed_over_and_its_history_stays(three):
    assign_many(by=BY, at=AT, enrolments=three[:1], places={"village": ("甲某", "")})
    before = TeamMember.objects.get()
    uid = uuid4()
    after = hand_over(by=BY, at=LATER, member=before, name="乙某", phone="", uid=uid)
    assert hand_over(by=BY, at=LATER, member=before, name="乙某", phone="", uid=uid) == after
    before.refresh_from_db()
    assert (before.until, after.until, after.since) == (LATER, None, LATER)
    assert [load.name for load in Teams(TOWN, AT).loads()] == ["甲某"]
    assert [load.name for load in Teams(TOWN, LATER).loads()] == ["乙某"]
    with pytest.raises(PlaceTaken):
        hand_over(by=BY, at=LATER, member=before, name="丙某", phone="", uid=uuid4())


def test_a_place_given_up_is_a_gap_again(three):
    assign_many(by=BY, at=AT, enrolments=three[:1], places={"village": ("甲某", "")})
    done = summaries(area_path=TOWN, as_of=LATER, duty="team")[0].done
    give_up(by=BY, at=LATER, member=TeamMember.objects.get())
    after = parse_datetime("2020-02-09T10:01:00+08:00")
    assert (done, summaries(area_path=TOWN, as_of=after, duty="team")[0].done) == (1, 0)
    assert summaries(area_path=TOWN, as_of=AT, duty="team")[0].done == 1
