"""Who monitors of their own will reads nowhere of isolation or restriction: measles contacts, as the law stands."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from lianfang.field.screening.contacts import NewExposure, register_exposures
from lianfang.mandate.duties.queries import items
from lianfang.mandate.orders.actions import issue
from lianfang.mandate.response.actions import Order, activate
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions as people
from lianfang.registry.people.models import Person
from lianfang.registry.people.rules import NewPerson
from lianfang.registry.places.models import Installation
from lianfang.science.plan import load_shipped

TOWN, VILLAGE, BY = "140931101", "140931101201", Actor("first")
WORDS = re.compile(r"隔离|限制|quarantin|isolat|restrict")


@pytest.fixture
def contact(county):
    """A contact of 东沟村, exposed two days ago, who has an invitation."""
    now = timezone.now()
    Installation.objects.update(exercise=False)
    order = Order(TOWN, timezone.localdate(now) - timedelta(days=3), "县疾控判定书第1号", "second")
    activate(by=BY, at=now, plan=load_shipped("measles-contacts"), order=order)
    people.register(at=now, people=[NewPerson(uid=uuid4(), name="接触甲", area_path=VILLAGE)])
    person = Person.objects.get()
    seen = NewExposure(uuid4(), person.uid, timezone.localdate(now) - timedelta(days=2), "学校")
    register_exposures(at=now, exposures=[seen], people={person.uid: person})
    return person


def test_an_invitation_is_owed_and_is_what_the_notice_is(contact):
    now = timezone.now()
    assert "invitation" in {one.code for one in items(area_path=VILLAGE, as_of=now, subjects=[contact.uid])}
    (made,) = issue(by=BY, at=now, people=[contact], happened={contact.uid: (uuid4(), now)})
    assert made.kind == "monitoring"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_about_a_voluntary_observation_speaks_of_restriction(contact, client, account, language):
    now = timezone.now()
    (made,) = issue(by=BY, at=now, people=[contact], happened={contact.uid: (uuid4(), now)})
    client.force_login(account("township_officer", TOWN))
    client.cookies["django_language"] = language
    about = [
        reverse(name, args=[contact.uid])
        for name in ("people:card", "orders:person", "observation:person", "observation:course", "duties:person")
    ]
    about += [f"{reverse('observation:today')}?area={VILLAGE}", reverse("observation:household", args=[contact.uid])]
    about += [reverse("observation:list"), reverse("orders:notice", args=[made.uid])]
    found = {}
    for url in about:
        part = {"HX-Request": "true"} if "/notices/person/" in url else {}  # a part of the card
        answer = client.get(url, headers=part)
        assert answer.status_code == 200, url
        text = answer.content.decode()
        content = text[text.index('id="content"') :] if 'id="content"' in text else text
        found[url] = WORDS.findall(content.lower())
    assert {url: words for url, words in found.items() if words} == {}
