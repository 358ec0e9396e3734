"""Where a lower plan departs from the one that it stands under. It may add and specify; what loosens or exceeds the
higher plan is a departure, and a departure needs an order that names it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from lianfang.science.plan.criterion import AllOf, AnyOf, AreaKind, Criterion, Exposed, Need, Negation, Raised, StayedIn
from lianfang.science.plan.schema import Duty, KeyArea, Pathway, Plan, Team
from lianfang.science.plan.values import Words, duration_words

DEPARTURES: dict[str, Words] = {
    "pathway_removed": Words(zh="流程“{what}”被取消", en="the pathway “{what}” is gone"),
    "subject": Words(zh="流程“{what}”的对象不同", en="the pathway “{what}” is for other subjects"),
    "admission_narrower": Words(
        zh="流程“{what}”纳入范围变窄：{lower} 日（上级 {upper} 日）",
        en="the pathway “{what}” admits fewer: {lower} days (higher plan: {upper})",
    ),
    "admission_wider": Words(
        zh="流程“{what}”纳入范围变宽：{lower} 日（上级 {upper} 日）",
        en="the pathway “{what}” admits more: {lower} days (higher plan: {upper})",
    ),
    "admission_other": Words(zh="流程“{what}”纳入条件不同", en="the pathway “{what}” admits by another criterion"),
    "key_area_removed": Words(
        zh="重点地区“{what}”未列入或时间缩短", en="the key area “{what}” is not listed, or shorter"
    ),
    "key_area_added": Words(zh="增列重点地区“{what}”", en="the key area “{what}” is added"),
    "compulsion": Words(
        zh="流程“{what}”的自愿或强制性质改变", en="the pathway “{what}” turns from voluntary to ordered, or back"
    ),
    "place": Words(zh="流程“{what}”的地点不同", en="the pathway “{what}” takes place elsewhere"),
    "home": Words(zh="流程“{what}”的居家条件不同", en="the pathway “{what}” asks other things of a home"),
    "period_removed": Words(zh="流程“{what}”没有期限", en="the pathway “{what}” has no period"),
    "period_added": Words(
        zh="流程“{what}”增加了期限", en="the pathway “{what}” has a period that the higher plan has not"
    ),
    "period_shorter": Words(
        zh="流程“{what}”期限缩短：{lower} 日（上级 {upper} 日）",
        en="the pathway “{what}” is shorter: {lower} days (higher plan: {upper})",
    ),
    "period_longer": Words(
        zh="流程“{what}”期限延长：{lower} 日（上级 {upper} 日）",
        en="the pathway “{what}” is longer: {lower} days (higher plan: {upper})",
    ),
    "period_counted": Words(zh="流程“{what}”起算方式不同", en="the pathway “{what}” counts its days from elsewhere"),
    "observed": Words(
        zh="流程“{what}”是否计入在管人员不同", en="the pathway “{what}” counts as observation, or no longer does"
    ),
    "team_smaller": Words(
        zh="流程“{what}”责任小组人数减少：{lower}（上级 {upper}）",
        en="the team of “{what}” is smaller: {lower} (higher plan: {upper})",
    ),
    "duty_removed": Words(zh="事项“{what}”被取消", en="the duty “{what}” is gone"),
    "shape": Words(zh="事项“{what}”的形式不同", en="the duty “{what}” is of another shape"),
    "slots_fewer": Words(
        zh="事项“{what}”次数减少：{lower}（上级 {upper}）",
        en="the duty “{what}” is owed less often: {lower} (higher plan: {upper})",
    ),
    "slots_more": Words(
        zh="事项“{what}”次数增加：{lower}（上级 {upper}）",
        en="the duty “{what}” is owed more often: {lower} (higher plan: {upper})",
    ),
    "slot_hours": Words(zh="事项“{what}”时段超出上级规定", en="the hours of “{what}” reach beyond the higher plan's"),
    "deadline_longer": Words(
        zh="事项“{what}”时限放宽：{lower}（上级 {upper}）",
        en="the duty “{what}” has more time: {lower} (higher plan: {upper})",
    ),
    "deadline_start": Words(zh="事项“{what}”时限起算不同", en="the clock of “{what}” starts elsewhere"),
    "evidence": Words(zh="事项“{what}”认可更多落实记录", en="more records count for the duty “{what}”"),
    "per_role": Words(zh="事项“{what}”不再按岗位落实", en="the duty “{what}” is no longer owed for each role"),
    "escalation": Words(zh="事项“{what}”催办推迟或少一级", en="reminders of “{what}” come later or leave out a level"),
    "second_person": Words(
        zh="事项“{what}”免办不再须第二人同意", en="an excuse from “{what}” no longer needs a second person"
    ),
    "threshold": Words(
        zh="阈值“{what}”不同：{lower}（上级 {upper}）", en="the threshold “{what}” is {lower} (higher plan: {upper})"
    ),
    "alert_removed": Words(zh="预警“{what}”被取消", en="the alert “{what}” is gone"),
    "alert": Words(zh="预警“{what}”的条件或去向不同", en="the alert “{what}” is raised or leads otherwise"),
    "card": Words(zh="登记卡必填内容不同", en="the card must carry other things"),
    "retention": Words(
        zh="导入原件保留更久：{lower} 日（上级 {upper} 日）",
        en="uploaded lists are kept longer: {lower} days (higher plan: {upper})",
    ),
    "lost": Words(zh="失访标准放宽", en="somebody counts as lost later, or never"),
    "callbacks": Words(zh="回访抽查比例降低", en="fewer records are checked by calling back"),
    "measure": Words(zh="措施“{what}”的规定相反", en="the measure “{what}” is ruled otherwise"),
}


@dataclass(frozen=True)
class Departure:
    """One place where the lower plan loosens or exceeds the higher one. `code` names it in an order."""

    rule: str
    path: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return f"{self.rule}:{self.path}"

    def message(self, lang: str) -> str:
        return DEPARTURES[self.rule].of(lang).format(**{key: _said(value, lang) for key, value in self.values.items()})


def _said(value: Any, lang: str) -> object:
    if isinstance(value, Words):
        return value.of(lang)
    if isinstance(value, timedelta):
        return duration_words(value, lang)
    return f"{value:g}" if isinstance(value, float) else value


Departures = Iterator[Departure]


def compare(lower: Plan, upper: Plan) -> list[Departure]:
    """Every departure of the lower plan, in the order of the higher one. None: it adds and specifies only."""
    return [
        *_key_areas(lower, upper),
        *_thresholds(lower, upper),
        *_pathways(lower, upper),
        *_duties(lower, upper),
        *_alerts(lower, upper),
        *_house(lower, upper),
        *_measures(lower, upper),
    ]


def _key_areas(lower: Plan, upper: Plan) -> Departures:
    """Listed longer or wider is added, listed shorter or not at all is removed."""
    for area in upper.key_areas:
        if not _covered(area, lower.key_areas):
            yield Departure("key_area_removed", f"key_areas.{area.path}", {"what": area.name})
    if not upper.key_areas:
        return  # its pathways ask for none, so listing some decides nothing of it
    for area in lower.key_areas:
        if not _covered(area, upper.key_areas):
            yield Departure("key_area_added", f"key_areas.{area.path}", {"what": area.name})


def _covered(area: KeyArea, by: Iterable[KeyArea]) -> bool:
    until = area.until or date.max
    return any(
        other.covers(area.path) and other.since <= area.since and (other.until or date.max) >= until for other in by
    )


def _thresholds(lower: Plan, upper: Plan) -> Departures:
    for code, above in upper.thresholds.items():
        below = lower.thresholds.get(code)
        if below is None or below.value != above.value:
            values = {"what": code, "lower": below.value if below else "—", "upper": above.value}
            yield Departure("threshold", f"thresholds.{code}", values)


def _pathways(lower: Plan, upper: Plan) -> Departures:
    for code, above in upper.pathways.items():
        below, path = lower.pathways.get(code), f"pathways.{code}"
        if below is None:
            yield Departure("pathway_removed", path, {"what": above.title})
            continue
        yield from _admission(below.admit, above.admit, path, above.title)
        for rule, part in (
            ("subject", "subject"),
            ("compulsion", "compulsion"),
            ("place", "place"),
            ("observed", "observed"),
        ):
            if getattr(below, part) != getattr(above, part):
                yield Departure(rule, f"{path}.{part}", {"what": above.title})
        yield from _period(below, above, path)
        if _home(below) != _home(above):
            yield Departure("home", f"{path}.home", {"what": above.title})
        yield from _team(lower.team_of(below), upper.team_of(above), path, above.title)
        for duty in above.duties:
            if duty not in below.duties:
                yield Departure("duty_removed", f"{path}.duties.{duty}", {"what": upper.duties[duty].title})


def _admission(lower: Criterion, upper: Criterion, path: str, title: Words) -> Departures:
    if _form(lower) == _form(upper):
        return
    same_kind = type(lower) is type(upper)
    if same_kind and isinstance(lower, StayedIn | Exposed) and isinstance(upper, StayedIn | Exposed):
        days, above = lower.within_days.value, upper.within_days.value
        rule = "admission_narrower" if days < above else "admission_wider"
        yield Departure(rule, f"{path}.admit", {"what": title, "lower": days, "upper": above})
    else:
        yield Departure("admission_other", f"{path}.admit", {"what": title})


def _form(criterion: Criterion) -> tuple[Any, ...]:
    """What a criterion admits, without its sources and without the order of its parts."""
    match criterion:
        case StayedIn():
            return ("stayed_in", criterion.stayed_in, criterion.within_days.value)
        case Exposed():
            return ("exposed", criterion.within_days.value)
        case Need():
            return ("need", *sorted(set(criterion.categories)))
        case Raised():
            return ("raised", criterion.raised)
        case AreaKind():
            return ("area_kind", *sorted(set(criterion.area_kind)))
        case AnyOf():
            return ("any", *sorted({repr(_form(part)) for part in criterion.any_of}))
        case AllOf():
            return ("all", *sorted({repr(_form(part)) for part in criterion.all_of}))
        case Negation():
            return ("not", _form(criterion.negated))
    return ("everybody",)


def _period(lower: Pathway, upper: Pathway, path: str) -> Departures:
    below, above, title = lower.period, upper.period, upper.title
    if below is None or above is None:
        if below is not above:
            yield Departure("period_removed" if below is None else "period_added", f"{path}.period", {"what": title})
        return
    if (days := below.days.value) != above.days.value:
        rule = "period_shorter" if days < above.days.value else "period_longer"
        yield Departure(rule, f"{path}.period.days", {"what": title, "lower": days, "upper": above.days.value})
    if (below.anchor, below.day_one) != (above.anchor, above.day_one):
        yield Departure("period_counted", f"{path}.period", {"what": title})


def _home(pathway: Pathway) -> object:
    return (sorted(pathway.home.requires), pathway.home.otherwise) if pathway.home else None


def _team(below: Team | None, above: Team | None, path: str, title: Words) -> Departures:
    have, asked = len(below.required) if below else 0, len(above.required) if above else 0
    if have < asked:
        yield Departure("team_smaller", f"{path}.team", {"what": title, "lower": have, "upper": asked})


def _duties(lower: Plan, upper: Plan) -> Departures:
    """A duty that is gone from a pathway is told there; here, what is asked of those that both plans have."""
    for code, above in upper.duties.items():
        below, path = lower.duties.get(code), f"duties.{code}"
        if below is None:
            continue
        if below.shape != above.shape or below.completes != above.completes:
            yield Departure("shape", path, {"what": above.title})
            continue
        yield from _slots(below, above, path)
        yield from _deadline(below, above, path)
        what = {"what": above.title}
        if not set(below.evidence) <= set(above.evidence):
            yield Departure("evidence", f"{path}.evidence", what)
        if above.per_role and not below.per_role:
            yield Departure("per_role", f"{path}.per_role", what)
        if _later(below, above):
            yield Departure("escalation", f"{path}.escalate", what)
        if above.excuse and above.excuse.second_person and not (below.excuse and below.excuse.second_person):
            yield Departure("second_person", f"{path}.excuse", what)


def _slots(below: Duty, above: Duty, path: str) -> Departures:
    have, asked = len(below.slots), len(above.slots)
    if have != asked:
        rule = "slots_fewer" if have < asked else "slots_more"
        yield Departure(rule, f"{path}.slots", {"what": above.title, "lower": have, "upper": asked})
        return
    for one, other in zip(below.slots, above.slots, strict=True):
        if one.start_minute < other.start_minute or one.end_minute > other.end_minute:
            yield Departure("slot_hours", f"{path}.slots.{other.code}", {"what": above.title})


def _deadline(below: Duty, above: Duty, path: str) -> Departures:
    if below.within is None or above.within is None:
        return
    if below.start != above.start:
        yield Departure("deadline_start", f"{path}.from", {"what": above.title})
    if below.within.value > above.within.value:
        values = {"what": above.title, "lower": below.within.value, "upper": above.within.value}
        yield Departure("deadline_longer", f"{path}.within", values)


def _later(below: Duty, above: Duty) -> bool:
    reached = {step.to: step.after for step in below.escalate.steps}
    return any(reached.get(step.to, timedelta.max) > step.after for step in above.escalate.steps)


def _alerts(lower: Plan, upper: Plan) -> Departures:
    for code, above in upper.alerts.items():
        below, path = lower.alerts.get(code), f"alerts.{code}"
        if below is None:
            yield Departure("alert_removed", path, {"what": above.title})
            continue
        here, there = below.when, above.when
        same = here.temperature_at_least == there.temperature_at_least and set(here.symptoms) == set(there.symptoms)
        if not same or below.pathway != above.pathway:
            yield Departure("alert", path, {"what": above.title})


def _house(lower: Plan, upper: Plan) -> Departures:
    """What is asked of the office itself."""
    if set(lower.card.requires) != set(upper.card.requires):
        yield Departure("card", "card.requires")
    kept, allowed = lower.retention.originals_days.value, upper.retention.originals_days.value
    if kept > allowed:
        yield Departure("retention", "retention.originals_days", {"lower": kept, "upper": allowed})
    if upper.lost and (lower.lost is None or lower.lost.missed_days.value > upper.lost.missed_days.value):
        yield Departure("lost", "lost.missed_days")
    share = upper.callbacks.share_percent.value if upper.callbacks else 0
    if (lower.callbacks.share_percent.value if lower.callbacks else 0) < share:
        yield Departure("callbacks", "callbacks.share_percent")


def _measures(lower: Plan, upper: Plan) -> Departures:
    """What the higher plan only allows, the lower one may ask for or leave."""
    for code, above in upper.measures.items():
        below = lower.measures.get(code)
        rule = below.rule if below else None
        if above.rule != "allowed" and rule != above.rule and not (rule is None and above.rule == "forbidden"):
            yield Departure("measure", f"measures.{code}", {"what": above.title})
