"""A plan as readable text, every assumed value marked where it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lianfang.science.plan.criteria import describe
from lianfang.science.plan.schema import Duty, KeyArea, Pathway, Period, Plan, RoleSlot
from lianfang.science.plan.values import ASSUMED_MARK, Ruled, Words, duration_words


@dataclass(frozen=True)
class Section:
    title: str
    lines: tuple[str, ...]


STATUS = {
    "historic": Words(zh="历史方案（仅供演练）", en="historic (exercise installations only)"),
    "in_force": Words(zh="现行方案", en="in force"),
}
ANCHORS = {
    "arrival": Words(zh="抵达日", en="arrival"),
    "registration": Words(zh="登记日", en="registration"),
    "last_exposure": Words(zh="末次暴露日", en="last exposure"),
}
STARTS = {
    "registration": Words(zh="登记", en="registration"),
    "reached_home": Words(zh="到家", en="reaching home"),
    "anchor": Words(zh="纳入流程", en="entering the pathway"),
    "last_day": Words(zh="观察末日零时", en="00:00 of the last day"),
}
DAY_ONE = {
    "next_day": Words(zh="次日为第 1 日", en="day one is the next day"),
    "anchor_day": Words(zh="当日为第 1 日", en="day one is that day"),
}
MEASURE_RULES = {
    "forbidden": Words(zh="不得采取", en="forbidden"),
    "allowed": Words(zh="可以采取", en="allowed"),
    "required": Words(zh="须采取", en="required"),
}
COMPULSION = {
    "ordered": Words(zh="依规要求", en="ordered"),
    "voluntary": Words(zh="自愿参加", en="voluntary"),
}
LEVEL_NAMES = {
    "village": Words(zh="村（社区）", en="village"),
    "township": Words(zh="乡镇（街道）", en="township"),
    "county": Words(zh="县", en="county"),
}
DISEASES = {
    "covid-19": Words(zh="新型冠状病毒感染（新冠肺炎）", en="COVID-19"),
    "measles": Words(zh="麻疹", en="measles"),
}
CARD_FIELDS = {
    "document": Words(zh="证件号", en="document number"),
    "phone": Words(zh="联系电话", en="phone"),
    "door": Words(zh="门牌号", en="door number"),
    "village": Words(zh="村（社区）", en="village"),
}
THRESHOLDS = {"fever_c": (Words(zh="发热标准", en="fever from"), "℃", "°C")}
SYMPTOMS = {
    "fever": Words(zh="发热", en="fever"),
    "cough": Words(zh="咳嗽", en="cough"),
    "dry_cough": Words(zh="干咳", en="dry cough"),
    "shortness_of_breath": Words(zh="气促", en="shortness of breath"),
    "fatigue": Words(zh="乏力", en="fatigue"),
    "rash": Words(zh="皮疹", en="rash"),
}
HOME_NEEDS = {
    "single_room": Words(zh="单独房间", en="a room of one's own"),
    "own_toilet": Words(zh="单独卫生间，或每次使用后消毒", en="a toilet of one's own, or disinfected after each use"),
    "ventilation": Words(zh="可开窗通风", en="a window that opens"),
}
PLACES = {
    "home": Words(zh="居家", en="at home"),
    "centralised": Words(zh="集中", en="centralised"),
}


def describe_plan(plan: Plan, lang: str) -> list[Section]:
    sections = [
        _head(plan, lang),
        _thresholds(plan, lang),
        _key_areas(plan, lang),
        _teams(plan, lang),
        *(_pathway(plan, pathway, lang) for pathway in plan.pathways.values()),
        *(_duty(plan, duty, lang) for duty in plan.duties.values()),
        _alerts(plan, lang),
        _checks(plan, lang),
        _measures(plan, lang),
        _assumed(plan, lang),
    ]
    return [section for section in sections if section.lines]


def _head(plan: Plan, lang: str) -> Section:
    legal, days = plan.legal, plan.retention.originals_days
    response = legal.response_level or "—"
    lines = [
        _say(lang, f"编号：{plan.plan}，版本 {plan.version[:7]}", f"code: {plan.plan}, version {plan.version[:7]}"),
        _say(lang, f"制定依据：{plan.authority.zh}", f"authority: {plan.authority.en}"),
        _say(lang, f"病种：{_named(DISEASES, plan.disease, lang)}", f"disease: {_named(DISEASES, plan.disease, lang)}"),
        _say(lang, f"状态：{STATUS[plan.status].zh}", f"status: {STATUS[plan.status].en}"),
        _say(lang, f"印发：{_printed_zh(plan.printed)}", f"printed: {plan.printed}"),
        _say(
            lang,
            f"法律地位：按{_class_zh(legal.managed_as)}管理，{response} 级响应；{legal.basis.zh}",
            f"legal footing: managed as class {legal.managed_as}, response {response}; {legal.basis.en}",
        )
        + _source(legal, lang),
        _say(
            lang,
            f"登记卡必填：{_all_named(CARD_FIELDS, plan.card.requires, lang)}",
            f"card must carry: {_all_named(CARD_FIELDS, plan.card.requires, lang)}",
        )
        + _source(plan.card, lang),
        _say(
            lang,
            f"导入原件保留 {days.value} 日",
            f"originals of imported files are kept {days.value} days",
        )
        + _source(days, lang),
    ]
    if plan.under:
        lines.insert(2, _say(lang, f"上级方案：{plan.under}", f"under: {plan.under}"))
    return Section(plan.title.of(lang), tuple(lines))


def _printed_zh(printed: str) -> str:
    return printed.replace(" (web)", "（网络）").replace(" (newspaper)", "（报纸）")


def _class_zh(managed_as: str) -> str:
    return {"A": "甲类", "B": "乙类", "C": "丙类"}[managed_as]


def _say(lang: str, zh: str, en: str) -> str:
    return zh if lang.lower().startswith("zh") else en


def _source(block: Ruled, lang: str) -> str:
    """After a value: the clauses that it rests on, or the mark of what is assumed and why."""
    if block.assumed is not None:
        return f" {ASSUMED_MARK.of(lang)} {block.assumed.of(lang)}"
    return f" [{', '.join(block.clauses)}]"


def _thresholds(plan: Plan, lang: str) -> Section:
    lines = [
        f"{_threshold_words(code, threshold.value, lang)}{_source(threshold, lang)}"
        for code, threshold in plan.thresholds.items()
    ]
    return Section(_say(lang, "阈值", "Thresholds"), tuple(lines))


def _threshold_words(code: str, value: float, lang: str) -> str:
    if code not in THRESHOLDS:
        return f"{code}: {value:g}"
    words, zh, en = THRESHOLDS[code]
    return f"{words.of(lang)} {value:g} {_say(lang, zh, en)}"


def _named(table: Mapping[str, Words], code: str, lang: str) -> str:
    """A code in words; one that has none yet stands as it is."""
    return table[code].of(lang) if code in table else code


def _all_named(table: Mapping[str, Words], codes: Iterable[str], lang: str) -> str:
    return _say(lang, "、", ", ").join(_named(table, code, lang) for code in codes) or _say(lang, "无", "nothing")


def _key_areas(plan: Plan, lang: str) -> Section:
    return Section(_say(lang, "重点地区", "Key areas"), tuple(_key_area(area, lang) for area in plan.key_areas))


def _key_area(area: KeyArea, lang: str) -> str:
    remark = f" {ASSUMED_MARK.of(lang)} {area.since_assumed.of(lang)}" if area.since_assumed else ""
    more = _say(lang, "；名单未穷尽", "; the list is open-ended") if area.open_ended else ""
    zh, en = f"{_day_zh(area.since)}起列入", f"listed from {area.since.isoformat()} on"
    if area.until:
        zh, en = f"{_day_zh(area.since)}至{_day_zh(area.until)}列入", f"listed {area.since} to {area.until}"
    said = _say(lang, f"{area.name.zh}（{area.path}），{zh}", f"{area.name.en} ({area.path}), {en}")
    return f"{said}{more}{_source(area, lang)}{remark}"


def _day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _teams(plan: Plan, lang: str) -> Section:
    joint = _say(lang, "、", ", ")
    lines = []
    for team in plan.teams.values():
        lines.append(f"{joint.join(_place(slot, lang) for slot in team.slots)}{_source(team, lang)}")
        if team.max_load:
            load = team.max_load.value
            said = _say(lang, f"每名成员最多 {load} 人", f"at most {load} persons for each member")
            lines.append(said + _source(team.max_load, lang))
    return Section(_say(lang, "责任小组", "Teams"), tuple(lines))


def _place(slot: RoleSlot, lang: str) -> str:
    return slot.title.of(lang) + (_say(lang, "（可空）", " (optional)") if slot.optional else "")


def _pathway(plan: Plan, pathway: Pathway, lang: str) -> Section:
    joint = _say(lang, "、", ", ")
    duties = joint.join(duty.title.of(lang) for duty in plan.duties_of(pathway))
    admits = describe(pathway.admit, plan, lang)
    lines = [_say(lang, f"适用：{admits}", f"admits: {admits}")]
    if pathway.place:
        place = PLACES.get(pathway.place, Words(zh=pathway.place, en=pathway.place)).of(lang)
        lines.append(_say(lang, f"地点：{place}", f"place: {place}"))
    if pathway.voluntary:
        kind = COMPULSION[pathway.compulsion].of(lang)
        lines.append(_say(lang, f"参加方式：{kind}", f"taking part: {kind}"))
    if pathway.home:
        asked = _all_named(HOME_NEEDS, pathway.home.requires, lang)
        otherwise = PLACES[pathway.home.otherwise].of(lang)
        said = _say(
            lang, f"住处须具备：{asked}；不具备则{otherwise}", f"the home must have: {asked}; otherwise {otherwise}"
        )
        lines.append(said + _source(pathway.home, lang))
    if pathway.period:
        lines += _period(pathway.period, lang)
    if pathway.team:
        members = joint.join(_place(slot, lang) for slot in plan.teams[pathway.team].slots)
        lines.append(_say(lang, f"责任小组：{members}", f"team: {members}"))
    if pathway.observed:
        lines.append(_say(lang, "人员计入在管人员", "persons count as under observation"))
    lines.append(_say(lang, f"事项：{duties}", f"duties: {duties}"))
    title = _say(lang, f"流程 {pathway.title.zh}", f"Pathway: {pathway.title.en}")
    return Section(title, tuple(lines))


def _period(period: Period, lang: str) -> list[str]:
    days, anchor, day_one = period.days.value, ANCHORS[period.anchor], DAY_ONE[period.day_one]
    return [
        _say(lang, f"期限：{days} 日", f"period: {days} days") + _source(period.days, lang),
        _say(
            lang,
            f"自{anchor.zh}起算，{day_one.zh}，末日 24:00 止",
            f"counted from {anchor.en}, {day_one.en}, ends at 24:00 of the last day",
        )
        + _source(period, lang),
    ]


def _duty(plan: Plan, duty: Duty, lang: str) -> Section:
    lines = [_clause_line(plan, duty, lang)]
    if duty.assumed is not None:
        lines.append(f"{ASSUMED_MARK.of(lang)} {duty.assumed.of(lang)}")
    for slot in duty.slots:
        lines.append(f"{slot.name.of(lang)} {slot.start_text}–{slot.end_text}{_source(slot, lang)}")
    if duty.within is not None and duty.start is not None:
        within, start = duration_words(duty.within.value, lang), STARTS[duty.start]
        lines.append(
            _say(lang, f"{start.zh}后 {within} 内", f"within {within} of {start.en}") + _source(duty.within, lang)
        )
    if duty.per_role:
        lines.append(_say(lang, "按小组岗位逐一落实", "owed for each role of the team"))
    lines.append(_closing(plan, duty, lang))
    owner = _owner(plan, duty, lang)
    lines.append(_say(lang, f"责任人：{owner}", f"owner: {owner}"))
    lines.append(_escalation(plan, duty, lang))
    if duty.excuse and duty.excuse.second_person:
        said = _say(lang, "免办须经第二人同意", "an excuse needs a second person")
        lines.append(said + _source(duty.excuse, lang))
    title = _say(lang, f"事项 {duty.title.zh}", f"Duty: {duty.title.en}")
    return Section(title, tuple(lines))


def _clause_line(plan: Plan, duty: Duty, lang: str) -> str:
    named = [f"{clause} {plan.clause_title(clause, lang)}".strip() for clause in duty.clauses]
    joined = _say(lang, "；", "; ").join(named)
    return _say(lang, f"条款：{joined}", f"clauses: {joined}")


_EVIDENCE = {  # kinds of records in words; one that is not here is named by its code
    "temperature": ("体温", "temperature"),
    "symptoms": ("症状", "symptoms"),
    "call": ("电话", "call"),
    "visit": ("上门", "visit"),
    "report": ("每日一报", "report"),
    "first_verification": ("首次核实", "first verification"),
    "team_member": ("责任小组成员到位", "team member"),
    "notice_served": ("告知书送达", "notice served"),
    "home_suitability": ("住处评估", "home assessment"),
    "alert_received_township": ("乡镇接到预警", "alert received by the township"),
    "alert_received_county": ("县级接到预警", "alert received by the county"),
    "referral": ("安排就诊", "care arranged"),
    "need_met": ("需求办结", "need met"),
    "release_review": ("解除评估", "review of release"),
    "zero_report": ("零报告", "zero report"),
}


def _closing(plan: Plan, duty: Duty, lang: str) -> str:
    if duty.completes:
        target = plan.duties[duty.completes].title.of(lang)
        return _say(lang, f"当日“{target}”全部完成即为落实", f"closed by all of the day's “{target}”")
    kinds = _say(lang, "、", ", ").join(_say(lang, *_EVIDENCE.get(kind, (kind, kind))) for kind in duty.evidence)
    return _say(lang, f"落实记录：{kinds}", f"evidence: {kinds}")


def _owner(plan: Plan, duty: Duty, lang: str) -> str:
    role = duty.owner_role
    if not duty.owned_by_team:
        return plan.roles[role].of(lang)
    titles = [slot.title for team in plan.teams.values() for slot in team.slots if slot.code == role]
    return _say(lang, f"小组{titles[0].zh}", f"{titles[0].en} of the team")


def _escalation(plan: Plan, duty: Duty, lang: str) -> str:
    steps = _say(lang, "，", ", ").join(
        f"{duration_words(step.after, lang)} → {LEVEL_NAMES[step.to].of(lang)}" for step in duty.escalate.steps
    )
    return _say(lang, f"逾期催办：{steps}", f"overdue goes to: {steps}") + _source(duty.escalate, lang)


def _alerts(plan: Plan, lang: str) -> Section:
    lines = []
    for alert in plan.alerts.values():
        threshold = plan.thresholds[alert.when.temperature_at_least]
        pathway = plan.pathways[alert.pathway].title
        said = _say(
            lang,
            f"{alert.title.zh}：体温 ≥ {threshold.value:g} ℃ → {pathway.zh}",
            f"{alert.title.en}: temperature ≥ {threshold.value:g} °C → {pathway.en}",
        )
        lines.append(said + _source(threshold, lang))
        if alert.when.symptoms:
            named = _all_named(SYMPTOMS, alert.when.symptoms, lang)
            lines.append(_say(lang, f"{alert.title.zh}：症状 {named}", f"{alert.title.en}: symptoms {named}"))
    return Section(_say(lang, "预警", "Alerts"), tuple(lines))


def _checks(plan: Plan, lang: str) -> Section:
    lines = []
    if plan.lost:
        days = plan.lost.missed_days
        said = _say(
            lang,
            f"连续 {days.value} 日未取得联系即列为失访",
            f"lost to follow-up after {days.value} days in a row without contact",
        )
        lines.append(said + _source(days, lang))
    if plan.callbacks:
        share = plan.callbacks.share_percent
        said = _say(lang, f"回访抽查 {share.value:g}%", f"{share.value:g}% of records are checked by calling back")
        lines.append(said + _source(share, lang))
    if plan.ledger:
        days = plan.ledger.fresh_days
        said = _say(
            lang,
            f"户台账每 {days.value} 日核对一次",
            f"a check of the household ledger counts for {days.value} days",
        )
        lines.append(said + _source(days, lang))
    return Section(_say(lang, "失访与抽查", "Lost to follow-up and call-backs"), tuple(lines))


def _measures(plan: Plan, lang: str) -> Section:
    colon = _say(lang, "：", ": ")
    lines = [
        f"{measure.title.of(lang)}{colon}{MEASURE_RULES[measure.rule].of(lang)}{_source(measure, lang)}"
        for measure in plan.measures.values()
    ]
    return Section(_say(lang, "防控措施", "Measures"), tuple(lines))


def _assumed(plan: Plan, lang: str) -> Section:
    title = _say(lang, "文件未载明、暂定的内容", "Assumed: what the document does not state")
    return Section(title, tuple(f"{found.path}: {found.words.of(lang)}" for found in plan.assumed()))
