"""Time the statistics on generated surveys: python -m tests.load.bench_analysis [--rows N] [--task NAME].

Each figure comes from a fresh process: seconds inside the call (median), processor seconds, peak memory that
the call allocates in units of one float64 column, and the time as a multiple of one plain numpy pass over the
rows (a weighted sum by stratum). The same tasks run with svy where that package is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MARGINS = ("sexage", "urban", "stratum", "edu")
OUTCOMES = [f"y{j}" for j in range(10)]
TASKS = ("rake", "greg", "logit", "taylor", "boot", "boot_raked")


def survey(rows: int) -> tuple[pd.DataFrame, dict[str, dict[int, float]]]:
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


def ours(data: pd.DataFrame, margins: dict[str, dict[int, float]]) -> dict[str, Callable[[], Any]]:
    from analysis import Design

    design = Design(data, weight="w", strata="stratum", clusters="psu")

    def boot() -> Any:
        return design.to_replicates("rao_wu", replicates=200).mean(OUTCOMES, by="stratum")

    def boot_raked() -> Any:
        return design.rake(margins).to_replicates("rao_wu", replicates=200).mean(OUTCOMES, by="stratum")

    return {
        "rake": lambda: design.rake(margins),
        "greg": lambda: design.calibrate(margins),
        "logit": lambda: design.calibrate(margins, distance="logit", bounds=(0.6, 1.7)),
        "taylor": lambda: design.mean(OUTCOMES, by="stratum"),
        "boot": boot,
        "boot_raked": boot_raked,
    }


def svy_tasks(data: pd.DataFrame, margins: dict[str, dict[int, float]]) -> dict[str, Callable[[], Any]]:
    """The same calls of svy (PyPI), as far as it has them."""
    import polars as pl
    import svy

    sample = svy.Sample(pl.from_pandas(data), svy.Design(stratum="stratum", psu="psu", wgt="w"))
    controls = {svy.Cat(name): totals for name, totals in margins.items()}

    def boot() -> Any:
        replicated = sample.weighting.create_bs_wgts(n_reps=200, rstate=1)
        return replicated.estimation.mean(OUTCOMES, by="stratum", method="replication")

    return {
        "rake": lambda: sample.weighting.rake(controls=margins, tol=1e-6, max_iter=200),
        "greg": lambda: sample.weighting.calibrate(controls=controls),
        "taylor": lambda: sample.estimation.mean(OUTCOMES, by="stratum"),
        "boot": boot,
    }


TOOLS = {"analysis": ours, "svy": svy_tasks}


def plain_pass(data: pd.DataFrame) -> float:
    """Seconds of one weighted sum by stratum in numpy."""
    stratum, weight, y = data["stratum"].to_numpy(), data["w"].to_numpy(), data["y0"].to_numpy()
    return _median(lambda: np.bincount(stratum, weight * y), 5)


def _median(call: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def measure(folder: Path, tool: str, task: str, repeats: int) -> dict[str, float] | None:
    """Time one task in this process; None where the tool has no such call."""
    data = pd.read_parquet(folder / "survey.parquet")
    margins = {
        name: {int(level): total for level, total in totals.items()}
        for name, totals in json.loads((folder / "margins.json").read_text()).items()
    }
    call = TOOLS[tool](data, margins).get(task)
    if call is None:
        return None
    seconds = _median(call, repeats)
    cpu = time.process_time()
    call()
    cpu = time.process_time() - cpu
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1] / (8 * len(data))
    return {"seconds": seconds, "cpu": cpu, "columns": peak, "pass": plain_pass(data)}


def _fresh(folder: Path, tool: str, task: str, repeats: int) -> dict[str, float] | None:
    command = [
        sys.executable,
        "-m",
        "tests.load.bench_analysis",
        "--measure",
        str(folder),
        tool,
        task,
        str(repeats),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] | None = json.loads(answer.stdout.splitlines()[-1])
    return found


def compare(rows: int, tasks: list[str], repeats: int) -> None:
    """Print a table of the tasks at one size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, margins = survey(rows)
        data.to_parquet(folder / "survey.parquet")
        (folder / "margins.json").write_text(json.dumps(margins))
        print(f"\n{rows:,} rows")
        print(f"{'task':<11}{'seconds':>9}{'cpu':>8}{'columns':>9}{'passes':>8}{'svy':>9}{'ratio':>7}")
        for task in tasks:
            found = _fresh(folder, "analysis", task, repeats)
            assert found is not None
            passes = found["seconds"] / found["pass"]
            line = f"{task:<11}{found['seconds']:>9.3f}{found['cpu']:>8.3f}"
            line += f"{found['columns']:>9.2f}{passes:>8.1f}"
            peer = _fresh(folder, "svy", task, 1) if importlib.util.find_spec("svy") else None
            if peer is not None:
                line += f"{peer['seconds']:>9.2f}{peer['seconds'] / found['seconds']:>7.0f}"
            print(line, flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench_analysis", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--task", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        folder, tool, task, repeats = options.measure
        print(json.dumps(measure(Path(folder), tool, task, int(repeats))))
        return 0
    for rows in options.rows:
        compare(rows, options.task, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
