"""Estimates from Parquet files are those of the same rows in memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.dataset
import pytest

from analysis import Design, errors
from analysis.partitions import PartitionedDesign
from tests.analysis.partitions.agreement import assert_same_estimates, batches_of, written
from tests.analysis.partitions.surveys import MARGINS, OPTIONS, households

PEOPLE = households()
MEMORY = Design(PEOPLE, **OPTIONS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(PEOPLE, tmp_path_factory.mktemp("people") / "people")


@pytest.fixture(autouse=True)
def few_rows_at_a_time() -> Iterator[None]:
    with batches_of(280):
        yield


def elderly(data: pd.DataFrame) -> pd.Series:
    return data["age"].fillna("") == "60+"


def last_district(data: pd.DataFrame) -> pd.Series:
    return data["district"] == "D8"


TABLES: dict[str, Callable[[Design], pd.DataFrame]] = {
    "mean": lambda d: d.mean("income"),
    "several with missing values": lambda d: d.mean(["income", "hours", "phone"], deff=True),
    "each level in domains": lambda d: d.mean(["phone", "sex"], by=["sex", "age"], deff="replace"),
    "total": lambda d: d.total(["income", "phone"], by="age", deff=True),
    "domain empty in most partitions": lambda d: d.total("income", where=last_district, deff=True),
    "proportion": lambda d: d.proportion("online", by="district", ci="beta"),
    "shares": lambda d: d.proportion(["phone", "sex"], by="age", ci="likelihood_r"),
    "ratio": lambda d: d.ratio(["income", "online"], "hours", by="sex", where=elderly, deff=True),
    "ratios to several": lambda d: d.ratio(["income", "online"], ["hours", "w"], by="age", deff=True),
    "the same variable twice": lambda d: d.mean(["phone", "online", "phone", "online"], deff=True),
    "population variance": lambda d: d.population_variance(["income", "hours"], by="age"),
    "complete variables": lambda d: d.mean(["hours", "online"], missing="fail"),
    "numeric code": lambda d: d.mean("hours", categorical="hours", by="sex"),
    "computed column": lambda d: d.with_columns({"rich": lambda x: x["income"] > 150}).mean("rich"),
    "poststratified": lambda d: d.poststratify("sex", MARGINS["sex"]).mean("income", by="age", deff=True),
    "raked": lambda d: d.rake(MARGINS).total(["income", "phone"], by="sex", deff=True),
    "bounded": lambda d: d.calibrate(MARGINS, distance="logit", bounds=(0.2, 4)).mean("income", by="sex"),
    "nonresponse, then raked": lambda d: (
        d.adjust_nonresponse(classes="district").rake(MARGINS).mean(["income", "phone"], by="sex")
    ),
    "standardised": lambda d: d.standardise("sex", {"nam": 0.4, "nữ": 0.6}, over="district").mean("income"),
    "jackknife": lambda d: d.to_replicates("jkn").ratio("income", "hours", by="sex"),
    "bootstrap, raked again": lambda d: (
        d.rake(MARGINS).to_replicates("rao_wu", replicates=40).mean("income", by="sex", deff=True)
    ),
    "raked after the bootstrap": lambda d: (
        d.to_replicates("bootstrap", replicates=40).rake(MARGINS).total("online")
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_that_of_memory(name: str, folder: str) -> None:
    assert_same_estimates(TABLES[name](MEMORY), TABLES[name](Design(folder, **OPTIONS)))


DESIGNS: dict[str, dict[str, Any]] = {
    "no strata": {"weight": "w", "clusters": "hamlet"},
    "rows as units": {"weight": "w", "strata": "district"},
    "weights from fractions": {"strata": "district", "fpc": "population"},
    "two stages with fpc": {
        "weight": "w",
        "strata": "district",
        "clusters": ["hamlet", "number"],
        "fpc": ["hamlets", "persons"],
    },
    "two stages, weights from both": {
        "strata": "district",
        "clusters": ["hamlet", "number"],
        "fpc": ["hamlets", "persons"],
    },
    "second stage without fpc": {"weight": "w", "strata": "district", "clusters": ["hamlet", "number"]},
    "probabilities": {"probability": "chance", "clusters": "hamlet"},
    "lonely units averaged": {"weight": "w", "strata": "age", "clusters": "one", "lonely_psu": "average"},
    "lonely units centred": {
        "weight": "w",
        "strata": "district",
        "clusters": "few",
        "lonely_psu": "adjust",
        "lonely_in_domains": True,
    },
}


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, str]:
    """The same persons with what the designs above need."""
    data = households(1200).assign(
        number=np.arange(1200) % 17,
        persons=30,
        chance=lambda d: 1 / (d["w"] + 1),
        age=lambda d: d["age"].fillna("60+"),
        one=lambda d: np.where(d["age"] == "60+", 1, d["hamlet"]),
        few=lambda d: np.where(d["district"] == "D8", 1, d["hamlet"]),
    )
    return data, written(data, tmp_path_factory.mktemp("staged") / "staged")


@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_is_the_same(name: str, staged: tuple[pd.DataFrame, str]) -> None:
    data, path = staged
    for options in ({"by": "sex"}, {"where": last_district}):
        here = Design(data, **DESIGNS[name]).total(["income", "online"], **options)
        assert_same_estimates(here, Design(path, **DESIGNS[name]).total(["income", "online"], **options))


@pytest.mark.parametrize("rows", [1, 40, 10_000])
def test_the_size_of_partitions_does_not_matter(rows: int, tmp_path: Path) -> None:
    people = PEOPLE.head(200)
    with batches_of(rows):
        found = Design(written(people, tmp_path / "people", 2), **OPTIONS).mean(["income", "phone"], by="sex")
    assert_same_estimates(Design(people, **OPTIONS).mean(["income", "phone"], by="sex"), found)


def test_a_data_set_a_list_and_one_file_are_read_too(folder: str) -> None:
    expected = MEMORY.mean("income")
    files = sorted(Path(folder).iterdir())
    for data in (pyarrow.dataset.dataset(folder), [str(file) for file in files], Path(folder)):
        assert_same_estimates(expected, Design(data, **OPTIONS).mean("income"))


def test_the_history_has_the_controls(folder: str) -> None:
    last = Design(folder, **OPTIONS).rake(MARGINS).history[-1]
    expected = MEMORY.rake(MARGINS).history[-1]
    assert (last.name, last.iterations) == ("rake", expected.iterations)
    pd.testing.assert_frame_equal(last.margins, expected.margins, rtol=1e-12)


def test_degrees_of_freedom_and_comparisons(folder: str) -> None:
    there = Design(folder, **OPTIONS)
    assert there.degrees_of_freedom == MEMORY.degrees_of_freedom == 32
    assert there.domain(last_district).degrees_of_freedom == 4
    gap = {"nam": 1, "nữ": -1}
    found = there.compare(there.mean("income", by="sex"), gap)
    expected = MEMORY.compare(MEMORY.mean("income", by="sex"), gap)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-8)  # a difference of two large numbers


def test_weights_are_written_beside_the_rows(folder: str, tmp_path: Path) -> None:
    raked = Design(folder, **OPTIONS).adjust_nonresponse(classes="district").rake(MARGINS)
    assert raked.write_weights(tmp_path / "new") == len(PEOPLE)
    data = pd.read_parquet(tmp_path / "new")
    expected = MEMORY.adjust_nonresponse(classes="district").rake(MARGINS).weights()
    np.testing.assert_allclose(data["rake_weight"], expected, rtol=1e-12)
    pd.testing.assert_frame_equal(data.drop(columns="rake_weight"), pd.read_parquet(folder))
    with pytest.raises(errors.SurveyError, match="not empty"):
        raked.write_weights(tmp_path / "new")


def test_weights_from_fractions_are_written(folder: str, tmp_path: Path) -> None:
    options = {"strata": "district", "fpc": "population"}
    Design(folder, **options).poststratify("sex", MARGINS["sex"]).write_weights(
        tmp_path, "pw", ["sex", "district"]
    )
    data = pd.read_parquet(tmp_path)
    assert list(data.columns) == ["sex", "district", "pw"]
    expected = Design(PEOPLE, **options).poststratify("sex", MARGINS["sex"]).weights()
    np.testing.assert_allclose(data["pw"], expected, rtol=1e-12)


def test_factors_have_a_row_per_cell(folder: str) -> None:
    factors = Design(folder, **OPTIONS).poststratify("sex", MARGINS["sex"]).factors()
    totals = PEOPLE.groupby("sex", observed=True)["w"].sum()
    found = dict(zip(factors["sex"], factors["factor"], strict=True))
    for level, target in MARGINS["sex"].items():
        assert found[level] == pytest.approx(target / totals[level], rel=1e-12)


def test_what_needs_rows_runs_on_a_few_columns_in_memory(folder: str) -> None:
    raked = Design(folder, **OPTIONS).rake(MARGINS).domain(elderly)
    computed = raked.compute(["income"])
    assert not isinstance(computed, PartitionedDesign)
    assert set(computed.data.columns) == {"w", "district", "hamlet", "sex", "income", "(domain)"}
    expected = MEMORY.rake(MARGINS).quantile("income", 0.5, where=elderly(PEOPLE))
    pd.testing.assert_frame_equal(computed.quantile("income", 0.5), expected)


REFUSED: dict[str, tuple[Callable[[Design], Any], type[Exception], str]] = {
    "quantile": (lambda d: d.quantile("income"), errors.NotFromSums, r"compute\(\['column'"),
    "model": (lambda d: d.glm("online ~ age"), errors.NotFromSums, "rows themselves"),
    "crosstab": (lambda d: d.crosstab("sex", "phone"), errors.NotFromSums, "rows themselves"),
    "weights": (lambda d: d.weights(), errors.NotFromSums, "weight of each row"),
    "trim": (lambda d: d.trim(upper=30), errors.NotFromSums, "trim needs the rows"),
    "R's raking errors": (lambda d: d.rake(MARGINS, variance="r"), errors.NotFromSums, "variance='r'"),
    "propensity": (
        lambda d: d.adjust_nonresponse(method="propensity", formula="~ sex"),
        errors.NotFromSums,
        "propensity",
    ),
    "one factor per household": (
        lambda d: d.calibrate(MARGINS, by_unit="hamlet"),
        errors.NotFromSums,
        "by_unit needs the rows",
    ),
    "mask": (lambda d: d.mean("income", where=[True] * 3000), errors.SurveyError, "function of the data"),
    "fixed column": (
        lambda d: d.with_columns({"x": [1] * 3000}),
        errors.SurveyError,
        "'x' must be a function",
    ),
    "absent column": (lambda d: d.mean("wealth"), errors.ColumnNotFound, "'wealth' is not in the data"),
    "absent domain": (lambda d: d.mean("hours", by="town"), errors.ColumnNotFound, "'town'"),
    "empty domain": (lambda d: d.mean("hours", where=lambda x: x["w"] < 0), errors.EmptyDomain, "where"),
    "no proportion": (lambda d: d.proportion("hours"), errors.NotAProportion, "'hours' holds"),
    "level without total": (
        lambda d: d.poststratify("sex", {"nam": 1.0}),
        errors.LevelNotInControls,
        "level 'nữ' occurs in 1460 sampled",
    ),
    "too many": (
        lambda d: d.keeping(50).mean("hours", by="age"),
        errors.TooManyCombinations,
        "'hamlet', 'age'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_partitions_cannot_give_is_refused_by_name(name: str, folder: str) -> None:
    call, error, words = REFUSED[name]
    with pytest.raises(error, match=words):
        call(Design(folder, **OPTIONS))


@pytest.mark.parametrize(
    "call",
    [
        lambda d: d.mean(["hours", "income"], missing="fail"),
        lambda d: d.poststratify("sex", {"nam": 1.0}),
        lambda d: d.poststratify("age", {"60+": 1.0}),
        lambda d: d.domain(last_district).proportion("hours"),
    ],
)
def test_faults_count_the_rows_of_the_file(call: Callable[[Design], Any], folder: str) -> None:
    with pytest.raises(errors.SurveyError) as here:
        call(MEMORY)
    with pytest.raises(errors.SurveyError) as there:
        call(Design(folder, **OPTIONS))
    assert str(there.value).split(", the first")[0] == str(here.value).split(", the first")[0]


def test_faults_of_the_data_are_those_of_memory(tmp_path: Path) -> None:
    broken = {
        "w": (PEOPLE["w"].where(PEOPLE.index != 2990, -1.0), errors.BadWeight, "-1 is negative"),
        "hamlet": (PEOPLE["hamlet"].where(PEOPLE.index != 2990), errors.MissingValues, "row 2990"),
        "district": (np.where(PEOPLE["district"] == "D3", "x", "D1"), errors.LonelyPsu, "'x'"),
    }
    for name, (column, error, words) in broken.items():
        data = PEOPLE.assign(**{name: column})
        if name == "district":
            data["hamlet"] = data["hamlet"].where(data["district"] != "x", 1)
        with pytest.raises(error, match=words):
            Design(written(data, tmp_path / name), **OPTIONS).mean("hours")


def test_designs_that_cannot_be_read() -> None:
    for data, words in (("/nowhere/at/all", "no Parquet data"), (7, "type 'int' cannot be read")):
        with pytest.raises(errors.SurveyError, match=words):
            Design(data, weight="w")


def test_imported_replicates_stay_in_memory(folder: str) -> None:
    with pytest.raises(errors.NotFromSums, match="from_replicates"):
        Design.from_replicates(folder, "w", ["w", "hours"])


def test_the_library_loads_without_dask_or_parquet() -> None:
    code = "import sys, analysis; print([m for m in ('dask', 'distributed', 'pyarrow.dataset') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
