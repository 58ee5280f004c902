"""The reference cases again, from Parquet files read some rows at a time: every table as it is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design
from analysis.errors import NotFromSums
from tests.analysis.partitions.agreement import assert_same_estimates, batches_of, written
from tests.reference.cases import HERE, Case, Datasets, Inexpressible, read_cases
from tests.reference.designs import design_of
from tests.reference.requests import answer
from tests.reference.steps import apply_steps

pytestmark = pytest.mark.slow
TABLES = ("mean", "total", "proportion", "ratio", "population_variance")
CHANGES = ("poststratify", "rake", "calibrate", "standardise", "adjust_nonresponse", "trim", "to_replicates")
CASES = [
    case
    for case in read_cases(HERE / "public.json.gz")
    if case.design.get("type") == "linearization" and case.request["stat"] in (*TABLES, "var", "ciprop")
]


class Both:
    """A design in memory that also does everything in partitions, as long as those can follow."""

    def __init__(self, memory: Design, partitioned: Design | None, compared: list[str]) -> None:
        self.memory, self.partitioned, self.compared = memory, partitioned, compared

    def __getattr__(self, name: str) -> Any:
        if name in CHANGES:
            return lambda *args, **options: self._changed(name, *args, **options)
        if name in TABLES:
            return lambda *args, **options: self._table(name, *args, **options)
        return getattr(self.memory, name)

    def domain(self, mask: np.ndarray) -> Both:
        there = self.partitioned and self.partitioned.domain(lambda data: mask[data["(number)"]])
        return Both(self.memory.domain(mask), there, self.compared)

    def _changed(self, name: str, *args: Any, **options: Any) -> Both:
        if options.get("variance") == "r":  # R's own errors look at rows; the default ones are compared
            del options["variance"]
        here = getattr(self.memory, name)(*args, **options)
        try:
            there = self.partitioned and getattr(self.partitioned, name)(*args, **options)
        except NotFromSums:
            self.compared.append("refused")
            there = None
        return Both(here, there, self.compared)

    def _table(self, name: str, *args: Any, **options: Any) -> pd.DataFrame:
        here = getattr(self.memory, name)(*args, **options)
        if self.partitioned is not None:
            assert_same_estimates(here, getattr(self.partitioned, name)(*args, **options))
            self.compared.append(name)
        return here


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Folders of Parquet files by the name of their data set, filled as they are asked for."""
    folder, made = tmp_path_factory.mktemp("datasets"), {}

    class Folders(dict[str, str]):
        def __missing__(self, name: str) -> str:
            data = Datasets(HERE / "data").read(name)
            self[name] = written(data.assign(**{"(number)": np.arange(len(data))}), folder / name)
            return self[name]

    yield Folders(made)


class OnDisk(Datasets):
    """Data sets as paths of Parquet files."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(HERE / "data")
        object.__setattr__(self, "files", files)

    def read(self, name: str) -> Any:
        if "joint" in name:  # a matrix of probabilities, not a sample
            return super().read(name)
        return self.files[name.removesuffix(".csv")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_partitions_give_the_same_table(case: Case, files: dict[str, str]) -> None:
    compared: list[str] = []
    datasets = Datasets(HERE / "data")
    with batches_of(max(25, len(datasets.read(case.content["dataset"])) // 6)):
        partitioned = design_of(case, OnDisk(files))
        both = Both(design_of(case, datasets), partitioned, compared)
        try:
            answer(apply_steps(both, case.steps), case)  # type: ignore[arg-type]  # it does what a Design does
        except Inexpressible:
            pytest.skip("not a call of the library")
    assert compared
