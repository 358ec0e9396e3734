"""A plan with one thing more, as a version of its own."""

from datetime import date

from lianfang.science.plan.loader import from_json, to_json
from lianfang.science.plan.schema import Plan
from lianfang.science.plan.values import Words

_BY_ORDER = Words(zh="文件未列，依决定增列：{basis}", en="not in the document, added by order: {basis}")


def with_key_area(plan: Plan, *, path: str, name: Words, since: date, basis: str) -> Plan:
    """The plan with one more key area. The entry's source is the order: the document does not have it."""
    document = to_json(plan)
    document["key_areas"].append(
        {
            "path": path,
            "name": {"zh": name.zh, "en": name.en},
            "since": since.isoformat(),
            "assumed": {"zh": _BY_ORDER.zh.format(basis=basis), "en": _BY_ORDER.en.format(basis=basis)},
        }
    )
    return from_json(document)
