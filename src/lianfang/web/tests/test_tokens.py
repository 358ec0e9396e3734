import re
from pathlib import Path

import pytest

import lianfang.web

CSS = (Path(lianfang.web.__file__).parent / "static/lianfang/lianfang.css").read_text(encoding="utf-8")
TOKENS = {
    name: (light, dark) for name, light, dark in re.findall(r"--lf-([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", CSS)
}
STATES = ["due", "done", "late", "overdue", "excused", "fever"]
ON_GROUND = [*STATES, "text", "muted", "ink"]
PAIRS = [
    *[(name, ground) for name in ON_GROUND for ground in ("surface", "page")],
    *[(name, f"{name}-bg") for name in STATES],
    *[("text", f"{name}-bg") for name in STATES],
    *[(name, "sunken") for name in ("text", "muted", "ink")],
    ("on-ink", "ink"),
    ("text", "level-0"),
    ("text", "level-1"),
]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert round(contrast("#000000", "#ffffff"), 1) == 21


@pytest.mark.parametrize(("front", "back"), PAIRS, ids=lambda name: name)
def test_text_can_be_read_in_light_and_dark(front, back):
    light, dark = (contrast(TOKENS[front][mode], TOKENS[back][mode]) for mode in (0, 1))
    assert (light >= 4.5, dark >= 4.5) == (True, True), (round(light, 2), round(dark, 2))


@pytest.mark.parametrize("level", [2, 3, 4])
def test_text_on_dark_levels_can_be_read(level):
    text = re.search(rf"\.lf-level-{level} {{[^}}]*color: light-dark\((#\w{{6}}), (#\w{{6}})\)", CSS).groups()
    assert [contrast(text[mode], TOKENS[f"level-{level}"][mode]) >= 4.5 for mode in (0, 1)] == [True, True]


@pytest.mark.parametrize("ground", ["surface", "page"])
def test_edges_of_controls_can_be_seen(ground):
    assert all(contrast(TOKENS["edge"][mode], TOKENS[ground][mode]) >= 3 for mode in (0, 1))


def test_own_style_stays_small():
    assert len(CSS.splitlines()) < 400
