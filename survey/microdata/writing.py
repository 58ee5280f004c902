"""The released table as CSV, Parquet, Stata and SPSS files: the same rows and columns, with labels where they fit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from analysis.replicates.description import Description
from analysis.replicates.formats import write_table
from survey.microdata.columns import Column
from survey.text import defused

STATA_LABEL = 80  # characters
STATA_TEXT = 2044  # bytes; beyond, pyreadstat 1.3 makes a strL that it cannot finish when a row is empty
SPSS_LABEL = 255  # bytes
SPSS_VALUE_LABEL = 120  # bytes
SPSS_TEXT = 32_767  # bytes


def write_tables(table: pd.DataFrame, description: Description, folder: Path, stem: str) -> None:
    """CSV with its description beside it, and Parquet with the description inside.

    In CSV, a text that a spreadsheet would run is marked as text; numbers and codes stay as they are.
    """
    about = description.as_mapping()
    texts = table.select_dtypes(["string", "object"]).columns
    write_table(table, about, folder / f"{stem}.parquet")
    write_table(
        table.assign(**{name: table[name].map(_safe) for name in texts}), about, folder / f"{stem}.csv"
    )


def _safe(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "+-" and value[1:].replace(".", "", 1).isdigit():
        return value
    return defused(value)


def write_stata(table: pd.DataFrame, columns: Sequence[Column], path: Path, title: str) -> list[str]:
    """A Stata file (version 14 and later); answers that are no value are .a and .b.

    Returns the columns whose texts were cut at 2,044 bytes, the most that Stata keeps in a plain text column.
    """
    by_name = {column.name: column for column in columns}
    coded = {name: _numbers(table[name], by_name.get(name), letters=True) for name in table}
    held = {name: _cut(values, STATA_TEXT) for name, values in coded.items()}
    pyreadstat.write_dta(
        pd.DataFrame(held),
        str(path),
        file_label=_short(title, STATA_LABEL, 3 * STATA_LABEL),
        column_labels={c.name: _short(c.label, STATA_LABEL, 3 * STATA_LABEL) for c in columns},
        variable_value_labels={
            c.name: {**_labels(c), **{letter: c.codes[code] for code, letter in c.missing.items()}}
            for c in columns
            if c.codes
        },
        missing_user_values={c.name: list(c.missing.values()) for c in columns if c.missing},
    )
    return [name for name in held if held[name] is not coded[name]]


def write_spss(table: pd.DataFrame, columns: Sequence[Column], path: Path, title: str) -> list[str]:
    """An SPSS file, compressed; answers that are no value are declared as missing.

    Returns the columns whose texts were cut at 32,767 bytes.
    """
    by_name = {column.name: column for column in columns}
    coded = {name: _numbers(table[name], by_name.get(name), letters=False) for name in table}
    held = {name: _cut(values, SPSS_TEXT) for name, values in coded.items()}
    pyreadstat.write_sav(
        pd.DataFrame(held),
        str(path),
        file_label=_short(title, 64, 64),
        column_labels={c.name: _short(c.label, SPSS_LABEL, SPSS_LABEL) for c in columns},
        row_compress=True,
        variable_value_labels={
            c.name: {
                **{
                    value: _short(text, SPSS_VALUE_LABEL, SPSS_VALUE_LABEL)
                    for value, text in _labels(c).items()
                },
                **{c.numbers[code]: c.codes[code] for code in c.missing},
            }
            for c in columns
            if c.codes
        },
        missing_ranges={c.name: [c.numbers[code] for code in c.missing] for c in columns if c.missing},
    )
    return [name for name in held if held[name] is not coded[name]]


def _numbers(values: "pd.Series", column: Column | None, letters: bool) -> "pd.Series":
    """Codes as numbers; `letters` for answers that are no value."""
    if column is None or column.numeric or not column.codes:
        return values
    numbers: dict[str, Any] = {code: float(number) for code, number in column.numbers.items()}
    if letters and column.missing:
        numbers |= column.missing
        return values.astype(object).map(lambda value: None if pd.isna(value) else numbers[value])
    return values.map(numbers).astype("float64")


def _labels(column: Column) -> dict[float, str]:
    numbers = {code: float(code) for code in column.codes} if column.numeric else column.numbers
    return {float(numbers[code]): text for code, text in column.codes.items() if code not in column.missing}


def _cut(values: "pd.Series", most: int) -> "pd.Series":
    """The texts within `most` bytes; the very same object when they all are."""
    if pd.api.types.is_numeric_dtype(values):
        return values
    long = values.map(lambda value: isinstance(value, str) and len(value.encode()) > most)
    return (
        values.map(lambda value: _within(value, most) if isinstance(value, str) else value)
        if long.any()
        else values
    )


def _within(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _short(text: str, characters: int, most: int) -> str:
    """A label within so many characters and bytes; the codebook has the whole."""
    text = " ".join(text.split())
    if len(text) <= characters and len(text.encode()) <= most:
        return text
    return f"{_within(text[: characters - 1], most - 3)}…"
