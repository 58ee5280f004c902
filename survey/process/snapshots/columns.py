"""Answer documents as Arrow columns, a batch of responses at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from survey.instrument.values import string
from survey.process.snapshots.coarsening import coarsened
from survey.process.snapshots.shape import CASE, INSTANCE, KEY, NUMBERS, VERSION, Level

Document = Mapping[str, Any]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Batch:
    """Some responses as they came from the database: `documents` are their answers, the rest a value each."""

    keys: Sequence[str]
    cases: Sequence[int | None]
    modes: Sequence[str]
    assisted: Sequence[bool]
    versions: Sequence[int]
    documents: Sequence[Document]


@dataclass(eq=False)
class Rows:
    """The rows of one level in a batch.

    `response` is the place of each row's response in the batch, `above` the place of the row above it in the
    level that this one lies in, `numbers` which instance of each repeat it is. Columns are made once.
    """

    level: Level
    documents: Sequence[Document]
    response: Places
    numbers: tuple[Sequence[int], ...] = ()
    outer: "Rows | None" = None
    above: Places | None = None
    kinds: dict[str, str] = field(default_factory=dict)
    made: dict[str, pa.Array] = field(default_factory=dict)

    def column(self, variable: str, kind: str) -> pa.Array:
        """A variable as it was answered: a number or text in every row, null where it is empty."""
        if variable not in self.made:
            values = [document.get(variable) for document in self.documents]
            self.made[variable] = array_of(values, kind)
        return self.made[variable]

    def table(self, batch: Batch, names: Mapping[int, str]) -> pa.Table:
        """The rows as they are frozen; `names` gives the versions of the questionnaire by their ids."""
        schema = self.level.schema
        fixed = self._keys(batch, names)
        columns = [
            fixed[name]
            if name in fixed
            else coarsened(self.column(name, self.level.kinds[name]), self.level.kinds[name])
            for name in schema.names
        ]
        cast = [column.cast(kind) for column, kind in zip(columns, schema.types, strict=True)]
        return pa.Table.from_arrays(cast, schema=schema)

    def _keys(self, batch: Batch, names: Mapping[int, str]) -> dict[str, pa.Array]:
        keys = pa.array(batch.keys, pa.large_string())
        if self.level.repeats:
            told = [*(f"{repeat}_{INSTANCE}" for repeat in self.level.repeats[:-1]), INSTANCE]
            numbers = {
                name: pa.array(each, pa.int64()) for name, each in zip(told, self.numbers, strict=True)
            }
            return {KEY: keys.take(pa.array(self.response)), **numbers}
        paradata = {
            KEY: keys,
            CASE: pa.array(batch.cases, pa.int64()),
            "mode": pa.array(batch.modes, pa.large_string()),
            "assisted": pa.array(["yes" if each else "no" for each in batch.assisted], pa.large_string()),
            VERSION: pa.array([names[each] for each in batch.versions], pa.large_string()),
        }
        return {name: column for name, column in paradata.items() if name not in self.level.kinds}


def rows_of(batch: Batch, levels: Iterable[Level]) -> Iterator[Rows]:
    """The rows of each level, outer levels first."""
    ends = np.arange(len(batch.documents))
    made: dict[tuple[str, ...], Rows] = {}
    for level in sorted(levels, key=lambda each: len(each.repeats)):
        if not level.repeats:
            made[()] = Rows(level, batch.documents, ends)
        else:
            made[level.repeats] = _inside(_outer(made, level.repeats[:-1]), level)
        yield made[level.repeats]


def _outer(made: dict[tuple[str, ...], Rows], repeats: tuple[str, ...]) -> Rows:
    """The rows around; of a repeat without questions of its own they are made here."""
    if repeats not in made:
        made[repeats] = _inside(_outer(made, repeats[:-1]), Level(repeats[-1], repeats, {}))
    return made[repeats]


def _inside(outer: Rows, level: Level) -> Rows:
    name = level.repeats[-1]
    found = [document.get(name) or () for document in outer.documents]
    sizes = np.fromiter((len(each) for each in found), np.int64, len(found))
    above = np.repeat(np.arange(len(found)), sizes)
    around = tuple(list(np.asarray(numbers)[above]) for numbers in outer.numbers)
    here = [number for each in found for number in range(1, len(each) + 1)]
    documents = [instance for each in found for instance in each]
    return Rows(level, documents, outer.response[above], (*around, here), outer, above)


def array_of(values: list[Any], kind: str) -> pa.Array:
    """Values of one type as an Arrow array; empty texts and lists are null, several choices one text."""
    make = NUMERIC.get(kind, _texts)
    try:
        return make(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return SLOW[make](values)


def _texts(values: list[Any]) -> pa.Array:
    return pa.array([value if value != "" else None for value in values], pa.large_string())


def _whole(values: list[Any]) -> pa.Array:
    return pa.array(values, pa.int64())


def _decimal(values: list[Any]) -> pa.Array:
    return pa.array(values, pa.float64())


NUMERIC: dict[str, Callable[[list[Any]], pa.Array]] = {
    kind: _whole if dtype == "Int64" else _decimal for kind, dtype in NUMBERS.items()
}


def _any_texts(values: list[Any]) -> pa.Array:
    return pa.array([_text(value) for value in values], pa.large_string())


def _text(value: Any) -> str | None:
    """A value as text: several choices as XLSForm writes them, numbers as XForms do."""
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    return string(value) if isinstance(value, float) else str(value)


def _numbers_as(dtype: str) -> Callable[[list[Any]], pa.Array]:
    """Numbers that another version or an old import kept as text."""
    return lambda values: pa.array(
        pd.to_numeric(pd.Series([None if value == "" else value for value in values], dtype=object)).astype(
            dtype
        )
    )


SLOW: dict[Callable[[list[Any]], pa.Array], Callable[[list[Any]], pa.Array]] = {
    _texts: _any_texts,
    _whole: _numbers_as("Int64"),
    _decimal: _numbers_as("Float64"),
}
