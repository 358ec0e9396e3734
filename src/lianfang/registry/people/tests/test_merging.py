"""Two cards become one and two again: no record is lost or doubled, no merge is silent."""

import json
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import serializers
from django.db import models
from django.utils.dateparse import parse_datetime

from lianfang.mandate.duties.models import Enrolment, Evidence, Tally
from lianfang.mandate.duties.queries import items
from lianfang.mandate.intake.records import record_batch
from lianfang.registry.audit.models import Event
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people import actions, queries
from lianfang.registry.people.following import followed
from lianfang.registry.people.hashes import document_hash
from lianfang.registry.people.merging import CardGone, LaterMergeFirst
from lianfang.registry.people.models import DuplicatePair, Merge, Person
from lianfang.registry.people.rules import NewPerson
from lianfang.science.identity.documents import read_document

BY, AT = Actor("test"), parse_datetime("2020-02-08T18:00:00+08:00")
LATER = parse_datetime("2020-02-09T08:00:00+08:00")
VILLAGE, OTHER = "140931101201", "140931101202"
NUMBER, PASSPORT = "990000199303133223", "E12345678"

pytestmark = pytest.mark.django_db


def register(name="张玉兰", **told) -> Person:
    new = NewPerson(**{"uid": uuid4(), "name": name, "area_path": VILLAGE} | told)
    return actions.register(at=AT, people=[new])[new.uid]


def merge(kept, merged, at=LATER):
    return actions.merge(by=BY, at=at, kept=kept, merged=merged, reason="the same document")


def undo(made, at=LATER):
    return actions.undo_merge(by=BY, at=at, merge=made)


LOGS = {"people.merge", "people.duplicatepair", "duties.pastchange", "duties.pastcount", "duties.widetally"}
CHANGES = {"version", "compared_at"}


def everything() -> dict[str, list]:
    """Every row of every table of ours, but the log and the merges themselves."""
    told = {}
    for model in apps.get_models():
        label, app = model._meta.label_lower, model._meta.app_label
        if model.__module__.startswith("lianfang.") and label not in LOGS and app not in ("audit", "places"):
            rows = json.loads(serializers.serialize("json", model.objects.order_by("pk")))
            told[model._meta.label] = [
                (row["pk"], {k: v for k, v in row["fields"].items() if k not in CHANGES}) for row in rows
            ]
    told["duties.Tally"] = summed()
    return told


def summed() -> list[tuple]:
    """A tally is added up: rows that take each other away say nothing."""
    key = ("area_path", "duty", "day", "slot", "due_at", "opens_at")
    counts = ("undone", "done", "late", "excused", "untimed", "untimed_done")
    sums = Tally.objects.values_list(*key).annotate(**{f"all_{name}": models.Sum(name) for name in counts})
    return sorted(tuple(map(str, row)) for row in sums.order_by() if any(row[-len(counts) :]))


def changed(before, after) -> set[str]:
    return {label for label in before if before[label] != after[label]}


def test_everything_that_points_at_a_person_follows():
    """A table added later cannot be forgotten: every foreign key to a card is named, or moved by people itself."""
    named = {(model, field) for _label, model, field in followed()}
    own = {"people"}
    pointing = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is Person and model._meta.app_label not in own
    }
    assert pointing - named == set()


def test_merge_gathers_numbers_and_sources_and_tells_what_was_not_known():
    kept = register(phones=("13900000001",))
    merged = register(
        "张玉蘭", phones=("13900000001", "13900000002"), document=read_document(NUMBER), door="12号", sex="female"
    )
    merge(kept, merged)
    kept.refresh_from_db()
    numbers = queries.numbers_of([kept.uid], in_full=True)[kept.uid]
    assert (numbers.document, set(numbers.phones)) == (NUMBER, {"13900000001", "13900000002"})
    assert (kept.sex, kept.household.door) == ("female", "12号")
    merged.refresh_from_db()
    assert (merged.withdrawn_at, merged.merged_into, merged.name) == (LATER, kept, "张玉蘭")


def test_identity_is_kept_after_a_merge():
    kept, merged = register(), register(document=read_document(NUMBER))
    last = register("张玉岚")
    merge(kept, merged)
    merge(last, kept)
    assert queries.survivors([merged.uid, kept.uid, last.uid]) == {merged.uid: last.uid, kept.uid: last.uid}
    assert list(queries.by_document([document_hash(read_document(NUMBER))]).values()) == [last.uid]


def test_a_record_sent_for_the_old_card_arrives_at_the_card_that_goes_on(arrivals):
    arrivals([{"name": "张玉兰", "door": "1号"}, {"name": "王五", "door": "2号"}])
    kept, merged = Person.objects.get(name="张玉兰"), Person.objects.get(name="王五")
    merge(kept, merged)
    line = {"id": str(uuid4()), "kind": "temperature", "value": 36.5, "person": str(merged.uid)}
    told = record_batch(by=BY, at=LATER, lines=[line | {"at": LATER.isoformat()}])
    assert (told.stored, told.faults) == (1, [])
    assert Evidence.objects.get(record=line["id"]).subject == kept.uid


