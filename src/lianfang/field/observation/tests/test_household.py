"""One household on the page of today: what is asked, what is stored, what is asked again."""

import re
from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from lianfang.field.observation.models import Alert, Need, Reading, Referral
from lianfang.field.screening.models import Verification
from lianfang.mandate.duties.models import TeamMember
from lianfang.mandate.duties.queries import items
from lianfang.mandate.orders.models import Delivery
from lianfang.registry.audit.models import Event

VILLAGE = "140931101201"
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def states(person, code):
    """Slot → state of a duty of the person now."""
    found = items(
        area_path=person.area_path,
        as_of=timezone.now(),
        duty=code,
        states=["done", "late", "overdue", "open", "untimed", "untimed_done"],
        subjects=[person.uid],
    )
    return {item.slot: item.state for item in found if not item.earlier}


def test_pad_opens_empty_though_a_reading_of_today_is_known(house, people, open_house, worker):
    house.save(李建国__temperature="36.5")
    again = open_house(worker, people["李建国"])
    assert "36.5" in again.page
    assert again.value(again.field("李建国", "temperature")) == ""
    assert "placeholder" not in again.page


def test_one_call_with_a_temperature_closes_several_duties(house, people):
    assert house.save(李建国__temperature="36.5", 李建国__well="on").status_code == 200
    person = people["李建国"]
    assert states(person, "temperature")["morning"] == "done"
    assert states(person, "call") == {"day": "done"}
    assert Verification.objects.get().outcome == "reached"
    told = dict(Reading.objects.values_list("kind", "channel"))
    assert told == {"temperature": "phone", "symptoms": "phone", "call": "phone"}


def test_one_save_records_the_whole_household(house):
    house.save(李建国__temperature="36.5", 李小宝__temperature="36.8", 李小宝__given_by="family")
    told = Reading.objects.filter(kind="temperature").values_list("person__name", "celsius", "given_by", "by")
    assert {(name, str(value), giver) for name, value, giver, _ in told} == {
        ("李建国", "36.5", "self"),
        ("李小宝", "36.8", "family"),
    }
    assert {by for *_, by in told} == {f"grid_worker-{VILLAGE}"}


def test_row_comes_back_with_its_counts_after_saving(house):
    response = house.save(李建国__temperature="36.5", 李小宝__temperature="36.8")
    page = response.content.decode()
    assert response.headers["HX-Retarget"] == f"#row-{house.person.household.uid}"
    assert 'hx-target="#today-progress"' in page
    assert "Recorded." in page or "已登记。" in page


def test_form_sent_twice_is_stored_once(house, clock):
    data = house.data(李建国__temperature="36.5", 李建国__notice="served")
    assert house.client.post(house.url, data, headers=PART).status_code == 200
    clock("2020-02-09T09:41:00+08:00")
    assert house.client.post(house.url, data, headers=PART).status_code == 200
    assert (Reading.objects.count(), Delivery.objects.count()) == (2, 1)


def test_form_sent_again_with_another_value_is_refused(house, clock):
    house.save(李建国__temperature="36.5")
    clock("2020-02-09T09:41:00+08:00")
    response = house.save(李建国__temperature="36.9")
    assert response.status_code == 422
    assert [str(row.celsius) for row in Reading.objects.filter(kind="temperature")] == ["36.5"]


def test_fever_is_asked_again_before_it_is_stored(house):
    response = house.save(李建国__temperature="38.5", 李小宝__temperature="36.6")
    page = response.content.decode()
    assert response.status_code == 422
    assert house.field("李建国", "again") in page
    assert house.field("李小宝", "again") + '" value="36.6"' not in page
    assert not Reading.objects.exists()


def test_confirmed_fever_is_stored_and_shows_whom_to_call(house, account):
    doctor = account("village_head", VILLAGE)
    doctor.phone = "13900000002"
    doctor.save(update_fields=["phone"])
    response = house.save(李建国__temperature="38.5", 李建国__again="38.5")
    page = response.content.decode()
    assert (response.status_code, Alert.objects.count()) == (200, 1)
    assert 'href="tel:13900000002"' in page
    assert 'href="tel:120"' in page
    box = " ".join(re.sub(r"<[^>]+>", " ", page[page.index('role="alert"') :]).split())
    assert "李建国 38.5 ℃ ：发热" in box
    assert f"村级负责人 {doctor.display_name} 13900000002" in box


def test_confirmation_is_of_that_value_only(house):
    response = house.save(李建国__temperature="39.1", 李建国__again="38.5")
    assert response.status_code == 422
    assert not Reading.objects.exists()


@pytest.mark.parametrize("typed", ["37.3", "37．3", "37,3"])
def test_threshold_itself_is_fever_however_it_is_typed(house, typed):
    assert house.save(李建国__temperature=typed).status_code == 422
    assert house.save(李建国__temperature=typed, 李建国__again="37.3").status_code == 200


@pytest.mark.parametrize("typed", ["365", "abc", "nan", "1e2", "-36.5", "12.0"])
def test_impossible_temperature_is_refused_and_stays_in_the_field(house, typed):
    response = house.save(李建国__temperature=typed, 李小宝__temperature="36.6")
    assert response.status_code == 422
    assert f'value="{typed}"' in response.content.decode()
    assert not Reading.objects.exists()


