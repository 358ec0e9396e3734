"""The demonstration county shows an unsuitable home with its order, a difficulty with needs, a reminder."""

from django.utils.dateparse import parse_datetime

from lianfang.field.observation.models import Difficulty, HomeAssessment, Need
from lianfang.mandate.duties.models import Evidence, Reminder
from lianfang.mandate.orders.models import PersonOrder, Release
from lianfang.operations import demo_care
from lianfang.registry.audit.rules import Actor

TOWN = "140931101"


def test_a_township_gets_homes_an_order_a_difficulty_and_a_reminder(arrivals):
    rows = [{"name": f"钱{chr(0x4E00 + n)}", "door": f"{n}号", "origin": "湖北武汉"} for n in range(9)]
    arrivals(rows)
    at = parse_datetime("2020-02-10T20:30:00+08:00")
    demo_care.care(area_path=TOWN, at=at, staff=demo_care.Staff(Actor("doctor"), Actor("county")))
    homes = HomeAssessment.objects.all()
    assert [len(home.lacking) for home in homes.order_by("pk")] == [0] * (demo_care.HOMES - 1) + [1]
    order = PersonOrder.objects.get()
    assert (order.state, order.person) == ("proposed", homes.latest("pk").person)
    difficulty = Difficulty.objects.get()
    assert set(Need.objects.filter(person=difficulty.person).values_list("category", flat=True)) == {"food", "medicine"}
    assert Reminder.objects.get().covered > 0


def test_the_township_releases_those_whose_last_day_has_come(arrivals, account):
    from_key_area = {"origin": "湖北武汉"}
    arrivals([{"name": "钱一", "arrived_on": "2020-01-27"} | from_key_area, {"name": "钱二"} | from_key_area])
    officer, at = account("township_officer", TOWN), parse_datetime("2020-02-10T20:30:00+08:00")
    demo_care.review(county=TOWN[:6], at=at)
    released = Release.objects.get()
    assert (released.enrolment.last_day.isoformat(), released.decided_by) == ("2020-02-10", officer.username)
    assert Evidence.objects.filter(kind="release_review").count() == 1
