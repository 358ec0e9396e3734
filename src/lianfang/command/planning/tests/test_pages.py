"""防控方案 on pages: plans, proposals, the second person, uploads with faults by line, the clause trace."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from lianfang.mandate.response.actions import NewOrder, Order, activate, propose, register_version
from lianfang.mandate.response.models import Activation, PlanOrder, PlanVersion
from lianfang.registry.audit.rules import Actor
from lianfang.registry.places.models import Installation
from lianfang.science.plan import load_shipped, shipped

COUNTY, TOWN, VILLAGE = "140931", "140931101", "140931101201"
BASIS = "县指挥部令第3号"

pytestmark = pytest.mark.django_db


@pytest.fixture
def county_officer(account, client):
    found = account("county_officer", COUNTY)
    client.force_login(found)
    return found


@pytest.fixture
def second(account):
    return account("county_officer", COUNTY, username="second")


def proposed(client, **told):
    plan = load_shipped("baode-2020")
    data = {
        "plan": f"baode-2020@{plan.version}",
        "area": COUNTY,
        "starts_on": (timezone.localdate() + timedelta(days=1)).isoformat(),
        "basis": BASIS,
        "reason": "",
    }
    return client.post("/plans/propose/activation/", data | told)


@pytest.mark.parametrize(
    "path",
    [
        "/plans/",
        "/plans/clauses/",
        "/plans/baode-2020/",
        "/plans/upload/",
        "/plans/propose/activation/",
        "/plans/propose/key_area/",
        "/plans/propose/end/",
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_are_there_in_both_languages(county, county_officer, client, path, language):
    client.cookies["django_language"] = language
    text = client.get(path).content.decode()
    assert "<h1>" in text
    heading = re.search(r"<h1>(.*?)</h1>", text, re.S)[1]
    assert bool(re.search(r"[\u4e00-\u9fff]", heading)) == (language == "zh-hans")


@pytest.mark.parametrize("path", ["/plans/", "/plans/clauses/", "/plans/county-report-2020/"])
def test_pages_need_few_queries(county, county_officer, client, path, django_assert_max_num_queries):
    client.get(path)
    with django_assert_max_num_queries(12):
        client.get(path)


def test_every_shipped_plan_is_listed_with_what_is_assumed_marked(county, county_officer, client):
    text = client.get("/plans/").content.decode()
    assert [code for code in shipped() if f'href="/plans/{code}/"' not in text] == []
    for code in shipped():
        page = client.get(f"/plans/{code}/").content.decode()
        assert page.count("文件未载明 · 暂定") >= len(load_shipped(code).assumed())


def test_a_plan_comes_in_force_by_two_persons_on_pages(county, county_officer, second, client):
    response = proposed(client)
    order = PlanOrder.objects.get()
    assert response.url == f"/plans/orders/{order.uid}/"
    page = client.get(response.url).content.decode()
    assert (BASIS in page, "Approve" in page or "批准并执行" in page) == (True, False)
    assert client.post(f"/plans/orders/{order.uid}/decide/approve/").status_code == 403
    client.force_login(second)
    assert "批准并执行" in client.get(response.url).content.decode()
    client.post(f"/plans/orders/{order.uid}/decide/approve/", {"note": ""})
    made = Activation.objects.get(starts_on=timezone.localdate() + timedelta(days=1))
    assert (made.plan_version.code, made.ordered_by, made.approved_by) == (
        "baode-2020",
        county_officer.username,
        "second",
    )
    assert "已批准" in client.get(response.url).content.decode()


def test_who_may_not_order_proposes_nothing(county, account, client):
    client.force_login(account("grid_worker", VILLAGE))
    assert client.get("/plans/propose/activation/").status_code == 403
    assert client.get("/plans/upload/").status_code == 403
    client.force_login(account("township_officer", TOWN))
    assert proposed(client).status_code == 403


def test_an_order_of_another_area_is_not_there(county, account, client):
    version = register_version(plan=load_shipped("baode-2020"), at=timezone.now())
    day = timezone.localdate() + timedelta(days=1)
    told = NewOrder("activation", "140932", version, day, BASIS)
    order = propose(by=Actor("other"), at=timezone.now(), order=told)
    client.force_login(account("county_officer", COUNTY))
    assert client.get(f"/plans/orders/{order.uid}/").status_code == 404
    assert client.post(f"/plans/orders/{order.uid}/decide/approve/").status_code == 404


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"basis": ""}, "basis"),
        ({"starts_on": "2019-01-01"}, "starts_on"),
        ({"plan": "none@x"}, "plan"),
        ({"area": "140932"}, "area"),
    ],
)
def test_a_proposal_with_a_fault_names_its_field(county, county_officer, client, told, says):
    response = proposed(client, **told)
    assert response.status_code == 422
    assert f'id="id_{says}_error"' in response.content.decode()
    assert not PlanOrder.objects.exists()


def test_the_lower_plan_shows_its_departures_to_be_ticked(county, county_officer, client):
    """A town under the county's plan: what it loosens is listed, and refused until it is named."""
    plan = load_shipped("baode-2020")
    asked = {"area": TOWN, "plan": f"baode-2020@{plan.version}"}
    page = proposed(client, **asked)
    assert page.status_code == 422
    codes = re.findall(r'name="departures" value="([^"]+)"', page.content.decode())
    assert "duty_removed:pathways.key-area-arrival.duties.call" in codes
    assert proposed(client, **asked, departures=codes).status_code == 302


