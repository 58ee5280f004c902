"""The columns of a released file: short unique names, labels, codes, and the frame itself, the same in every format."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from survey.microdata.candidates import NUMBER, SEVERAL, Candidate, Candidates
from survey.microdata.plan import Plan
from survey.microdata.recodes import labels
from survey.text import unaccented

LONGEST_NAME = 28
"""Stata takes 32 characters, and pyreadstat names a column's labels after it with a number of up to four digits."""
# What Stata (Data Management Reference, "Naming conventions") and SPSS (Command Syntax, "Variable names") keep for
# themselves.
RESERVED = frozenset(
    {
        *("all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"),
        *("byte", "double", "float", "if", "in", "int", "long", "str", "strl", "using", "pred", "rc", "skip"),
        *("cons", "coef", "n", "e", "pi", "true", "false", "na", "nan", "null", "inf"),
    }
)
TAKEN_FORMS = re.compile(r"str\d+|rep_\d+")
OWN = ("id", "final_weight", "stratum", "psu")
"""Columns of every file, beside the replicate weights."""
MISSING = {"dont_know": (98, "a"), "refused": (99, "b")}
"""Answers that are no value: their number in SPSS and their letter in Stata."""
YES_NO = {"1": "Có", "0": "Không"}


@dataclass(frozen=True)
class Column:
    """A column as it is released; `numeric` says whether CSV and Parquet hold numbers.

    `codes` are values with their names; `source` is the variable of the questionnaire that it is made of, `code`
    the answer of a multiple choice that it tells of, `note` what was done to it.
    """

    name: str
    label: str
    numeric: bool
    codes: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    code: str = ""
    note: str = ""

    def number_of(self, value: str) -> int:
        """The number that stands for a code in Stata and SPSS: itself, else its place in the list."""
        return self.numbers[value]

    @property
    def numbers(self) -> dict[str, int]:
        """Numbers of all codes; those of answers that are no value stand at the end."""
        if all(re.fullmatch(r"-?\d{1,9}", code) for code in self.codes):
            return {code: int(code) for code in self.codes}
        values = [code for code in self.codes if code not in MISSING]
        most = {code: MISSING[code][0] for code in self.codes if code in MISSING}
        if len(values) >= min(most.values(), default=10**9):  # 98 and 99 are taken by values
            most = {code: 10**6 + number for code, number in most.items()}
        return {code: place for place, code in enumerate(values, 1)} | most

    @property
    def missing(self) -> dict[str, str]:
        """Stata's letters of the codes that are no value."""
        return {code: MISSING[code][1] for code in self.codes if code in MISSING}


class Names:
    """Names that Stata and SPSS both take, each given once, whatever the case of its letters."""

    def __init__(self) -> None:
        self.taken: set[str] = set(OWN)

    def give(self, wanted: str) -> str:
        """The name, or the nearest that is allowed and free."""
        name = re.sub(r"\W", "_", unaccented(wanted), flags=re.ASCII).strip("_") or "v"
        if name[0].isdigit() or name.lower() in RESERVED or TAKEN_FORMS.fullmatch(name.lower()):
            name = f"v_{name}"
        short, number = name[:LONGEST_NAME], 1
        while short.lower() in self.taken:
            number += 1
            short = f"{name[: LONGEST_NAME - len(str(number)) - 1]}_{number}"
        self.taken.add(short.lower())
        return short


def released(
    data: pd.DataFrame, plan: Plan, offered: Candidates, names: Names
) -> tuple[pd.DataFrame, list[Column]]:
    """The anonymous variables as columns: one each, for multiple choices one an answer, 1 or 0."""
    parts: list[tuple[Column, pd.Series]] = []
    for one in plan.variables:
        candidate = offered[one.name]
        make = {SEVERAL: _several, NUMBER: _number}.get(candidate.kind, _choice)
        note = "giá trị đã gộp: xem báo cáo ẩn danh" if one.steps else ""
        parts += make(data[one.name], candidate, names, labels(one.steps, data[one.name]), note)
    columns = [column for column, _ in parts]
    table = pd.concat([values.rename(column.name) for column, values in parts], axis=1)
    return table, columns


def _number(
    values: "pd.Series", one: Candidate, names: Names, bands: Mapping[float, str], note: str
) -> Iterable[tuple[Column, "pd.Series"]]:
    codes = {f"{value:g}": text for value, text in bands.items() if value == int(value)}
    column = Column(names.give(one.name), one.label, True, codes, one.question, note=note)
    yield column, pd.to_numeric(values).astype("float64")


def _choice(
    values: "pd.Series", one: Candidate, names: Names, bands: Mapping[float, str], note: str
) -> Iterable[tuple[Column, "pd.Series"]]:
    text = values.astype("string")
    there = list(dict.fromkeys(text.dropna()))
    codes = {code: name for code, name in one.codes.items() if code in there or not note}
    codes |= {code: code for code in there if code not in codes}
    yield Column(names.give(one.name), one.label, False, codes, one.question, note=note), text


def _several(
    values: "pd.Series", one: Candidate, names: Names, bands: Mapping[float, str], note: str
) -> Iterable[tuple[Column, "pd.Series"]]:
    chosen = values.astype("string")
    sets = chosen.map(lambda cell: frozenset(cell.split()), na_action="ignore")
    there = sorted({code for cell in sets.dropna() for code in cell})
    codes = {code: name for code, name in one.codes.items() if not note or code in there}
    codes |= {code: code for code in there if code not in codes}
    for code, name in codes.items():
        column = Column(
            names.give(f"{one.name}_{code}"), f"{one.label}: {name}", True, YES_NO, one.question, code, note
        )
        held = np.array([np.nan if pd.isna(cell) else float(code in cell) for cell in sets])  # type: ignore[arg-type]
        yield column, pd.Series(held, index=values.index)


def replicate_names(count: int) -> Sequence[str]:
    """`rep_1`, `rep_2`, …"""
    return [f"rep_{number}" for number in range(1, count + 1)]
