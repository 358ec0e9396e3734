"""Plans in from YAML or from the database, with every fault named; and out as JSON."""

from collections.abc import Iterable
from pathlib import Path as FilePath
from string import Formatter
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lianfang.science.plan.checks import check
from lianfang.science.plan.clauses import SHIPPED_FOLDER, SUFFIX
from lianfang.science.plan.criterion import CRITERION_KEYS
from lianfang.science.plan.document import Document, Path, dotted, read
from lianfang.science.plan.faults import MESSAGES, Fault, PlanFaults, Term
from lianfang.science.plan.schema import Plan

SHOWN_LENGTH = 60

_RULES = {
    "extra_forbidden": "unknown_key",
    "literal_error": "choice",
    "union_tag_not_found": "unknown_criterion",
    "union_tag_invalid": "unknown_criterion",
    "string_pattern_mismatch": "code",
    "too_short": "empty",
    "string_too_short": "empty",
}
_EXPECTED = {
    "string_type": "text",
    "float_type": "number",
    "finite_number": "number",
    "int_type": "whole_number",
    "bool_type": "boolean",
    "model_type": "mapping",
    "model_attributes_type": "mapping",
    "dict_type": "mapping",
    "list_type": "list",
}


def load_plan(source: FilePath | str) -> Plan:
    """`source` is a file, or the YAML text itself. Raises PlanFaults with every fault there is."""
    document = read(_text(source))
    if document.data is None:
        raise PlanFaults(document.faults or [Fault(1, "", "syntax", {"reason": "empty"})])
    plan, faults = _validate(document)
    if plan is None or faults:
        raise PlanFaults(faults)
    return plan


def shipped() -> dict[str, FilePath]:
    found = sorted(SHIPPED_FOLDER.glob("*.yaml"))
    return {path.stem: path for path in found if not path.name.endswith(SUFFIX)}


def load_shipped(code: str) -> Plan:
    """Raises KeyError for a code that is not shipped."""
    return load_plan(shipped()[code])


def to_json(plan: Plan) -> dict[str, Any]:
    """Everything, defaults written out: a stored plan must not change when a default does."""
    return plan.model_dump(mode="json", by_alias=True, exclude_none=True)


def from_json(data: dict[str, Any]) -> Plan:
    plan, faults = _validate(Document(data=data, lines={(): 0}))
    if plan is None or faults:
        raise PlanFaults(faults)
    return plan


def _text(source: FilePath | str) -> str:
    if isinstance(source, str):
        return source
    try:
        return source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanFaults([Fault(0, "", "unreadable", {"reason": str(error)})]) from error


def _validate(document: Document) -> tuple[Plan | None, list[Fault]]:
    faults = list(document.faults)
    plan = None
    try:
        plan = Plan.model_validate(document.data)
    except ValidationError as error:
        faults += [_schema_fault(document, details) for details in error.errors()]
    for path, rule, values in check(document.data):
        faults.append(Fault(document.line_of(path), dotted(path), rule, values))
    return plan, _once(faults)


def _once(faults: Iterable[Fault]) -> list[Fault]:
    """Schema and checks may both name a missing key; said once is enough."""
    return list({(fault.path, fault.rule): fault for fault in faults}.values())


def _schema_fault(document: Document, details: ErrorDetails) -> Fault:
    # The place in the file is pydantic's, without the tags of its unions and its mark for a faulty key.
    path = tuple(part for part in details["loc"] if not _is_mark(part))
    rule = _RULES.get(details["type"], details["type"])
    rule = rule if rule in MESSAGES else "wrong_type"
    values = _values(rule, details, path)
    if rule in ("no_source", "two_sources"):
        path = path[:-1]
    return Fault(document.line_of(path), dotted(path), rule, values)


def _is_mark(part: int | str) -> bool:
    return part == "[key]" or (isinstance(part, str) and part.startswith("<") and part.endswith(">"))


def _values(rule: str, details: ErrorDetails, path: Path) -> dict[str, object]:
    """The values that the message of the rule has a place for."""
    context = details.get("ctx", {})
    known: dict[str, object] = {
        "key": path[-1] if path else "",
        "value": _shown(details["input"]),
        "pattern": context.get("pattern", ""),
        "expected": context.get("expected", details["msg"]),
    }
    if rule == "unknown_criterion":
        known["expected"] = ", ".join(CRITERION_KEYS)
    elif rule == "wrong_type":
        term = context.get("expected") or _EXPECTED.get(details["type"])
        known["expected"] = Term(term) if term else details["msg"]
    places = {name for _, name, _, _ in Formatter().parse(MESSAGES[rule].en) if name}
    return {name: value for name, value in known.items() if name in places}


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"
