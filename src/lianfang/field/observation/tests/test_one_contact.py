"""One contact serves the household and every role; the home is looked at in the same form."""

from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from lianfang.field.observation.models import HomeAssessment, Reading
from lianfang.mandate.duties.queries import summaries
from lianfang.mandate.orders.models import PersonOrder
from lianfang.registry.people.models import Person

VILLAGE, TOWN = "140931101201", "140931101"
ASSUMED = {"zh": "试验用", "en": "for the test"}
HOUSE = [
    {"name": "李建国", "document": "990000198003121015", "door": "27号", "origin": "湖北武汉"},
    {"name": "李小宝", "document": "990000201507011033", "door": "27号", "origin": "湖北武汉"},
]
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def calls(duty="call"):
    (found,) = summaries(area_path=VILLAGE, as_of=timezone.now(), duty=duty)
    return found.done, found.due


def test_one_call_closes_the_slots_of_all_members_once_each_was_asked(house, people):
    assert calls() == (0, 2)
    assert house.save(everybody="on").status_code == 200
    assert calls() == (2, 2)
    assert Reading.objects.filter(kind="call").count() == 2
    assert house.save(everybody="on").status_code == 200  # sent again: nothing twice
    assert Reading.objects.filter(kind="call").count() == 2


def test_whoever_was_not_reached_stays_so_though_the_others_were_asked(house, people):
    house.save(everybody="on", 李小宝__contact="not_reached")
    assert calls() == (1, 2)


def test_others_see_who_called_first(house, client, account, people, clock):
    house.save(everybody="on")
    clock("2020-02-09T11:00:00+08:00")
    client.force_login(account("village_head", VILLAGE))
    page = client.get(house.url, headers=PART).content.decode()
    assert "今天 09:40 已由 grid_worker-140931101201 联系" in page
    assert "-contact" not in page
    assert "今天 09:40 已由" in client.get(f"{reverse('observation:today')}?area={VILLAGE}").content.decode()


@pytest.fixture
def with_home(plan_in_town, arrivals, clock, enter, open_house, clock_duty):
    """The house of two under a plan that asks for a room of one's own, and two roles that call."""
    call = {
        "title": {"zh": "医生电话", "en": "Doctor's call"},
        "unit": ASSUMED,
        "shape": "slot",
        "slots": [
            {"code": "day", "name": {"zh": "当日", "en": "day"}, "from": "08:00", "to": "20:00", "assumed": ASSUMED}
        ],
        "evidence": ["call"],
        "owner": "township_officer",
        "escalate": {"steps": [{"after": "1h", "to": "township"}], "assumed": ASSUMED},
        "clauses": ["XX-1.1.3.3"],
    }
    home = {"requires": ["single_room", "own_toilet"], "otherwise": "centralised", "assumed": ASSUMED}
    duties = ["temperature", "report", "call", "team", "doctor-call", "home"]
    looked = clock_duty("home_suitability", start="registration")
    plan_in_town(pathway={"home": home, "duties": duties}, duties={"doctor-call": call, "home": looked})
    arrivals(HOUSE)
    return open_house(enter("grid_worker"), Person.objects.select_related("household").get(name="李建国"))


def test_one_call_counts_for_every_role_that_owes_one(with_home):
    with_home.save(everybody="on")
    assert (calls("call"), calls("doctor-call")) == ((2, 2), (2, 2))


def test_c10_7_the_form_at_the_door_brings_the_order_the_same_moment(with_home):
    saved = with_home.save(李建国__home_seen="on", 李建国__home_has="own_toilet")
    assert saved.status_code == 200
    found = HomeAssessment.objects.get()
    assert (found.lacking, found.person.name) == (["single_room"], "李建国")
    order = PersonOrder.objects.get()
    assert (order.kind, order.reason, order.person) == ("centralised_placement", "住处不具备：单独房间", found.person)
    assert order.proposed_at == found.registered_at
    assert calls("home") == (1, 2)
    with_home.save(李建国__home_seen="on", 李建国__home_has="own_toilet")
    assert HomeAssessment.objects.count() == 1
    assert isinstance(found.uid, UUID)


def test_a_home_that_has_everything_brings_no_order(with_home):
    with_home.save(李建国__home_seen="on", 李建国__home_has=["own_toilet", "single_room"])
    assert HomeAssessment.objects.get().suitable
    assert not PersonOrder.objects.exists()


def test_what_a_home_has_is_not_taken_without_the_look(with_home):
    assert with_home.save(李建国__home_has="own_toilet").status_code == 422
    assert not HomeAssessment.objects.exists()
