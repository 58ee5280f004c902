"""Replicate weights out and in: three formats, names of R, Stata and the Census Bureau, faults by column."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design, errors

DATA = Path("tests/reference/data")
FORMATS = (".csv", ".parquet", ".dta")


def survey() -> pd.DataFrame:
    """Six strata of two clusters of five, with every kind of column."""
    rng = np.random.default_rng(8)
    rows = [(h, c) for h in range(6) for c in range(2) for _ in range(5)]
    data = pd.DataFrame(rows, columns=["stratum", "cluster"])
    data["w"] = rng.uniform(1, 3, len(data)) / 3
    data["y"] = rng.normal(size=len(data)) * 1e3
    data["code"] = [f"{k % 3:02d}" for k in range(len(data))]
    data["area"] = pd.Categorical(rng.choice(["city", "NA"], len(data)), ["NA", "city"], ordered=True)
    data["size"] = pd.array([None, *range(len(data) - 1)], dtype="Int64")
    data["online"] = rng.uniform(size=len(data)) < 0.5
    data["day"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(data)), unit="D")
    data["note"] = [None if k % 4 else "nhà" for k in range(len(data))]
    return data


def raked(**options: Any) -> Design:
    base = Design(survey(), weight="w", strata="stratum", clusters="cluster")
    return base.rake({"code": {"00": 30, "01": 40, "02": 30}}).to_replicates(**options)


def figures(design: Design) -> list[pd.DataFrame]:
    return [design.mean("y", by="code"), design.total(["y", "size"]), design.mean("area", by="online")]


METHODS: list[dict[str, Any]] = [
    {"method": "jkn"},
    {"method": "brr", "mse": True},
    {"method": "fay", "fay_rho": 0.3},
    {"method": "rao_wu", "replicates": 50},
    {"method": "preston", "replicates": 50, "df_rule": "rank"},
    {"method": "sdr"},
]


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("options", METHODS, ids=lambda options: options["method"])
def test_out_and_in_again_gives_the_same_estimates(
    options: dict[str, Any], ending: str, tmp_path: Path
) -> None:
    design = raked(**options)
    path = tmp_path / f"weights{ending}"
    design.write_replicates(path)
    back = Design.read_replicates(path)
    assert np.array_equal(back.weight, design.weight)
    for r in range(design.variance.weights.count):
        assert np.array_equal(back.variance.weights.column(r), design.variance.weights.column(r))
    for left, right in zip(figures(design), figures(back), strict=True):
        pd.testing.assert_frame_equal(left, right, check_dtype=False, rtol=1e-12, atol=1e-12)
    back.write_replicates(tmp_path / f"again{ending}")
    again = Design.read_replicates(tmp_path / f"again{ending}")
    for left, right in zip(figures(back), figures(again), strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)


@pytest.mark.parametrize("ending", FORMATS)
def test_columns_keep_their_types(ending: str, tmp_path: Path) -> None:
    design = raked(method="jkn")
    design.write_replicates(tmp_path / f"w{ending}")
    back = Design.read_replicates(tmp_path / f"w{ending}").data
    for name in design.data.columns:
        assert str(back[name].dtype) == str(design.data[name].dtype), name
    pd.testing.assert_frame_equal(back[list(design.data)], design.data)


def test_the_description_says_how_the_weights_were_made(tmp_path: Path) -> None:
    raked(method="fay", fay_rho=0.3).write_replicates(tmp_path / "w.csv")
    found = json.loads((tmp_path / "w.csv.json").read_text())
    assert (found["method"], found["fay_rho"], found["mse"]) == ("fay", 0.3, False)
    count = len(found["replicates"])
    assert found["scale"] == pytest.approx(1 / (count * 0.7**2))


def test_without_the_columns_of_the_first_stage_the_degrees_of_freedom_are_written(tmp_path: Path) -> None:
    design = raked(method="rao_wu", replicates=40)
    table = design.write_replicates(tmp_path / "w.parquet", columns=["y"])
    assert table.columns[:3].tolist() == ["y", "final_weight", "rep_1"]
    back = Design.read_replicates(tmp_path / "w.parquet")
    assert back.mean("y")["df"].item() == design.mean("y")["df"].item() == 6


@pytest.mark.parametrize(
    ("convention", "options", "weight", "first", "last"),
    [
        ("r", {"method": "jkn"}, "final_weight", "rep_1", "rep_12"),
        ("stata", {"method": "jkn"}, "pw", "jkw1", "jkw12"),
        ("stata", {"method": "brr"}, "pw", "brrw1", "brrw8"),
        ("stata", {"method": "bootstrap", "replicates": 9}, "pw", "bsrw1", "bsrw9"),
        ("acs", {"method": "sdr"}, "PWGTP", "PWGTP1", "PWGTP16"),
        ("ipums", {"method": "sdr"}, "PERWT", "REPWTP1", "REPWTP16"),
    ],
)
def test_names_by_convention(
    convention: Any, options: dict[str, Any], weight: str, first: str, last: str, tmp_path: Path
) -> None:
    table = raked(**options).write_replicates(tmp_path / "w.csv", convention, columns="y")
    assert table.columns[1:3].tolist() == [weight, first]
    assert table.columns[-1] == last


# --- files that others made, in the figures of R (tests/reference/public.json.gz, cases rep.*)


def others(data: str, weight: str, replicates: str, prefix: str) -> pd.DataFrame:
    matrix = pd.read_csv(DATA / "rep" / replicates)
    named = matrix.set_axis([f"{prefix}{r + 1}" for r in range(matrix.shape[1])], axis=1)
    return pd.concat([pd.read_csv(DATA / data).rename(columns={weight: "final"}), named], axis=1)


@pytest.mark.parametrize(
    ("file", "weight", "replicates", "prefix", "request_", "scale"),
    [
        ("scd.csv.gz", "w", "scd_brr.csv.gz", "brrw", {"method": "brr"}, lambda count: 1 / count),
        (
            "vnhh2psu.csv.gz",
            "w0",
            "vn2_fay.csv.gz",
            "fay",
            {"method": "fay", "fay_rho": 0.3},
            lambda count: 1 / count / 0.49,
        ),
        ("apiclus1.csv.gz", "pw", "clus1_jk1_nofpc.csv.gz", "jk", {"method": "jk1"}, lambda n: (n - 1) / n),
        (
            "apiclus1.csv.gz",
            "pw",
            "clus1_subboot.csv.gz",
            "bs",
            {"method": "bootstrap"},
            lambda n: 1 / (n - 1),
        ),
    ],
)
def test_constants_by_method(
    file: str,
    weight: str,
    replicates: str,
    prefix: str,
    request_: dict[str, Any],
    scale: Callable[[int], float],
    tmp_path: Path,
) -> None:
    raw = pd.read_csv(DATA / file)
    data = others(file, weight, replicates, prefix)
    data.to_csv(tmp_path / "w.csv", index=False)
    read = Design.read_replicates(tmp_path / "w.csv", weight="final", replicates=prefix, **request_)
    matrix = pd.read_csv(DATA / "rep" / replicates).to_numpy()
    plain = Design.from_replicates(data, "final", matrix, scale=scale(matrix.shape[1]))
    number = [
        c for c in raw.columns.drop(weight) if pd.api.types.is_numeric_dtype(raw[c]) and raw[c].nunique() > 3
    ][-1]
    pd.testing.assert_frame_equal(read.mean(number), plain.mean(number), rtol=1e-12)


def census(**changes: Any) -> pd.DataFrame:
    """A person file of the American Community Survey in small: PWGTP and PWGTP1 to PWGTP80."""
    rng = np.random.default_rng(1)
    weight = rng.integers(20, 200, 50)
    columns = {
        f"PWGTP{r}": np.rint(weight * rng.choice([0.3, 1.0, 1.7], 50)).astype(int) for r in range(1, 81)
    }
    data = pd.DataFrame({"PWGTP": weight, "AGEP": rng.integers(0, 90, 50), **columns})
    return data.assign(**changes)


def test_the_american_community_survey_by_name() -> None:
    """4 / 80 times the squared deviations about the full-sample estimate, by the Bureau's own formula."""
    data = census()
    row = Design.read_replicates(data, "acs").total("AGEP").iloc[0]
    full = (data["PWGTP"] * data["AGEP"]).sum()
    squares = sum(((data[f"PWGTP{r}"] * data["AGEP"]).sum() - full) ** 2 for r in range(1, 81))
    assert row["estimate"] == full
    assert row["se"] == pytest.approx(np.sqrt(4 / 80 * squares), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.drop(columns="PWGTP7"), ("'PWGTP7'", "missing; 1 of 80")),
        (lambda d: d.drop(columns="PWGTP80"), ("'PWGTP80'", "missing")),
        (lambda d: d.assign(PWGTP81=1), ("'PWGTP81'", "one too many")),
        (lambda d: d.assign(PWGTP07=1), ("'PWGTP07'", "one too many")),
        (
            lambda d: d[["PWGTP", "PWGTP2", "PWGTP1", *d.columns[4:]]],
            ("'PWGTP1'", "out of order", "'PWGTP2'"),
        ),
        (lambda d: d.assign(PWGTP5=-1), ("'PWGTP5'", "-1 is negative", "row 0", "allow_negative")),
        (lambda d: d.assign(PWGTP5=0), ("'PWGTP5'", "nothing")),
        (lambda d: d.assign(PWGTP5=np.nan), ("'PWGTP5'", "50 missing")),
        (lambda d: d.assign(PWGTP5="many"), ("'PWGTP5'", "'many'")),
        (lambda d: d.assign(PWGTP=-1), ("'PWGTP'", "negative")),
        (lambda d: d[["PWGTP", "AGEP"]], ("PWGTP1", "0 such")),
    ],
)
def test_columns_of_others_that_are_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], words: tuple[str, ...]
) -> None:
    with pytest.raises(errors.SurveyError) as caught:
        Design.read_replicates(change(census()), "acs")
    for word in words:
        assert word in str(caught.value)


