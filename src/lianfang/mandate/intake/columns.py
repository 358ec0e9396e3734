"""The form in which a user says what the columns of a list are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lianfang.mandate.intake.actions.mapping import OPEN_STATES
from lianfang.mandate.intake.importing import importers
from lianfang.mandate.intake.models import Batch
from lianfang.mandate.intake.queries import layouts_of
from lianfang.mandate.intake.rules.cells import column_letter
from lianfang.mandate.intake.wording import field_label


@dataclass(frozen=True)
class Column:
    place: int
    letter: str
    heading: str
    samples: list[str]
    name: str
    chosen: str


@dataclass
class SheetColumns:
    sheet: str
    header_row: int
    fingerprint: str
    remembered: bool
    columns: list[Column]
    errors: list[str] = field(default_factory=list)


class ColumnsForm:
    """`said` after `is_valid()`: fingerprint of headings → field → column."""

    def __init__(self, batch: Batch, data: Mapping[str, Any] | None = None) -> None:
        self.fields = importers()[batch.kind].fields
        self.open = batch.state in OPEN_STATES and batch.original_sealed is not None
        self.choices = [("", _("not used, kept beside the row"), False)]
        self.choices += [(spec.code, field_label(spec.code), spec.required) for spec in self.fields]
        self._data = data
        found = [layout for layout in layouts_of(batch) if layout["fingerprint"]]
        self.sheets = [self._sheet(number, layout) for number, layout in enumerate(found)]
        self.said: dict[str, dict[str, int]] = {}

    def _sheet(self, number: int, layout: dict[str, Any]) -> SheetColumns:
        read = {place: code for code, place in layout["columns"].items()}
        columns = []
        for place, heading in enumerate(layout["headings"]):
            if not heading and not layout["samples"][place]:
                continue
            name = f"column-{number}-{place}"
            chosen = read.get(place, "") if self._data is None else str(self._data.get(name, ""))
            columns.append(Column(place, column_letter(place), heading, layout["samples"][place], name, chosen))
        return SheetColumns(layout["sheet"], layout["header_row"], layout["fingerprint"], layout["remembered"], columns)

    def is_valid(self) -> bool:
        """Each field once, every required field somewhere; a sheet of which nothing is used says nothing."""
        known = {spec.code for spec in self.fields}
        for sheet in self.sheets:
            chosen = [(column.chosen, column.place) for column in sheet.columns if column.chosen in known]
            said = dict(chosen)
            twice = {code for code, _place in chosen if sum(code == other for other, _at in chosen) > 1}
            missing = [spec.code for spec in self.fields if spec.required and spec.code not in said]
            sheet.errors += [
                _("%(field)s is chosen for two columns. Choose it once.") % {"field": field_label(code)}
                for code in sorted(twice)
            ]
            if chosen and missing:
                names = pgettext("between names", ", ").join(field_label(code) for code in missing)
                sheet.errors.append(_("Not chosen yet but required: %(fields)s.") % {"fields": names})
            if chosen:
                self.said[sheet.fingerprint] = said
        if not self.said and self.sheets:
            self.sheets[0].errors.append(_("No column is chosen yet. Say at least what the required fields are."))
        return self.open and bool(self.said) and not any(sheet.errors for sheet in self.sheets)
