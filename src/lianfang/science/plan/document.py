"""YAML text as plain data plus the line of every part of it. Faults are collected, not raised one by one."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from lianfang.science.plan.faults import Fault

Path = tuple[str | int, ...]

MAX_NODES = 50_000
MAX_DEPTH = 50
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+")
_TAG = "tag:yaml.org,2002:"


@dataclass
class Document:
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    nodes: int = 0

    def line_of(self, path: Path) -> int:
        """The line of the part, or of the nearest part around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, line: int, path: Path, rule: str, **values: object) -> None:
        self.faults.append(Fault(line, dotted(path), rule, values))


class _Refused(Exception):  # noqa: N818 - ends the reading; the reader turns it into a fault
    def __init__(self, rule: str, **values: object) -> None:
        self.rule, self.values = rule, values
        super().__init__(rule)


def dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)


def read(text: str) -> Document:
    document = Document()
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        _syntax(document, text, error)
        return document
    except RecursionError:
        document.fault(1, (), "too_deep", limit=MAX_DEPTH)
        return document
    if root is None:
        document.fault(1, (), "syntax", reason="empty")
        return document
    document.lines[()] = _line(root)
    try:
        document.data = _build(document, root, (), ())
    except _Refused as refusal:
        document.fault(1, (), refusal.rule, **refusal.values)
        document.data = None
    return document


def _syntax(document: Document, text: str, error: yaml.YAMLError) -> None:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line, reason = error.problem_mark.line + 1, str(error.problem or error.context)
    elif isinstance(error, yaml.reader.ReaderError):
        line, reason = text.count("\n", 0, error.position) + 1, str(error.reason)
    else:
        line, reason = 1, str(error)
    document.fault(line, (), "syntax", reason=reason)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _build(document: Document, node: yaml.Node, path: Path, above: tuple[yaml.Node, ...]) -> Any:
    document.nodes += 1
    if document.nodes > MAX_NODES:
        raise _Refused("too_large", limit=MAX_NODES)
    if len(above) > MAX_DEPTH:
        raise _Refused("too_deep", limit=MAX_DEPTH)
    if any(node is parent for parent in above):
        document.fault(document.line_of(path), path, "recursive")
        return None
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(document, node, path, above)
    if isinstance(node, yaml.SequenceNode):
        return _build_sequence(document, node, path, above)
    return _scalar(document, node, path)


def _build_mapping(
    document: Document, node: yaml.MappingNode, path: Path, above: tuple[yaml.Node, ...]
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            document.fault(line, path, "key_not_text")
            continue
        key = str(key_node.value)
        below = (*path, key)
        if key in made:
            document.fault(line, below, "duplicate_key", key=key, first=document.lines[below])
            continue
        document.lines[below] = line
        made[key] = _build(document, value_node, below, (*above, node))
    return made


def _build_sequence(document: Document, node: yaml.SequenceNode, path: Path, above: tuple[yaml.Node, ...]) -> list[Any]:
    made = []
    for index, item in enumerate(node.value):
        document.lines[(*path, index)] = _line(item)
        made.append(_build(document, item, (*path, index), (*above, node)))
    return made


def _scalar(document: Document, node: yaml.Node, path: Path) -> Any:
    """Stricter than YAML 1.1, where 14:00 is the number 840, 042 is 34 and `no` is false: those stay text."""
    text, tag = str(node.value), str(node.tag).removeprefix(_TAG)
    if tag == "null":
        return None
    if tag == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if tag == "int" and _INTEGER.fullmatch(text):
        return int(text)
    if tag == "float" and _FLOAT.fullmatch(text):
        return float(text)
    if tag not in ("str", "bool", "int", "float", "timestamp"):
        document.fault(_line(node), path, "unknown_tag", tag=str(node.tag))
    return text
