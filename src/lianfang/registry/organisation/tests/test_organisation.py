"""The organisation: vacancies by name, who was responsible on a day, nodes that hand over before they close."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.registry.accounts import actions as accounts
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation import actions, queries
from lianfang.registry.organisation.models import Body, Term
from lianfang.registry.people.models import Person
from lianfang.registry.places.actions import AreaRow, import_areas
from lianfang.registry.places.models import Area

COUNTY, TOWN, VILLAGE, OTHER = "140931", "140931101", "140931101201", "140931101202"
AT = parse_datetime("2020-02-08T09:00:00+08:00")
BY = Actor("test")
GROUPS = ["综合协调组", "疫情防控组", "医疗救治组", "宣传组", "物资保障组", "督查组", "社会稳定组"]


def day(number):
    return parse_datetime(f"2020-02-{number:02d}T12:00:00+08:00")


def term(name, since=AT, post="first_responsible", path=TOWN, **told):
    return actions.NewTerm(area_path=path, post=post, name=name, since=since, **told)


def establish(kind, name, path=TOWN, **told):
    return actions.establish(by=BY, at=AT, area_path=path, kind=kind, name=name, **told)


def counted(path, at=AT):
    return {one.kind: (one.filled, one.due) for one in queries.filled(path, at)}


def named(path, kind, at=AT):
    return [one.what for one in queries.vacancies(path, at, kind)]


def test_c01_1_the_two_villages_without_a_leading_group_are_listed_and_coverage_is_10_of_12(county):
    top = establish("leading_group", "义门镇疫情防控工作领导小组")
    establish("office", "办公室", parent=top)
    for name in GROUPS[:6]:
        establish("working_group", name, parent=top)
    villages = list(Area.objects.under(TOWN).reporting_units().order_by("path"))
    assert len(villages) == 12
    without = [villages[4], villages[9]]
    for village in villages:
        if village not in without:
            establish("leading_group", f"{village.name}疫情防控领导小组", path=village.path)
    assert named(TOWN, "no_leading_group") == [village.name for village in without]
    assert counted(TOWN)["no_leading_group"] == (10, 12)


def test_c01_2_of_31_member_units_the_three_without_a_contact_are_named(county):
    top = establish("leading_group", "保德县疫情防控工作领导小组", path=COUNTY)
    units = [establish("member_unit", f"第{n}局", path=COUNTY, parent=top) for n in range(1, 32)]
    for name, unit in zip(GROUPS, units, strict=False):
        establish("working_group", name, path=COUNTY, parent=top, lead_unit=unit)
    silent = {"第3局", "第17局", "第31局"}
    new = [
        term(f"联络员{n}", post="contact", path=COUNTY, body=unit, phone="03502220000")
        for n, unit in enumerate(units)
        if unit.name not in silent
    ]
    actions.appoint_many(by=BY, at=AT, new=new)
    assert named(COUNTY, "no_contact") == ["第3局", "第17局", "第31局"]
    assert counted(COUNTY)["no_contact"] == (28, 31)
    assert counted(COUNTY)["no_lead_unit"] == (7, 7)
    (node,) = queries.chart(COUNTY, AT)
    assert {child.body.name for child in node.children if "contact" in child.vacant} == silent


def test_c01_3_a_decision_stays_with_who_was_responsible_on_its_day(county):
    actions.appoint(by=BY, at=day(1), new=term("甲某", since=day(1)))
    for number in (9, 11):
        audit.record(by=BY, action="plan.activated", at=day(number), area_path=TOWN)
    actions.appoint(by=BY, at=day(10), new=term("乙某", since=day(10)))
    told = {one.at: one.responsible.name for one in queries.decisions(TOWN, day(20))}
    assert (told[day(9)], told[day(11)]) == ("甲某", "乙某")
    assert queries.responsible_on(TOWN, "first_responsible", day(9)).name == "甲某"
    assert queries.responsible_on(TOWN, "first_responsible", day(10)).name == "乙某"
    assert queries.responsible_on(TOWN, "first_responsible", AT - timedelta(days=30)) is None
    assert Term.objects.filter(name="甲某").count() == 1


def test_c01_4_a_venue_lacking_a_party_is_listed_and_does_not_count_as_fixed(county):
    market = actions.register_venue(by=BY, at=AT, area_path=VILLAGE, name="集贸市场", kind="venue")
    parties = ["locality", "department", "unit"]
    new = [term("某人", post=party, path=VILLAGE, venue=market) for party in parties]
    actions.appoint_many(by=BY, at=AT, new=new)
    (gap,) = queries.vacancies(TOWN, AT, "party_missing")
    assert (gap.what, gap.parties) == ("集贸市场", ("individual",))
    assert counted(TOWN)["party_missing"] == (0, 1)
    actions.appoint(by=BY, at=AT, new=term("某人", post="individual", path=VILLAGE, venue=market))
    assert queries.vacancies(TOWN, AT, "party_missing") == []
    assert counted(TOWN)["party_missing"] == (1, 1)


def test_a_vacancy_is_a_gap_from_the_first_minute(county):
    body = establish("member_unit", "交通局", path=COUNTY)
    held = actions.appoint(by=BY, at=AT, new=term("王某", post="contact", path=COUNTY, body=body))
    actions.end_term(by=BY, at=day(12), term=held, until=day(12))
    (gap,) = queries.vacancies(COUNTY, day(12), "no_contact")
    assert (gap.what, gap.since) == ("交通局", day(12))
    assert queries.vacancies(COUNTY, day(12) - timedelta(minutes=1), "no_contact") == []


def test_an_area_whose_role_an_account_holds_is_not_vacant(county):
    assert "义门镇" in named(TOWN, "no_first_responsible")
    opened = accounts.open_account(by=BY, at=AT, username="town", display_name="李某", password=None)
    accounts.appoint(by=BY, at=AT, account=opened, role="township_officer", area_path=TOWN)
    assert "义门镇" not in named(TOWN, "no_first_responsible")
    assert queries.responsible_on(TOWN, "first_responsible", day(9)).source == "role"
    actions.appoint(by=BY, at=AT, new=term("张某"))
    assert queries.responsible_on(TOWN, "first_responsible", day(9)).name == "张某"


def test_a_grid_without_a_worker_is_vacant_until_somebody_works_it(county):
    grid = f"{VILLAGE}001"
    import_areas(by=BY, at=AT, rows=[AreaRow(1, grid, "第一网格", VILLAGE, "grid")])
    assert named(TOWN, "no_grid_worker") == ["第一网格"]
    actions.appoint(by=BY, at=AT, new=term("王某", post="grid_worker", path=grid))
    assert (named(TOWN, "no_grid_worker"), counted(TOWN)["no_grid_worker"]) == ([], (1, 1))


def test_a_proposal_changes_nothing_until_it_is_confirmed(county):
    actions.appoint(by=BY, at=AT, new=term("甲某"))
    proposed = actions.propose(by=BY, at=day(9), new=term("乙某"))
    assert queries.responsible_on(TOWN, "first_responsible", day(9)).name == "甲某"
    actions.confirm(by=BY, at=day(10), term=proposed, since=day(10))
    assert queries.responsible_on(TOWN, "first_responsible", day(11)).name == "乙某"
    with pytest.raises(actions.Unfit, match="not_proposed"):
        actions.decline(by=BY, at=day(11), term=proposed)


def test_an_earlier_word_does_not_overwrite_a_later_holder(county):
    actions.appoint(by=BY, at=day(10), new=term("乙某", since=day(10)))
    with pytest.raises(actions.Unfit, match="held_since_later"):
        actions.appoint(by=BY, at=day(11), new=term("甲某", since=day(9)))


def test_a_list_told_twice_says_nothing_new_and_a_new_phone_is_no_new_term(county):
    new = [term("甲某", phone="03501"), term("乙某", path=VILLAGE)]
    assert len(actions.appoint_many(by=BY, at=AT, new=new).made) == 2
    again = actions.appoint_many(by=BY, at=AT, new=new)
    assert (len(again.made), len(again.told), len(again.same)) == (0, 0, 2)
    told = actions.appoint_many(by=BY, at=AT, new=[term("甲某", phone="03502")])
    assert (len(told.told), Term.objects.get(name="甲某").phone) == (1, "03502")


def test_a_post_that_the_body_does_not_have_is_refused(county):
    body = establish("member_unit", "交通局", path=COUNTY)
    with pytest.raises(actions.Unfit, match="no_such_post"):
        actions.appoint(by=BY, at=AT, new=term("王某", post="head", path=COUNTY, body=body))


def test_a_body_hands_over_before_it_closes(county):
    top = establish("leading_group", "领导小组")
    below = establish("working_group", "宣传组", parent=top)
    held = actions.appoint(by=BY, at=AT, new=term("王某", post="head", body=top))
    with pytest.raises(actions.StillOpen) as refused:
        actions.close_body(by=BY, at=day(9), body=top)
    assert {one.kind: one.count for one in refused.value.found} == {"posts": 1, "bodies_below": 1}
    actions.end_term(by=BY, at=day(9), term=held, until=day(9))
    actions.close_body(by=BY, at=day(10), body=below)
    assert actions.close_body(by=BY, at=day(11), body=top).valid_to == day(11)
    assert [node.body.name for node in queries.chart(TOWN, day(9))] == ["领导小组"]
    assert queries.chart(TOWN, day(11)) == []


def test_the_chart_of_a_past_day_shows_who_and_what_stood_then(county):
    top = establish("leading_group", "领导小组")
    actions.appoint(by=BY, at=AT, new=term("甲某", post="head", body=top))
    group = actions.establish(by=BY, at=day(15), area_path=TOWN, kind="working_group", name="新组", parent=top)
    actions.suspend_body(by=BY, at=day(18), body=group)
    (then,) = queries.chart(TOWN, day(9))
    assert ([one.name for one in then.holders("head")], then.children) == (["甲某"], [])
    states = [queries.chart(TOWN, day(n))[0].children[0].state for n in (16, 19)]
    assert states == ["active", "suspended"]


def test_a_village_hands_over_its_people_and_posts_before_it_closes(county):
    village = Area.objects.get(path=OTHER)
    resident = Person.objects.create(
        uid=uuid4(), name="赵某", pinyin="zhao mou", initials="zm", area_path=OTHER, registered_at=AT
    )
    held = actions.appoint(by=BY, at=AT, new=term("王某", path=OTHER))
    actions.suspend_area(by=BY, at=day(9), area=village, successor=VILLAGE)
    with pytest.raises(actions.StillOpen) as refused:
        actions.close_area(by=BY, at=day(9), area=village)
    assert {one.kind: one.count for one in refused.value.found} == {"posts": 1, "persons": 1}
    Person.objects.filter(pk=resident.pk).update(area_path=VILLAGE)
    actions.end_term(by=BY, at=day(10), term=held, until=day(10))
    closed = actions.close_area(by=BY, at=day(11), area=village)
    assert (closed.valid_to.isoformat(), closed.successor) == ("2020-02-11", VILLAGE)
    assert Area.objects.under(TOWN).reporting_units().valid_on(closed.valid_to).count() == 11
    assert "area.closed" in Event.objects.values_list("action", flat=True)


def test_a_second_leading_group_of_an_area_is_refused_and_a_merged_one_makes_room(county):
    first = establish("leading_group", "领导小组")
    with pytest.raises(actions.Unfit, match="leading_group_twice"):
        establish("leading_group", "指挥部")
    second = establish("command_post", "指挥部")
    actions.suspend_body(by=BY, at=day(9), body=first, into=second)
    assert Body.objects.working(day(10)).get(area_path=TOWN) == second
    establish("leading_group", "新领导小组")


def test_looking_for_vacancies_asks_as_often_whatever_there_is(county, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        queries.vacancies(COUNTY, AT)
