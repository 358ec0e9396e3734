"""Writing the organisation: bodies, posts with their holders, venues with their four parties. Nothing is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from lianfang.registry.accounts.models import Account
from lianfang.registry.audit import actions as audit
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation.models import Body, Term, Venue
from lianfang.registry.organisation.rules import AREA_POSTS, BODIES, BODY_POSTS, PARTIES, SINGLE
from lianfang.registry.organisation.standing import Open, close_with, still_open, still_open_in_body
from lianfang.registry.places.models import Area

_BATCH = 2000
_LOCK = 7_310_042
Seat = tuple[str, int, int, str]


class Unfit(ValueError):
    """What was asked does not fit the organisation; `rule` says why, `value` names what."""

    def __init__(self, rule: str, value: str = "") -> None:
        super().__init__(rule)
        self.rule, self.value = rule, value


class StillOpen(ValueError):
    """A node cannot close before it has handed over what is open there."""

    def __init__(self, found: Sequence[Open]) -> None:
        super().__init__(", ".join(f"{one.kind}: {one.count}" for one in found))
        self.found = list(found)


@dataclass(frozen=True)
class NewTerm:
    """Somebody is to hold a post: of the area, of a body, or as a party of a venue."""

    area_path: str
    post: str
    name: str
    since: datetime
    body: Body | None = None
    venue: Venue | None = None
    unit: str = ""
    phone: str = ""
    account: Account | None = None
    basis: str = ""

    @property
    def seat(self) -> Seat:
        return (self.area_path, self.body.pk if self.body else 0, self.venue.pk if self.venue else 0, self.post)


@dataclass(frozen=True)
class NewBody:
    """A body as a list names it."""

    area_path: str
    kind: str
    name: str
    since: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.area_path, self.kind, self.name)


@dataclass
class Appointed:
    """`made` began, `told` had their contact corrected, `same` said nothing new."""

    made: list[Term] = field(default_factory=list)
    told: list[Term] = field(default_factory=list)
    same: list[Term] = field(default_factory=list)


# --- posts ------------------------------------------------------------------------------------------------


@transaction.atomic
def appoint(*, by: Actor, at: datetime, new: NewTerm) -> Term:
    """Give a post; who held it before (where one person holds it) ends at the same moment."""
    done = appoint_many(by=by, at=at, new=[new])
    return [*done.made, *done.told, *done.same][0]


@transaction.atomic
def appoint_many(*, by: Actor, at: datetime, new: Sequence[NewTerm]) -> Appointed:
    """As `appoint`, for a whole list in a few statements. A later word on the same post follows the earlier one."""
    for one in new:
        _check_post(one)
    _lock()
    held = _held({one.area_path for one in new})
    done = Appointed()
    ending: list[Term] = []
    for one in sorted(new, key=lambda told: told.since):
        here = held.setdefault(one.seat, [])
        twin = next((term for term in here if (term.name, term.account_id) == (one.name, _key(one.account))), None)
        if twin is not None:
            (done.told if _tell_contact(twin, one) else done.same).append(twin)
            continue
        if one.post in SINGLE:
            for before in here:
                if before.since >= one.since:
                    raise Unfit("held_since_later", before.name)
                before.until = one.since
                ending.append(before)
            here.clear()
        made = _term(one, at, by)
        here.append(made)
        done.made.append(made)
    # Ended first: the database never sees two holders at once.
    Term.objects.bulk_update([term for term in ending if term.pk], ["until"], batch_size=_BATCH)
    Term.objects.bulk_update([term for term in done.told if term.pk], ["unit", "phone"], batch_size=_BATCH)
    Term.objects.bulk_create(done.made, batch_size=_BATCH)
    if done.made or done.told:
        path = min((one.area_path for one in new), key=len)
        _log(by, at, "posts.filled", path, made=len(done.made), told=len(done.told))
    return done


def _held(paths: set[str]) -> dict[Seat, list[Term]]:
    found: dict[Seat, list[Term]] = {}
    for term in Term.objects.select_for_update().filter(area_path__in=paths, since__isnull=False, until=None):
        seat = (term.area_path, term.body_id or 0, term.venue_id or 0, term.post)
        found.setdefault(seat, []).append(term)
    return found


def held_since(paths: set[str]) -> dict[Seat, tuple[str, datetime]]:
    """Who holds each post that one person holds, and since when: a list asks before it contradicts."""
    found = Term.objects.filter(area_path__in=paths, since__isnull=False, until=None, post__in=SINGLE)
    return {
        (term.area_path, term.body_id or 0, term.venue_id or 0, term.post): (term.name, term.since) for term in found
    }


def is_single(post: str) -> bool:
    return post in SINGLE


def _check_post(new: NewTerm) -> None:
    allowed = BODY_POSTS[new.body.kind] if new.body else PARTIES if new.venue else AREA_POSTS
    if new.post not in allowed:
        raise Unfit("no_such_post", new.post)
    if not new.name.strip():
        raise Unfit("no_holder", new.post)


def _tell_contact(term: Term, new: NewTerm) -> bool:
    """The same person still: a new phone or unit is told, what the list leaves out stays."""
    unit, phone = new.unit or term.unit, new.phone or term.phone
    changed = (unit, phone) != (term.unit, term.phone)
    term.unit, term.phone = unit, phone
    return changed


def _term(new: NewTerm, at: datetime, by: Actor) -> Term:
    return Term(
        uid=uuid4(),
        area_path=new.area_path,
        body=new.body,
        venue=new.venue,
        post=new.post,
        name=new.name.strip(),
        unit=new.unit,
        phone=new.phone,
        account=new.account,
        basis=new.basis,
        proposed_at=at,
        proposed_by=by.name,
        since=new.since,
    )


def _key(account: Account | None) -> int | None:
    return account.pk if account else None


@transaction.atomic
def propose(*, by: Actor, at: datetime, new: NewTerm) -> Term:
    """A proposal changes nothing yet: whoever holds the post goes on."""
    _check_post(new)
    made = _term(new, at, by)
    made.since = None
    made.save()
    _log(by, at, "post.proposed", new.area_path, term=str(made.uid), post=new.post)
    return made


@transaction.atomic
def confirm(*, by: Actor, at: datetime, term: Term, since: datetime) -> Term:
    """The proposal takes effect; who held the post ends at that moment."""
    _lock()
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.since is not None or term.declined_at is not None:
        raise Unfit("not_proposed", term.name)
    if term.post in SINGLE:
        seat = {"area_path": term.area_path, "body": term.body_id, "venue": term.venue_id, "post": term.post}
        for before in Term.objects.filter(**seat, since__isnull=False, until=None):
            if before.since >= since:
                raise Unfit("held_since_later", before.name)
            before.until = since
            before.save(update_fields=["until"])
    term.since = since
    term.save(update_fields=["since"])
    _log(by, at, "post.filled", term.area_path, term=str(term.uid), post=term.post)
    return term


@transaction.atomic
def decline(*, by: Actor, at: datetime, term: Term) -> Term:
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.since is not None or term.declined_at is not None:
        raise Unfit("not_proposed", term.name)
    term.declined_at = at
    term.save(update_fields=["declined_at"])
    _log(by, at, "post.declined", term.area_path, term=str(term.uid), post=term.post)
    return term


@transaction.atomic
def end_term(*, by: Actor, at: datetime, term: Term, until: datetime) -> Term:
    """From the moment on the post is vacant, which the vacancy list shows at once."""
    term = Term.objects.select_for_update().get(pk=term.pk)
    if term.since is None or term.until is not None or until <= term.since:
        raise Unfit("not_in_effect", term.name)
    term.until = until
    term.save(update_fields=["until"])
    _log(by, at, "post.vacated", term.area_path, term=str(term.uid), post=term.post)
    return term


# --- bodies -----------------------------------------------------------------------------------------------


@transaction.atomic
def establish(
    *,
    by: Actor,
    at: datetime,
    area_path: str,
    kind: str,
    name: str,
    parent: Body | None = None,
    lead_unit: Body | None = None,
    duties: Sequence[str] = (),
    since: datetime | None = None,
) -> Body:
    """Set up a body; one of that name that still stands is refused."""
    standing = Body.objects.filter(area_path=area_path, kind=kind, valid_to=None)
    if standing.filter(name=name).exists():
        raise Unfit("body_twice", name)
    if kind == "leading_group" and standing.filter(suspended_at=None).exists():
        raise Unfit("leading_group_twice", name)
    made = Body.objects.create(
        uid=uuid4(),
        area_path=area_path,
        kind=kind,
        name=name,
        parent=parent,
        lead_unit=lead_unit,
        duties=list(duties),
        position=standing.count() + 1,
        valid_from=since or at,
    )
    _log(by, at, "body.established", area_path, body=str(made.uid))
    return made


@transaction.atomic
def establish_many(*, by: Actor, at: datetime, new: Sequence[NewBody]) -> dict[NewBody, Body]:
    """Bodies as a list names them, made where they are not there; what belongs to a leading group comes below it."""
    _lock()
    paths = {one.area_path for one in new}
    here = {
        (body.area_path, body.kind, body.name): body
        for body in Body.objects.filter(area_path__in=paths, valid_to=None).order_by("position", "pk")
    }
    tops = {body.area_path: body for body in here.values() if body.kind == "leading_group" and not body.suspended_at}
    made = []
    for one in sorted(new, key=lambda told: BODIES.index(told.kind)):
        known = here.get(one.key) or (tops.get(one.area_path) if one.kind == "leading_group" else None)
        if known is None:
            known = Body(uid=uuid4(), area_path=one.area_path, kind=one.kind, name=one.name, valid_from=one.since)
            known.parent, known.position = tops.get(one.area_path), len(here) + 1
            made.append(known)
        if one.kind == "leading_group":
            tops[one.area_path] = known
        here[one.key] = known
    # Leading groups first: a row needs the key of the one that it belongs to.
    for level in (True, False):
        Body.objects.bulk_create([body for body in made if (body.kind == "leading_group") is level], batch_size=_BATCH)
    if made:
        _log(by, at, "bodies.established", min(paths, key=len), bodies=len(made))
    return {one: here[one.key] for one in new}


@transaction.atomic
def name_lead_units(*, by: Actor, at: datetime, leads: dict[Body, Body]) -> int:
    """Group → the unit that leads it."""
    changed = [group for group, unit in leads.items() if group.lead_unit_id != unit.pk]
    for group in changed:
        group.lead_unit = leads[group]
    Body.objects.bulk_update(changed, ["lead_unit"], batch_size=_BATCH)
    if changed:
        _log(by, at, "bodies.led", min((group.area_path for group in changed), key=len), bodies=len(changed))
    return len(changed)


@transaction.atomic
def describe(*, by: Actor, at: datetime, body: Body, lead_unit: Body | None, duties: Sequence[str]) -> Body:
    """Name the unit that leads the group, and what the group has to do."""
    body.lead_unit, body.duties = lead_unit, [line for line in duties if line.strip()]
    body.save(update_fields=["lead_unit", "duties"])
    _log(by, at, "body.described", body.area_path, body=str(body.uid))
    return body


@transaction.atomic
def suspend_body(*, by: Actor, at: datetime, body: Body, into: Body | None = None) -> Body:
    """The body rests, or goes over into another one; it closes once nothing is open in it."""
    body = Body.objects.select_for_update().get(pk=body.pk)
    if body.suspended_at is not None or body.valid_to is not None:
        raise Unfit("not_active", body.name)
    if into is not None and (into.pk == body.pk or into.suspended_at or into.valid_to):
        raise Unfit("not_active", into.name)
    body.suspended_at, body.merged_into = at, into
    body.save(update_fields=["suspended_at", "merged_into"])
    _log(by, at, "body.merged" if into else "body.suspended", body.area_path, body=str(body.uid))
    return body


@transaction.atomic
def close_body(*, by: Actor, at: datetime, body: Body) -> Body:
    """Refused while posts, groups below or work led by it are open: `StillOpen` names them."""
    body = Body.objects.select_for_update().get(pk=body.pk)
    if body.valid_to is not None:
        raise Unfit("not_active", body.name)
    if found := still_open_in_body(body, at):
        raise StillOpen(found)
    body.valid_to = at
    body.save(update_fields=["valid_to"])
    _log(by, at, "body.closed", body.area_path, body=str(body.uid))
    return body


# --- areas as nodes ---------------------------------------------------------------------------------------


@transaction.atomic
def suspend_area(*, by: Actor, at: datetime, area: Area, successor: str = "") -> Area:
    """The area rests, or its people go over to a successor of the same level; it closes once nothing is open there."""
    if successor and (
        len(successor) != len(area.path)
        or successor == area.path
        or not Area.objects.filter(path=successor, valid_to=None).exists()
    ):
        raise Unfit("no_such_successor", successor)
    area.suspended_on, area.successor = timezone.localdate(at), successor
    area.save(update_fields=["suspended_on", "successor"])
    _log(by, at, "area.merged" if successor else "area.suspended", area.path, successor=successor)
    return area


@transaction.atomic
def close_area(*, by: Actor, at: datetime, area: Area) -> Area:
    """Refused while persons, tasks or posts are open in the area: `StillOpen` names how many of each."""
    area = Area.objects.select_for_update().get(pk=area.pk)
    if area.valid_to is not None:
        raise Unfit("not_active", area.name)
    if found := still_open(area.path, at):
        raise StillOpen(found)
    close_with(area.path, at)
    area.valid_to = timezone.localdate(at)
    if area.valid_from is not None and area.valid_from >= area.valid_to:
        raise Unfit("not_active", area.name)
    area.save(update_fields=["valid_to"])
    _log(by, at, "area.closed", area.path, successor=area.successor)
    return area


# --- venues and the log -----------------------------------------------------------------------------------


@transaction.atomic
def register_venue(*, by: Actor, at: datetime, area_path: str, name: str, kind: str, address: str = "") -> Venue:
    if Venue.objects.filter(area_path=area_path, name=name, closed_at=None).exists():
        raise Unfit("venue_twice", name)
    made = Venue.objects.create(
        uid=uuid4(), area_path=area_path, name=name, kind=kind, address=address, registered_at=at
    )
    _log(by, at, "venue.registered", area_path, venue=str(made.uid))
    return made


@transaction.atomic
def close_venue(*, by: Actor, at: datetime, venue: Venue) -> None:
    venue.terms.filter(since__lt=at, until=None).update(until=at)
    venue.closed_at = at
    venue.save(update_fields=["closed_at"])
    _log(by, at, "venue.closed", venue.area_path, venue=str(venue.uid))


@transaction.atomic
def log_directory(*, by: Actor, at: datetime, area_path: str, count: int, exported: bool = False) -> None:
    """Phones of workers were shown or taken out."""
    _log(by, at, "directory.exported" if exported else "directory.opened", area_path, entries=count)


def _lock() -> None:
    """One writer of posts at a time, so that two lists cannot both end the same holder."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _log(by: Actor, at: datetime, action: str, area_path: str, **data: object) -> None:
    audit.record(by=by, action=action, at=at, area_path=area_path, data=data)
