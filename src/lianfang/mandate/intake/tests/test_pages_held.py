"""A list that ends where its format ends waits on its page for somebody's word."""

import pytest
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from lianfang.mandate.intake import actions
from lianfang.mandate.intake.models import Batch
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor

AT = parse_datetime("2020-02-08T18:00:00+08:00")


@pytest.fixture
def held(county):
    content = ("姓名,村,返乡日期\n" + "张三,东沟村,2020-02-07\n" * 65_535).encode()
    file = actions.NewFile("arrivals", "140931101", "a.csv", content)
    return actions.check(batch=actions.receive(by=Actor("test"), at=AT, file=file))


def test_held_list_says_why_and_goes_on_with_a_logged_word(held, account, client):
    client.force_login(account("township_officer", "140931101"))
    page = client.get(reverse("intake:batch", args=[held.uid])).content.decode()
    assert "65536" in page
    assert reverse("intake:whole", args=[held.uid]) in page
    assert reverse("intake:confirm", args=[held.uid]) not in page
    client.post(reverse("intake:whole", args=[held.uid]))
    batch = Batch.objects.get(pk=held.pk)
    assert (batch.state, bool(batch.whole_by)) == ("received", True)
    assert Event.objects.filter(action="list.said_whole").exists()