def test_a_key_area_is_added_by_name_and_everybody_is_counted(county, county_officer, client):
    data = {
        "place": "山西省晋中市平遥县",
        "area": COUNTY,
        "starts_on": timezone.localdate().isoformat(),
        "basis": BASIS,
    }
    response = client.post("/plans/propose/key_area/", data)
    order = PlanOrder.objects.get()
    assert response.url == f"/plans/orders/{order.uid}/"
    assert [area.path for area in order.plan_version.plan.key_areas] == ["42", "140728"]
    assert order.preview["matched"] == []
    bad = client.post("/plans/propose/key_area/", data | {"place": "乌有县"})
    assert 'id="id_place_error"' in bad.content.decode()


def test_an_uploaded_plan_tells_every_fault_with_its_line(county, county_officer, client):
    text = shipped()["baode-2020"].read_text(encoding="utf-8")
    broken = text.replace("value: 37.3", "value: warm").replace("anchor: arrival", "anchor: birthday")
    page = upload(client, broken)
    assert page.status_code == 422
    lines = [number for number, line in enumerate(broken.splitlines(), 1) if "warm" in line or "birthday" in line]
    for number in lines:
        assert f'">{number}</td>' in page.content.decode()
    assert not PlanVersion.objects.filter(code="baode-2020").exists()


def test_an_uploaded_plan_without_fault_is_kept_and_not_in_force(county, county_officer, client):
    text = shipped()["baode-2020"].read_text(encoding="utf-8").replace("plan: baode-2020", "plan: ours-2026")
    response = upload(client, text)
    version = PlanVersion.objects.get(code="ours-2026")
    assert response.url == f"/plans/ours-2026/?version={version.version}"
    assert not Activation.objects.filter(plan_version=version).exists()
    assert client.get(response.url).status_code == 200
    assert upload(client, "x" * 600_000).status_code == 422


def upload(client, text):
    return client.post("/plans/upload/", {"file": SimpleUploadedFile("plan.yaml", text.encode())})


def test_measles_pages_speak_of_no_restriction(county, account, client):
    """Read by the township: the county's own account needs its second step in a live installation."""
    client.force_login(account("township_officer", TOWN))
    Installation.objects.update(exercise=False)
    order = Order(TOWN, timezone.localdate(), "县疾控判定书第2号", "second")
    activate(by=Actor("first"), at=timezone.now(), plan=load_shipped("measles-contacts"), order=order)
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        for path in ("/plans/measles-contacts/", f"/plans/clauses/?area={TOWN}"):
            text = client.get(path).content.decode()
            content = text[text.index('id="content"') :]
            assert not re.search(r"隔离|限制出|quarantin|isolat|restrict", content.lower()), (path, language)


def test_the_command_puts_only_an_areas_first_plan_in_force_live(county, capsys):
    Installation.objects.update(exercise=False)
    with pytest.raises(CommandError) as refused:
        call_command("plan", "activate", "measles-contacts", "--area", COUNTY, "--from", "2026-03-01")
    assert "另一人批准" in str(refused.value) or "two persons" in str(refused.value)


def test_the_command_names_what_a_lower_plan_departs_in(county):
    with pytest.raises(CommandError) as refused:
        call_command("plan", "activate", "baode-2020", "--area", TOWN, "--from", date(2026, 3, 1).isoformat())
    assert any(words in str(refused.value) for words in ("每日电话询问", "Daily call"))
