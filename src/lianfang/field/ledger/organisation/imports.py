"""An organisation list in: area, group, unit, post, name, phone, since. What cannot be read is told by its row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from lianfang.mandate.duties.states import local_day
from lianfang.mandate.intake.importing import RowIn
from lianfang.mandate.intake.reading import File, Told, rows_of
from lianfang.mandate.intake.rules.cells import clean_text
from lianfang.mandate.intake.rules.dates import read_moment
from lianfang.mandate.intake.rules.headings import FieldSpec
from lianfang.mandate.intake.rules.problems import FileFault, ValueFault
from lianfang.registry.audit.rules import Actor
from lianfang.registry.organisation import actions
from lianfang.registry.organisation.models import Body
from lianfang.registry.organisation.rules import AREA_POSTS, BODY_POSTS
from lianfang.registry.places.models import Area
from lianfang.science.identity.phones import read_phones
from lianfang.science.identity.villages import normalise_place

FIELDS = (
    FieldSpec("area", ("地区", "乡镇（村）", "所属地区", "区域", "area")),
    FieldSpec("grid", ("网格", "网格名称", "grid")),
    FieldSpec("group", ("机构", "组别", "工作组", "小组名称", "body", "group")),
    FieldSpec("unit", ("单位", "工作单位", "成员单位", "所在单位", "unit")),
    FieldSpec("post", ("职务", "职责", "岗位", "post"), required=True),
    FieldSpec("name", ("姓名", "名字", "name"), required=True),
    FieldSpec("phone", ("联系电话", "电话", "手机", "phone")),
    FieldSpec("since", ("任职时间", "任职日期", "自何时", "since")),
)
POSTS = {
    "first_responsible": ("第一责任人", "first responsible person"),
    "linked_leader": ("包联领导", "包村领导", "包乡领导", "联系领导", "leader linked to the area"),
    "village_lead": ("村级负责人", "村负责人", "村支书", "village lead"),
    "grid_worker": ("网格员", "网格长", "grid worker"),
    "head": ("组长", "主任", "总指挥", "指挥长", "组长（主任）", "组长(主任)", "负责人", "head"),
    "deputy": ("副组长", "副主任", "副总指挥", "副指挥长", "副组长（副主任）", "副组长(副主任)", "deputy"),
    "member": ("成员", "组员", "member"),
    "contact": ("联络员", "联系人", "contact"),
    "legal_representative": ("法定代表人", "法人代表", "legal representative"),
    "lead_unit": ("牵头单位", "lead unit"),
}
_POST_OF = {word: post for post, words in POSTS.items() for word in words}
_KINDS = (("领导小组", "leading_group"), ("指挥部", "command_post"), ("办公室", "office"), ("组", "working_group"))
_ENGLISH = (("leading group", "leading_group"), ("command", "command_post"), ("office", "office"))


@dataclass(frozen=True)
class RowFault:
    """What is wrong with a row, by the number that Excel shows."""

    row: int
    field: str
    value: str
    rule: str


@dataclass
class Outcome:
    rows: int = 0
    made: int = 0
    told: int = 0
    same: int = 0
    faults: list[RowFault] = field(default_factory=list)


@dataclass(frozen=True)
class _Read:
    number: int
    area_path: str
    post: str
    name: str
    unit: str
    phone: str
    since: datetime
    body: actions.NewBody | None


class _Refused(ValueError):
    def __init__(self, name: str, value: str, rule: str) -> None:
        super().__init__(rule)
        self.field, self.value, self.rule = name, value, rule


def import_organisation_file(*, by: Actor, at: datetime, area_path: str, name: str, content: bytes) -> Outcome:
    """Bodies and holders of a list for an area and those below it; FileFault where nothing can be read."""
    told = Told()
    rows = list(rows_of(File(name, content, FIELDS), told))
    if not rows:
        raise FileFault("list_empty" if told.tables else "no_list_found")
    return take(by=by, at=at, area_path=area_path, rows=rows)


@transaction.atomic
def take(*, by: Actor, at: datetime, area_path: str, rows: Sequence[RowIn]) -> Outcome:
    """All good rows in a few statements; a row that cannot be read changes nothing and is named."""
    outcome, reader = Outcome(rows=len(rows)), _Reader(area_path, at)
    read = []
    for row in rows:
        try:
            read.append(reader.read(row))
        except _Refused as refused:
            outcome.faults.append(RowFault(row.number, refused.field, refused.value, refused.rule))
    wanted = {one.body for one in read if one.body} | {unit for one in read if (unit := _lead(one))}
    bodies = actions.establish_many(by=by, at=at, new=sorted(wanted, key=lambda one: (one.area_path, one.name)))
    leads = {bodies[one.body]: bodies[unit] for one in read if one.body and (unit := _lead(one))}
    actions.name_lead_units(by=by, at=at, leads=leads)
    terms = _without_contradictions([one for one in read if one.post != "lead_unit"], bodies, outcome)
    done = actions.appoint_many(by=by, at=at, new=terms)
    outcome.made, outcome.told, outcome.same = len(done.made), len(done.told), len(done.same)
    return outcome


def _lead(one: _Read) -> actions.NewBody | None:
    return actions.NewBody(one.area_path, "member_unit", one.unit, one.since) if one.post == "lead_unit" else None


def _without_contradictions(
    read: Sequence[_Read], bodies: dict[actions.NewBody, Body], outcome: Outcome
) -> list[actions.NewTerm]:
    """One list must not name two holders of one post from the same day on: the second row is told."""
    terms, seen = [], {}
    later = actions.held_since({one.area_path for one in read})
    for one in read:
        term = actions.NewTerm(
            area_path=one.area_path,
            post=one.post,
            name=one.name,
            since=one.since,
            body=bodies[one.body] if one.body else None,
            unit=one.unit,
            phone=one.phone,
        )
        key = (*term.seat, one.since)
        before = later.get(term.seat)
        if actions.is_single(one.post) and seen.setdefault(key, one.name) != one.name:
            outcome.faults.append(RowFault(one.number, "name", one.name, "post_held_twice"))
        elif before and before[0] != one.name and before[1] >= one.since:
            outcome.faults.append(RowFault(one.number, "since", before[0], "held_since_later"))
        else:
            terms.append(term)
    outcome.faults.sort(key=lambda fault: fault.row)
    return terms


class _Reader:
    def __init__(self, area_path: str, at: datetime) -> None:
        self._area, self._at, self._today = area_path, at, local_day(at)
        self._places: dict[str, list[str]] = {}
        self._grids: dict[tuple[str, str], str] = {}
        for path, name, kind in Area.objects.under(area_path).valid_on(self._today).values_list("path", "name", "kind"):
            if kind == "grid":
                self._grids[path[:12], normalise_place(name)] = path
            else:
                for word in {name, normalise_place(name)}:
                    self._places.setdefault(word, []).append(path)
            self._places.setdefault(path, []).append(path)

    def read(self, row: RowIn) -> _Read:
        cells = {code: clean_text(value) for code, value in row.values.items()}
        post = _POST_OF.get(cells.get("post", "").lower().replace(" ", "") or "-") or _POST_OF.get(
            cells.get("post", "").lower()
        )
        if post is None:
            raise _Refused("post", cells.get("post", ""), "unknown_post")
        area = self._place(cells.get("area", ""), cells.get("grid", ""))
        name, unit = cells.get("name", "")[:60], cells.get("unit", "")[:120]
        if not name and post != "lead_unit":
            raise _Refused("name", "", "no_name")
        since = self._since(row.values.get("since"))
        body = self._body(area, post, cells.get("group", "")[:120], unit, since)
        phones = read_phones(row.values.get("phone"))
        return _Read(row.number, area, post, name, unit, phones[0] if phones else "", since, body)

    def _place(self, name: str, grid: str) -> str:
        found = self._places.get(name) or self._places.get(normalise_place(name)) or [] if name else [self._area]
        if len(set(found)) != 1:
            raise _Refused("area", name, "unknown_area")
        if not grid:
            return found[0]
        path = self._grids.get((found[0][:12], normalise_place(grid)))
        if path is None:
            raise _Refused("grid", grid, "unknown_grid")
        return path

    def _since(self, cell: object) -> datetime:
        if cell in (None, ""):
            return self._at
        moment = read_moment(cell, self._today.year, latest=self._today)
        if isinstance(moment, ValueFault):
            raise _Refused("since", moment.value, moment.rule)
        told = datetime.combine(moment[0], moment[1] or datetime.min.time())
        return min(timezone.make_aware(told), self._at) if moment[0] == self._today else timezone.make_aware(told)

    @staticmethod
    def _body(area: str, post: str, group: str, unit: str, since: datetime) -> actions.NewBody | None:
        """Named by the list, else the unit of a contact; the posts of an area have none."""
        if post in AREA_POSTS:
            return None
        if post == "lead_unit" and not (group and unit):
            raise _Refused("group" if unit else "unit", group, "no_body")
        name, kind = (group, kind_of_body(group)) if group else (unit, "member_unit")
        if post in BODY_POSTS["member_unit"]:
            name, kind = (unit or group), "member_unit"
        if not name:
            raise _Refused("group", "", "no_body")
        if post not in (*BODY_POSTS[kind], "lead_unit"):
            raise _Refused("post", post, "unknown_post")
        return actions.NewBody(area, kind, name, since)


def kind_of_body(name: str) -> str:
    """By what its name says; what ends in no known word is a member unit."""
    found = next((kind for word, kind in _KINDS if name.endswith(word)), None)
    text = name.lower()
    found = found or next((kind for word, kind in _ENGLISH if word in text), None)
    return found or ("working_group" if text.endswith("group") else "member_unit")
