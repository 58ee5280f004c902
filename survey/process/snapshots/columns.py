"""The rows of each level in a batch of responses, as columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from survey.process.snapshots.coarsening import coarsened
from survey.process.snapshots.documents import texts_of
from survey.process.snapshots.shape import CASE, INSTANCE, KEY, VERSION, Level

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Batch:
    """Some responses as they came from the database: `documents` are their answers, the rest a value each."""

    keys: Sequence[str]
    cases: Sequence[int | None]
    modes: Sequence[str]
    assisted: Sequence[bool]
    versions: Sequence[int]
    documents: pa.StructArray


@dataclass(eq=False)
class Rows:
    """The rows of one level in a batch.

    `response` is the place of each row's response in the batch, `above` the place of the row above it in the
    level that this one lies in, `numbers` which instance of each repeat it is, from 1. Columns are made once.
    """

    level: Level
    documents: pa.StructArray
    response: Places
    numbers: tuple[Places, ...] = ()
    outer: "Rows | None" = None
    above: Places | None = None
    made: dict[str, pa.Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.documents)

    def column(self, variable: str) -> pa.Array:
        """A variable as it was answered: a number or text in every row, null where it is empty."""
        if variable not in self.made:
            self.made[variable] = texts_of(pc.struct_field(self.documents, variable))
        return self.made[variable]

    def table(self, batch: Batch, names: Mapping[int, str]) -> pa.Table:
        """The rows as they are frozen; `names` gives the versions of the questionnaire by their ids."""
        keys, schema = self._keys(batch, names), self.level.schema
        columns = [keys[name] if name in keys else self._held(name) for name in schema.names]
        cast = [column.cast(kind) for column, kind in zip(columns, schema.types, strict=True)]
        return pa.Table.from_arrays(cast, schema=schema)

    def _held(self, variable: str) -> pa.Array:
        return coarsened(self.column(variable), self.level.kinds[variable])

    def _keys(self, batch: Batch, names: Mapping[int, str]) -> dict[str, pa.Array]:
        keys = pa.array(batch.keys, pa.string())
        if self.level.repeats:
            told = [*(f"{repeat}_{INSTANCE}" for repeat in self.level.repeats[:-1]), INSTANCE]
            numbers = {name: pa.array(each) for name, each in zip(told, self.numbers, strict=True)}
            return {KEY: keys.take(pa.array(self.response)), **numbers}
        paradata = {
            KEY: keys,
            CASE: pa.array(batch.cases, pa.int64()),
            "mode": pa.array(batch.modes, pa.string()),
            "assisted": pa.array(["yes" if each else "no" for each in batch.assisted], pa.string()),
            VERSION: pa.array([names[each] for each in batch.versions], pa.string()),
        }
        return {name: column for name, column in paradata.items() if name not in self.level.kinds}


def rows_of(batch: Batch, levels: Iterable[Level]) -> Iterator[Rows]:
    """The rows of each level, outer levels first."""
    made: dict[tuple[str, ...], Rows] = {}
    for level in sorted(levels, key=lambda each: len(each.repeats)):
        if not level.repeats:
            made[()] = Rows(level, batch.documents, np.arange(len(batch.documents)))
        else:
            made[level.repeats] = _inside(_outer(made, level.repeats[:-1]), level)
        yield made[level.repeats]


def _outer(made: dict[tuple[str, ...], Rows], repeats: tuple[str, ...]) -> Rows:
    """The rows around; of a repeat without questions of its own they are made here."""
    if repeats not in made:
        made[repeats] = _inside(_outer(made, repeats[:-1]), Level(repeats[-1], repeats, {}, {}))
    return made[repeats]


def _inside(outer: Rows, level: Level) -> Rows:
    lists = pc.struct_field(outer.documents, level.repeats[-1])
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    above = np.repeat(np.arange(len(sizes)), sizes)
    starts = np.cumsum(sizes) - sizes
    here = np.arange(len(above)) - starts[above] + 1
    around = tuple(numbers[above] for numbers in outer.numbers)
    return Rows(level, lists.flatten(), outer.response[above], (*around, here), outer, above)
