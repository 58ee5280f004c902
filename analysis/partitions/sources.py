"""Where partitions come from: Parquet files read in batches, or a Dask data frame on any scheduler."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import pyarrow.dataset as ds  # type: ignore[import-untyped]

from analysis.errors import SurveyError

BATCH_ROWS = 200_000  # rows of a Parquet file that are held at a time
FAN_IN = 8  # partial results that one Dask task merges

Partial = TypeVar("Partial")
Task = Callable[[pd.DataFrame, int], Partial]
Merge = Callable[[list[Partial]], Partial]


class Source(Protocol):
    """Rows in numbered partitions."""

    @property
    def columns(self) -> list[str]: ...

    def reduce(self, columns: Sequence[str] | None, task: Task[Partial], merge: Merge[Partial]) -> Partial:
        """Run `task` on the given columns (None for all) of every partition and merge in their order.

        `merge` takes neighbouring results and must be associative, so that the answer does not depend on
        how many processes took part.
        """
        ...


def source_of(data: Any) -> Source:
    """A source from a path or paths, a pyarrow data set or a Dask data frame; else `SurveyError`."""
    if type(data).__module__.split(".")[0] in ("dask", "dask_expr"):
        return DaskSource(data)
    if isinstance(data, ds.Dataset):
        return ParquetSource(data)
    if isinstance(data, str | os.PathLike | list):
        try:
            return ParquetSource(ds.dataset(_paths(data), format="parquet"))
        except (OSError, pa.ArrowInvalid) as fault:
            raise SurveyError(f"no Parquet data at {data!r}: {fault}") from None
    raise SurveyError(
        f"data of type {type(data).__name__!r} cannot be read; give a pandas or Dask data frame, "
        "a path to Parquet files or a pyarrow data set"
    )


def _paths(data: Any) -> Any:
    return [str(path) for path in data] if isinstance(data, list) else str(data)


class ParquetSource:
    """Parquet files, read one batch after another in this process."""

    def __init__(self, dataset: ds.Dataset) -> None:
        self.dataset = dataset

    @property
    def columns(self) -> list[str]:
        return list(self.dataset.schema.names)

    def __repr__(self) -> str:
        return f"{self.dataset.count_rows():,} rows of Parquet"

    def reduce(self, columns: Sequence[str] | None, task: Task[Partial], merge: Merge[Partial]) -> Partial:
        waiting: list[Partial] = []
        for number, part in enumerate(self._parts(columns)):
            waiting.append(task(part, number))
            if len(waiting) == FAN_IN:
                waiting = [merge(waiting)]
        if not waiting:
            raise SurveyError("the data have no rows")
        return merge(waiting)

    def _parts(self, columns: Sequence[str] | None) -> Iterator[pd.DataFrame]:
        """Frames of at most about BATCH_ROWS rows, their index counting the rows of the data set."""
        waiting: list[pa.RecordBatch] = []
        start = 0
        for batch in self._batches(None if columns is None else list(columns)):
            held = sum(len(found) for found in waiting)
            if held and held + len(batch) > BATCH_ROWS:
                yield _frame(waiting, start)
                start, waiting = start + held, []
            if len(batch):
                waiting.append(batch)
        if waiting:
            yield _frame(waiting, start)

    def _batches(self, columns: list[str] | None) -> Iterator[pa.RecordBatch]:
        """One row group after another: a scan of the whole data set reads many of them ahead."""
        for fragment in self.dataset.get_fragments():
            in_groups = isinstance(fragment, ds.ParquetFileFragment)
            for group in fragment.split_by_row_group() if in_groups else [fragment]:
                table = group.to_table(schema=self.dataset.schema, columns=columns)
                yield from table.to_batches(max_chunksize=BATCH_ROWS)


def _frame(batches: list[pa.RecordBatch], start: int) -> pd.DataFrame:
    # True/false with gaps would else be text-like in one batch and logical in the next.
    table = pa.Table.from_batches(batches)
    frame: pd.DataFrame = table.to_pandas(
        ignore_metadata=True, types_mapper={pa.bool_(): pd.BooleanDtype()}.get
    )
    return frame.set_axis(pd.RangeIndex(start, start + len(frame)), axis=0)


class DaskSource:
    """A Dask data frame: one task per partition on its scheduler, merged as a tree in their order."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    @property
    def columns(self) -> list[str]:
        return [str(name) for name in self.frame.columns]

    def __repr__(self) -> str:
        return f"{self.frame.npartitions} Dask partitions"

    def reduce(self, columns: Sequence[str] | None, task: Task[Partial], merge: Merge[Partial]) -> Partial:
        from dask.base import compute
        from dask.delayed import delayed

        frame = self.frame if columns is None else self.frame[list(columns)]
        run, join = delayed(task, pure=False), delayed(merge, pure=False)
        level = [run(part, number) for number, part in enumerate(frame.to_delayed())]
        while len(level) > 1:
            level = [join(level[k : k + FAN_IN]) for k in range(0, len(level), FAN_IN)]
        (result,) = compute(join(level))  # type: ignore[no-untyped-call]  # Dask is typed in part
        found: Partial = result
        return found
