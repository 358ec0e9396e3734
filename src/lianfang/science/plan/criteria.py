"""Does a criterion admit these facts, and what does it say in words?"""

from dataclasses import dataclass
from datetime import date

from lianfang.science.plan.criterion import (
    AllOf,
    AnyOf,
    AreaKind,
    Criterion,
    Everybody,
    Exposed,
    Need,
    Negation,
    Raised,
    StayedIn,
)
from lianfang.science.plan.schema import Plan
from lianfang.science.plan.values import ASSUMED_MARK, Words

AREA_KINDS = {
    "province": Words(zh="省", en="province"),
    "city": Words(zh="市", en="city"),
    "county": Words(zh="县（区）", en="county"),
    "township": Words(zh="乡镇（街道）", en="township"),
    "village": Words(zh="村", en="village"),
    "community": Words(zh="社区", en="community"),
    "grid": Words(zh="网格", en="grid"),
}


@dataclass(frozen=True)
class Stay:
    """A dated stay: where, as far down as known, and its last day."""

    path: str
    last_day: date


@dataclass(frozen=True)
class Facts:
    """What is known of a subject. `on` is the day of judging: given, only areas listed on it count.

    `told_on` is the day on which an exposure was told; without it the exposure is not too old.
    """

    stays: tuple[Stay, ...] = ()
    arrived_on: date | None = None
    area_kind: str | None = None
    raised: str | None = None
    need: bool = False
    need_category: str | None = None
    exposed_on: date | None = None
    told_on: date | None = None
    on: date | None = None


def admits(criterion: Criterion, facts: Facts, plan: Plan) -> bool:
    match criterion:
        case Everybody():
            return True
        case Need():
            return facts.need and (not criterion.categories or facts.need_category in criterion.categories)
        case Exposed():
            return _exposed(criterion, facts)
        case Raised():
            return facts.raised == criterion.raised
        case AreaKind():
            return facts.area_kind in criterion.area_kind
        case StayedIn():
            return _stayed_in_key_area(criterion, facts, plan)
        case AnyOf():
            return any(admits(part, facts, plan) for part in criterion.any_of)
        case AllOf():
            return all(admits(part, facts, plan) for part in criterion.all_of)
        case Negation():
            return not admits(criterion.negated, facts, plan)


def _stayed_in_key_area(criterion: StayedIn, facts: Facts, plan: Plan) -> bool:
    if facts.arrived_on is None:
        return False
    listed = [area for area in plan.key_areas if facts.on is None or area.is_listed(facts.on)]
    return any(
        0 <= (facts.arrived_on - stay.last_day).days <= criterion.within_days.value
        and any(area.covers(stay.path) for area in listed)
        for stay in facts.stays
    )


def _exposed(criterion: Exposed, facts: Facts) -> bool:
    if facts.exposed_on is None:
        return False
    return facts.told_on is None or 0 <= (facts.told_on - facts.exposed_on).days <= criterion.within_days.value


def describe(criterion: Criterion, plan: Plan, lang: str) -> str:
    """The criterion in words of `lang`; assumed values carry their mark."""
    match criterion:
        case Everybody():
            return Words(zh="所有登记人员", en="everybody registered").of(lang)
        case Need():
            return _describe_need(criterion, lang)
        case Exposed():
            return _describe_exposure(criterion, lang)
        case Raised():
            return _describe_raised(criterion, plan, lang)
        case AreaKind():
            kinds = [AREA_KINDS[kind].of(lang) if kind in AREA_KINDS else kind for kind in criterion.area_kind]
            return Words(zh="每个", en="every ").of(lang) + _join(kinds, Words(zh="、", en=" or "), lang)
        case StayedIn():
            return _describe_stay(criterion, plan, lang)
        case AnyOf():
            return _describe_parts(criterion.any_of, Words(zh="，或", en=", or "), plan, lang)
        case AllOf():
            return _describe_parts(criterion.all_of, Words(zh="，且", en=", and "), plan, lang)
        case Negation():
            inner = describe(criterion.negated, plan, lang)
            return Words(zh=f"不属于（{inner}）", en=f"not ({inner})").of(lang)


def _describe_raised(criterion: Raised, plan: Plan, lang: str) -> str:
    alert = plan.alerts.get(criterion.raised)
    title = alert.title.of(lang) if alert else criterion.raised
    return Words(zh=f"触发“{title}”预警的人员", en=f"whoever raised the alert “{title}”").of(lang)


NEED_CATEGORIES = {
    "food": Words(zh="食品与日用品", en="food and daily goods"),
    "medicine": Words(zh="药品", en="medicine"),
    "care": Words(zh="就医", en="medical care"),
    "other": Words(zh="其他", en="something else"),
}


def _describe_need(criterion: Need, lang: str) -> str:
    if not criterion.categories:
        return Words(zh="提出需求的人员", en="whoever has stated a need").of(lang)
    kinds = [NEED_CATEGORIES[code].of(lang) if code in NEED_CATEGORIES else code for code in criterion.categories]
    named = _join(kinds, Words(zh="、", en=" or "), lang)
    return Words(zh=f"提出需求（{named}）的人员", en=f"whoever has stated a need ({named})").of(lang)


def _describe_exposure(criterion: Exposed, lang: str) -> str:
    days = criterion.within_days.value
    said = Words(
        zh=f"登记前 {days} 日内与病例有过接触", en=f"contact with a case within {days} days before it was told"
    ).of(lang)
    return f"{said} {ASSUMED_MARK.of(lang)}" if criterion.within_days.is_assumed else said


def _describe_stay(criterion: StayedIn, plan: Plan, lang: str) -> str:
    names = _join([area.name.of(lang) for area in plan.key_areas], Words(zh="、", en=", "), lang)
    if any(area.open_ended for area in plan.key_areas):
        names += Words(zh="等", en=" and others that may be listed").of(lang)
    days = criterion.within_days.value
    said = Words(
        zh=f"抵达前 {days} 日内曾在重点地区停留（{names}）",
        en=f"stayed in a key area within {days} days before arrival ({names})",
    ).of(lang)
    return f"{said} {ASSUMED_MARK.of(lang)}" if criterion.within_days.is_assumed else said


def _describe_parts(parts: list[Criterion], joint: Words, plan: Plan, lang: str) -> str:
    said = [describe(part, plan, lang) for part in parts]
    nested = [f"（{text}）" if lang.startswith("zh") else f"({text})" for text in said]
    chosen = [nested[index] if isinstance(part, AnyOf | AllOf) else said[index] for index, part in enumerate(parts)]
    return _join(chosen, joint, lang)


def _join(parts: list[str], joint: Words, lang: str) -> str:
    return joint.of(lang).join(parts)
