"""Every kind of list that may come in is offered with what it does and its template; contacts come in by the web."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from lianfang.field.screening.models import Exposure
from lianfang.mandate.intake import actions
from lianfang.mandate.intake.forms import FOLLOWS, KINDS
from lianfang.mandate.intake.importing import importers
from lianfang.registry.people.models import Person

TOWN = "140931101"
CONTACTS = "姓名,身份证号,电话,村,门牌号,末次接触日期,接触场所\n接触甲,,13800000001,东沟村,3号,2020-02-07,学校\n"


@pytest.fixture
def officer(county, account, client):
    made = account("township_officer", TOWN)
    client.force_login(made)
    return made


def test_every_importer_is_offered_with_its_template(officer, client):
    assert set(KINDS) == set(FOLLOWS) == set(importers())
    page = client.get(reverse("intake:list"), {"area": TOWN})
    offered = page.context["kinds"]
    assert len(offered) == len(KINDS) + 1  # the organisation list has a page of its own
    for kind in offered:
        answer = client.get(kind["template"])
        assert answer.status_code == 200
        assert answer["Content-Type"].endswith("sheet")
        assert str(kind["what"]) in page.text.replace("&#x27;", "'")
    assert client.get(offered[-1]["page"]).status_code == 200


def test_a_list_of_contacts_comes_in_by_the_web(officer, client):
    file = SimpleUploadedFile("接触者.csv", CONTACTS.encode())
    told = {"kind": "contacts", "file": file, "area": TOWN, "at": "2020-02-08T18:00"}
    address = client.post(reverse("intake:list"), told)["Location"]
    actions.work_off(now=timezone.now())
    client.post(f"{address}confirm/")
    actions.work_off(now=timezone.now())
    contact = Person.objects.get(name="接触甲")
    assert list(Exposure.objects.filter(person=contact).values_list("exposed_on", flat=True)) == [date(2020, 2, 7)]
