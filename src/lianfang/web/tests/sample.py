"""The page of all components, with sample values, rendered without any context above lianfang.web."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory
from django.urls import include, path
from django.utils import translation

AS_OF = datetime(2020, 2, 8, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DUE = AS_OF - timedelta(minutes=35)

urlpatterns = [
    path("login/", lambda request: HttpResponse(), name="login"),
    path("logout/", lambda request: HttpResponse(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("lianfang.web.urls")),
]


class Person:
    pk = 7
    is_authenticated = True

    def __str__(self):
        return "王建国"


class Filter(forms.Form):
    q = forms.CharField(required=False)
    state = forms.ChoiceField(choices=[("", "all")], required=False)


class Reading(forms.Form):
    value = forms.DecimalField(help_text="as read")
    home = forms.BooleanField(required=False)
    channel = forms.ChoiceField(choices=[("phone", "phone")], widget=forms.RadioSelect)


def square(west, name, level):
    ring = [[west, 38.9], [west + 0.2, 38.9], [west + 0.2, 39.1], [west, 39.1], [west, 38.9]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    properties = {"name": name, "value": "96.2%", "level": level, "href": "#"}
    return {"type": "Feature", "properties": properties, "geometry": shape}


def sample_context():
    names = ["张玉兰", "李建国", "赵春梅"] * 10
    rows = [{"name": name, "due": DUE, "state": "overdue", "value": 2121} for name in names]
    nav = [{"url": f"/{n}", "label": f"页面{n}", "icon": "home", "active": n == 1} for n in range(1, 8)]
    return {
        "installation": {"exercise": True, "area": "保德县 · 义门镇", "plan": "county-report-2020"},
        "nav": nav,
        "user": Person(),
        "as_of": AS_OF,
        "due": DUE,
        "later": AS_OF + timedelta(minutes=150),
        "crumbs": [{"name": "忻州市", "url": "/1"}, {"name": "保德县", "url": ""}],
        "unit": "人",
        "spark": [3, 5, 4, 8],
        "kinds": ["due", "done", "late", "overdue", "excused", "fever", "review", "unknown"],
        "page": Paginator(rows, 8).page(2),
        "filter_form": Filter({"q": ""}),
        "form": Reading({"value": "abc"}),
        "chart_data": {
            "x": ["2月7日", "2月8日"],
            "series": [
                {"name": "应测", "values": [120, 130], "state": "due"},
                {"name": "已测", "values": [118, None]},
            ],
        },
        "cells": [
            {"name": "东关镇", "value": "96.2%", "level": 3, "href": "#"},
            {"name": "韩家川乡", "level": None},
        ],
        "legend": ["0–50%", "50–75%", "75–90%", "90–99%", "100%"],
        "shapes": {
            "type": "FeatureCollection",
            "features": [square(111, "东关镇", 3), square(111.2, "韩家川乡", None)],
        },
    }


ENGINE = DjangoTemplates(
    {
        "NAME": "web",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [], "builtins": ["lianfang.web.templatetags.ui"]},
    }
)


def render(template="web/components.html", language="zh-hans", address="/?sort=name", **changes):
    """Only the request is added to the sample: what a page needs from above is seen in sample_context."""
    request = RequestFactory().get(address)
    with translation.override(language):
        return ENGINE.get_template(template).render({**sample_context(), "request": request, **changes}, request)


def show(source, language="en", **values):
    with translation.override(language):
        return ENGINE.from_string(source).render(values)
