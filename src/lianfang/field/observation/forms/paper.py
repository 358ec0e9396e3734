"""Typing in what was written on a paper list: a row code, the hour, and what was found out."""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid4, uuid5

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lianfang.field.observation.actions import POSSIBLE_CELSIUS
from lianfang.field.observation.forms.sending import moment_words, refuse_form
from lianfang.field.observation.rules import read_row_code
from lianfang.field.observation.wording import SYMPTOMS
from lianfang.mandate.intake.records import RecordFault
from lianfang.mandate.intake.wording import fault_message

ROWS = 12
_MIDNIGHT = datetime.min.time()
_CONTACT = [
    ("", "—"),
    ("visit", gettext_lazy("met at the door")),
    ("phone", gettext_lazy("reached by phone")),
    ("none", gettext_lazy("not reached")),
]


class PaperRow(forms.Form):
    """One line as it stands on paper; an empty line is no line."""

    code = forms.CharField(label=gettext_lazy("Row code"), required=False, max_length=20)
    clock = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    temperature = forms.CharField(
        label=gettext_lazy("Temperature °C"),
        required=False,
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    again = forms.BooleanField(label=gettext_lazy("checked again"), required=False)
    symptoms = forms.ChoiceField(
        label=gettext_lazy("Symptoms"),
        required=False,
        choices=[("", "—"), ("none", gettext_lazy("no symptoms")), *SYMPTOMS.items()],
    )
    contact = forms.ChoiceField(label=gettext_lazy("Contact"), required=False, choices=_CONTACT)

    def __init__(
        self,
        data=None,
        *,
        prefix: str,
        lists: Mapping[int, tuple[date, list[UUID]]],
        now: datetime,
        fever_at: Decimal | None = None,
    ) -> None:
        super().__init__(data, prefix=prefix)
        self.lists, self.now, self.fever_at = lists, now, fever_at
        self.person: UUID | None = None
        self.day: date | None = None

    @property
    def is_empty(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in ("code", "temperature", "symptoms", "contact"))

    def clean_code(self) -> str:
        typed = self.cleaned_data["code"].strip()
        if not typed:
            return ""
        found = read_row_code(typed)
        if found is None:
            raise forms.ValidationError(_("“%(code)s” is no row code. Copy it again from the list.") % {"code": typed})
        number, row = found
        if number not in self.lists or not 1 <= row <= len(self.lists[number][1]):
            raise forms.ValidationError(
                _("“%(code)s” stands on no list of this village. Check the number of the list.") % {"code": typed}
            )
        self.day, people = self.lists[number]
        self.person = people[row - 1]
        return typed

    def clean_temperature(self) -> Decimal | None:
        typed = unicodedata.normalize("NFKC", self.cleaned_data["temperature"]).strip()
        if not typed:
            return None
        try:
            value = Decimal(typed.replace(",", ".").replace("。", ".")).quantize(Decimal("0.1"))
        except InvalidOperation:
            value = Decimal(0)
        low, high = POSSIBLE_CELSIUS
        if not low <= value <= high:
            limits = {"low": str(low), "high": str(high)}
            raise forms.ValidationError(fault_message("temperature_range", limits, field="temperature", value=typed))
        return value

    def clean(self):
        told = super().clean()
        says = [name for name in ("temperature", "symptoms", "contact") if told.get(name)]
        if says and not told.get("code") and "code" not in self.errors:
            self.add_error("code", _("Something is entered without a row code. Add the code at the left of the line."))
        if told.get("code") and not says and not self.errors:
            self.add_error("code", _("Nothing is entered for this row. Add what was found out, or clear the code."))
        if told.get("contact") == "none" and len(says) > 1:
            self.add_error("contact", _("A temperature or symptoms are given for somebody not reached. Correct one."))
        value = told.get("temperature")
        if value and self.fever_at is not None and value >= self.fever_at and not told.get("again"):
            self.add_error(
                "temperature",
                _("%(value)s °C: please check the paper once more and tick “checked again”.") % {"value": value},
            )
        if told.get("code") and not self.errors and self._moment() > self.now:
            self.add_error("clock", fault_message("in_the_future", {}, field="at", value=str(told.get("clock") or "")))
        return told

    def _moment(self) -> datetime:
        """The hour of the line on the day of its list; without one, noon, or now where noon has not come."""
        zone, clock = timezone.get_default_timezone(), self.cleaned_data.get("clock")
        start = timezone.make_aware(datetime.combine(self.day or self.now.date(), _MIDNIGHT), zone)
        if clock:
            return start + timedelta(hours=clock.hour, minutes=clock.minute)
        return min(start + timedelta(hours=12), self.now)

    def lines(self, batch: UUID) -> list[dict]:
        told = self.cleaned_data
        channel = "phone" if told["contact"] == "phone" else "visit"
        base = {"person": str(self.person), "at": moment_words(self._moment())}
        kinds: dict[str, dict] = {}
        if told["temperature"] is not None:
            kinds["temperature"] = {"value": str(told["temperature"]), "given_by": "self", "channel": channel}
        if told["symptoms"]:
            value = [] if told["symptoms"] == "none" else [told["symptoms"]]
            kinds["symptoms"] = {"value": value, "given_by": "self", "channel": channel}
        if told["contact"]:
            kind = "call" if channel == "phone" else "visit"
            reached = told["contact"] != "none"
            kinds[kind] = {"reached": reached, "given_by": "worker", "channel": channel}
        return [
            {"id": str(uuid5(batch, f"{self.prefix}:{kind}")), "kind": kind, **base, **values}
            for kind, values in kinds.items()
        ]


class PaperForm(forms.Form):
    """The sheet: as many lines as fit a screen; sending it twice stores it once."""

    batch = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, **rows) -> None:
        super().__init__(data, initial={"batch": uuid4()})
        self.rows = [PaperRow(data, prefix=f"r{number}", **rows) for number in range(1, ROWS + 1)]

    def is_valid(self) -> bool:
        if not all([super().is_valid(), *(row.is_valid() for row in self.rows)]):
            return False
        if all(row.is_empty for row in self.rows):
            self.add_error(None, _("Nothing was entered yet. Type a row code and what stands beside it."))
        return not self.errors

    @property
    def faulty(self) -> list[forms.BoundField]:
        return [bound for row in self.rows for bound in row if bound.errors]

    def lines(self) -> list[dict]:
        return [line for row in self.rows if not row.is_empty for line in row.lines(self.cleaned_data["batch"])]

    def refuse(self, faults: list[RecordFault]) -> None:
        refuse_form(self, faults)
