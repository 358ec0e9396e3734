"""Rows as a tired clerk writes them: many date styles, spoilt numbers, half an address."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from random import Random
from typing import Final, Literal

from lianfang.science.identity.documents import check_character
from lianfang.science.identity.origins import short_name
from lianfang.science.population.sampling import write_as_heard
from lianfang.science.population.trips import Place, Trip, other_transport

Verdict = Literal[
    "ok",
    "duplicate",
    "review",
    "id_damaged",
    "id_check",
    "no_name",
    "no_village",
    "unknown_village",
    "bad_date",
]


@dataclass(frozen=True, slots=True)
class ListRow:
    """The cells of one row, and what a right import makes of it. `person_id` is the person meant."""

    verdict: Verdict
    person_id: str
    key_area: bool
    name: str | None
    sex: str
    document: str | float | None
    phone: str | int | None
    origin: str
    arrived_on: str | datetime
    reached_home: str | time | None
    transport: str
    vehicle: str | None
    village: str | None
    door: str | None
    temperature: float | None
    symptoms: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class Shares:
    """How often things happen on a list, of the persons on it."""

    key_area: float = 0.03
    fever: float = 0.0015
    no_door: float = 0.004
    no_phone: float = 0.01
    no_temperature: float = 0.03
    first_generation: float = 0.002
    duplicate: float = 0.013
    review: float = 0.007
    id_damaged: float = 0.004
    id_check: float = 0.003
    no_name: float = 0.0025
    no_village: float = 0.002
    unknown_village: float = 0.002
    bad_date: float = 0.0015


_DATE_STYLES: Final[tuple[Callable[[date], str | datetime], ...]] = (
    lambda day: day.isoformat(),
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: datetime(day.year, day.month, day.day),  # noqa: DTZ001 - a cell of a sheet knows no zone
)
_TIME_STYLES: Final[tuple[Callable[[time], str | time], ...]] = (
    lambda hour: f"{hour:%H:%M}",
    lambda hour: f"{hour.hour}点{hour.minute:02d}分",
    lambda hour: hour,
)
_REMARKS: Final = ((None, "务工", "学生", "探亲", "个体"), (0.72, 0.14, 0.08, 0.04, 0.02))
_COMPLAINTS: Final = ("发热、乏力", "发热", "干咳、发热", "发热，咽痛")
_NO_COMPLAINT: Final = (("无", "正常", None), (0.93, 0.04, 0.03))
_BAD_DATES: Final = ("{year}-13-40", "0000", "{year}年2月30日", "{year}/00/12")
_FULL_NAME_LEVELS: Final = (2, 4, 6)


class Clerk:
    def __init__(self, as_of: date, chance: Random, shares: Shares, unknown_villages: Iterable[str]) -> None:
        self._as_of = as_of
        self._chance = chance
        self._shares = shares
        self._unknown_villages = list(unknown_villages)

    def write(self, trip: Trip) -> ListRow:
        person = trip.person
        fever = self._happens(self._shares.fever)
        return ListRow(
            verdict="ok",
            person_id=person.person_id,
            key_area=trip.key_area,
            name=self._name(person.name),
            sex="男" if person.sex == "male" else "女",
            document=self._document(person.document),
            phone=None if self._happens(self._shares.no_phone) else self._phone(person.phone),
            origin=self._origin(trip.place),
            arrived_on=self._chance.choice(_DATE_STYLES)(trip.day),
            reached_home=self._chance.choice(_TIME_STYLES)(trip.hour) if trip.hour else None,
            transport=trip.transport,
            vehicle=trip.vehicle,
            village=self._village(trip.household.village.name),
            door=None if self._happens(self._shares.no_door) else self._door(trip.household.door),
            temperature=self._temperature(fever=fever),
            symptoms=self._chance.choice(_COMPLAINTS) if fever else self._chance.choices(*_NO_COMPLAINT)[0],
            remark=self._chance.choices(*_REMARKS)[0],
        )

    def write_again(self, trip: Trip, first: ListRow) -> ListRow:
        """The same person by another hand: same number, other date style and transport."""
        row = replace(
            self.write(trip),
            temperature=first.temperature,
            symptoms=first.symptoms,
            phone=first.phone,
            door=first.door,
        )
        return replace(row, verdict="duplicate", transport=other_transport(trip.transport, self._chance))

    def write_as_heard(self, trip: Trip, first: ListRow) -> ListRow:
        """The same person by telephone: a name that sounds alike, no number."""
        phone = trip.person.phone or ""
        return replace(
            self.write(trip),
            verdict="review",
            name=write_as_heard(trip.person.name, self._chance),
            document=None,
            phone=f"{phone[:3]} {phone[3:7]} {phone[7:]}",
            door=first.door,
            temperature=first.temperature,
            symptoms=first.symptoms,
        )

    def spoil(self, row: ListRow, document: str, verdict: Verdict) -> ListRow:
        """One fault that a right import rejects the row for."""
        if verdict == "id_damaged":
            return replace(row, verdict=verdict, document=self._damaged(document))
        if verdict == "id_check":
            return replace(row, verdict=verdict, document=self._mistyped(document))
        if verdict == "no_name":
            return replace(row, verdict=verdict, name=None)
        if verdict == "no_village":
            return replace(row, verdict=verdict, village=None)
        if verdict == "unknown_village":
            return replace(row, verdict=verdict, village=self._chance.choice(self._unknown_villages))
        bad_date = self._chance.choice(_BAD_DATES).format(year=self._as_of.year)
        return replace(row, verdict="bad_date", arrived_on=bad_date)

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _name(self, name: str) -> str:
        return f"{name[0]} {name[1:]}" if len(name) == 2 and self._happens(0.2) else name

    def _document(self, number: str | None) -> str | None:
        if number is None:
            return "无" if self._happens(0.3) else None
        if number[6:8] == "19" and self._happens(self._shares.first_generation):
            return number[:6] + number[8:17]
        if self._happens(0.02):
            return f"'{number}"
        return number.lower() if self._happens(0.3) else number

    def _damaged(self, number: str) -> str | float:
        """What a spreadsheet leaves of 18 digits."""
        value = float(number[:17] + "0")
        style = self._chance.randrange(3)
        if style == 0:
            return value
        return f"{value:.5E}" if style == 1 else self._rounded(number)

    def _rounded(self, number: str) -> str:
        """Fifteen digits and three zeros; as a float's text where the check holds by chance."""
        rounded = f"{number[:15]}000"
        return rounded if check_character(rounded[:17]) != "0" else f"{float(rounded):.14E}"

    def _mistyped(self, number: str) -> str:
        right = check_character(number[:17])
        wrong = self._chance.choice([digit for digit in "123456789" if digit != right])
        return number[:17] + wrong

    def _phone(self, phone: str | None) -> str | int | None:
        if phone is None:
            return None
        style = self._chance.random()
        if style < 0.15:
            return int(phone)
        return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}" if style < 0.2 else phone

    def _origin(self, place: Place) -> str:
        """湖北省武汉市江汉区, 湖北省武汉市, 湖北武汉, 武汉市, 武汉: only what reads back to the place."""
        forms = ["".join(place), "".join(place[:2]), " ".join(place[:2])]
        shorts = [short_name(name, level) for name, level in zip(place, _FULL_NAME_LEVELS, strict=False)]
        forms.append("".join(shorts[:2]))
        city_alone = len(place) > 1 and place[1].endswith("市") and not place[0].endswith("市")
        if city_alone:
            forms.append("".join(place[1:]))
        if city_alone and shorts[0] != shorts[1]:
            forms.append(shorts[1])
        return self._chance.choice(forms)

    def _village(self, name: str) -> str:
        return name.removesuffix("村") if self._happens(0.1) else name

    def _door(self, door: str) -> str:
        style = self._chance.random()
        if style < 0.1:
            return door.removesuffix("号")
        return f"{door.removesuffix('号')} 号" if style < 0.15 else door

    def _temperature(self, *, fever: bool) -> float | None:
        if fever:
            return self._chance.randint(375, 389) / 10
        if self._happens(self._shares.no_temperature):
            return None
        return self._chance.randint(360, 369) / 10
