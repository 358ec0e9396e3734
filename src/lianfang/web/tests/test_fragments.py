from django.http import HttpResponse
from django.test import RequestFactory

from lianfang.web.fragments import go_to, set_event, wants_fragment


def request(**headers):
    return RequestFactory().get("/", headers=headers)


def test_only_a_partial_request_gets_a_fragment():
    assert wants_fragment(request(HX_Request_Type="partial"))
    assert not wants_fragment(request(HX_Request_Type="full"))
    assert not wants_fragment(request())


def test_htmx_is_sent_on_by_header_and_a_browser_by_redirect():
    assert go_to(request(HX_Request="true"), "/gaps").headers["HX-Redirect"] == "/gaps"
    plain = go_to(request(), "/gaps")
    assert (plain.status_code, plain.headers["Location"]) == (302, "/gaps")


def test_event_is_named_in_the_answer():
    assert "gaps-changed" in set_event(HttpResponse(), "gaps-changed").headers["HX-Trigger"]
