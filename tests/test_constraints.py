"""Every constraint of our tables refuses what it is there to refuse: a row for each in `refused/`, none forgotten."""

import pkgutil
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
import refused
from django.apps import apps
from django.db import IntegrityError, models, transaction
from rows import (
    DAY,
    LATER,
    NOW,
    SUBJECT,
    account,
    activation,
    appointment,
    delivery,
    document,
    enrolment,
    event,
    evidence,
    excuse,
    household,
    live,
    member,
    need,
    notice,
    obligation,
    person,
    reading,
    report,
    source,
    staged,
    stay,
    step,
    verification,
)

pytestmark = pytest.mark.django_db

REFUSED = [
    row
    for module in sorted(found.name for found in pkgutil.iter_modules(refused.__path__))
    for row in import_module(f"refused.{module}").REFUSED
]


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("lianfang.")]


@pytest.mark.parametrize(("name", "act"), REFUSED, ids=[f"{n}-{name}" for n, (name, _act) in enumerate(REFUSED)])
def test_constraint_refuses(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def test_every_constraint_has_a_row_here():
    named = {constraint.name for model in ours() for constraint in model._meta.constraints}
    assert named - {name for name, _act in REFUSED} == set()
    assert {name for name, _act in REFUSED} - named == set()


def test_every_model_can_be_made_as_the_rows_above_make_it():
    """Otherwise a constraint could seem to refuse what another column refused."""
    owed = obligation()
    made = [event(), appointment(), household(), document(), source(person(), uuid4()), live(area_path="14")]
    made += [
        evidence(),
        member(owed.enrolment, "grid_worker", "一"),
        excuse(owed),
        step(owed),
        delivery(notice()),
    ]
    made += [staged(), stay(), verification(), reading(), need(), report()]
    assert all(row.pk for row in made)


@pytest.mark.parametrize(
    "act",
    [
        lambda: (source(who := person(), SUBJECT, withdrawn_at=NOW), source(who, SUBJECT)),
        lambda: (document(withdrawn_at=NOW), document()),
        lambda: (activation(ends_on=DAY + timedelta(1)), activation(starts_on=DAY + timedelta(1))),
        lambda: (activation(), activation(area_path="140932")),
        lambda: (report(superseded_at=NOW), report()),
        lambda: (delivery(paper := notice(), outcome="refused"), delivery(paper)),
        lambda: (
            who := account(),
            appointment(account=who, until=LATER),
            appointment(account=who, since=LATER),
        ),
        lambda: (excuse(owed := obligation(), withdrawn_at=NOW), excuse(owed)),
        lambda: (
            enrolment(activation=(order := activation()), subject=SUBJECT, voided_at=NOW),
            enrolment(activation=order, subject=SUBJECT),
        ),
    ],
    ids=[
        "source",
        "document",
        "next plan",
        "next county",
        "report",
        "refused first",
        "post",
        "excuse",
        "enrolment",
    ],
)
def test_what_follows_after_something_has_ended_is_allowed(act):
    assert all(act())
