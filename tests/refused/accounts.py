"""Rows that the tables of accounts, of the log and of emergency access refuse."""

from datetime import timedelta
from uuid import uuid4

from rows import BEFORE, LATER, NOW, account

from lianfang.registry.accounts.models import Emergency, FactorReset, Invitation
from lianfang.registry.audit.models import Anchor, Seal


def invitation(**told):
    usual = {"code_hash": uuid4().bytes, "made_at": NOW, "made_by": "a", "expires_at": LATER}
    who = {} if "account" in told else {"account": account(str(uuid4()))}
    return Invitation.objects.create(**usual | who | told)


def two_invitations(who):
    return invitation(account=who), invitation(account=who)


def reset(**told):
    usual = {"asked_at": NOW, "reason": "phone lost"}
    people = {name: account(str(uuid4())) for name in ("account", "asked_by") if name not in told}
    return FactorReset.objects.create(**usual | people | told)


def decided(**told):
    return reset(**{"decided_at": NOW, "granted": True} | told)


def by_the_same(name):
    who = account("same")
    return decided(**{name: who, "decided_by": who})


def two_resets(who):
    return reset(account=who), reset(account=who)


def emergency(**told):
    usual = {
        "uid": uuid4(),
        "subject": uuid4(),
        "area_path": "140931101201",
        "reason": "found unconscious",
        "opened_at": NOW,
        "expires_at": NOW + timedelta(minutes=60),
        "review_by": NOW + timedelta(hours=72),
    }
    who = {} if "account" in told else {"account": account(str(uuid4()))}
    return Emergency.objects.create(**usual | who | told)


def reviewed_by_oneself(who):
    return emergency(account=who, reviewed_by=who, reviewed_at=NOW, justified=True)


HOUR, REVIEW = "accounts_emergency_ends_within_the_hour", "accounts_emergency_is_reviewed_within_three_days"
USED = "accounts_invitation_is_used_while_it_holds"
OTHER, WHOLE = "accounts_factor_reset_takes_another_person", "accounts_factor_reset_is_decided_whole"
REFUSED = [
    ("audit_seal_counts_from_one", lambda: Seal.objects.create(number=0, event=1, digest=b"d")),
    ("audit_anchor_counts_from_one", lambda: Anchor.objects.create(number=0, digest=b"d", made_at=NOW, by="x")),
    ("accounts_invitation_expires_after_it_is_made", lambda: invitation(expires_at=NOW)),
    (USED, lambda: invitation(used_at=LATER)),
    (USED, lambda: invitation(used_at=NOW, withdrawn_at=NOW)),
    ("accounts_invitation_one_open", lambda: two_invitations(account("invited"))),
    ("accounts_factor_reset_has_a_reason", lambda: reset(reason="")),
    (OTHER, lambda: by_the_same("asked_by")),
    (OTHER, lambda: by_the_same("account")),
    (WHOLE, lambda: decided()),
    (WHOLE, lambda: reset(granted=True)),
    ("accounts_factor_reset_one_open", lambda: two_resets(account("reset"))),
    ("accounts_emergency_has_a_reason", lambda: emergency(reason="")),
    (HOUR, lambda: emergency(expires_at=NOW + timedelta(minutes=61))),
    (HOUR, lambda: emergency(expires_at=NOW)),
    (REVIEW, lambda: emergency(review_by=NOW + timedelta(hours=73))),
    (REVIEW, lambda: emergency(review_by=BEFORE)),
    ("accounts_emergency_takes_another_person", lambda: reviewed_by_oneself(account("self"))),
    ("accounts_emergency_is_reviewed_whole", lambda: emergency(justified=True)),
    ("accounts_emergency_is_reviewed_whole", lambda: emergency(reviewed_by=account("other"))),
]
