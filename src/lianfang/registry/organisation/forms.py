"""What the pages of the organisation ask for."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lianfang.registry.organisation import wording
from lianfang.registry.organisation.models import Body, Venue
from lianfang.registry.places.models import Area


class _Since(forms.Form):
    """A day from which something holds: its first minute, or this very minute for today."""

    since = forms.DateField(
        label=_("From (day)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a day, for example 2020-02-10."), "required": _("Enter a day.")},
    )

    def __init__(self, *args, now: datetime, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["since"].initial = timezone.localdate(now).isoformat()

    @property
    def moment(self) -> datetime:
        day = self.cleaned_data["since"]
        if day == timezone.localdate(self.now):
            return self.now
        return timezone.make_aware(datetime.combine(day, time.min))


class AppointForm(_Since):
    """Somebody holds a post; a proposal waits for its confirmation."""

    post = forms.ChoiceField(label=_("Post"))
    name = forms.CharField(
        label=_("Name"), max_length=60, error_messages={"required": _("Enter who is to hold the post.")}
    )
    unit = forms.CharField(label=_("Unit"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    basis = forms.CharField(label=_("Basis (number of the document)"), max_length=200, required=False)
    proposal = forms.BooleanField(label=_("Only proposed so far"), required=False)

    def __init__(self, *args, posts: Iterable[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = [(post, wording.POSTS[post]) for post in posts]
        self.order_fields(["post", "name", "unit", "phone", "since", "basis", "proposal"])


class BodyForm(forms.Form):
    kind = forms.ChoiceField(label=_("Sort"), choices=list(wording.BODIES.items()))
    name = forms.CharField(
        label=_("Name"), max_length=120, error_messages={"required": _("Enter the name as in the document.")}
    )
    parent = forms.ChoiceField(label=_("Belongs to"), required=False)
    lead_unit = forms.ChoiceField(label=_("Lead unit"), required=False)
    duties = forms.CharField(
        label=_("Duties"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One duty a line."),
    )

    def __init__(self, *args, bodies: Sequence[Body], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._bodies = {str(body.uid): body for body in bodies}
        self.fields["parent"].choices = [
            ("", "—"),
            *((uid, one.name) for uid, one in self._bodies.items() if one.kind in ("leading_group", "command_post")),
        ]
        self.fields["lead_unit"].choices = [
            ("", "—"),
            *((uid, one.name) for uid, one in self._bodies.items() if one.kind == "member_unit"),
        ]

    def body(self, name: str) -> Body | None:
        return self._bodies.get(self.cleaned_data.get(name) or "")

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["duties"].splitlines() if line.strip()]


class DescribeForm(BodyForm):
    """Of a body that stands: who leads it and what it has to do."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "name", "parent"):
            del self.fields[name]


class VenueForm(forms.Form):
    village = forms.ChoiceField(label=_("Area"))
    kind = forms.ChoiceField(label=_("Sort"), choices=list(wording.VENUES.items()))
    name = forms.CharField(label=_("Name"), max_length=120, error_messages={"required": _("Enter the name.")})
    address = forms.CharField(label=_("Address"), max_length=120, required=False)

    def __init__(self, *args, areas: Sequence[Area], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].choices = [(area.path, area.name) for area in areas]


class PartyForm(AppointForm):
    """One of the four responsible parties of a venue."""

    venue = forms.ChoiceField(label=_("Venue, unit or project"))

    def __init__(self, *args, venues: Sequence[Venue], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._venues = {str(venue.uid): venue for venue in venues}
        self.fields["venue"].choices = [(uid, venue.name) for uid, venue in self._venues.items()]
        del self.fields["proposal"]
        self.order_fields(["venue", "post", "name", "unit", "phone", "since", "basis"])

    @property
    def chosen(self) -> Venue:
        return self._venues[self.cleaned_data["venue"]]


class DirectoryFilter(forms.Form):
    area = forms.CharField(required=False, max_length=18, widget=forms.HiddenInput)
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"data-search": "", "autocomplete": "off", "placeholder": _("Name, unit, group")}),
    )


class DayForm(forms.Form):
    """The chart of a past day."""

    area = forms.CharField(required=False, max_length=18, widget=forms.HiddenInput)
    day = forms.DateField(
        label=_("As of the day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "data-autosubmit": ""}, format="%Y-%m-%d"),
    )
