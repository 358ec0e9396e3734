import re
from pathlib import Path

import pytest
from django.contrib.auth.forms import AuthenticationForm

import lianfang
from lianfang.web.tests import sample

pytestmark = pytest.mark.urls("lianfang.web.tests.sample")
SOURCE = Path(lianfang.__file__).parent
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))
FORBIDDEN = {
    "handler in an attribute": r"<[^>]*\son[a-z]+\s*=",
    "style in an attribute": r"<[^>]*\sstyle\s*=",
    "script in the page": r"<script(?![^>]*\bsrc=)[^>]*>",
    "style in the page": r"<style\b",
    "address that runs a script": r"javascript:",
    "htmx attribute that runs a script": r"\shx-on|[\"'\s]js:",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_template_keeps_to_the_content_security_policy(path):
    text = path.read_text(encoding="utf-8")
    assert [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(("language", "tag"), [("zh-hans", "zh-Hans-CN"), ("en", "en")])
def test_page_names_its_language(language, tag):
    assert f'<html lang="{tag}">' in sample.render(language=language)


def test_exercise_is_said_in_head_and_foot_in_both_languages():
    for language in ("zh-hans", "en"):
        assert sample.render(language=language).count("EXERCISE") == 2


def test_live_installation_says_nothing_of_an_exercise():
    assert "EXERCISE" not in sample.render(installation={"exercise": False})


def test_phone_bar_holds_five_and_the_menu_the_rest():
    page = sample.render()
    assert page.count('<li class="lf-nav-more">') == 2
    assert page.count('class="lf-menu-nav"') == 2


def test_visitor_sees_neither_navigation_nor_log_out():
    page = sample.render("404.html", nav=[], user=None)
    assert "lf-nav" not in page
    assert "data-logout" not in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500", "429", "web/help"])
def test_pages_without_any_context_render(page, language):
    empty = {**dict.fromkeys(sample.sample_context()), "form": AuthenticationForm()}
    assert "<h1" in sample.render(f"{page}.html", language, **empty)
