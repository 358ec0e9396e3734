"""The frame in a real browser under the strictest policy; pages are handed over without a server."""

import mimetypes
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import sync_playwright

from lianfang.web.tests import sample

pytestmark = [pytest.mark.browser, pytest.mark.urls("lianfang.web.tests.sample")]
SITE = "http://lianfang.test"
POLICY = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; worker-src 'self'"


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]
        running = playwright.chromium.launch(executable_path=str(chromium), args=options)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    """A page of the sample site; page.sent: what was posted; page.complaints: the browser's."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, service_workers="block")
    page = context.new_page()
    page.sent, page.complaints = [], []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
    context.route("**/*", lambda route: answer(route, page))
    yield page
    context.close()


def answer(route, page):
    address = urlsplit(route.request.url)
    if route.request.method == "POST":
        page.sent.append(route.request)
    if address.path.startswith("/static/"):
        path = finders.find(address.path.removeprefix("/static/"))
        kind = "text/javascript" if path.endswith("js") else mimetypes.guess_type(path)[0]
        return route.fulfill(path=path, content_type=kind)
    if address.path == "/fragment/":
        return route.fulfill(status=500 if "broken" in address.query else 200, body="<b>swapped</b>")
    values = {"csrf_token": "token", "form": sample.Reading()}
    values["user"] = None if address.path == "/login/" else sample.Person()
    body = sample.render(address="/", language=address.query or "zh-hans", **values)
    headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
    return route.fulfill(body=body, headers=headers)


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_never_scrolls_sideways(page, width, language):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{SITE}/?{language}")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_every_component_works_under_the_strictest_policy(page):
    page.goto(SITE)
    page.locator(".lf-chart-box svg").first.wait_for()
    page.locator(".lf-map-box canvas").wait_for()
    assert page.complaints == []


def test_exercise_is_said_however_far_one_scrolls(page):
    page.goto(SITE)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert page.locator(".lf-exercise").bounding_box()["y"] == 0
    assert page.locator(".lf-top").bounding_box()["y"] == page.locator(".lf-exercise").bounding_box()["height"]


def too_small(page, selector, least):
    """Words of what is below 44 px; at least so many are looked at."""
    found = page.locator(selector).all()
    assert len(found) >= least
    boxes = [(one.text_content(), one.bounding_box()) for one in found]
    return [words for words, box in boxes if box["height"] < 44 or box["width"] < 44]


def test_targets_on_a_phone_are_big_enough(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(SITE)
    frame = ".lf-brand, .lf-nav a:visible, .lf-top button:visible, .lf-menu summary, .lf-foot a, .lf-crumbs a"
    assert too_small(page, frame, 10) == []
    assert too_small(page, "main .btn:visible", 5) == []
    assert too_small(page, ".lf-main-cell > a, .lf-num > a, main summary, main a[href^='tel:']", 12) == []


def test_head_row_of_a_card_opens_it_on_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(SITE)
    cell = page.locator(".lf-main-cell").first
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    at = [box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2]
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).tagName", at) == "A"


def test_rows_are_walked_and_marked_by_keyboard(page):
    page.goto(SITE)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")
    assert page.locator("tbody tr").nth(0).locator("[data-mark]").is_checked()
    page.keyboard.press("/")
    page.keyboard.type("jx?")
    assert page.locator(".lf-filters [name=q]").input_value() == "jx?"


def test_enter_opens_the_row_where_it_stands(page):
    page.goto(SITE)
    page.evaluate(
        """document.querySelector("#content").innerHTML =
        '<div data-row><details><summary>one</summary><a href="#elsewhere">open</a></details></div>'"""
    )
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    assert page.locator("details[open] summary").inner_text() == "one"
    assert page.url.endswith("/")


def test_errors_are_not_told_by_the_browser(page):
    page.goto(SITE)
    assert page.evaluate("[...document.forms].every((form) => form.noValidate)")
    page.evaluate("document.querySelector('h1').innerHTML = '<form><input required></form>'")
    page.evaluate("htmx.ajax('POST', '/fragment/', {target: '.lf-sub'})")
    page.get_by_text("swapped").wait_for()
    page.wait_for_function("document.querySelector('h1 form').noValidate")


def test_question_mark_opens_the_help(page):
    page.goto(SITE)
    page.keyboard.press("?")
    assert page.locator("#lf-help").is_visible()


def test_confirmation_comes_before_the_form_is_sent(page):
    page.goto(SITE)
    page.fill("#id_value", "36.6")
    page.check("[name=channel]")
    page.get_by_role("button", name="Normal", exact=True).click()
    page.locator("#lf-confirm [value=no]").click()
    assert page.sent == []
    page.get_by_role("button", name="Normal", exact=True).click()
    with page.expect_navigation():
        page.get_by_role("button", name="Go on").click()
    assert "value=36.6" in page.sent[0].post_data


def test_draft_survives_a_reload_and_goes_at_log_out(page):
    page.goto(SITE)
    page.fill("#id_value", "36.6")
    page.check("#id_home")
    page.reload()
    assert page.input_value("#id_value") == "36.6"
    assert page.is_checked("#id_home")
    assert page.locator("#lf-restored").is_visible()
    page.locator(".lf-menu summary").click()
    with page.expect_navigation():
        page.locator("[data-logout] button").click()
    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_draft_survives_an_ended_session_but_not_another_user(page, monkeypatch):
    page.goto(SITE)
    page.fill("#id_value", "36.6")
    page.goto(f"{SITE}/login/")
    page.goto(SITE)
    assert page.input_value("#id_value") == "36.6"
    monkeypatch.setattr(sample.Person, "pk", 8)
    page.goto(SITE)
    assert page.input_value("#id_value") == ""


def test_nothing_but_the_appearance_is_kept_beyond_the_tab(page):
    page.goto(SITE)
    page.fill("#id_value", "36.6")
    page.locator(".lf-menu summary").click()
    page.locator("[data-theme-choice=dark]").click()
    assert page.evaluate("({...localStorage})") == {"lf-theme": "dark"}
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_htmx_sends_the_token_and_swaps(page):
    page.goto(SITE)
    page.evaluate("htmx.ajax('POST', '/fragment/', {target: 'h1'})")
    page.get_by_text("swapped").wait_for()
    assert page.sent[0].headers["x-csrftoken"] == "token"


def test_broken_answer_is_told_and_not_swapped(page):
    page.goto(SITE)
    page.evaluate("htmx.ajax('GET', '/fragment/?broken', {target: 'h1'})")
    page.locator("#lf-trouble [data-trouble=server]").wait_for()
    assert page.locator("h1").inner_text() == "Components"
