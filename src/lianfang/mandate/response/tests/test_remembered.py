"""What pages remember of areas and plans is never older than the page: the stamp changes with what it stands for."""

from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lianfang.mandate.response.models import Activation
from lianfang.mandate.response.queries import in_force
from lianfang.registry.places import remembered
from lianfang.registry.places.models import Area, Installation
from lianfang.registry.places.queries import names_of

COUNTY, TOWN = "140931", "140931101"
DAY = date(2020, 2, 9)


def _stamp():
    return Installation.objects.values_list("reference_stamp", flat=True).get()


@pytest.fixture
def page(county):
    """page(act) → what the act answers on a page that begins now."""

    def read(act):
        with remembered.reading_a_page():
            remembered.begin(_stamp())
            return act()

    return read


def _name():
    return names_of({TOWN})[TOWN]


def test_a_page_asks_once_and_the_next_page_not_at_all(page, django_assert_num_queries):
    page(_name)
    with django_assert_num_queries(1):  # for the stamp
        assert page(_name) == "义门镇"


def test_a_new_name_stands_on_the_next_page_whoever_wrote_it(page):
    assert page(_name) == "义门镇"
    Area.objects.filter(path=TOWN).update(name="义门新镇")
    assert page(_name) == "义门新镇"


def test_a_change_taken_back_was_never_there(page):
    with transaction.atomic():
        Area.objects.filter(path=TOWN).update(name="义门新镇")
        assert page(_name) == "义门新镇"
        transaction.set_rollback(True)
    assert page(_name) == "义门镇"


def test_a_plan_that_ended_is_not_in_force_on_the_next_page(page):
    assert page(lambda: in_force(TOWN, DAY)) is not None
    Activation.objects.update(ends_on=DAY)
    assert page(lambda: in_force(TOWN, DAY)) is None


def test_a_page_that_began_before_a_change_finishes_as_it_began(page):
    def change():
        before = _name()
        Area.objects.filter(path=TOWN).update(name="义门新镇")
        return before, _name()

    assert page(change) == ("义门镇", "义门镇")
    assert page(_name) == "义门新镇"


def test_acts_and_commands_ask_the_database(county, django_assert_num_queries):
    for _again in range(2):
        with django_assert_num_queries(1):
            assert _name() == "义门镇"


def test_the_stamp_is_new_with_each_change(county):
    seen = [_stamp()]
    Area.objects.filter(path=TOWN).update(name="甲")
    seen.append(_stamp())
    Activation.objects.update(ends_on=DAY)
    seen.append(_stamp())
    assert len(set(seen)) == 3


def test_the_frame_says_at_once_what_another_process_changed(county, account, client, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: parse_datetime("2020-02-08T20:00:00+08:00"))
    client.force_login(account("township_officer", TOWN))
    plan = county.plan_version.plan.title.zh
    assert plan in client.get("/help/").content.decode()
    Area.objects.filter(path=TOWN).update(name="义门新镇")
    Activation.objects.update(ends_on=date(2020, 2, 8), starts_on=date(2020, 2, 1))
    page = client.get("/help/").content.decode()
    assert "义门新镇" in page
    assert plan not in page
