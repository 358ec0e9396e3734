"""Clause trace 条款对照: what carries each clause of a document, or that nothing does yet.

It stands beside a shipped plan (`<code>.clauses.yaml`) and outside its version: what the product can show of a
document grows without changing what the plan asks of anybody.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, Literal

from lianfang.science.plan.document import dotted, read
from lianfang.science.plan.faults import Fault, PlanFaults
from lianfang.science.plan.values import Words

SHIPPED_FOLDER = FilePath(__file__).resolve().parents[2] / "plans"
SUFFIX = ".clauses.yaml"

Kind = Literal["duty", "page", "report", "order"]
KINDS: tuple[Kind, ...] = ("duty", "page", "report", "order")


@dataclass(frozen=True)
class Carrier:
    """A duty of the plan, a page by its URL name, a report or an order by its code."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class Clause:
    """One clause of a document under a short title of our own; carried by nothing means: not yet."""

    id: str
    title: Words
    carried_by: tuple[Carrier, ...] = ()

    @property
    def carried(self) -> bool:
        return bool(self.carried_by)

    @property
    def duties(self) -> tuple[str, ...]:
        return tuple(carrier.name for carrier in self.carried_by if carrier.kind == "duty")


def read_clauses(text: str) -> dict[str, Clause]:
    """Raises PlanFaults with every fault and its line."""
    document = read(text)
    faults, found = list(document.faults), {}
    entries = document.data if isinstance(document.data, dict) else {}
    if not entries and not faults:
        faults.append(Fault(1, "", "syntax", {"reason": "empty"}))
    for clause, entry in entries.items():
        try:
            found[clause] = _clause(clause, entry)
        except _Broken as broken:
            path = (clause, *broken.path)
            faults.append(Fault(document.line_of(path), dotted(path), broken.rule, broken.values))
    if faults:
        raise PlanFaults(faults)
    return found


@lru_cache(maxsize=32)
def clauses_of(code: str) -> dict[str, Clause]:
    """The trace of a shipped plan by clause id; empty for a plan that was uploaded under a name of its own."""
    path = SHIPPED_FOLDER / f"{code}{SUFFIX}"
    return read_clauses(path.read_text(encoding="utf-8")) if path.is_file() else {}


class _Broken(Exception):  # noqa: N818 - the reader turns it into a fault
    def __init__(self, path: tuple[str | int, ...], rule: str, **values: object) -> None:
        super().__init__(rule)
        self.path, self.rule, self.values = path, rule, values


def _clause(clause: str, entry: Any) -> Clause:
    body = entry if isinstance(entry, dict) else {}
    for language in ("zh", "en"):
        if not isinstance(body.get(language), str) or not body[language]:
            raise _Broken((), "missing", key=language)
    for key in body:
        if key not in ("zh", "en", "by"):
            raise _Broken((key,), "unknown_key", key=key)
    carriers = body.get("by", [])
    if not isinstance(carriers, list):
        raise _Broken(("by",), "wrong_type", value=str(carriers), expected="list")
    return Clause(clause, Words(zh=body["zh"], en=body["en"]), tuple(map(_carrier, carriers, range(len(carriers)))))


def _carrier(text: Any, index: int) -> Carrier:
    kind, _colon, name = str(text).partition(":")
    if kind not in KINDS or not name:
        raise _Broken(("by", index), "choice", value=str(text), expected=", ".join(f"{one}:…" for one in KINDS))
    return Carrier(kind, name)
