"""Moments as people write them."""

from datetime import UTC, datetime

import pytest

from lianfang.web.moments import BadMoment, read_moment

NOON = datetime(2020, 2, 9, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-09T12:00:00+08:00",
        "2020-02-09T04:00:00Z",
        "2020-02-09T12:00",
        "2020-02-09 12:00",
        " 2020-02-09T12:00 ",
    ],
)
def test_moment_with_zone_or_in_the_zone_of_the_deployment(text):
    assert read_moment(text) == NOON


def test_plus_sign_that_an_address_lost_is_put_back():
    assert read_moment("2020-02-09T12:00:00 08:00") == NOON


@pytest.mark.parametrize("text", ["", "now", "2020-02-09", "20200209", "2020-02-30T10:00", "12:00"])
def test_words_that_name_no_moment_are_refused_with_what_would(text):
    with pytest.raises(BadMoment, match="2020-02-09T14:30"):
        read_moment(text)
