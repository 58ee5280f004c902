"""Generated two-stage surveys, written so that Python and R both read them quickly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

MARGINS = ("sexage", "urban", "stratum", "edu")
OUTCOMES = [f"y{j}" for j in range(10)]
Controls = dict[str, dict[int, float]]


def survey(rows: int) -> tuple[pd.DataFrame, Controls]:
    """124 strata of 14 to 26 PSUs, and margins that weights within [0.6, 1.7] of the present ones meet."""
    rng = np.random.default_rng(rows)
    per_stratum = rng.integers(14, 27, 124)
    n_psu = int(per_stratum.sum())
    psu = np.sort(rng.choice(n_psu, rows, p=_sizes(rng, n_psu)))
    stratum = np.repeat(np.arange(124), per_stratum)[psu]
    urban = rng.integers(0, 2, n_psu)[psu]
    age, sex = rng.integers(0, 8, rows), rng.integers(0, 2, rows)
    edu = np.minimum(rng.poisson(1.6 + 0.4 * urban), 4)
    data = pd.DataFrame({"stratum": stratum, "psu": psu, "urban": urban, "edu": edu, "sexage": sex * 8 + age})
    data["w"] = 1_800_000 / rows * np.exp(rng.normal(0, 0.2, n_psu)[psu] + rng.normal(0, 0.1, rows))
    effect = rng.normal(0, 0.5, n_psu)[psu]
    for j, name in enumerate(OUTCOMES):
        level = -1 + 0.25 * j + effect + 0.2 * (edu - 2)
        data[name] = (rng.uniform(size=rows) < 1 / (1 + np.exp(-level))).astype(np.int8)
    tilt = rng.normal(0, 0.12, 16)[data["sexage"]] + rng.normal(0, 0.1, 124)[stratum] + 0.06 * (edu - 1.8)
    target = data["w"] * np.clip(np.exp(tilt), 0.65, 1.6)
    return data, {name: target.groupby(data[name]).sum().to_dict() for name in MARGINS}


def _sizes(rng: np.random.Generator, n_psu: int) -> np.ndarray:
    sizes = rng.uniform(0.6, 1.4, n_psu)
    return sizes / sizes.sum()


def write(folder: Path, rows: int) -> None:
    """Parquet for Python, bare 64-bit columns for R, margins (margin, level, total) for both."""
    data, margins = survey(rows)
    data.to_parquet(folder / "survey.parquet")
    for name in data.columns:
        data[name].to_numpy(np.float64).tofile(folder / f"{name}.f64")
    controls = [(name, level, total) for name in margins for level, total in margins[name].items()]
    pd.DataFrame(controls, columns=["margin", "level", "total"]).to_csv(folder / "margins.csv", index=False)


def read(folder: Path) -> tuple[pd.DataFrame, Controls]:
    controls = pd.read_csv(folder / "margins.csv", float_precision="round_trip")
    margins = {name: part.set_index("level")["total"].to_dict() for name, part in controls.groupby("margin")}
    return pd.read_parquet(folder / "survey.parquet"), margins
