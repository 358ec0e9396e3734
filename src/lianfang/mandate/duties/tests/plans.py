"""Made-up plans: any slots and hours, clocks, periods, first days and teams that the schema allows."""

from hypothesis import strategies as st

from lianfang.science.plan import Plan, from_json
from lianfang.science.plan.values import clock_text

_OF = {"clauses": ["X-1"]}
_WORDS = {"zh": "试验", "en": "trial"}
_STARTS = ["registration", "anchor", "reached_home"]
_COMMON = {
    "authority": _WORDS,
    "disease": "covid-19",
    "status": "historic",
    "printed": "2020",
    "legal": {"managed_as": "A", "response_level": "I", "basis": _WORDS, **_OF},
    "roles": dict.fromkeys(("county_officer", "township_officer", "village_head", "a", "b", "c"), _WORDS),
    "card": {"requires": [], **_OF},
    "retention": {"originals_days": {"value": 30, **_OF}},
}


@st.composite
def slots(draw) -> list[dict]:
    """One to four windows of a day, to the quarter of an hour, from 00:00 to 24:00."""
    marks = draw(st.lists(st.integers(0, 96), min_size=2, max_size=8, unique=True).map(sorted))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return [
        {"code": f"s{number}", "name": _WORDS, "from": clock_text(15 * first), "to": clock_text(15 * last), **_OF}
        for number, (first, last) in enumerate(pairs)
    ]


def duty(**parts) -> dict:
    steps = {"steps": [{"after": "1h", "to": "village"}], **_OF}
    return {"title": _WORDS, "unit": _WORDS, "owner": "village_head", "escalate": steps, **_OF, **parts}


@st.composite
def clocks(draw, start: str, per_role: bool = False) -> dict:
    within = {"value": draw(st.sampled_from(["30m", "2h", "1d", "1d12h", "3d"])), **_OF}
    return duty(shape="clock", within=within, evidence=["call"], per_role=per_role, **{"from": start})


@st.composite
def periods(draw) -> dict:
    days = {"value": draw(st.integers(1, 9)), **_OF}
    anchor = draw(st.sampled_from(["arrival", "last_exposure", "registration"]))
    return {"anchor": anchor, "day_one": draw(st.sampled_from(["next_day", "anchor_day"])), "days": days, **_OF}


@st.composite
def plans(draw, code: str) -> Plan:
    """Pathways `stay` (with days, and a team), `seen` (clocks alone, no end), `again` (maybe) and `village`."""
    places = [{"code": code, "title": _WORDS, "optional": draw(st.booleans())} for code in "abc"]
    places[0]["optional"] = False
    duties = {
        "temperature": duty(shape="slot", slots=draw(slots()), evidence=["temperature"]),
        "report": duty(shape="slot", slots=draw(slots())[:1], completes="temperature"),
        "team": draw(clocks(draw(st.sampled_from(_STARTS[:2])), per_role=True)),
        "notice": draw(clocks("registration")),
        "review": draw(clocks("last_day")),
        "known": draw(clocks("reached_home")),
        "seen": draw(clocks(draw(st.sampled_from(_STARTS)))),
        "zero-report": duty(shape="slot", slots=draw(slots()), evidence=["zero_report"]),
        "visit": duty(shape="slot", slots=draw(slots()), evidence=["visit"]),
    }
    person = {"title": _WORDS, "subject": "person", "admit": {"everybody": True}}
    asked = ["temperature", "report", *draw(st.lists(st.sampled_from(["team", "notice", "review"]), unique=True))]
    pathways = {
        "stay": {**person, "period": draw(periods()), "team": "team", "duties": asked, "observed": True},
        "seen": {**person, "duties": ["known", "seen"]},
        "village": {**person, "subject": "area", "admit": {"area_kind": ["village"]}, "duties": ["zero-report"]},
    }
    if draw(st.booleans()):
        pathways["again"] = {**person, "period": draw(periods()), "duties": ["visit", "notice"]}
    return _plan(code, pathways, duties, places)


def with_slots(code: str, windows: list[tuple[str, str, str]]) -> Plan:
    """Three days of observation with these windows of the day."""
    given = [{"code": slot, "name": _WORDS, "from": first, "to": last, **_OF} for slot, first, last in windows]
    period = {"anchor": "arrival", "day_one": "anchor_day", "days": {"value": 3, **_OF}, **_OF}
    stay = {"title": _WORDS, "subject": "person", "admit": {"everybody": True}, "period": period}
    duties = {"temperature": duty(shape="slot", slots=given, evidence=["temperature"])}
    return _plan(code, {"stay": {**stay, "duties": ["temperature"]}}, duties, [{"code": "a", "title": _WORDS}])


def _plan(code: str, pathways: dict, duties: dict, places: list[dict]) -> Plan:
    return from_json(
        {
            **_COMMON,
            "plan": code,
            "title": _WORDS,
            "teams": {"team": {"slots": places, **_OF}},
            "pathways": pathways,
            "duties": duties,
        }
    )
