"""Somebody's browser in a journey: whatever it complains of is a fault, and every page looked at is measured."""

import itertools
import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-quic",
]
NODE_MODULES = Path(os.environ.get("LIANFANG_NODE_MODULES", Path(__file__).parents[2] / "node_modules"))
# What stands beyond the right edge of a page that is wider than its window.
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 160)).slice(-3)"""
# What is tapped and smaller than 44 px either way. A link within a sentence may be lower, one whose row opens it is not
# measured alone, and a tick is as large as its label.
SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .map(e => [e, /checkbox|radio/.test(e.type) && e.labels[0] || e])
  .filter(([e, target]) => {
    const box = target.getBoundingClientRect(), within = e.closest('p, li, dd, td, .lf-alert, .lf-sub, small, label');
    const inline = getComputedStyle(e).display === 'inline';
    const sentence = inline && within && within.innerText.trim() !== e.innerText.trim();
    return e.checkVisibility({visibilityProperty: true}) && box.width > 1 && !sentence && !e.matches('.lf-skip')
      && getComputedStyle(e, '::after').position !== 'absolute' && (box.height < 43.5 || box.width < 43.5);
  }).map(([e, target]) => { const box = target.getBoundingClientRect();
    return `${Math.round(box.width)}×${Math.round(box.height)} ${e.outerHTML.slice(0, 160)}`; }).slice(0, 5)"""
QUIET = 3  # looks in a row, 40 ms apart, at which the page asks for nothing
AXE = NODE_MODULES / "axe-core" / "axe.min.js"


SIZES = [(1440, 900), (390, 844)]
LOG_IN = {"zh-hans": "登录", "en": "Log in"}
LANG = {"zh-hans": "zh-Hans-CN", "en": "en"}


@dataclass(frozen=True)
class Visit:
    """One way through a journey: which of the four it is, its language and its window."""

    number: int
    language: str
    width: int
    height: int

    @property
    def name(self) -> str:
        return f"{self.language}-{self.width}"


WAYS = [(number, language, *size) for number, (language, size) in enumerate(itertools.product(LANG, SIZES))]


class Desk:
    """Somebody's browser. Whatever it complains of ends in `faults`; every page looked at is measured."""

    def __init__(self, browser, run: Visit, address: str) -> None:
        self.run, self.address, self.faults, self.refusals_expected, self.asked = run, address, [], 0, set()
        window = {"width": run.width, "height": run.height}
        self.context = browser.new_context(viewport=window, has_touch=run.width < 600)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("request", lambda request: self.asked.add(request))
        self.page.on("requestfinished", lambda request: self.asked.discard(request))
        self.page.on("requestfailed", lambda request: self.asked.discard(request))
        self.page.on("pageerror", lambda error: self.faults.append(f"error in the page: {error}"))
        self.page.on("console", self._said)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _said(self, line) -> None:
        # The browser tells of each answer of 4xx on the console too; those are counted where they are answers.
        if line.type in ("error", "warning") and not line.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {line.text}")

    def _failed(self, request) -> None:
        if request.url.endswith("/file/"):  # a download ends the navigation that asked for it
            return
        self.faults.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response) -> None:
        if response.status == 422 and self.refusals_expected:
            self.refusals_expected -= 1
        elif response.status >= 400:
            self.faults.append(f"{response.status}: {response.request.method} {response.url}")

    def rest(self) -> None:
        """What follows a page by itself has come. "networkidle" says the same half a second later."""
        self.page.wait_for_load_state("load")
        quiet = 0
        while quiet < QUIET:
            self.page.wait_for_timeout(40)
            quiet = 0 if self.asked else quiet + 1

    def look(self, name: str, heading: str = "") -> None:
        """The page has come to rest: language, heading, width, size of what is tapped, nothing that axe finds.

        A picture of it where somebody asks for pictures.
        """
        self.rest()
        assert self.page.locator("html").get_attribute("lang") == LANG[self.run.language]
        if heading:
            expect(self.page.locator("h1")).to_contain_text(heading)
        wide = self.page.evaluate(WIDE)
        assert wide == [], f"{self.page.url} is wider than the window: {wide}"
        small = self.page.evaluate(SMALL) if self.run.width < 600 else []
        assert small == [], f"{self.page.url}: under a finger too small: {small}"
        barriers = self.barriers()
        assert barriers == [], f"{self.page.url}: {barriers}"
        if folder := os.environ.get("SCREENSHOTS"):
            self.picture(Path(folder) / f"{self.run.number}-{self.run.language}-{self.run.width}-{name}.png")

    def barriers(self) -> list[str]:
        """What axe finds on the page by the rules of WCAG 2.1 A and AA: rule and the elements at fault."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
        return [
            f"{rule['id']}: {rule['help']}: {[node['html'][:160] for node in rule['nodes'][:5]]}"
            for rule in found["violations"]
        ]

    def picture(self, path: Path) -> None:
        """The whole page, in a window as high as the page, so that its bars stand where they belong."""
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": self.run.width, "height": max(height, self.run.height)})
        # Hiding the caret would need a style that the pages do not allow.
        self.page.screenshot(path=path, caret="initial")
        self.page.set_viewport_size({"width": self.run.width, "height": self.run.height})

    def log_in(self, username: str, password: str) -> None:
        page, log_in = self.page, LOG_IN[self.run.language]
        page.goto(f"{self.address}/")
        if self.run.language == "en":
            page.get_by_role("button", name="English").click()
        expect(page.locator("h1")).to_have_text(log_in)
        self.look(f"{username}-log-in", log_in)
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(password)
        page.get_by_role("button", name=log_in).click()
        page.wait_for_url(lambda url: not url.partition("?")[0].endswith("/login/"))
        page.wait_for_load_state("networkidle")  # what follows a page by itself is not cut off by leaving it

    def go_to(self, path: str) -> None:
        """By the way that the page offers: bar, menu or link."""
        self.page.wait_for_load_state("networkidle")
        link = self.page.locator(f"a[href^='{path}']:visible")
        if link.count() == 0:
            self.page.locator("details[data-menu] summary").click()
        link.first.click()
        self.page.wait_for_url(f"**{path}*")

    def leave(self) -> None:
        self.page.wait_for_load_state("networkidle")
        self.context.close()
        assert self.faults == [], self.faults
