"""What is asked of a household, and the records that its form makes."""

import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lianfang.field.observation.actions import POSSIBLE_CELSIUS
from lianfang.field.observation.forms.sending import moment_words
from lianfang.field.observation.queries.household import PersonDay
from lianfang.field.observation.queries.today import Task
from lianfang.field.observation.wording import (
    ASKED_CHANNELS,
    CONTACTS,
    GIVERS,
    HOME,
    NEEDS,
    OUTCOMES,
    RECEIVERS,
    SYMPTOMS,
    reading_words,
)
from lianfang.mandate.intake.records import RecordFault
from lianfang.mandate.intake.wording import fault_message

_DEGREES = re.compile(r"\d{1,3}(\.\d{1,2})?")
# The pad opens empty and nothing fills it: no value, no placeholder, no memory of the browser.
_PAD = forms.TextInput(
    attrs={"inputmode": "decimal", "autocomplete": "off", "class": "form-control-lg", "maxlength": 6}
)


class Visit(forms.Form):
    """One contact with a household. `batch` makes the ids of its records: sending twice stores once."""

    batch = forms.UUIDField(widget=forms.HiddenInput)
    opened = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=ASKED_CHANNELS.items(), widget=forms.RadioSelect)
    clock = forms.TimeField(
        label=gettext_lazy("Entered later: at what time today it was"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    everybody = forms.BooleanField(label=gettext_lazy("Everybody here was asked in this one contact"), required=False)

    def __init__(self, data=None, *, now: datetime, channel: str = "") -> None:
        channel = channel if channel in ASKED_CHANNELS else "phone"
        super().__init__(data, initial={"batch": uuid4(), "opened": now.isoformat(), "channel": channel})
        self.now = now

    def clean_clock(self):
        clock = self.cleaned_data["clock"]
        local = timezone.localtime(self.now, timezone.get_default_timezone())
        if clock is not None and clock > local.time():
            raise forms.ValidationError(fault_message("in_the_future", {}, field="at", value=f"{clock:%H:%M}"))
        return clock

    def moment(self, known: datetime | None) -> datetime:
        """When it happened; `known` is when the records were first taken in, should they be sent again."""
        moment = known or self.now
        if clock := self.cleaned_data["clock"]:
            local = timezone.localtime(moment, timezone.get_default_timezone())
            return local.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
        return moment


class PersonForm(forms.Form):
    """What is asked about one person: only what is due, or what the observation asks for anyway."""

    def __init__(self, data=None, *, day: PersonDay, may_assign: bool) -> None:
        super().__init__(data, prefix=f"p{day.person.uid.hex}")
        self.day, self.may_assign = day, may_assign
        self.suspect: Decimal | None = None
        self.places = {f"team_{task.item.slot}": task for task in day.team_places} if may_assign else {}
        self.needs = {f"need_{need.uid.hex}": need for need in day.needs}
        self.alerts = {f"alert_{alert.uid.hex}": alert for alert in day.alerts}
        if day.contact_tasks:
            self.fields["contact"] = _choice(gettext_lazy("Contact"), CONTACTS, "")
        if day.is_observed or day.open_of("temperature"):
            self._ask_health()
        if day.open_of("notice_served"):
            self.fields["notice"] = _choice(gettext_lazy("Notice"), OUTCOMES, "")
            receiver = "guardian" if day.is_minor else "self"
            self.fields["received_by"] = forms.ChoiceField(
                label=gettext_lazy("Received by"), choices=RECEIVERS.items(), required=False, initial=receiver
            )
        if day.home:
            self._ask_home()
        for name, task in self.places.items():
            self._ask_place(name, task)
        for name in self.needs:
            self._ask_done(name, gettext_lazy("Need met"))
        for name in self.alerts:
            self._ask_done(name, gettext_lazy("Care arranged"))

    def _ask_health(self) -> None:
        self.fields["temperature"] = forms.CharField(
            label=gettext_lazy("Temperature °C"), required=False, max_length=6, widget=_PAD
        )
        self.fields["again"] = forms.CharField(required=False, max_length=6, widget=forms.HiddenInput)
        self.fields["well"] = forms.BooleanField(label=gettext_lazy("no symptoms"), required=False)
        self.fields["symptoms"] = forms.MultipleChoiceField(
            label=gettext_lazy("Symptoms"),
            choices=SYMPTOMS.items(),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields["given_by"] = forms.ChoiceField(
            label=gettext_lazy("Given by"),
            choices=GIVERS.items(),
            required=False,
            initial="family" if self.day.is_minor else "self",
        )

    def _ask_home(self) -> None:
        self.fields["home_seen"] = forms.BooleanField(label=gettext_lazy("I have looked at the home"), required=False)
        self.fields["home_has"] = forms.MultipleChoiceField(
            label=gettext_lazy("It has"),
            choices=[(code, HOME.get(code, code)) for code in self.day.home],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    def _ask_place(self, name: str, task: Task) -> None:
        self.fields[name] = forms.CharField(label=task.slot, required=False, max_length=60)
        self.fields[f"{name}_phone"] = forms.CharField(
            label=gettext_lazy("Phone"),
            required=False,
            max_length=20,
            widget=forms.TextInput(attrs={"inputmode": "tel"}),
        )

    def _ask_done(self, name: str, label: str) -> None:
        self.fields[name] = forms.BooleanField(label=label, required=False)
        self.fields[f"{name}_note"] = forms.CharField(
            label=gettext_lazy("How, by whom"), required=False, max_length=300
        )

    def clean_temperature(self) -> Decimal | None:
        typed = unicodedata.normalize("NFKC", self.cleaned_data["temperature"]).strip()
        if not typed:
            return None
        told = typed.replace(",", ".").replace("。", ".")
        if not _DEGREES.fullmatch(told):
            raise forms.ValidationError(fault_message("bad_temperature", {}, field="temperature", value=typed))
        value = Decimal(told).quantize(Decimal("0.1"))
        low, high = POSSIBLE_CELSIUS
        if not low <= value <= high:
            limits = {"low": str(low), "high": str(high)}
            raise forms.ValidationError(fault_message("temperature_range", limits, field="temperature", value=typed))
        return value

    def clean(self):
        told = super().clean()
        told["symptoms"] = list(told.get("symptoms") or [])
        if told.get("well") and told["symptoms"]:
            self.add_error("symptoms", _("Symptoms are ticked as well as “no symptoms”. Untick one of the two."))
        if told.get("contact") == "not_reached" and self.has_health:
            self.add_error(
                "contact",
                _("A temperature or symptoms are given for somebody not reached. Correct one of the two."),
            )
        if told.get("home_has") and not told.get("home_seen"):
            self.add_error("home_seen", _("Something of the home is ticked. Tick as well that you have looked at it."))
        for name in self.places:
            if told.get(f"{name}_phone") and not told.get(name):
                self.add_error(name, _("A phone without a name. Add who holds this place."))
        self._ask_again(told)
        return told

    def _ask_again(self, told: dict) -> None:
        """A reading at or above the threshold is stored only when the same value was confirmed."""
        value, limit = told.get("temperature"), self.day.fever_at
        if value is None or limit is None or value < limit or told.get("again") == str(value):
            return
        self.suspect = value
        self.add_error("temperature", _("%(value)s °C: please check the reading once more.") % {"value": value})

    @property
    def has_health(self) -> bool:
        told = self.cleaned_data
        return told.get("temperature") is not None or bool(told.get("well") or told.get("symptoms"))

    def has_anything(self) -> bool:
        told = self.cleaned_data
        names = ["contact", "notice", "home_seen", *self.places, *self.needs, *self.alerts]
        return self.has_health or any(told.get(name) for name in names)

    @property
    def home(self) -> tuple[list[str], list[str]] | None:
        """(asked, lacking) where the home was looked at."""
        if not self.cleaned_data.get("home_seen"):
            return None
        has = self.cleaned_data.get("home_has") or []
        return list(self.day.home), [code for code in self.day.home if code not in has]

    def settled(self, fields: dict) -> list[tuple[UUID, str]]:
        """The needs or alerts ticked as done, each with its note."""
        told = self.cleaned_data
        return [(cause.uid, told.get(f"{name}_note", "")) for name, cause in fields.items() if told.get(name)]

    # --- for the template: what is asked, field by field ---

    @property
    def faulty(self) -> list[forms.BoundField]:
        return [bound for bound in self if bound.errors]

    @property
    def asked(self) -> dict[str, forms.BoundField]:
        return {name: self[name] for name in self.fields}

    @property
    def temperature_label(self) -> str:
        """The pad says which slot a reading would close."""
        slots = [task.title for task in self.day.open_of("temperature")]
        return f"{slots[-1]} {_('°C')}" if slots else ""

    @property
    def suspect_value(self) -> str:
        return str(self.suspect)

    @property
    def suspect_words(self) -> str:
        return _("Checked again: it is %(value)s °C") % {"value": self.suspect}

    @property
    def symptoms_open(self) -> bool:
        return bool(self["symptoms"].value() or self["symptoms"].errors)

    @property
    def home_open(self) -> bool:
        return bool(self["home_seen"].value() or self["home_seen"].errors or self.day.open_of("home_suitability"))

    @property
    def places_open(self) -> bool:
        return any(self[name].value() or self[name].errors for name in self.places)

    @property
    def place_pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[name], self[f"{name}_phone"]) for name in self.places]

    @property
    def need_triples(self) -> list[tuple[str, object, forms.BoundField, forms.BoundField]]:
        return [(NEEDS[n.category], n, self[name], self[f"{name}_note"]) for name, n in self.needs.items()]

    @property
    def alert_triples(self) -> list[tuple[str, object, forms.BoundField, forms.BoundField]]:
        return [
            (reading_words(alert.reading), alert, self[name], self[f"{name}_note"])
            for name, alert in self.alerts.items()
        ]

    @property
    def places_of_others(self) -> list[Task]:
        """Empty places that this account may not fill: the page says who does."""
        return [] if self.may_assign else self.day.team_places


class HouseholdForm:
    """The contact and everybody's part: one save for the household."""

    def __init__(self, data=None, *, days: list[PersonDay], now: datetime, may_assign: bool, channel: str = "") -> None:
        self.visit = Visit(data, now=now, channel=channel)
        self.people = [PersonForm(data, day=day, may_assign=may_assign) for day in days]
        self.where: dict[str, tuple[PersonForm, str]] = {}

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in (self.visit, *self.people)]
        if not all(valid):
            return False
        self._check_contact()
        if not self._asks_everybody and not any(form.has_anything() for form in self.people):
            self.visit.add_error(None, _("Nothing was entered yet. Enter what you found out, then save."))
        return not self.errors

    @property
    def _asks_everybody(self) -> bool:
        """Ticked, by a channel that is a contact: it counts for whom a call or a visit is due."""
        told = self.visit.cleaned_data
        return bool(told.get("everybody")) and told["channel"] in ("phone", "visit")

    def _check_contact(self) -> None:
        """A message shows no contact: the plan asks for a call or a visit."""
        if self.visit.cleaned_data["channel"] != "message":
            return
        for form in self.people:
            if form.cleaned_data.get("contact") == "reached" and not form.day.open_of("first_verification"):
                form.add_error("contact", _("A message is no call. Choose phone or visit, or leave the contact open."))

    @property
    def errors(self) -> bool:
        return any(form.errors for form in (self.visit, *self.people))

    @property
    def asks_anything(self) -> bool:
        return any(form.fields for form in self.people)

    @property
    def only_suspect(self) -> bool:
        """Nothing is wrong but that a high reading waits to be confirmed."""
        wrong = [(form, name) for form in (self.visit, *self.people) for name in form.errors]
        return bool(wrong) and all(name == "temperature" and form.suspect is not None for form, name in wrong)

    def lines(self, known: datetime | None) -> list[dict]:
        """The records of a valid form; the same form gives the same records."""
        told = self.visit.cleaned_data
        at = moment_words(self.visit.moment(known))
        lines = []
        for form in self.people:
            for kind, about, name, values in _records(form, told["channel"], everybody=self._asks_everybody):
                uid = str(uuid5(told["batch"], f"{form.day.person.uid}:{kind}:{about}"))
                self.where[uid] = (form, name)
                lines.append({"id": uid, "kind": kind, "person": str(form.day.person.uid), "at": at, **values})
        return lines

    def refuse(self, faults: list[RecordFault]) -> None:
        """Put what the records refused beside the field that said it."""
        for fault in faults:
            form, name = self.where[fault.id]
            words = fault_message(fault.rule, fault.values, field=fault.field, value=fault.value)
            form.add_error(name if name in form.fields else None, words)


def _records(form: PersonForm, channel: str, *, everybody: bool = False):
    """(kind, what tells it apart, field, values) of each record that the form makes."""
    told, day = form.cleaned_data, form.day
    said = {"given_by": told.get("given_by") or "self", "channel": channel}
    if told.get("temperature") is not None:
        yield "temperature", "", "temperature", {"value": str(told["temperature"]), **said}
    if told.get("well") or told.get("symptoms"):
        yield "symptoms", "", "symptoms", {"value": told["symptoms"], **said}
    contact = told.get("contact") or ("reached" if form.has_health or everybody else "")
    if contact and day.open_of("call", "visit") and channel in ("phone", "visit"):
        kind = "call" if channel == "phone" else "visit"
        yield kind, "", "contact", {"reached": contact == "reached", "given_by": "worker", "channel": channel}
    if contact and day.open_of("first_verification"):
        yield "first_verification", "", "contact", {"outcome": contact, "channel": channel}
    if outcome := told.get("notice"):
        values = {"received_by": told.get("received_by", "")} if outcome == "served" else {}
        yield f"notice_{outcome}", "", "notice", values
    for name, task in form.places.items():
        if told.get(name):
            values = {"slot": task.item.slot, "name": told[name], "phone": told[f"{name}_phone"]}
            yield "team_member", task.item.slot, name, values


def _choice(label: str, words: dict, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=words.items(), required=False, initial=initial, widget=forms.RadioSelect
    )
