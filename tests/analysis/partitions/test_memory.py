"""Millions of rows on disk are estimated from in a fraction of the memory that they would fill."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
ROWS, CHUNKS, OUTCOMES = 5_000_000, 10, 10
MARGIN = {0: 52_000_000.0, 1: 50_000_000.0}

READING = """
import json, sys
from analysis import Design

def peak():  # of this process alone, which ru_maxrss is not
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

import pyarrow.dataset
before = peak()
design = Design(sys.argv[1], weight="w", strata="stratum", clusters="psu").rake({"sex": {0: 52e6, 1: 50e6}})
table = design.mean([f"y{j}" for j in range(10)], by="age", deff=True)
print(json.dumps({"grown": peak() - before, "estimates": table["estimate"].tolist(), "n": int(table["n"].sum())}))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_memory_stays_far_below_the_size_of_the_data(tmp_path: Path) -> None:
    tops, bottoms = np.zeros((2, 8, OUTCOMES)), np.zeros((2, 8))
    for chunk in range(CHUNKS):
        data = rows_of(chunk)
        data.to_parquet(tmp_path / f"part-{chunk:02}.parquet", index=False, row_group_size=100_000)
        cell = data["sex"].to_numpy() * 8 + data["age"].to_numpy()
        weight = data["w"].to_numpy()
        bottoms += np.bincount(cell, weight, 16).reshape(2, 8)
        for j in range(OUTCOMES):
            tops[..., j] += np.bincount(cell, weight * data[f"y{j}"].to_numpy(), 16).reshape(2, 8)
    size = int(data.memory_usage(index=False).sum()) * CHUNKS
    del data
    command = [sys.executable, "-c", READING, str(tmp_path)]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    factor = np.array([MARGIN[0], MARGIN[1]]) / bottoms.sum(axis=1)
    expected = np.einsum("s,saj->aj", factor, tops) / (factor @ bottoms)[:, None]
    np.testing.assert_allclose(found["estimates"], expected.ravel(), rtol=1e-12)
    assert found["n"] == ROWS * OUTCOMES
    assert size > 500_000_000
    assert found["grown"] < size / 2, f"grew by {found['grown'] / 1e6:.0f} MB for {size / 1e6:.0f} MB of data"


def rows_of(chunk: int) -> pd.DataFrame:
    """Half a million persons in 60 strata of 20 PSUs, every PSU in every chunk."""
    rng = np.random.default_rng(chunk)
    n = ROWS // CHUNKS
    data = pd.DataFrame({"stratum": rng.integers(0, 60, n), "psu": rng.integers(0, 20, n)})
    data["w"] = rng.integers(500, 3500, n) / 100
    data["sex"], data["age"] = rng.integers(0, 2, n), rng.integers(0, 8, n)
    for j in range(OUTCOMES):
        data[f"y{j}"] = (rng.random(n) < 0.1 * j).astype(np.int64)
    return data
