"""Compare estimates from partitions with those of the same rows in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.partitions import sources

RELATIVE = 1e-12
FIGURES = ("estimate", "se", "ci_low", "ci_high", "cv", "df", "deff", "n", "n_psu")


def written(data: pd.DataFrame, folder: Path, files: int = 3) -> str:
    """The rows as Parquet files in a folder, in their order."""
    folder.mkdir()
    for number, rows in enumerate(np.array_split(np.arange(len(data)), files)):
        data.iloc[rows].to_parquet(folder / f"part-{number}.parquet", index=False)
    return str(folder)


@contextmanager
def batches_of(rows: int) -> Iterator[None]:
    """Read this many rows at a time, so that small data have many partitions."""
    before = sources.BATCH_ROWS
    sources.BATCH_ROWS = rows
    try:
        yield
    finally:
        sources.BATCH_ROWS = before


def assert_same_estimates(here: pd.DataFrame, there: pd.DataFrame, relative: float = RELATIVE) -> None:
    """The same rows and figures; errors may differ by rounding of the estimates they belong to."""
    labels = [name for name in here.columns if name not in FIGURES]
    assert list(there.columns) == list(here.columns)
    for name in labels:
        assert there[name].fillna("").tolist() == here[name].fillna("").tolist(), name
    for name in ("n", "n_psu", "df"):
        assert there[name].fillna(-1).tolist() == here[name].fillna(-1).tolist(), name
    # A standard error that calibration brings to zero is only known up to rounding of the estimate.
    size = np.abs(here["estimate"].to_numpy())
    for name in ("estimate", "se", "ci_low", "ci_high"):
        expected, found = here[name].to_numpy(), there[name].to_numpy()
        np.testing.assert_array_equal(np.isnan(found), np.isnan(expected), name)
        finite = np.isfinite(expected)
        np.testing.assert_array_equal(found[~finite], expected[~finite], name)
        gap, scale = np.abs(found[finite] - expected[finite]), np.maximum(np.abs(expected), size)[finite]
        assert (gap <= relative * scale).all(), (name, gap / scale)
    covariance, other = np.asarray(here.attrs["vcov"]), np.asarray(there.attrs["vcov"])
    root = np.maximum(np.sqrt(np.diagonal(covariance)), size)
    assert (np.abs(other - covariance) <= relative * np.outer(root, root)).all()
    deff = here["deff"].to_numpy(dtype=float)
    np.testing.assert_allclose(
        there["deff"].to_numpy(dtype=float), deff, rtol=10 * relative, atol=10 * relative
    )
