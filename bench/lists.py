"""Lists to import: mostly people nobody knows, some from the register, some twice, some wrong."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import BinaryIO

from openpyxl import Workbook

from bench.county import County
from lianfang.registry.people.models import Person
from lianfang.registry.people.queries import numbers_of
from lianfang.registry.places.models import Area
from lianfang.science.identity.documents import check_character
from lianfang.science.population.sampling import make_given_name, make_surname

HEADINGS = [
    "姓名",
    "性别",
    "身份证号",
    "联系电话",
    "从何地返乡",
    "返乡日期",
    "到家时间",
    "乡镇",
    "村",
    "门牌号",
    "体温",
    "备注",
]
_KNOWN = 500  # of the register, put in again
_ORIGINS = ("湖北武汉", "广东深圳", "山西太原", "北京", "陕西西安")


def rows_of_a_list(county: County, count: int) -> Iterator[list[str]]:
    random = Random(20_200_208)  # noqa: S311  a list that is the same every time
    names = dict(Area.objects.under(county.path).values_list("path", "name"))
    known = list(Person.objects.filter(area_path__startswith=county.path, withdrawn_at=None).order_by("pk")[:_KNOWN])
    numbers = numbers_of([person.uid for person in known], in_full=True)
    for number in range(count):
        path = county.villages[number % len(county.villages)]
        day = county.today - timedelta(days=number % 3)
        name = make_surname(random) + make_given_name(random, "male")
        document = _document(number)
        if number % 40 == 0 and number // 40 < len(known):  # somebody of the register
            person = known[number // 40]
            name, document, path = person.name, numbers[person.uid].document, person.area_path
        elif number % 211 == 0:
            document = document[:-1] + "XA"
        yield [
            name,
            "",
            document,
            f"139{number:08d}",
            _ORIGINS[number % len(_ORIGINS)],
            day.isoformat(),
            f"{number % 24:02d}:30",
            names[path[:9]],
            names[path],
            f"{number % 400 + 1}号",
            f"36.{number % 9}",
            "",
        ]


def _document(number: int) -> str:
    """A made number that the register of the county does not use: its people were born before 2001."""
    body = f"9{90_000 + number // 10_000 % 9_999:05d}2001{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 1000:03d}"
    return body + check_character(body)


def write_xlsx(rows: Iterator[list[str]], out: BinaryIO) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("list")
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    book.save(out)
