import re

import pytest

from lianfang.web.templatetags.ui import spark_points, tiles
from lianfang.web.tests import sample
from lianfang.web.tests.sample import show

pytestmark = pytest.mark.urls("lianfang.web.tests.sample")


CHINESE = [
    "逾期 35 分钟",
    "底数不明",
    "文件未载明 · 暂定",
    "第 9–16 条，共 30 条",
    "较昨日 +3",
    "应办 12，已办 9",
]
ENGLISH = ["35 min overdue", "not established", "not in the document", "9–16 of 30", "+3 since yesterday"]


@pytest.mark.parametrize(("language", "words"), [("zh-hans", CHINESE), ("en", ENGLISH)])
def test_components_speak_the_language_of_the_reader(language, words):
    page = re.sub(r"\s+", " ", sample.render(language=language))
    assert [word for word in words if word not in page] == []


def test_no_chinese_is_left_in_english_frame():
    page = sample.render("web/help.html", "en", user="", nav=[], installation={"exercise": False})
    text = re.sub(r"<title>.*?</title>|联防|中文", "", page)
    assert re.findall("[一-鿿]+", text) == []


def test_figure_without_denominator_has_no_percentage():
    page = show('{% figure "beds" "0%" numerator=0 denominator=0 %}')
    assert "not established" in page
    assert "0%" not in page


def test_figure_with_zero_shows_zero():
    assert re.search(r'lf-figure-value">0<', show('{% figure "today" 0 %}'))


def test_figure_opens_its_list():
    assert show('{% figure "gaps" 5 href="/gaps" %}').startswith('<a href="/gaps"')


def test_bar_counts_late_inside_done():
    page = show("{% bar 9 12 late=1 overdue=1 excused=1 %}")
    widths = dict(re.findall(r'lf-bar-(\w+)" x="[\d.]+" width="([\d.]+)"', page))
    assert widths == {"done": "66.67", "late": "8.33", "excused": "8.33", "overdue": "8.33"}


def test_bar_never_leaves_its_track_when_more_is_done_than_due():
    assert 'width="100.00"' in show("{% bar 15 12 %}")


def test_spark_of_a_flat_line_lies_in_the_middle():
    assert spark_points([4, 4]) == "2.0,14.0 94.0,14.0"
    assert spark_points([4]) == ""


def test_number_that_came_unmasked_is_masked():
    assert "199001011234" not in show('{% masked "990000199001011234" %}')


def test_values_are_escaped():
    page = show('{% state "due" word %}{% figure word word %}{% masked word %}', word="<b>*")
    assert "<b>*" not in page


def test_tile_without_value_is_not_level_zero():
    page = show('{% tiles cells "t" %}', cells=[{"name": "a", "level": None}, {"name": "b", "level": 0, "value": 0}])
    assert page.count("lf-tile lf-level-none") == 1
    assert tiles([], "t")["cells"] == []


def test_sorting_turns_round_and_forgets_the_page():
    page = sample.render(address="/?sort=name&page=2&q=x")
    assert 'aria-sort="ascending"' in page
    assert 'href="?sort=-name&amp;q=x"' in page


def test_field_ties_its_errors_to_the_control():
    page = sample.render()
    assert re.search(r'<input[^>]*name="value"[^>]*aria-describedby="[^"]*id_value_error', page)
    assert 'id="id_value_error"' in page
    assert '<a href="#id_value">' in page
