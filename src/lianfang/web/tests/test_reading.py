"""A page reads one moment, whatever is stored while it reads."""

from collections.abc import Callable
from datetime import datetime
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from lianfang.web.reading import of_one_moment

_KEY = "read while others write"


def _elsewhere(act: Callable[[], object]) -> None:
    """In a connection of its own: a test's own lies in a transaction, which others do not see."""
    failed = []

    def acting() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001  told to the test below
            failed.append(error)
        finally:
            connection.close()

    thread = Thread(target=acting)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def _ask(sql: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _seen() -> list[datetime]:
    return [at for (at,) in _ask("SELECT expires FROM accounts_attempt WHERE cache_key LIKE %s", f"{_KEY}%")]


def _store(number: int) -> None:
    sql = "INSERT INTO accounts_attempt VALUES (%s, '', clock_timestamp()) RETURNING 1"
    _elsewhere(lambda: _ask(sql, f"{_KEY} {number}"))


@pytest.fixture
def stored(db):
    _store(1)
    yield
    _elsewhere(lambda: _ask("DELETE FROM accounts_attempt WHERE cache_key LIKE %s RETURNING 1", f"{_KEY}%"))


def test_what_is_stored_while_a_page_reads_is_not_seen_and_nothing_seen_is_later_than_its_moment(stored):
    told = {}

    @of_one_moment
    def page() -> None:
        _store(2)  # before the moment is told, after what is seen was settled
        told["moment"] = timezone.now()
        told["first"] = _seen()
        _store(3)
        told["again"] = _seen()

    _elsewhere(page)
    assert len(told["first"]) == 1
    assert told["again"] == told["first"]
    assert max(told["first"]) <= told["moment"]


def test_without_it_both_are_seen(stored):
    told = {}

    def page() -> None:
        told["first"] = _seen()
        _store(2)
        told["again"] = _seen()

    _elsewhere(page)
    assert (len(told["first"]), len(told["again"])) == (1, 2)


def test_inside_a_transaction_it_reads_as_that_does(db):
    assert of_one_moment(lambda: connection.in_atomic_block)()
