"""What the tables of reminders and of explanations by two refuse."""

from uuid import uuid4

from rows import LATER, NOW, VILLAGE, excuse, obligation

from lianfang.mandate.duties.models import ExcuseProposal, Reminder, ReminderLine


def reminder(**told):
    usual = {"uid": uuid4(), "area_path": VILLAGE, "reminded_by": "one", "reminded_at": NOW, "covered": 1}
    return Reminder.objects.create(**usual | told)


def line(said, owed):
    return ReminderLine.objects.create(reminder=said, obligation=owed)


def proposal(owed, **told):
    usual = {"reason": "in hospital", "proposed_by": "one", "proposed_at": NOW}
    return ExcuseProposal.objects.create(obligation=owed, **usual | told)


def decided(**told):
    return proposal(obligation(), decided_at=LATER, **told)


REFUSED = [
    ("duties_reminder_is_about_something", lambda: reminder(covered=0)),
    ("duties_reminder_says_from_whom", lambda: reminder(reminded_by="")),
    ("duties_reminder_line_once", lambda: (line(said := reminder(), owed := obligation()), line(said, owed))),
    ("duties_excuse_confirmed_by_another", lambda: excuse(obligation(), confirmed_by="one")),
    ("duties_excuse_proposal_one_waiting", lambda: (proposal(owed := obligation()), proposal(owed))),
    ("duties_excuse_proposal_has_a_reason", lambda: proposal(obligation(), reason="")),
    ("duties_excuse_proposal_decided_by_another", lambda: decided(decided_by="one")),
    ("duties_excuse_proposal_decided_by_another", lambda: decided(decided_by="")),
    (
        "duties_excuse_proposal_decided_by_another",
        lambda: proposal(owed := obligation(), excuse=excuse(owed, confirmed_by="two")),
    ),
]
