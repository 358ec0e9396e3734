"""Who of a unit was asked, has answered, was matched, and is to be observed; each figure opens its list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When

from lianfang import vault
from lianfang.field.declarations.models import Declaration
from lianfang.mandate.duties.models import Enrolment
from lianfang.mandate.duties.states import local_day
from lianfang.mandate.response.queries import activations_on
from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import scope_for
from lianfang.registry.accounts.rules import Permission
from lianfang.registry.organisation.models import Body
from lianfang.registry.places.queries import names_of
from lianfang.science.identity.documents import mask
from lianfang.science.identity.phones import mask_phone

STATES = ("requested", "submitted", "matched", "cleared", "to_observe")
SHOWS = ("", "missing", *STATES[1:])


@dataclass(frozen=True)
class UnitRate:
    """One unit: how many were asked and answered, and what became of the answers."""

    unit: Body
    area: str
    asked: int
    answered: int
    unmatched: int
    to_observe: int

    @property
    def missing(self) -> int:
        return self.asked - self.answered


@dataclass(frozen=True)
class Entry:
    """One line of a unit's ledger; numbers masked unless asked for in full."""

    row: Declaration
    state: str
    document: str
    phone: str


def live(as_of: datetime) -> Q:
    return Q(requested_at__lte=as_of) & (Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=as_of))


def declarations(*, area_path: str, as_of: datetime, unit: Body | None = None, show: str = "") -> QuerySet[Declaration]:
    """The ledger of the units of an area, or of one: who has not answered stands first. `state` is derived."""
    return shown(_ledger(area_path, as_of, unit), show)


def shown(ledger: QuerySet[Declaration], show: str) -> QuerySet[Declaration]:
    found = ledger.filter(state="requested" if show == "missing" else show) if show else ledger
    return found.order_by("unit__area_path", "unit__name", F("submitted_at").asc(nulls_first=True), "name", "pk")


def _ledger(area_path: str, as_of: datetime, unit: Body | None = None) -> QuerySet[Declaration]:
    found = Declaration.objects.filter(live(as_of), unit__area_path__startswith=area_path)
    if unit is not None:
        found = found.filter(unit=unit)
    return found.annotate(state=_state(as_of)).select_related("unit", "person")


def _state(as_of: datetime) -> Case:
    """requested → submitted → matched → cleared or to observe, as the records of the moment say.

    To observe is whom the plan in force observes, whatever told of it; without a plan nobody can say.
    """
    watched = Enrolment.objects.filter(
        Q(voided_at__isnull=True) | Q(voided_at__gt=as_of),
        Q(closed_at__isnull=True) | Q(closed_at__gt=OuterRef("submitted_at")),
        subject=OuterRef("person__uid"),
        observed=True,
        registered_at__lte=as_of,
    )
    governed = Q(pk__in=[])
    for activation in activations_on(local_day(as_of)):
        governed |= Q(person__area_path__startswith=activation.area_path)
    return Case(
        When(Q(submitted_at__isnull=True) | Q(submitted_at__gt=as_of), then=Value("requested")),
        When(person__isnull=True, then=Value("submitted")),
        When(Exists(watched), then=Value("to_observe")),
        When(governed, then=Value("cleared")),
        default=Value("matched"),
        output_field=CharField(),
    )


def rates(*, area_path: str, as_of: datetime) -> list[UnitRate]:
    """Every unit of the area that was asked, those with most missing first."""
    counted = (
        _ledger(area_path, as_of)
        .values("unit")
        .annotate(
            asked=Count("pk"),
            missing=Count("pk", filter=Q(state="requested")),
            unmatched=Count("pk", filter=Q(state="submitted")),
            to_observe=Count("pk", filter=Q(state="to_observe")),
        )
    )
    told = {row["unit"]: row for row in counted}
    units = list(Body.objects.filter(pk__in=told))
    names = names_of({unit.area_path for unit in units})
    found = [
        UnitRate(
            unit,
            names.get(unit.area_path, unit.area_path),
            row["asked"],
            row["asked"] - row["missing"],
            row["unmatched"],
            row["to_observe"],
        )
        for unit in units
        for row in (told[unit.pk],)
    ]
    return sorted(found, key=lambda one: (-one.missing, one.area, one.unit.name))


def rate_of(unit: Body, as_of: datetime) -> UnitRate | None:
    """The figures of one unit; none where nobody was asked."""
    return rate(unit, ledger_of(unit, as_of)[1])


def rate(unit: Body, counts: dict[str, int]) -> UnitRate | None:
    if not counts[""]:
        return None
    answered = counts[""] - counts["missing"]
    return UnitRate(unit, "", counts[""], answered, counts["submitted"], counts["to_observe"])


def ledger_of(unit: Body, as_of: datetime) -> tuple[QuerySet[Declaration], dict[str, int]]:
    """One unit's ledger, and how long it is for each way to show it."""
    ledger = _ledger(unit.area_path, as_of, unit)
    states = dict.fromkeys(STATES, 0) | dict(ledger.order_by().values_list("state").annotate(n=Count("pk")))
    return ledger, {"": sum(states.values()), "missing": states["requested"], **states}


def entries(rows: Iterable[Declaration], *, in_full: bool = False) -> list[Entry]:
    show_document, show_phone = (str, str) if in_full else (mask, mask_phone)
    return [
        Entry(
            row,
            row.state,
            show_document(vault.unseal(row.document_sealed)) if row.document_sealed else "",
            show_phone(vault.unseal(row.phone_sealed)) if row.phone_sealed else "",
        )
        for row in rows
    ]


def within(paths: Sequence[str]) -> Q:
    here = Q(pk__in=[])
    for path in paths:
        here |= Q(unit__area_path__startswith=path)
    return here


def visible_to(account: Account, permission: Permission = Permission.SEE_PEOPLE) -> QuerySet[Declaration]:
    """The declarations of units in the areas where the account has the right."""
    return Declaration.objects.filter(within(scope_for(account).paths.get(permission, ())), withdrawn_at__isnull=True)


def units_in(area_path: str, as_of: datetime) -> dict[str, list[Body]]:
    """Name → the units of that name that work in the area."""
    found: dict[str, list[Body]] = {}
    for unit in Body.objects.working(as_of).filter(kind="member_unit", area_path__startswith=area_path):
        found.setdefault(unit.name, []).append(unit)
    return found
