"""The list on paper and its way back: row codes lead to the same people and close the same slots."""

from datetime import timedelta
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from lianfang.field.observation.models import PaperList, Reading
from lianfang.field.observation.rules import row_code
from lianfang.mandate.duties.queries import summaries
from lianfang.registry.accounts.models import Account
from lianfang.registry.audit.models import Event

VILLAGE, OTHER = "140931101201", "140931101202"
ENTER = f"/today/paper/enter/?area={VILLAGE}"


def printed(client):
    response = client.post(f"{reverse('observation:make_paper')}?area={VILLAGE}")
    assert response.status_code == 302
    return PaperList.objects.latest("number"), client.get(response["Location"])


def sheet(**rows):
    """rows: r1={"code": …, "temperature": …}; an untouched row is sent empty."""
    told = {"batch": str(uuid4())}
    for name, row in rows.items():
        told |= {f"{name}-{field}": value for field, value in row.items()}
    return told


def done(duty, as_of=None):
    (found,) = summaries(area_path=VILLAGE, as_of=as_of or timezone.now(), duty=duty)
    return found.done, found.due


def test_the_list_stands_by_household_with_a_code_and_empty_boxes_for_each(worker):
    made, page = printed(worker)
    text = page.content.decode()
    assert len(made.people) == 2
    for code in (row_code(made.number, 1), row_code(made.number, 2)):
        assert code in text
    for told in ("李建国", "27号", "体温 上午 06:00–12:00", "体温 下午 14:00–20:00"):
        assert told in text
    assert "张玉兰" not in text  # not under observation
    assert Event.objects.filter(action="door.opened").exists()


def test_what_was_written_on_paper_closes_the_same_slots(worker, clock):
    made, _page = printed(worker)
    clock("2020-02-09T21:00:00+08:00")
    worker.logout()
    one, two = row_code(made.number, 1), row_code(made.number, 2)
    told = sheet(
        r1={"code": one, "clock": "08:10", "temperature": "36.5", "symptoms": "none", "contact": "visit"},
        r2={"code": two.lower(), "clock": "08:12", "temperature": "36．9", "contact": "phone"},
    )
    worker.force_login(Account.objects.get(username=f"grid_worker-{VILLAGE}"))
    assert worker.post(ENTER, told).status_code == 302
    assert done("temperature") == (2, 4)
    assert done("call") == (2, 2)
    reading = Reading.objects.filter(kind="temperature").order_by("at").first()
    assert timezone.localtime(reading.at).strftime("%m-%d %H:%M") == "02-09 08:10"
    assert worker.post(ENTER, told).status_code == 302
    assert Reading.objects.filter(kind="temperature").count() == 2


def test_a_slip_in_a_code_is_named_and_nothing_is_stored(worker):
    made, _page = printed(worker)
    good = row_code(made.number, 1)
    other = good[:-1] + ("A" if good[-1] != "A" else "C")
    response = worker.post(ENTER, sheet(r1={"code": other, "temperature": "36.5"}))
    assert response.status_code == 422
    assert other in response.content.decode()
    assert not Reading.objects.exists()
    unknown = row_code(made.number + 1, 1)
    assert worker.post(ENTER, sheet(r1={"code": unknown, "temperature": "36.5"})).status_code == 422


def test_a_fever_on_paper_is_asked_again(worker):
    made, _page = printed(worker)
    row = {"code": row_code(made.number, 1), "clock": "08:10", "temperature": "38.2"}
    assert worker.post(ENTER, sheet(r1=row)).status_code == 422
    assert worker.post(ENTER, sheet(r1=row | {"again": "on"})).status_code == 302
    assert str(Reading.objects.get().celsius) == "38.2"


def test_rows_that_cannot_be_are_refused(worker, clock):
    made, _page = printed(worker)
    code = row_code(made.number, 1)
    late = (timezone.localtime(timezone.now()) + timedelta(hours=1)).strftime("%H:%M")
    for row in (
        {"temperature": "36.5"},
        {"code": code},
        {"code": code, "temperature": "365"},
        {"code": code, "temperature": "36.5", "contact": "none"},
        {"code": code, "temperature": "36.5", "clock": late},
    ):
        assert worker.post(ENTER, sheet(r1=row)).status_code == 422, row
    assert worker.post(ENTER, sheet()).status_code == 422
    assert not Reading.objects.exists()


def test_a_list_of_another_village_is_not_there(worker, client, account):
    made, _page = printed(worker)
    client.force_login(account("grid_worker", OTHER))
    assert client.get(reverse("observation:paper", args=[made.number])).status_code == 404
    row = {"code": row_code(made.number, 1), "temperature": "36.5"}
    assert client.post(f"/today/paper/enter/?area={OTHER}", sheet(r1=row)).status_code == 422
