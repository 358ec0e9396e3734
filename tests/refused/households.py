"""What the household ledger and the organisation refuse: (name of the constraint, an act that it refuses)."""

from uuid import uuid4

from rows import BEFORE, DAY, LATER, NOW, VILLAGE, area, household, person, same_twice, twice

from lianfang.registry.homes.models import (
    Belonging,
    Check,
    Compound,
    Freshness,
    Group,
    HomeMove,
    Residence,
    Vulnerability,
)
from lianfang.registry.organisation.models import Body, Term, Venue

GRID, OTHER_GRID = f"{VILLAGE}001", f"{VILLAGE}002"


def compound(**told):
    usual = {"uid": uuid4(), "area_path": VILLAGE, "name": "一号院", "kind": "managed", "registered_at": NOW}
    return Compound.objects.create(**usual | told)


def group(**told):
    usual = {"uid": uuid4(), "area_path": VILLAGE, "name": "第1组", "kind": "ten_households", "formed_at": NOW}
    return Group.objects.create(**usual | told)


def belonging(home=None, **told):
    usual = {"sort": "grid", "grid_path": GRID, "since": NOW, "by": "one"}
    return Belonging.objects.create(household=home or household(), **usual | told)


def check(home=None, **told):
    usual = {"uid": uuid4(), "at": NOW, "number": 1, "by": "one", "registered_at": NOW}
    return Check.objects.create(household=home or household(), **usual | told)


def residence(who=None, **told):
    return Residence.objects.create(person=who or person(), **{"kind": "permanent", "since": NOW, "by": "one"} | told)


def vulnerability(who=None, **told):
    usual = {"kind": "pregnant", "since": NOW, "by": "one"}
    return Vulnerability.objects.create(person=who or person(), **usual | told)


def moved_nowhere():
    home = household()
    return HomeMove.objects.create(uid=uuid4(), left=home, reached=home, at=NOW, by="one")


def freshness(**told):
    usual = {"area_path": "140931", "days": 30, "basis": "a plan", "since": NOW, "by": "one"}
    return Freshness.objects.create(**usual | told)


def body(**told):
    usual = {"uid": uuid4(), "area_path": VILLAGE, "kind": "office", "name": "办公室", "valid_from": NOW}
    return Body.objects.create(**usual | told)


def venue(**told):
    usual = {"uid": uuid4(), "area_path": VILLAGE, "name": "集贸市场", "kind": "venue", "registered_at": NOW}
    return Venue.objects.create(**usual | told)


def term(**told):
    usual = {"uid": uuid4(), "area_path": VILLAGE, "post": "first_responsible", "name": "王某", "since": NOW}
    return Term.objects.create(**usual | {"proposed_at": NOW, "proposed_by": "one"} | told)


SORT = "homes_belonging_names_what_its_sort_says"
SUCCESSOR = "places_area_successor_takes_over_since_a_day"
REFUSED = [
    (SUCCESSOR, lambda: area(successor="140931101202")),
    (SUCCESSOR, lambda: area(successor=VILLAGE, suspended_on=DAY)),
    ("homes_compound_kind_known", lambda: compound(kind="castle")),
    ("homes_compound_has_a_name", lambda: compound(name="")),
    ("homes_compound_grid_is_of_its_village", lambda: compound(grid_path="140931101202001")),
    ("homes_compound_grid_is_of_its_village", lambda: compound(grid_path=VILLAGE)),
    ("homes_compound_one_of_a_name", twice(compound)),
    ("homes_group_kind_known", lambda: group(kind="choir")),
    ("homes_group_has_a_name", lambda: group(name="")),
    ("homes_active_group_has_a_coordinator", lambda: group(activated_at=NOW)),
    ("homes_group_dissolved_after_formed", lambda: group(dissolved_at=BEFORE)),
    ("homes_group_one_of_a_name", twice(group)),
    (SORT, lambda: belonging(grid_path="")),
    (SORT, lambda: belonging(sort="group", grid_path="")),
    (SORT, lambda: belonging(group=group())),
    ("homes_household_never_in_two_at_once", lambda: (home := household(), belonging(home), belonging(home))),
    ("homes_belonging_ends_after_it_begins", lambda: belonging(until=NOW)),
    (
        "homes_household_never_in_two_at_once",
        lambda: (home := household(), belonging(home, until=LATER), belonging(home, grid_path=OTHER_GRID)),
    ),
    ("homes_check_one_that_counts", lambda: (home := household(), check(home), check(home, number=2))),
    (
        "homes_check_numbered_once",
        lambda: (home := household(), check(home, superseded_at=NOW), check(home)),
    ),
    ("homes_check_not_of_the_future", lambda: check(at=LATER)),
    ("homes_residence_kind_known", lambda: residence(kind="ghost")),
    ("homes_residence_one_at_a_time", same_twice(residence, person)),
    ("homes_residence_ends_after_it_begins", lambda: residence(until=NOW)),
    ("homes_vulnerability_kind_known", lambda: vulnerability(kind="rich")),
    ("homes_vulnerability_once_at_a_time", same_twice(vulnerability, person)),
    ("homes_vulnerability_ends_after_it_begins", lambda: vulnerability(until=NOW)),
    ("homes_move_goes_somewhere_else", moved_nowhere),
    ("homes_freshness_is_a_day_at_least", lambda: freshness(days=0)),
    ("homes_freshness_has_a_basis", lambda: freshness(basis="")),
    ("homes_freshness_one_an_area", twice(freshness)),
    ("organisation_body_kind_known", lambda: body(kind="club")),
    ("organisation_body_has_a_name", lambda: body(name="")),
    ("organisation_body_ends_after_it_begins", lambda: body(valid_to=NOW)),
    ("organisation_merged_body_knows_since_when", lambda: body(merged_into=body(name="防控办"))),
    ("organisation_body_one_of_a_name", twice(body)),
    (
        "organisation_one_leading_group_an_area",
        lambda: [body(kind="leading_group", name=name) for name in ("甲", "乙")],
    ),
    ("organisation_venue_kind_known", lambda: venue(kind="moon")),
    ("organisation_venue_has_a_name", lambda: venue(name="")),
    ("organisation_venue_one_of_a_name", twice(venue)),
    ("organisation_term_post_known", lambda: term(post="king")),
    ("organisation_term_has_a_holder", lambda: term(name="")),
    ("organisation_term_is_of_one_thing", lambda: term(body=body(), venue=venue(), post="head")),
    ("organisation_term_ends_after_it_begins", lambda: term(until=NOW)),
    ("organisation_declined_term_never_began", lambda: term(declined_at=NOW)),
    ("organisation_post_held_by_one_at_a_time", lambda: (term(until=LATER), term(name="李某"))),
]
