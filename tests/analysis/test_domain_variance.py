"""The path for many domains gives what the plain formula gives, and the covariance only when asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import Design, variance


def survey() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    rows = [(h, c, p) for h in range(5) for c in range(1 if h == 4 else 4) for p in range(rng.integers(3, 9))]
    data = pd.DataFrame(rows, columns=["h", "c", "p"])
    n = len(data)
    data["w"] = rng.uniform(1, 9, n)
    data["N1"], data["N2"] = 9, 12
    data["d"] = rng.integers(0, 7, n)
    data["sex"] = rng.choice(["f", "m"], n)
    data["y"], data["x"] = rng.normal(3, 1, n), rng.uniform(1, 2, n)
    return data


DESIGNS: dict[str, dict[str, Any]] = {
    "clusters": {"clusters": "c", "lonely_psu": "certainty"},
    "adjust": {"clusters": "c", "lonely_psu": "adjust"},
    "two stages": {"clusters": ["c", "p"], "fpc": ["N1", "N2"], "lonely_psu": "adjust"},
    "elements": {},
}


@pytest.mark.parametrize("options", DESIGNS.values(), ids=DESIGNS.keys())
@pytest.mark.parametrize("raked", [False, True])
@pytest.mark.parametrize("where", [False, True])
def test_both_paths_agree(
    options: dict[str, Any], raked: bool, where: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = survey()
    design = Design(data, weight="w", strata="h", **options)
    if raked:
        strata = data.groupby("h")["w"].sum()
        design = design.rake({"sex": {"f": 330.0, "m": 320.0}, "h": (strata * 650 / strata.sum()).to_dict()})
    mask = data["x"] > 1.3 if where else None
    calls = [
        lambda: design.mean(["y", "x"], by="d", where=mask, deff=True),
        lambda: design.total(["y", "sex"], by=["d", "sex"], where=mask),
        lambda: design.ratio("y", "x", by="d", where=mask),
    ]
    monkeypatch.setattr(variance, "SMALL", 10**9)
    plain = [call() for call in calls]
    monkeypatch.setattr(variance, "SMALL", 0)
    quick = [call() for call in calls]
    for left, right in zip(plain, quick, strict=True):
        columns = ["estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "n_psu"]
        assert left[columns].to_numpy(float) == pytest.approx(
            right[columns].to_numpy(float), rel=1e-9, abs=1e-11, nan_ok=True
        )
        expected = np.asarray(left.attrs["vcov"])
        assert np.asarray(right.attrs["vcov"]) == pytest.approx(expected, rel=1e-8, abs=1e-10)


def test_a_large_element_sample_with_many_domains_stays_small() -> None:
    rng = np.random.default_rng(0)
    n = 60_000
    data = pd.DataFrame({"w": rng.uniform(1, 2, n), "d": rng.integers(0, 500, n), "y": rng.normal(size=n)})
    table = Design(data, weight="w").mean("y", by="d")
    one = Design(data, weight="w").mean("y", where=data["d"] == 17).iloc[0]
    assert table["se"][17] == pytest.approx(one["se"], rel=1e-9)
