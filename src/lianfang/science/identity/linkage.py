"""Linkage of whole files by Splink: the probability that two records are of one person, by Fellegi and Sunter.

Nothing is decided here: a probability and what agrees are for a person to judge. The library is heavy; the web never
imports this module.
"""

import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from lianfang.science.identity.names import pinyin_key
from lianfang.science.identity.variants import fold_variants

Record = Mapping[str, Any]
Kind = Literal["text", "chinese_name", "date", "number", "exact"]

_SEED: Final = 1
_PAIRS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is compared. `frequent` weighs an agreement in a rare value higher than in a common one.

    chinese_name needs the columns `<name>_folded` and `<name>_pinyin`, which `with_sounds` adds.
    """

    name: str
    kind: Kind
    frequent: bool = False


@dataclass(frozen=True, slots=True)
class How:
    """How files are linked: what is compared, which pairs are looked at, on which the weights are learnt.

    A record pair is looked at when it agrees in every column of one of `blocks`. Each set of `trainings` leaves its
    own columns unlearnt, so two sets that share none are needed. `certain` names agreements that are nearly always
    the same person, and `recall` how many of the true pairs these find, roughly.
    """

    columns: tuple[Column, ...]
    blocks: tuple[tuple[str, ...], ...]
    trainings: tuple[tuple[str, ...], ...]
    certain: tuple[tuple[str, ...], ...]
    recall: float = 0.7


@dataclass(frozen=True, slots=True)
class Link:
    """Two records, the smaller id first where both are of one file."""

    left: str
    right: str
    probability: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a linkage is, where the truth is known."""

    true_pairs: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.true_pairs if self.true_pairs else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def link(
    records: Sequence[Record], how: How, *, others: Sequence[Record] | None = None, threshold: float = 0.5
) -> list[Link]:
    """Pairs within `records`, or between them and `others`, with their probability; the highest first.

    Every record has a `unique_id`; what is empty is None.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a level that no pair reaches is told again by what is found
        linker = _trained(records, how, others)
        told = linker.inference.predict(threshold_match_probability=threshold).as_record_dict()
    found = [_link(row, ordered=others is None) for row in told]
    return sorted(found, key=lambda one: (-one.probability, one.left, one.right))


def quality(found: Iterable[Link], truth: set[tuple[str, str]]) -> Quality:
    """`truth` holds each true pair once, the smaller id first."""
    pairs = {tuple(sorted((one.left, one.right))) for one in found}
    return Quality(len(truth), len(pairs), len(pairs & truth))


def with_sounds(records: Iterable[Record], name: str = "name") -> list[dict[str, Any]]:
    """The records with what a Chinese name is compared by: one form of its characters, and its sound."""
    return [
        {
            **record,
            f"{name}_folded": fold_variants(record[name]) if record[name] else None,
            f"{name}_pinyin": pinyin_key(record[name]) if record[name] else None,
        }
        for record in records
    ]


def _trained(records: Sequence[Record], how: How, others: Sequence[Record] | None) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only" if others is None else "link_only",
        comparisons=[_comparison(column) for column in how.columns],
        blocking_rules_to_generate_predictions=[block_on(*block) for block in how.blocks],
    )
    tables = [_rows(records)] if others is None else [_rows(records), _rows(others)]
    logging.getLogger("splink").setLevel(logging.ERROR)
    linker = Linker(tables, settings, db_api=DuckDBAPI(), set_up_basic_logging=False)
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*agreement) for agreement in how.certain], recall=how.recall
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=_PAIRS, seed=_SEED)
    for training in how.trainings:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*training))
    return linker


def _rows(records: Sequence[Record]) -> Any:
    return [dict(record) for record in records]


def _comparison(column: Column) -> Any:
    name = column.name
    made: Any
    match column.kind:
        case "chinese_name":
            return _chinese(name)
        case "text":
            made = comparisons.JaroWinklerAtThresholds(name, [0.9, 0.8])
        case "date" | "number":
            made = comparisons.DamerauLevenshteinAtThresholds(name, [1, 2])
        case _:
            made = comparisons.ExactMatch(name)
    return made.configure(term_frequency_adjustments=True) if column.frequent else made


def _chinese(name: str) -> Any:
    """Same characters, other forms of them, another name of the same sound, one character apart."""
    return comparisons.CustomComparison(
        output_column_name=name,
        comparison_levels=[
            levels.NullLevel(name),
            levels.ExactMatchLevel(name, term_frequency_adjustments=True),
            levels.ExactMatchLevel(f"{name}_folded"),
            levels.ExactMatchLevel(f"{name}_pinyin"),
            levels.DamerauLevenshteinLevel(name, 1),
            levels.ElseLevel(),
        ],
    )


def _link(row: Mapping[str, Any], *, ordered: bool) -> Link:
    left, right = str(row["unique_id_l"]), str(row["unique_id_r"])
    if ordered and right < left:
        left, right = right, left
    return Link(left, right, float(row["match_probability"]))


# --- for names of the west and of China --------------------------------------------------------------------

FEBRL: Final = How(
    columns=(
        Column("given_name", "text", frequent=True),
        Column("surname", "text", frequent=True),
        Column("date_of_birth", "date"),
        Column("soc_sec_id", "number"),
        Column("postcode", "number"),
        Column("address_1", "text"),
        Column("suburb", "text"),
    ),
    blocks=(("given_name",), ("surname",), ("date_of_birth",), ("soc_sec_id",), ("postcode",)),
    trainings=(("date_of_birth",), ("postcode", "surname"), ("soc_sec_id",)),
    certain=(("soc_sec_id",),),
    recall=0.9,
)

FAKE: Final = How(
    columns=(
        Column("first_name", "text", frequent=True),
        Column("surname", "text", frequent=True),
        Column("dob", "date"),
        Column("city", "exact", frequent=True),
        Column("email", "text"),
    ),
    blocks=(("first_name",), ("surname",), ("dob",), ("email",)),
    trainings=(("first_name", "surname"), ("dob",)),
    certain=(("first_name", "surname", "dob"), ("email",)),
    recall=0.7,
)

CHINESE: Final = How(
    columns=(
        Column("name", "chinese_name"),
        Column("sex", "exact"),
        Column("born", "date"),
        Column("document", "number"),
        Column("phone", "number", frequent=True),
        Column("door", "exact", frequent=True),
    ),
    blocks=(
        ("document",),
        ("name_pinyin", "phone"),
        ("name_pinyin", "door"),
        ("name_pinyin", "born"),
        ("born", "phone"),
        ("born", "door"),
        ("phone", "door"),
    ),
    trainings=(("born", "sex"), ("name_pinyin",)),
    certain=(("document",), ("name_folded", "born", "phone")),
    recall=0.7,
)
