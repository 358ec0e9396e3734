"""What a printed notice says, in one language; page and file print the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from lianfang.mandate.duties.models import Enrolment, TeamMember
from lianfang.mandate.duties.owners import LENGTH_OF_ROLE
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.orders.models import Notice, Release
from lianfang.mandate.orders.queries.notices import notice_number
from lianfang.mandate.orders.rules import HEALTH
from lianfang.mandate.response.queries import plan_of
from lianfang.registry.accounts.queries import holders_of
from lianfang.registry.places.queries import names_of
from lianfang.registry.places.rules import ancestors_of
from lianfang.science.plan import (
    ASSUMED_MARK,
    AllOf,
    AnyOf,
    Criterion,
    Duty,
    Pathway,
    Plan,
    Sourced,
    StayedIn,
    describe,
)

_COUNTY = 6  # length of a county's path


@dataclass(frozen=True)
class Contact:
    """Somebody to turn to: the post, who holds it, the phone; without a name the post is vacant."""

    post: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Asked:
    """Something asked of the person each day, with its hours."""

    title: str
    kinds: tuple[str, ...]
    hours: list[tuple[str, str, str]]
    assumed: bool


@dataclass(frozen=True)
class Letter:
    """Everything a printed notice carries, in one language; `assumed` says what is set for the time being."""

    number: str
    plan: Plan
    plan_title: str
    authority: str
    legal_basis: str
    enrolment: Enrolment | None
    pathway: Pathway | None
    place: str
    village: str
    address: str
    document_tail: str
    why: str
    clauses: list[tuple[str, str]]
    asked: list[Asked]
    fever: Sourced | None
    key_areas: list[str]
    responsible: list[Contact]
    vacant: list[str]
    appeal: Contact
    assumed: list[str]
    legal_assumed: bool
    mark: str


def letter(notice: Notice, *, at: datetime, lang: str, document: str = "") -> Letter:
    """The notice in words: who is responsible at the moment, by the rules of the notice's own plan.

    Of the masked document the end is printed.
    """
    plan, person = plan_of(notice.plan_version_id), notice.person
    enrolment = _enrolment_behind(notice)
    pathway = plan.pathways.get(enrolment.pathway) if enrolment else None
    duties = plan.duties_of(pathway) if pathway and pathway.observed else []
    fever = next((plan.thresholds[alert.when.temperature_at_least] for alert in plan.alerts.values()), None)
    posts = _posts(person.area_path, plan, at, lang)
    team = _team(enrolment, plan, pathway, at, lang)
    return Letter(
        number=notice_number(notice),
        plan=plan,
        plan_title=plan.title.of(lang),
        authority=plan.authority.of(lang),
        legal_basis=plan.legal.basis.of(lang),
        enrolment=enrolment,
        pathway=pathway,
        place=(enrolment and enrolment.place) or (pathway.place if pathway else "") or "",
        village=_address(person.area_path, lang),
        address=_address(person.area_path, lang, person.household.door if person.household else ""),
        document_tail=document.rpartition("*")[2],
        why=describe(pathway.admit, plan, lang) if pathway else "",
        clauses=_clauses(plan, pathway, lang),
        asked=[_asked(duty, lang) for duty in duties if duty.slots and duty.evidence],
        fever=fever,
        key_areas=[area.name.of(lang) for area in plan.key_areas],
        responsible=[*(c for c in team if c.name), posts["village_head"], posts["township_officer"]],
        vacant=[contact.post for contact in team if not contact.name],
        appeal=posts["county_officer"],
        assumed=_assumed(plan, pathway, duties, fever, lang),
        legal_assumed=plan.legal.is_assumed,
        mark=ASSUMED_MARK.of(lang),
    )


@dataclass(frozen=True)
class Certificate:
    """What the certificate of a release says; it names no finding and asks nothing more of anybody."""

    number: str
    plan_title: str
    authority: str
    legal_basis: str
    historic: bool
    voluntary: bool
    village: str
    address: str
    document_tail: str
    contacts: list[Contact]
    issued_on: date


def certificate(release: Release, *, at: datetime, lang: str, document: str) -> Certificate:
    plan, person = plan_of(release.plan_version_id), release.person
    posts = _posts(person.area_path, plan, at, lang)
    day = local_day(release.registered_at)
    return Certificate(
        number=f"{day.year}-{release.number:06d}",
        plan_title=plan.title.of(lang),
        authority=plan.authority.of(lang),
        legal_basis=plan.legal.basis.of(lang),
        historic=plan.status == "historic",
        voluntary=plan.pathways[release.enrolment.pathway].voluntary,
        village=_address(person.area_path, lang),
        address=_address(person.area_path, lang, person.household.door if person.household else ""),
        document_tail=document.rpartition("*")[2],
        contacts=[posts["village_head"], posts["township_officer"], posts["county_officer"]],
        issued_on=day,
    )


def _address(area_path: str, lang: str, door: str = "") -> str:
    """County to door as an address is written: 保德县义门镇东沟村12号, or the door first."""
    paths = [path for path in [*ancestors_of(area_path), area_path] if len(path) >= _COUNTY]
    names = names_of(set(paths))
    found = [*(names[path] for path in paths if path in names), *([door] if door else [])]
    return "".join(found) if lang.startswith("zh") else ", ".join(reversed(found))


def stays_asked(criterion: Criterion) -> Iterator[StayedIn]:
    """The stays that a criterion asks for, wherever they stand in it."""
    match criterion:
        case StayedIn():
            yield criterion
        case AnyOf():
            for part in criterion.any_of:
                yield from stays_asked(part)
        case AllOf():
            for part in criterion.all_of:
                yield from stays_asked(part)


def _enrolment_behind(notice: Notice) -> Enrolment | None:
    """The enrolment that the notice tells of: the observation of its days, else one that owes a notice."""
    rows = Enrolment.objects.filter(
        subject=notice.person.uid,
        activation__plan_version=notice.plan_version_id,
        registered_at__lte=notice.registered_at,
    ).select_related("activation")
    if notice.kind != HEALTH:
        rows = rows.filter(observed=True, first_day=notice.first_day, last_day=notice.last_day)
        return rows.order_by("-registered_at", "-pk").first()
    plan = plan_of(notice.plan_version_id)
    telling = [
        code for code, pathway in plan.pathways.items() if any(_is_notice(duty) for duty in plan.duties_of(pathway))
    ]
    return rows.filter(observed=False, pathway__in=telling).order_by("-registered_at", "-pk").first()


def _is_notice(duty: Duty) -> bool:
    return any(kind.startswith("notice_") for kind in duty.evidence)


def _asked(duty: Duty, lang: str) -> Asked:
    return Asked(
        title=duty.title.of(lang),
        kinds=tuple(duty.evidence),
        hours=[(slot.name.of(lang), slot.start_text, slot.end_text) for slot in duty.slots],
        assumed=any(slot.is_assumed for slot in duty.slots),
    )


def _clauses(plan: Plan, pathway: Pathway | None, lang: str) -> list[tuple[str, str]]:
    """The clauses that the notice rests on, each once: duties of the pathway, its period, the key areas."""
    codes = [code for duty in plan.duties.values() if _is_notice(duty) for code in duty.clauses]
    if pathway:
        if pathway.observed and any(stays_asked(pathway.admit)):
            codes += [code for area in plan.key_areas for code in area.clauses]
        codes += [code for duty in plan.duties_of(pathway) for code in duty.clauses]
    if pathway and pathway.period:
        codes += [*pathway.period.clauses, *pathway.period.days.clauses]
    return [(code, plan.clause_title(code, lang)) for code in dict.fromkeys(codes)]


def _assumed(plan: Plan, pathway: Pathway | None, duties: list[Duty], fever: Sourced | None, lang: str) -> list[str]:
    """What the notice states and the document does not, in the plan's own words."""
    blocks: list = []
    if pathway and pathway.observed:
        blocks += [asked.within_days for asked in stays_asked(pathway.admit)]
        blocks += [pathway.period.days, pathway.period] if pathway.period else []
        blocks += [slot for duty in duties if duty.evidence for slot in duty.slots] + duties
    blocks += [fever, plan.legal]
    words = [block.assumed.of(lang) for block in blocks if block is not None and block.assumed is not None]
    return list(dict.fromkeys(words))


def _team(enrolment: Enrolment | None, plan: Plan, pathway: Pathway | None, at: datetime, lang: str) -> list[Contact]:
    """The places of the responsibility team, the vacant ones too."""
    team = plan.team_of(pathway) if pathway else None
    if enrolment is None or team is None:
        return []
    members = TeamMember.objects.filter(Q(until__isnull=True) | Q(until__gt=at), enrolment=enrolment, since__lte=at)
    filled = {member.slot: member for member in members.order_by("pk")}
    return [
        Contact(slot.title.of(lang), filled[slot.code].name, filled[slot.code].phone)
        if slot.code in filled
        else Contact(slot.title.of(lang))
        for slot in team.slots
    ]


def _posts(area_path: str, plan: Plan, at: datetime, lang: str) -> dict[str, Contact]:
    """Village, township and county: the post in the plan's words and its holder at the moment."""
    asked = {role: (role, area_path[:length]) for role, length in LENGTH_OF_ROLE.items()}
    held = holders_of(set(asked.values()), at)
    posts = {}
    for role, post in asked.items():
        title = plan.roles[role].of(lang) if role in plan.roles else ""
        posts[role] = Contact(title, held[post].name, held[post].phone) if post in held else Contact(title)
    return posts
