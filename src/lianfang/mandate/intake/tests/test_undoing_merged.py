"""An import is taken back whose cards were merged meanwhile: they stay, are named, and nothing is lost."""

from datetime import timedelta

import pytest
from django.utils.dateparse import parse_datetime

from lianfang.field.screening.models import Arrival
from lianfang.field.screening.queries import count_arrivals
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.intake import actions
from lianfang.registry.audit.rules import Actor
from lianfang.registry.people.actions import merge, undo_merge
from lianfang.registry.people.models import Merge, Person, Source

AT = parse_datetime("2020-02-08T18:00:00+08:00")
NEXT, LATER, LAST = (AT + timedelta(hours=hours) for hours in (1, 2, 3))
BY = Actor("test")
HEADINGS = "姓名,身份证号,村,返乡日期,从何地返乡"
NUMBER = "990000199303133223"


def bring(*rows, at=AT):
    file = actions.NewFile("arrivals", "140931101", f"{at:%H%M}.csv", "\n".join([HEADINGS, *rows]).encode())
    return actions.commit(by=BY, batch=actions.check(batch=actions.receive(by=BY, at=at, file=file)), now=at)


def undo(batch, at=LAST):
    undone = actions.undo_import(by=BY, at=at, batch=batch)
    return [one["row"] for one in undone.still_used if "merged" in one["why"]]


def records():
    """All that counts of people, by the card that carries it."""
    live = {"withdrawn_at__isnull": True}
    return {
        "cards": sorted(Person.objects.filter(**live).values_list("name", flat=True)),
        "arrivals": sorted(Arrival.objects.filter(**live).values_list("person__name", "origin_text")),
        "sources": sorted(Source.objects.filter(**live).values_list("person__name", "label")),
        "pathways": sorted(
            Enrolment.objects.filter(subject_kind="person", voided_at__isnull=True).values_list("subject", "pathway")
        ),
    }


@pytest.fixture
def lists(county):
    return bring("张玉兰,,东沟村,2020-02-07,湖北武汉", "李四,,西坪村,2020-02-07,"), bring(
        "张雨兰,,东沟村,2020-02-06,大同市", at=NEXT
    )


def card(name):
    return Person.objects.get(name=name)


def joined(kept, merged):
    return merge(by=BY, at=LATER, kept=card(kept), merged=card(merged), reason="asked by phone")


@pytest.mark.parametrize(("kept", "merged"), [("张玉兰", "张雨兰"), ("张雨兰", "张玉兰")])
def test_a_card_of_the_list_that_was_merged_stays_whichever_went_on(lists, kept, merged):
    joined(kept, merged)
    before = records()
    assert undo(lists[0]) == [2]
    left = records()
    assert left["cards"] == [kept]
    assert left["arrivals"] == [one for one in before["arrivals"] if one[0] == kept]
    assert len(left["arrivals"]) == 2
    assert count_arrivals(area_path="140931", as_of=LAST).registered == 1


def test_both_lists_taken_back_keep_the_merged_person_and_name_the_row_in_each(lists):
    joined("张玉兰", "张雨兰")
    assert [undo(batch) for batch in lists] == [[2], [2]]
    assert records()["cards"] == ["张玉兰"]


def test_the_merge_taken_back_afterwards_gives_back_the_card_with_all_it_had(lists):
    before = records()
    made = joined("张玉兰", "张雨兰")
    undo(lists[1])
    undo_merge(by=BY, at=LAST, merge=made)
    assert records() == before


def test_a_merge_taken_back_before_leaves_the_import_free_to_go(lists):
    undo_merge(by=BY, at=LATER, merge=joined("张玉兰", "张雨兰"))
    assert undo(lists[0]) == []
    assert records()["cards"] == ["张雨兰"]


def test_three_cards_in_a_row_of_merges_stay_each_named_in_its_list(lists):
    third = bring("张玉蓝,,东沟村,2020-02-05,太原市", at=NEXT + timedelta(minutes=5))
    joined("张雨兰", "张玉兰")
    joined("张玉蓝", "张雨兰")
    assert [undo(batch) for batch in (*lists, third)] == [[2]] * 3
    assert [name for name, _origin in records()["arrivals"]] == ["张玉蓝"] * 3


def test_what_a_list_added_to_a_person_merged_long_before_is_taken_back(county):
    bring(f"张玉兰,{NUMBER},东沟村,2020-02-07,湖北武汉")
    bring("张雨兰,,东沟村,2020-02-06,大同市", at=NEXT)
    joined("张玉兰", "张雨兰")
    before = records()
    late = bring(f"张玉兰,{NUMBER},东沟村,2020-02-07,太原市", at=LATER + timedelta(minutes=5))
    assert len(records()["arrivals"]) == 3
    assert undo(late) == []
    assert records() == before
    assert Merge.objects.filter(undone_at__isnull=True).count() == 1


def test_what_a_list_added_to_a_card_that_was_merged_since_stays(county):
    bring(f"张玉兰,{NUMBER},东沟村,2020-02-07,湖北武汉")
    bring("张雨兰,,东沟村,2020-02-06,大同市", at=NEXT)
    added = bring(f"张玉兰,{NUMBER},东沟村,2020-02-07,太原市", at=NEXT + timedelta(minutes=5))
    joined("张雨兰", "张玉兰")
    before = records()
    assert undo(added) == [2]
    assert records() == before