def test_one_document_stands_on_one_live_card_before_and_after():
    kept, merged = register(document=read_document(PASSPORT)), register(document=read_document(NUMBER))
    made = merge(kept, merged)
    assert set(queries.numbers_of([kept.uid], in_full=True)[kept.uid].documents) == {PASSPORT, NUMBER}
    undo(made)
    assert queries.numbers_of([kept.uid], in_full=True)[kept.uid].documents == (PASSPORT,)
    assert queries.numbers_of([merged.uid], in_full=True)[merged.uid].documents == (NUMBER,)


def test_undo_restores_every_row_of_every_table(arrivals):
    arrivals(
        [
            {"name": "张玉兰", "door": "1号", "origin": "湖北武汉", "phone": "13900000001"},
            {"name": "李四", "village": "西坪村", "origin": "湖北武汉", "document": NUMBER, "phone": "13900000001"},
        ]
    )
    kept, merged = Person.objects.get(name="张玉兰"), Person.objects.get(name="李四")
    before = everything()
    made = merge(kept, merged, at=AT)
    assert changed(before, everything()) >= {"people.Person", "screening.Arrival", "duties.Enrolment"}
    undo(made, at=AT)  # on a later day the obligations of that day would be there besides
    assert changed(before, everything()) == set()


def test_undo_twice_is_undo_once():
    kept, merged = register(), register()
    made = undo(merge(kept, merged))
    assert undo(made).undone_at == LATER
    assert Event.objects.filter(action="person.merge_undone").count() == 1


def test_what_is_owed_on_both_cards_is_owed_once_after_the_merge(arrivals):
    arrivals(
        [
            {"name": "张玉兰", "door": "1号", "origin": "湖北武汉"},
            {"name": "李四", "door": "2号", "origin": "湖北武汉"},
        ]
    )
    kept, merged = Person.objects.get(name="张玉兰"), Person.objects.get(name="李四")

    def owed(person):
        found = items(area_path="", as_of=LATER, duty="temperature", subjects=[person.uid])
        return [(item.slot, item.state) for item in found]

    alone = owed(kept)
    assert alone
    assert owed(merged) == alone
    made = merge(kept, merged)
    assert (owed(kept), owed(merged)) == (alone, [])
    undo(made)
    assert (owed(kept), owed(merged)) == (alone, alone)
    assert Enrolment.objects.filter(voided_at__isnull=False).count() == 0


def test_merges_on_one_card_are_undone_in_the_opposite_order():
    kept = register()
    first, second = merge(kept, register()), merge(kept, register())
    with pytest.raises(LaterMergeFirst):
        undo(first)
    undo(second)
    undo(first)
    assert Person.objects.filter(withdrawn_at=None).count() == 3


def test_a_card_that_was_merged_on_cannot_give_back_before_it_comes_back():
    kept, last = register(), register()
    made = merge(kept, register())
    merge(last, kept)
    with pytest.raises(LaterMergeFirst):
        undo(made)


def test_a_merged_card_is_merged_no_further():
    kept, merged = register(), register()
    merge(kept, merged)
    for pair in ((kept, merged), (merged, kept), (kept, kept)):
        with pytest.raises(CardGone):
            merge(*pair)


def test_merge_and_undo_are_in_the_log_without_names():
    kept, merged = register(), register(area_path=OTHER)
    undo(merge(kept, merged))
    told = list(Event.objects.filter(subject=kept.uid).order_by("pk").values_list("action", "actor", "data"))
    assert [(action, actor) for action, actor, _data in told] == [
        ("person.merged", "test"),
        ("person.merge_undone", "test"),
    ]
    assert all(data["merged"] == str(merged.uid) for _action, _actor, data in told)
    assert "张玉兰" not in str(told)
    assert Merge.objects.get().reason == "the same document"


def test_a_refusal_is_remembered_also_for_the_card_that_takes_over():
    one, other, third = register(), register(), register()
    actions.refuse_pair(by=BY, at=LATER, one=other, other=third)
    made = merge(one, other)
    pairs = DuplicatePair.objects.filter(state="refused").values_list("low_id", "high_id")
    assert set(pairs) == {tuple(sorted((other.pk, third.pk))), tuple(sorted((one.pk, third.pk)))}
    undo(made)
    assert DuplicatePair.objects.filter(low=min(one.pk, third.pk), high=max(one.pk, third.pk)).count() == 0
    assert DuplicatePair.objects.get(low=min(one.pk, other.pk), high=max(one.pk, other.pk)).state == "refused"


def test_a_card_without_a_door_takes_the_others_only_in_its_own_village():
    kept, elsewhere, neighbour = register(), register(area_path=OTHER, door="3号"), register(door="5号")
    for one, door in ((elsewhere, None), (neighbour, neighbour.household)):
        made = merge(kept, one)
        kept.refresh_from_db()
        assert kept.household == door
        undo(made)
        kept.refresh_from_db()
        assert kept.household is None
