"""What is wrong with a plan, each fault with its line. A fault keeps rule and values, not sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lianfang.science.plan.values import Words

MESSAGES: dict[str, Words] = {
    "unreadable": Words(zh="文件无法读取：{reason}", en="the file cannot be read: {reason}"),
    "syntax": Words(zh="YAML 语法错误：{reason}", en="YAML syntax error: {reason}"),
    "too_large": Words(zh="文件过大：超过 {limit} 个节点", en="the file is too large: more than {limit} nodes"),
    "too_deep": Words(zh="嵌套过深：超过 {limit} 层", en="nested too deeply: more than {limit} levels"),
    "recursive": Words(zh="别名引用了自身", en="an alias contains itself"),
    "unknown_tag": Words(zh="不支持的 YAML 标签“{tag}”", en="YAML tag “{tag}” is not supported"),
    "key_not_text": Words(zh="键必须是文字", en="a key must be text"),
    "duplicate_key": Words(
        zh="键“{key}”重复，首次出现在第 {first} 行",
        en="key “{key}” is repeated; it first stands in line {first}",
    ),
    "unknown_key": Words(zh="没有名为“{key}”的项", en="there is no item called “{key}”"),
    "missing": Words(zh="缺少“{key}”", en="“{key}” is missing"),
    "wrong_type": Words(
        zh="“{value}”类型不对，应为{expected}", en="“{value}” is of the wrong type; expected {expected}"
    ),
    "choice": Words(zh="“{value}”不在可选值之内：{expected}", en="“{value}” is none of {expected}"),
    "empty": Words(zh="不能为空", en="must not be empty"),
    "code": Words(zh="“{value}”格式不对，不符合 {pattern}", en="“{value}” is not well formed; it must match {pattern}"),
    "clock": Words(
        zh='“{value}”不是时刻，应写作 "06:00"，最晚 "24:00"',
        en='“{value}” is no clock time; write "06:00", at most "24:00"',
    ),
    "duration": Words(zh="“{value}”不是时长，应写作 30m、2h、1d", en="“{value}” is no duration; write 30m, 2h, 1d"),
    "date": Words(zh="“{value}”不是日期，应写作 2020-02-08", en="“{value}” is no date; write 2020-02-08"),
    "days": Words(zh="天数须不少于 1，现为 {value}", en="days must be at least 1, not {value}"),
    "count": Words(zh="须为不少于 1 的整数，现为 {value}", en="must be a whole number of at least 1, not {value}"),
    "percent": Words(zh="比例须大于 0、不超过 100，现为 {value}", en="a share is above 0 and at most 100, not {value}"),
    "area_path": Words(
        zh="“{value}”不是区划路径，应为 2、4、6、9、12、15 或 18 位数字",
        en="“{value}” is no path of a division: 2, 4, 6, 9, 12, 15 or 18 digits",
    ),
    "no_source": Words(
        zh="没有出处：须写明 clause（条款）或 assumed（文件未载明时的暂定说明）",
        en="no source: give clause, or assumed where the document is silent",
    ),
    "two_sources": Words(zh="clause 与 assumed 只能写一个", en="give either clause or assumed, not both"),
    "no_clause": Words(zh="责任事项没有条款出处", en="the duty has no clause"),
    "unknown_criterion": Words(
        zh="条件“{value}”无法识别，可用：{expected}",
        en="criterion “{value}” is not known; there are {expected}",
    ),
    "unknown_reference": Words(zh="引用的{kind}“{value}”不存在", en="there is no {kind} “{value}”"),
    "code_differs": Words(zh="code 为“{value}”，与键“{key}”不一致", en="code “{value}” differs from its key “{key}”"),
    "repeated": Words(zh="“{value}”重复", en="“{value}” is repeated"),
    "ends_before_start": Words(
        zh="结束（{end}）不晚于开始（{start}）", en="ends ({end}) before it has begun ({start})"
    ),
    "slots_overlap": Words(zh="时段“{value}”与“{other}”重叠", en="slot “{value}” overlaps slot “{other}”"),
    "steps_not_increasing": Words(
        zh="催办级次须逐级向上、时间递增",
        en="each step of the escalation must be later and higher than the last",
    ),
    "not_positive": Words(zh="时长须大于零", en="the duration must be more than nothing"),
    "needless": Words(zh="{shape}事项不应有“{key}”", en="{shape} takes no “{key}”"),
    "no_team": Words(
        zh="人员流程“{pathway}”没有责任小组，而事项“{value}”按小组岗位分别落实",
        en="pathway “{pathway}” has no team, but duty “{value}” is owed for each of its roles",
    ),
    "completes": Words(
        zh="“{value}”须是同一流程“{pathway}”中的时段类事项",
        en="“{value}” must be a duty with slots in the same pathway “{pathway}”",
    ),
    "no_period": Words(
        zh="流程“{pathway}”没有期限，事项不能从末日起算",
        en="pathway “{pathway}” has no period, so the duty cannot count from its last day",
    ),
    "all_optional": Words(zh="小组至少要有一个必设岗位", en="a team needs at least one place that must be filled"),
    "voluntary_order": Words(
        zh="自愿参加的流程不能规定转为集中", en="a voluntary pathway cannot send anybody to a central place"
    ),
    "no_power": Words(
        zh="现行方案按乙类、丙类管理且未启动应急响应，不能强制观察：须写 compulsion: voluntary",
        en="a plan in force under class B or C without an activated response cannot compel observation: "
        "write compulsion: voluntary",
    ),
    "no_key_areas": Words(zh="条件用到重点地区，但名单为空", en="the criterion needs key areas, but none is listed"),
}

# Words inside messages that are themselves to be translated.
TERMS: dict[str, Words] = {
    "text": Words(zh="文字（数字编码须加引号）", en="text (quote a code made of digits)"),
    "number": Words(zh="数字", en="a number"),
    "whole_number": Words(zh="整数", en="a whole number"),
    "boolean": Words(zh="true 或 false", en="true or false"),
    "mapping": Words(zh="键值表", en="a mapping"),
    "list": Words(zh="列表", en="a list"),
    "duty": Words(zh="责任事项", en="duty"),
    "team": Words(zh="责任小组", en="team"),
    "pathway": Words(zh="流程", en="pathway"),
    "alert": Words(zh="预警", en="alert"),
    "threshold": Words(zh="阈值", en="threshold"),
    "role": Words(zh="角色", en="role"),
    "team_role": Words(zh="小组岗位", en="role of the team"),
    "clause": Words(zh="条款标题", en="title for the clause"),
    "slot": Words(zh="时段类", en="a duty with slots"),
    "clock": Words(zh="时限类", en="a duty on a clock"),
    "completes": Words(zh="随他项完成的", en="a duty that completes another"),
}


@dataclass(frozen=True)
class Fault:
    """`line` counts from 1; 0 where there is no text to point at. `path` is dotted, as in the file."""

    line: int
    path: str
    rule: str
    values: Mapping[str, object] = field(default_factory=dict)

    def message(self, lang: str) -> str:
        values = {name: _in_words(value, lang) for name, value in self.values.items()}
        return MESSAGES[self.rule].of(lang).format(**values)


def _in_words(value: object, lang: str) -> object:
    return TERMS[value].of(lang) if isinstance(value, Term) else value


class Term(str):
    """A value of a fault that names one of TERMS."""

    __slots__ = ()


class PlanFaults(Exception):  # noqa: N818 - the public name says that there are several
    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: (fault.line, fault.path, fault.rule))
        super().__init__("; ".join(f"{fault.line}: {fault.path}: {fault.message('en')}" for fault in self.faults))
