"""What one field alone cannot show: references, overlaps, order.

Works on plain data, so that a type fault in one corner of the file hides no broken reference in another.
What has the wrong type is skipped here; the schema names it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lianfang.science.plan.document import Path
from lianfang.science.plan.faults import Term
from lianfang.science.plan.schema import LEVELS
from lianfang.science.plan.values import parse_clock, parse_date, parse_duration


class Finding(NamedTuple):
    path: Path
    rule: str
    values: dict[str, object]


NEEDED = {"slot": ("slots",), "clock": ("within", "from")}
NEEDLESS = {"slot": ("within", "from", "per_role"), "clock": ("slots", "completes")}

Findings = Iterator[Finding]
Mapping = dict[str, Any]


def check(data: Any) -> Findings:
    root = _mapping(data)
    yield from _key_areas(root)
    yield from _teams(root)
    yield from _duties(root)
    yield from _pathways(root)
    yield from _alerts(root)
    yield from _conversions(root)
    yield from _codes(root)
    yield from _titles(root)


def _mapping(value: Any) -> Mapping:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _entries(root: Mapping, name: str) -> list[tuple[str, Mapping]]:
    return [(key, entry) for key, entry in _mapping(root.get(name)).items() if isinstance(entry, dict)]


def _clauses(block: Mapping) -> tuple[str, list[Any]]:
    key = "clauses" if "clauses" in block else "clause"
    value = block.get(key)
    return key, [value] if isinstance(value, str) else _items(value)


def _unknown(path: Path, kind: str, value: str) -> Finding:
    return Finding(path, "unknown_reference", {"kind": Term(kind), "value": value})


def _repeated(path: Path, values: list[Any]) -> Findings:
    """`path` is of the list; each value that stood there before is repeated."""
    for index, value in enumerate(values):
        if isinstance(value, str) and value in values[:index]:
            yield Finding((*path, index), "repeated", {"value": value})


def _item_codes(items: Any, key: str = "code") -> list[Any]:
    return [_mapping(item).get(key) for item in _items(items)]


def _key_areas(root: Mapping) -> Findings:
    areas = _items(root.get("key_areas"))
    yield from _repeated(("key_areas",), _item_codes(areas, "path"))
    for index, area in enumerate(map(_mapping, areas)):
        since, until = parse_date(area.get("since")), parse_date(area.get("until"))
        if since and until and until < since:
            yield Finding(("key_areas", index, "until"), "ends_before_start", {"start": since, "end": until})


def _teams(root: Mapping) -> Findings:
    for code, team in _entries(root, "teams"):
        yield from _repeated(("teams", code, "slots"), _item_codes(team.get("slots")))
        slots = _items(team.get("slots"))
        if slots and all(_mapping(slot).get("optional") is True for slot in slots):
            yield Finding(("teams", code, "slots"), "all_optional", {})


def _duties(root: Mapping) -> Findings:
    for code, duty in _entries(root, "duties"):
        path = ("duties", code)
        yield from _shape(path, duty)
        yield from _slots((*path, "slots"), _items(duty.get("slots")))
        yield from _steps((*path, "escalate", "steps"), _items(_mapping(duty.get("escalate")).get("steps")))
        yield from _owner_role(root, (*path, "owner"), duty.get("owner"))


def _shape(path: Path, duty: Mapping) -> Findings:
    shape = str(duty.get("shape"))
    for key in NEEDED.get(shape, ()):
        if not duty.get(key):
            yield Finding((*path, key), "missing", {"key": key})
    for key in NEEDLESS.get(shape, ()):
        if duty.get(key):
            yield Finding((*path, key), "needless", {"key": key, "shape": Term(shape)})
    if duty.get("completes") and duty.get("evidence"):
        yield Finding((*path, "evidence"), "needless", {"key": "evidence", "shape": Term("completes")})
    if not duty.get("completes") and not duty.get("evidence"):
        yield Finding((*path, "evidence"), "missing", {"key": "evidence"})
    within = parse_duration(_mapping(duty.get("within")).get("value"))
    if within is not None and not within:
        yield Finding((*path, "within", "value"), "not_positive", {})


def _slots(path: Path, slots: list[Any]) -> Findings:
    yield from _repeated(path, _item_codes(slots))
    windows: list[tuple[int, int, str]] = []
    for index, slot in enumerate(map(_mapping, slots)):
        start, end = parse_clock(slot.get("from")), parse_clock(slot.get("to"))
        if start is None or end is None:
            continue
        if end <= start:
            values: dict[str, object] = {"start": slot["from"], "end": slot["to"]}
            yield Finding((*path, index, "to"), "ends_before_start", values)
            continue
        code = str(slot.get("code", index))
        for other_start, other_end, other in windows:
            if start < other_end and other_start < end:
                yield Finding((*path, index), "slots_overlap", {"value": code, "other": other})
        windows.append((start, end, code))


def _steps(path: Path, steps: list[Any]) -> Findings:
    """Each step later and higher than the one before."""
    for index in range(1, len(steps)):
        before, step = _mapping(steps[index - 1]), _mapping(steps[index])
        earlier, later = parse_duration(before.get("after")), parse_duration(step.get("after"))
        wrong_time = earlier is not None and later is not None and later <= earlier
        lower, higher = before.get("to"), step.get("to")
        wrong_level = lower in LEVELS and higher in LEVELS and LEVELS.index(higher) <= LEVELS.index(lower)
        if wrong_time or wrong_level:
            yield Finding((*path, index), "steps_not_increasing", {})


def _owner_role(root: Mapping, path: Path, owner: Any) -> Findings:
    if not isinstance(owner, str):
        return
    role = owner.removeprefix("team.")
    if owner == role and role not in _mapping(root.get("roles")):
        yield _unknown(path, "role", role)
    slots = {code for _, team in _entries(root, "teams") for code in _item_codes(team.get("slots"))}
    if owner != role and role not in slots:
        yield _unknown(path, "team_role", role)


def _pathways(root: Mapping) -> Findings:
    teams = _mapping(root.get("teams"))
    duties = _mapping(root.get("duties"))
    for code, pathway in _entries(root, "pathways"):
        path = ("pathways", code)
        yield from _criterion(root, (*path, "admit"), pathway.get("admit"))
        yield from _power(root, path, pathway)
        team = pathway.get("team")
        if isinstance(team, str) and team not in teams:
            yield _unknown((*path, "team"), "team", team)
        asked = _items(pathway.get("duties"))
        yield from _repeated((*path, "duties"), asked)
        for index, duty in enumerate(asked):
            if not isinstance(duty, str):
                continue
            if duty not in duties:
                yield _unknown((*path, "duties", index), "duty", duty)
            else:
                yield from _asked_duty(root, code, pathway, duty)


def _power(root: Mapping, path: Path, pathway: Mapping) -> Findings:
    """Nobody is ordered to a place by a pathway of good will, nor by a law that gives no such power."""
    voluntary = pathway.get("compulsion") == "voluntary"
    if voluntary and pathway.get("home"):
        yield Finding((*path, "home"), "voluntary_order", {})
    legal = _mapping(root.get("legal"))
    powerless = legal.get("managed_as") in ("B", "C") and not legal.get("response_level")
    observed = pathway.get("period") or pathway.get("observed") is True
    if root.get("status") == "in_force" and observed and powerless and not voluntary:
        yield Finding((*path, "compulsion") if "compulsion" in pathway else path, "no_power", {})


def _asked_duty(root: Mapping, code: str, pathway: Mapping, duty_code: str) -> Findings:
    """A duty in the light of a pathway that asks for it."""
    duties = _mapping(root.get("duties"))
    duty, path = _mapping(duties.get(duty_code)), ("duties", duty_code)
    if duty.get("per_role") is True and not pathway.get("team"):
        yield Finding((*path, "per_role"), "no_team", {"pathway": code, "value": duty_code})
    if duty.get("from") == "last_day" and not pathway.get("period"):
        yield Finding((*path, "from"), "no_period", {"pathway": code})
    completed = duty.get("completes")
    if isinstance(completed, str):
        target = _mapping(duties.get(completed))
        if completed not in duties:
            yield _unknown((*path, "completes"), "duty", completed)
        elif (
            completed == duty_code
            or completed not in _items(pathway.get("duties"))
            or target.get("shape") != "slot"
            or target.get("completes")
        ):
            yield Finding((*path, "completes"), "completes", {"pathway": code, "value": completed})
    owner, team = duty.get("owner"), _mapping(_mapping(root.get("teams")).get(str(pathway.get("team"))))
    if isinstance(owner, str) and owner.startswith("team.") and team:
        role = owner.removeprefix("team.")
        if role not in _item_codes(team.get("slots")):
            yield _unknown((*path, "owner"), "team_role", role)


def _criterion(root: Mapping, path: Path, criterion: Any) -> Findings:
    body = _mapping(criterion)
    raised = body.get("raised")
    if isinstance(raised, str) and raised not in _mapping(root.get("alerts")):
        yield _unknown((*path, "raised"), "alert", raised)
    if body.get("stayed_in") == "key_areas" and not root.get("key_areas"):
        yield Finding((*path, "stayed_in"), "no_key_areas", {})
    for key in ("any", "all"):
        for index, part in enumerate(_items(body.get(key))):
            yield from _criterion(root, (*path, key, index), part)
    if "not" in body:
        yield from _criterion(root, (*path, "not"), body["not"])


def _alerts(root: Mapping) -> Findings:
    for code, alert in _entries(root, "alerts"):
        pathway = alert.get("pathway")
        if isinstance(pathway, str) and pathway not in _mapping(root.get("pathways")):
            yield _unknown(("alerts", code, "pathway"), "pathway", pathway)
        threshold = _mapping(alert.get("when")).get("temperature_at_least")
        if isinstance(threshold, str) and threshold not in _mapping(root.get("thresholds")):
            yield _unknown(("alerts", code, "when", "temperature_at_least"), "threshold", threshold)


def _conversions(root: Mapping) -> Findings:
    """What follows when somebody under observation turns out to be a case."""
    for into, pathway in _mapping(root.get("conversions")).items():
        if isinstance(pathway, str) and pathway not in _mapping(root.get("pathways")):
            yield _unknown(("conversions", into), "pathway", pathway)


def _codes(root: Mapping) -> Findings:
    for name in ("pathways", "duties", "alerts"):
        for key, entry in _entries(root, name):
            if entry.get("code", key) != key:
                values: dict[str, object] = {"value": entry["code"], "key": key}
                yield Finding((name, key, "code"), "code_differs", values)


def _titles(root: Mapping) -> Findings:
    """A plan that gives titles to its clauses gives them to every clause that it cites."""
    titles = _mapping(root.get("clauses_titles"))
    if titles:
        yield from _untitled(titles, root, ())


def _untitled(titles: Mapping, value: Any, path: Path) -> Findings:
    if isinstance(value, dict):
        key, clauses = _clauses(value)
        for index, clause in enumerate(clauses):
            if isinstance(clause, str) and clause not in titles:
                place = (*path, key, index) if isinstance(value[key], list) else (*path, key)
                yield _unknown(place, "clause", clause)
        for name, item in value.items():
            if path or name != "clauses_titles":
                yield from _untitled(titles, item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _untitled(titles, item, (*path, index))
