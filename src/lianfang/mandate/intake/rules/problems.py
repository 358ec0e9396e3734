"""What is wrong with a cell, a row or a file: a rule's code and its values, never a sentence."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

FILE_RULES = (
    "file_empty",
    "file_too_large",
    "file_encrypted",
    "file_html",
    "file_other_format",
    "file_not_table",
    "file_damaged",
    "file_encoding",
    "file_unpacks_too_large",
    "file_too_heavy",
    "file_too_slow",
    "csv_quotes",
    "too_many_rows",
    "too_many_columns",
    "no_list_found",
    "list_empty",
    "import_failed",
)
SHEET_RULES = (
    "sheet_skipped",
    "missing_column",
    "unknown_column",
    "ambiguous_column",
    "rows_left_out",
    "possibly_truncated",
)
ROW_RULES = (
    "no_name",
    "name_digits",
    "name_too_long",
    "id_damaged",
    "id_check",
    "id_date",
    "id_format",
    "no_village",
    "unknown_village",
    "unknown_unit",
    "no_date",
    "bad_date",
    "ambiguous_date",
    "date_without_year",
    "future_date",
    "no_time",
    "bad_time",
    "bad_temperature",
    "temperature_range",
    "bad_phone",
    "bad_sex",
    "sex_contradicts_id",
    "birth_contradicts_id",
    "origin_unknown",
    "text_became_date",
    "cell_error",
    "place_unclear",
    "bad_residence",
    "unknown_care",
    "unknown_grid",
)
RULES: tuple[str, ...] = FILE_RULES + SHEET_RULES + ROW_RULES

Values = dict[str, str | int]


@dataclass(frozen=True)
class Problem:
    """`field` is a field's code ("" for the whole row, sheet or file); `value` is what the cell held."""

    field: str
    value: str
    rule: str
    values: Values = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ValueError(f"unknown rule {self.rule!r}")

    def to_json(self) -> dict[str, object]:
        return {"field": self.field, "value": self.value, "rule": self.rule, "values": dict(self.values)}

    @classmethod
    def from_json(cls, data: dict[str, object]) -> Problem:
        values = data.get("values") or {}
        if not isinstance(values, dict):
            raise TypeError("values of a problem must be an object")
        return cls(str(data["field"]), str(data["value"]), str(data["rule"]), dict(values))

    def sentence_values(self) -> Values:
        """What the sentence of the rule is filled with."""
        return {**self.values, "value": self.value, "field": self.field}


class FileFault(Exception):
    """Nothing of the file can be read; `rule` and `values` say why."""

    def __init__(self, rule: str, values: Values | None = None) -> None:
        super().__init__(rule)
        self.rule = rule
        self.values: Values = values or {}

    def problem(self) -> Problem:
        return Problem("", str(self.values.get("value", "")), self.rule, self.values)


@dataclass(frozen=True)
class ValueFault:
    """A cell that cannot be understood. Returned, not raised: all faults of a row are told at once."""

    rule: str
    value: str
    values: Values = dataclasses.field(default_factory=dict)

    def problem(self, code: str) -> Problem:
        return Problem(code, self.value, self.rule, self.values)


@dataclass(frozen=True)
class CellError:
    """A cell that shows #N/A and the like, or a formula that was never calculated (text begins with =)."""

    text: str


def cell_errors(values: dict[str, object]) -> list[Problem]:
    """One problem for every cell of a row that holds an error value."""
    return [Problem(code, value.text, "cell_error") for code, value in values.items() if isinstance(value, CellError)]
