"""One person, one card: merges, pairs, numbers with whose they are."""

from uuid import uuid4

from rows import NOW, document, person

from lianfang.registry.people.models import DuplicatePair, Merge, Person, Phone


def merge(**told):
    usual = {"uid": uuid4(), "reason": "same document", "by": "one", "at": NOW}
    cards = {} if {"kept", "merged"} <= told.keys() else {"kept": person(), "merged": person()}
    return Merge.objects.create(**usual | cards | told)


def merged_twice():
    gone = person()
    merge(kept=person(), merged=gone)
    merge(kept=person(), merged=gone)


def merged_into_itself():
    whose = person()
    merge(kept=whose, merged=whose)


def pair(**told):
    cards = sorted((person(), person()), key=lambda card: card.pk)
    return DuplicatePair.objects.create(**{"low": cards[0], "high": cards[1], "found_at": NOW} | told)


def pair_twice():
    made = pair()
    pair(low=made.low, high=made.high)


def pair_out_of_order():
    made = pair()
    pair(low=made.high, high=made.low)


def merged_and_live():
    whose = person()
    Person.objects.filter(pk=whose.pk).update(merged_into=person())


def number(**told):
    usual = {"number_sealed": b"s", "number_hash": b"h" * 32}
    return Phone.objects.create(person=person(), **usual | told)


REFUSED = [
    ("people_merge_of_two_cards", merged_into_itself),
    ("people_merge_has_a_reason", lambda: merge(reason="")),
    ("people_merge_once_at_a_time", merged_twice),
    ("people_merge_undone_by_somebody", lambda: merge(undone_at=NOW)),
    ("people_pair_once", pair_twice),
    ("people_pair_in_order", pair_out_of_order),
    ("people_pair_state_known", lambda: pair(state="perhaps", decided_by="one")),
    ("people_pair_decided_by_somebody", lambda: pair(state="refused")),
    ("people_person_merged_is_withdrawn", merged_and_live),
    ("people_document_kind_known", lambda: document(kind="library_card")),
    ("people_document_replaced_is_withdrawn", lambda: document(replaced_by=document(number_hash=b"i" * 32))),
    ("people_phone_whose_known", lambda: number(whose="nobody")),
    ("people_phone_replaced_is_withdrawn", lambda: number(replaced_by=number())),
]
