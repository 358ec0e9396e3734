"""The chain of the log: what is changed, deleted, slipped in, moved or cut off is found (C29, log unmodifiable)."""

import hashlib
import json
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from lianfang.registry.audit import actions, queries
from lianfang.registry.audit.actions import record, remove_old, seal
from lianfang.registry.audit.models import Anchor, Event, Seal, Unsealed
from lianfang.registry.audit.queries import breaks, head
from lianfang.registry.audit.rules import START, Actor, Head, canonical, chain

AT, BY = timezone.now(), Actor("test", 7)


def log(count, **told):
    return [record(by=BY, action="tested", at=AT, data={"n": n, "part": 0.1}, **told) for n in range(count)]


@pytest.fixture
def chained(db):
    """Ten links, past which an attacker with the rights of the database's owner goes."""
    seal(at=AT)
    events = log(10)
    assert seal(at=AT) == 10
    return events


def attack(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")


def found(kept=None):
    return [(one.number, one.rule) for one in breaks(kept)]


def number_of(event):
    return Seal.objects.get(event=event.pk).number


def test_a_chain_that_nobody_touched_is_whole(chained):
    assert found() == found(head()) == []
    assert seal(at=AT) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'other'",
        "DELETE FROM audit_event",
        "UPDATE audit_seal SET number = number + 1",
        "DELETE FROM audit_seal",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_row(chained, statement):
    with pytest.raises(IntegrityError, match="neither changed nor deleted"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.parametrize(
    "change",
    ["actor = 'other'", "at = at - interval '1 second'", "data = '{}'", "subject = gen_random_uuid()", "action = 'x'"],
)
def test_a_change_is_found(chained, change):
    attack(f"UPDATE audit_event SET {change} WHERE id = %s", chained[4].pk)  # noqa: S608 - constants of this test
    assert found() == [(number_of(chained[4]), "changed")]


def test_a_deletion_is_found_with_and_without_its_link(chained):
    first, second = chained[2], chained[6]
    numbers = number_of(first), number_of(second)
    attack("DELETE FROM audit_event WHERE id = ANY(%s)", [first.pk, second.pk])
    attack("DELETE FROM audit_seal WHERE event = %s", second.pk)
    assert found() == [(numbers[0], "missing"), (numbers[1], "missing")]


def test_an_insertion_is_found(chained):
    attack(
        "INSERT INTO audit_event (at, arrived_at, actor, action, subject_kind, area_path, purpose, data)"
        " VALUES (now(), now(), 'x', 'y', '', '', '', '{}') RETURNING id"
    )
    assert found() == [(0, "unchained")]


def test_a_reordering_is_found(chained):
    a, b = chained[3], chained[4]
    one, other = number_of(a), number_of(b)
    attack(
        "UPDATE audit_seal SET event = CASE event WHEN %s THEN -1 ELSE %s END WHERE event IN (%s, %s)",
        a.pk, a.pk, a.pk, b.pk,
    )  # fmt: skip
    attack("UPDATE audit_seal SET event = %s WHERE event = -1", b.pk)
    assert found() == [(one, "changed"), (other, "changed")]


def test_a_cut_is_found_by_the_head_that_was_kept_outside(chained):
    kept, last = head(), number_of(chained[6])
    attack("DELETE FROM audit_event WHERE id > %s", chained[6].pk)
    attack("DELETE FROM audit_seal WHERE number > %s", last)
    assert found() == []  # the chain alone cannot know
    assert found(kept) == [(kept.number, "cut")]


def test_a_chain_made_anew_is_found_by_the_head_that_was_kept_outside(chained):
    kept = head()
    attack("UPDATE audit_event SET actor = 'other' WHERE id = %s", chained[0].pk)
    attack("DELETE FROM audit_seal WHERE number > 0")
    Unsealed.objects.bulk_create(Unsealed(event=pk) for pk in Event.objects.values_list("pk", flat=True))
    seal(at=AT)
    assert found() == []
    assert found(kept) == [(kept.number, "rewritten")]


def test_a_head_stays_true_while_the_log_grows(chained):
    kept = head()
    log(3)
    seal(at=AT)
    assert head().number == kept.number + 3
    assert found(kept) == []
    assert found(Head(kept.number, "0" * 64)) == [(kept.number, "rewritten")]


def test_the_chain_can_be_followed_by_any_program(chained):
    """Canonical JSON and SHA-256, nothing of ours: the arithmetic written out once more."""
    number, digest = queries.start()
    for link in Seal.objects.filter(number__gt=number).order_by("number"):
        event = Event.objects.get(pk=link.event)
        told = {
            "id": event.pk, "at": event.at.isoformat(timespec="microseconds"), "actor": event.actor,
            "arrived_at": event.arrived_at.isoformat(timespec="microseconds"), "actor_id": event.actor_id,
            "action": event.action, "subject_kind": event.subject_kind, "subject": None, "area_path": event.area_path,
            "purpose": event.purpose, "data": event.data, "number": link.number,
        }  # fmt: skip
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(digest + text.encode()).digest()
        assert digest == bytes(link.digest)


def test_canonical_bytes_do_not_depend_on_order_or_zone():
    zone = timezone.get_fixed_timezone(480)
    one = canonical(1, {"at": AT, "data": {"b": 1, "a": "张"}})
    assert one == canonical(1, {"data": {"a": "张", "b": 1}, "at": AT.astimezone(zone)})
    assert chain(START, one) != chain(START, canonical(2, {"at": AT, "data": {"b": 1, "a": "张"}}))


def test_what_is_rolled_back_is_never_chained(chained):
    taken_back = transaction.savepoint()
    log(2)
    transaction.savepoint_rollback(taken_back)
    log(1)
    assert seal(at=AT) == 1
    assert found() == []


def test_only_old_rows_are_removed_and_an_anchor_stays(chained, monkeypatch):
    with pytest.raises(actions.TooYoung):
        remove_old(by=BY, at=AT, before=AT - timedelta(days=1000))
    kept, cut = head(), chained[5]
    monkeypatch.setattr(actions, "KEPT_AT_LEAST", timedelta(0))
    attack("UPDATE audit_event SET arrived_at = arrived_at - interval '9 days' WHERE id <= %s", cut.pk)
    attack("DELETE FROM audit_seal WHERE number > 0")
    Unsealed.objects.bulk_create(Unsealed(event=pk) for pk in Event.objects.values_list("pk", flat=True))
    seal(at=AT)
    kept = head()
    assert remove_old(by=BY, at=AT, before=AT - timedelta(days=1)) >= 6
    assert Event.objects.filter(pk__lte=cut.pk, action="tested").count() == 0
    assert (Anchor.objects.get().by, found(), found(kept)) == ("test", [], [])
    seal(at=AT)
    assert found(kept) == []
    assert Event.objects.get(action="audit.removed_old").data["rows"] >= 6


def test_commands_print_the_head_and_verify_against_it(chained, installation, tmp_path, capsys):
    file = tmp_path / "head.json"
    call_command("audit", "head", "-o", str(file), "--json")
    assert json.loads(file.read_text())["number"] == json.loads(capsys.readouterr().out)["number"] == head().number
    call_command("audit", "verify", "--head", str(file), "--json")
    assert json.loads(capsys.readouterr().out)["whole"] is True
    attack("UPDATE audit_event SET actor = 'other' WHERE id = %s", chained[4].pk)
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify", "--head", str(file), "--lang", "en")
    assert ended.value.code == 1
    assert f"tampered with: changed {number_of(chained[4])}" in capsys.readouterr().out


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """For threads: what they write is committed, and taken away again afterwards."""
    with django_db_blocker.unblock():
        seal(at=AT)
        begun = head().number
        yield begun
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lianfang.retention = 'on'")
            cursor.execute("DELETE FROM audit_seal WHERE number > %s", [begun])
            cursor.execute("DELETE FROM audit_event WHERE action = 'threaded'")
        connection.close()


def _one() -> None:
    record(by=BY, action="threaded", at=AT)


def test_writers_do_not_wait_and_sealers_chain_each_row_once(committed):
    """Eight threads write while two seal; a writer that is slow to commit is chained after it commits."""
    opened, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            _one()
            opened.set()
            go_on.wait(20)

    late = threading.Thread(target=_closing(slow))
    late.start()
    opened.wait(20)
    several = [_closing(lambda: [_one() for _ in range(5)])] * 8 + [_closing(lambda: seal(at=AT))] * 2
    threads = [threading.Thread(target=act) for act in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    seal(at=AT)
    assert head().number == committed + 40  # none of them waited for the slow one
    go_on.set()
    late.join(20)
    assert seal(at=AT) == 1
    assert found() == []


def _closing(act):
    def run():
        try:
            act()
        finally:
            connection.close()

    return run