def test_negative_replicates_are_read_where_the_maker_says_so() -> None:
    data = census()
    data.loc[3, "PWGTP5"] = -4
    assert Design.read_replicates(data, "acs", allow_negative=True).total("AGEP")["se"].item() > 0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda d: Design.read_replicates(d), errors.UnknownOption, "method"),
        (lambda d: Design.read_replicates(d, "sdr"), errors.UnknownOption, "weight"),
        (lambda d: Design.read_replicates(d, "jack", "PWGTP", "PWGTP"), errors.UnknownOption, "'jack'"),
        (lambda d: Design.read_replicates(d, "jkn", "PWGTP", "PWGTP"), errors.UnknownOption, "rscales"),
        (lambda d: Design.read_replicates(d, "fay", "PWGTP", "PWGTP"), errors.UnknownOption, "fay_rho"),
        (
            lambda d: Design.read_replicates(d, "jkn", "PWGTP", "PWGTP", rscales=[0.5] * 3),
            errors.BadReplicates,
            "3 multipliers for 80",
        ),
        (
            lambda d: Design.read_replicates(d, "brr", "PWGTP", ["PWGTP2", "PWGTP1"]),
            errors.BadReplicates,
            "out of order",
        ),
        (
            lambda d: Design.read_replicates(d, "brr", "PWGTP", ["PWGTP1", "PWGTP2"]),
            errors.BadReplicates,
            "'PWGTP3'",
        ),
        (lambda d: Design.read_replicates("no/such.csv"), errors.SurveyError, "does not exist"),
        (
            lambda d: Design(d, weight="PWGTP").write_replicates("w.csv"),
            errors.UnsuitableDesign,
            "to_replicates",
        ),
        (
            lambda d: Design.read_replicates(d, "acs").write_replicates("w.xlsx"),
            errors.UnknownOption,
            ".parquet",
        ),
        (
            lambda d: Design.read_replicates(d, "acs").write_replicates("w.csv", "sas"),
            errors.UnknownOption,
            "'sas'",
        ),
    ],
)
def test_requests_that_are_refused(call: Callable[[Any], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        call(census())
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.drop(columns="rep_3"), ("'rep_3'", "missing; 1 of 12")),
        (lambda d: d.assign(rep_13=1.0), ("'rep_13'", "one too many")),
        (lambda d: d[[*(c for c in d if c != "rep_3"), "rep_3"]], ("out of order", "'rep_3'")),
        (lambda d: d.iloc[:-1], ("59 rows", "60")),
        (lambda d: d.assign(rep_3=-d["rep_3"]), ("'rep_3'", "negative")),
    ],
)
def test_a_file_that_was_altered_is_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], words: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "w.csv"
    table = raked(method="jkn").write_replicates(path)
    change(table).to_csv(path, index=False)
    with pytest.raises(errors.BadReplicates) as caught:
        Design.read_replicates(path)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("ending", "column", "words"),
    [
        (".dta", {"a b": 1}, "'a b' cannot be named so in Stata"),
        (".csv", {"mixed": [1, "x"] * 30}, "'mixed' holds int, str"),
        (".parquet", {"mixed": [1, "x"] * 30}, "'mixed' holds int, str"),
    ],
)
def test_columns_that_a_format_cannot_hold(
    ending: str, column: dict[str, Any], words: str, tmp_path: Path
) -> None:
    design = raked(method="jkn").with_columns(column)
    with pytest.raises(errors.SurveyError) as caught:
        design.write_replicates(tmp_path / f"w{ending}")
    assert words in str(caught.value)
