"""Why an obligation need not be met: by one person, or by two where the plan says so."""

from datetime import datetime

from django.db import transaction

from lianfang.mandate.duties.models import Excuse, ExcuseProposal, Obligation
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor


class NeedsSecondPerson(ValueError):
    """The plan lets this duty be excused by two only: propose it, another confirms."""


class CannotConfirm(ValueError):
    """`own`: who proposed does not decide. `decided`: somebody has. `excused`: another reason holds already.
    `waiting`: one is proposed already.
    """


def by_two(obligation: Obligation) -> bool:
    """Whether the obligation's own version of the plan asks for a second person."""
    excusing = plan_of(obligation.duty.plan_version_id).duties[obligation.duty.code].excuse
    return excusing is not None and excusing.second_person


@transaction.atomic
def excuse(*, by: Actor, at: datetime, obligation: Obligation, reason: str) -> Excuse:
    """Say why an obligation need not be met; it leaves the overdue list and stays visible as excused."""
    if by_two(obligation):
        raise NeedsSecondPerson
    made = Excuse.objects.create(obligation=obligation, reason=reason, excused_by=by.name, excused_at=at)
    _log(by, "obligation.excused", at, obligation)
    return made


@transaction.atomic
def propose_excuse(*, by: Actor, at: datetime, obligation: Obligation, reason: str) -> ExcuseProposal:
    """Where the plan asks for two: until another confirms it, the obligation stays outstanding."""
    if ExcuseProposal.objects.filter(obligation=obligation, decided_at__isnull=True).exists():
        raise CannotConfirm("waiting")
    made = ExcuseProposal.objects.create(obligation=obligation, reason=reason, proposed_by=by.name, proposed_at=at)
    _log(by, "obligation.excuse_proposed", at, obligation, proposal=made.pk)
    return made


@transaction.atomic
def explain(*, by: Actor, at: datetime, obligation: Obligation, reason: str) -> Excuse | ExcuseProposal:
    """What the plan allows one person: to excuse, or to propose it."""
    act = propose_excuse if by_two(obligation) else excuse
    return act(by=by, at=at, obligation=obligation, reason=reason)


@transaction.atomic
def decide_excuse(*, by: Actor, at: datetime, proposal: ExcuseProposal, accept: bool) -> Excuse | None:
    """A second person decides. Confirmed, it holds from now on; what was owed until now stays as it was."""
    held = ExcuseProposal.objects.select_for_update().select_related("obligation").get(pk=proposal.pk)
    if held.decided_at is not None:
        raise CannotConfirm("decided")
    if held.proposed_by == by.name:
        raise CannotConfirm("own")
    if accept and Excuse.objects.filter(obligation=held.obligation_id, withdrawn_at__isnull=True).exists():
        raise CannotConfirm("excused")
    if accept:
        held.excuse = Excuse.objects.create(
            obligation=held.obligation,
            reason=held.reason,
            excused_by=held.proposed_by,
            confirmed_by=by.name,
            excused_at=at,
        )
    held.decided_by, held.decided_at = by.name, at
    held.save(update_fields=["excuse", "decided_by", "decided_at"])
    act = "obligation.excuse_confirmed" if accept else "obligation.excuse_refused"
    _log(by, act, at, held.obligation, proposal=held.pk)
    return held.excuse


@transaction.atomic
def withdraw_excuse(*, by: Actor, at: datetime, excuse: Excuse, reason: str) -> None:
    """The excuse holds no longer: the obligation is owed as before. One that is withdrawn already stays so."""
    changed = Excuse.objects.filter(pk=excuse.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=at, withdrawn_by=by.name, withdrawn_reason=reason
    )
    if changed:
        _log(by, "obligation.excuse_withdrawn", at, excuse.obligation, excuse=excuse.pk)


def _log(by: Actor, action: str, at: datetime, obligation: Obligation, **more: int) -> None:
    audit.record(
        by=by,
        action=action,
        at=at,
        subject_kind="obligation",
        subject=obligation.subject,
        area_path=obligation.area_path,
        data={"obligation": obligation.pk, **more},
    )
