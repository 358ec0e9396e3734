"""What the pages about people under observation have in common: where we are, and the ways to look at them."""

from datetime import datetime
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from lianfang.mandate.duties.forms import Place

PER_PAGE = 50
# (URL name, words): each takes ?area= and shows the part of the area that the account may see.
_TABS = [
    ("list", N_("Everybody")),
    ("alerts", N_("Alerts")),
    ("needs", N_("Needs")),
    ("teams", N_("Teams")),
    ("release", N_("Release")),
    ("orders", N_("Orders")),
    ("lost", N_("Lost to follow-up")),
    ("callbacks", N_("Call-backs")),
]


def tabs(area: str, here: str) -> list[dict]:
    query = urlencode({"area": area})
    return [
        {"label": _(label), "url": f"{reverse(f'observation:{name}')}?{query}", "here": name == here}
        for name, label in _TABS
    ]


def frame(place: Place, as_of: datetime, here: str) -> dict:
    """The context that `observation/frame.html` reads."""
    return {
        "place": place,
        "as_of": as_of,
        "crumbs": place.crumbs(reverse(f"observation:{here}"), {}),
        "tabs": tabs(place.path, here),
        "action": f"{reverse(f'observation:{here}')}?{urlencode({'area': place.path})}",
    }


def paged(request: HttpRequest, found):
    return Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
