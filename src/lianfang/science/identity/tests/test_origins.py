import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianfang.science.identity.origins import DivisionIndex, Resolved

ROWS = [
    tuple(line.split())
    for line in """
11 北京市
1101 市辖区
110105 朝阳区
110108 海淀区
14 山西省
1401 太原市
140105 小店区
140105001 坞城街道
1402 大同市
140214 云冈区
1407 晋中市
140728 平遥县
1409 忻州市
140902 忻府区
140922 五台县
140923 代县
140931 保德县
140931101 义门镇
15 内蒙古自治区
1506 鄂尔多斯市
1503 乌海市
150303 海南区
13 河北省
1302 唐山市
130203 路北区
21 辽宁省
2113 朝阳市
22 吉林省
2201 长春市
220104 朝阳区
2202 吉林市
32 江苏省
3211 镇江市
42 湖北省
4201 武汉市
420103 江汉区
420106 武昌区
420106011 中南路街道
4209 孝感市
420922 大悟县
420922204 大同乡
4210 荆州市
421002 沙市区
4228 恩施土家族苗族自治州
422801 恩施市
4290 省直辖县级行政区划
429004 仙桃市
429004100 郑场镇
429021 神农架林区
43 湖南省
4301 长沙市
430121 长沙县
44 广东省
4401 广州市
440117 从化区
4419 东莞市
441900 东莞市
441900121 虎门镇
46 海南省
50 重庆市
5001 市辖区
500101 万州区
5002 县
500240 石柱土家族自治县
51 四川省
5103 自贡市
63 青海省
6325 海南藏族自治州
""".splitlines()
    if line
]
INDEX = DivisionIndex((path, name) for path, name in ROWS)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("湖北武汉", "4201"),
        ("湖北省武汉市", "4201"),
        ("武汉市江汉区", "420103"),
        ("湖北孝感", "4209"),
        ("武汉", "4201"),
        ("太原", "1401"),
        ("内蒙古鄂尔多斯", "1506"),
        ("山西省太原市小店区", "140105"),
        ("北京市朝阳区", "110105"),
        ("北京朝阳", "110105"),
        ("北京市北京市海淀区", "110108"),
        ("北京市市辖区海淀区", "110108"),
        ("湖北仙桃", "429004"),
        ("仙桃市郑场镇", "429004100"),
        ("湖北神农架", "429021"),
        ("大同市", "1402"),
        ("大同市云冈区", "140214"),
        ("湖北大悟县大同乡", "420922204"),
        ("平遥县", "140728"),
        ("五台县", "140922"),
        ("忻府区", "140902"),
        ("代县", "140923"),
        ("山西忻州保德县义门镇东沟村", "140931101"),
        ("山西保德", "140931"),
        ("吉林", "22"),
        ("吉林市", "2202"),
        ("吉林吉林", "2202"),
        ("朝阳", "2113"),
        ("海南", "46"),
        ("海南州", "6325"),
        ("海南区", "150303"),
        ("湖北恩施", "4228"),
        ("湖北恩施市", "422801"),
        ("恩施州恩施市", "422801"),
        ("湖南长沙", "4301"),
        ("湖南长沙县", "430121"),
        ("荆州沙市", "421002"),
        ("广东东莞虎门", "441900121"),
        ("重庆万州", "500101"),
        ("重庆石柱县", "500240"),
        ("从化区", "440117"),
        ("自贡", "5103"),
        ("从湖北武汉回来", "4201"),
        ("中国湖北", "42"),
        ("湖北 / 武汉 / 江汉区", "420103"),
        ("湖北省，武汉市", "4201"),
        ("湖北-武汉、武昌区中南路12号", "420106"),
        ("湖北武昌区中南路街道", "420106011"),
        ("武汉大学", "4201"),
        ("武汉路过", "4201"),
        ("山西大同县", "14"),
        ("江苏镇江", "3211"),
        ("河北唐山路北区", "130203"),
        ("唐山路北", "130203"),
    ],
)
def test_free_text_is_read_from_province_or_city_down(text: str, path: str) -> None:
    found = INDEX.resolve(text)
    assert found is not None
    assert found.path == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "朝阳区",
        "保德",
        "江汉",
        "义门镇",
        "大同乡",
        "太原街道",
        "南京路",
        "武汉路",
        "日本东京",
        "香港",
        "外地",
        "无",
    ],
)
def test_ambiguous_foreign_and_unknown_text_is_not_read(text: str) -> None:
    assert INDEX.resolve(text) is None


def test_names_run_from_the_province_without_levels_of_the_code() -> None:
    assert INDEX.resolve("北京朝阳") == Resolved("110105", ("北京市", "朝阳区"))
    assert INDEX.resolve("仙桃") == Resolved("429004", ("湖北省", "仙桃市"))
    assert INDEX.resolve("东莞虎门镇") == Resolved("441900121", ("广东省", "东莞市", "虎门镇"))


NAMED = [path for path, name in ROWS if name not in {"市辖区", "县", "省直辖县级行政区划"} and path != "441900"]


@given(st.sampled_from(NAMED), st.sampled_from(["", "12号", "打工", " 某公司"]))
def test_full_address_reads_back_to_its_own_code(path: str, detail: str) -> None:
    found = INDEX.resolve("".join(INDEX.name_of(path)) + detail)
    assert found is not None
    assert found.path == path


@given(st.text(max_size=40))
def test_any_text_is_read_without_error_and_alike(text: str) -> None:
    assert INDEX.resolve(text) == DivisionIndex((path, name) for path, name in ROWS).resolve(text)