def test_reading_of_somebody_not_reached_is_refused(house):
    assert house.save(李建国__temperature="36.5", 李建国__contact="not_reached").status_code == 422
    assert not Reading.objects.exists()


def test_not_reached_closes_nothing_and_offers_support(house, people):
    response = house.save(李建国__contact="not_reached")
    person = people["李建国"]
    assert states(person, "call") == {"day": "open"}
    assert Verification.objects.get().outcome == "not_reached"
    page = response.content.decode()
    assert f"{reverse('observation:need')}?person={person.uid}" in page
    assert "?channel=visit" in page


def test_message_with_a_reading_is_no_call(house, people):
    house.save(channel="message", 李建国__temperature="36.5")
    assert states(people["李建国"], "temperature")["morning"] == "done"
    assert states(people["李建国"], "call") == {"day": "open"}


def test_reading_entered_later_keeps_its_own_time(house, people, clock):
    clock("2020-02-09T13:10:00+08:00")
    house.save(clock="08:30", 李建国__temperature="36.5")
    reading = Reading.objects.get(kind="temperature")
    assert reading.at == datetime.fromisoformat("2020-02-09T08:30:00+08:00")
    assert reading.registered_at == datetime.fromisoformat("2020-02-09T13:10:00+08:00")
    assert states(people["李建国"], "temperature")["morning"] == "done"


def test_time_that_has_not_come_is_refused(house):
    assert house.save(clock="23:00", 李建国__temperature="36.5").status_code == 422


def test_notice_for_a_child_is_received_by_the_guardian(house):
    assert "guardian" in house.page
    house.save(李小宝__notice="served", 李小宝__received_by="guardian")
    assert Delivery.objects.get().received_by == "guardian"


def test_refused_notice_closes_nothing(house, people):
    house.save(李建国__notice="refused")
    assert states(people["李建国"], "notice") == {"": "open"}
    assert Delivery.objects.get().outcome == "refused"


def test_nothing_entered_is_said_and_not_stored(house):
    response = house.save()
    assert response.status_code == 422
    assert not Event.objects.filter(action="readings.recorded", actor__startswith="grid").exists()


def test_symptoms_and_none_at_once_is_refused(house):
    response = house.save(李建国__well="on", 李建国__symptoms=["cough"])
    assert response.status_code == 422


def test_village_head_fills_a_place_of_the_team(enter, people, open_house):
    house = open_house(enter("village_head"), people["李建国"])
    house.save(李建国__team_grid_worker="王守义", 李建国__team_grid_worker_phone="13900000001")
    member = TeamMember.objects.get()
    assert (member.slot, member.name, member.phone) == ("grid_worker", "王守义", "13900000001")


def test_grid_worker_cannot_fill_a_place(house):
    assert "team_grid_worker" not in house.page
    assert house.save(李建国__team_grid_worker="王守义").status_code == 422
    assert not TeamMember.objects.exists()


def test_one_person_cannot_hold_two_places(enter, people, open_house):
    house = open_house(enter("village_head"), people["李建国"])
    response = house.save(李建国__team_grid_worker="王守义", 李建国__team_village_cadre="王守义")
    assert response.status_code == 422
    assert not TeamMember.objects.exists()


def test_need_is_met_on_the_row(house, people, open_house, worker):
    worker.post(
        f"{reverse('observation:need')}?person={people['李建国'].uid}",
        {"batch": house.hidden["batch"], "person": people["李建国"].uid, "category": "food", "note": "大米"},
    )
    again = open_house(worker, people["李建国"])
    need = Need.objects.get()
    again.save(**{f"李建国__need_{need.uid.hex}": "on", f"李建国__need_{need.uid.hex}_note": "已送到"})
    need.refresh_from_db()
    assert (need.met_note, need.met_by) == ("已送到", f"grid_worker-{VILLAGE}")
    assert states(people["李建国"], "need-met") == {"": "done"}


def test_care_is_arranged_once_though_sent_twice(house, people, open_house, worker, clock):
    house.save(李建国__temperature="38.5", 李建国__again="38.5")
    clock("2020-02-09T09:50:00+08:00")
    again = open_house(worker, people["李建国"])
    field = f"李建国__alert_{Alert.objects.get().uid.hex}"
    for minute in (52, 53):
        clock(f"2020-02-09T09:{minute}:00+08:00")
        assert again.save(**{field: "on", f"{field}_note": "县医院"}).status_code == 200
    assert Referral.objects.get().note == "县医院"
    assert states(people["李建国"], "fever-referral") == {"": "done"}


def test_form_is_read_as_it_was_asked_when_a_slot_ends_meanwhile(house, people, clock):
    clock("2020-02-09T14:05:00+08:00")
    assert house.save(李建国__temperature="36.5").status_code == 200
    assert states(people["李建国"], "temperature") == {"morning": "overdue", "evening": "done"}


def test_save_without_htmx_returns_to_the_day(house):
    response = house.client.post(house.url, house.data(李建国__temperature="36.5"))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(f"{reverse('observation:today')}?area={VILLAGE}")
