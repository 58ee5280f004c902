"""Time the statistics on generated surveys: python -m tests.load.bench_analysis [--rows N] [--task NAME].

Each figure comes from a fresh process: seconds inside the call (median), extra memory (MB of the process; for this
library also the peak that the call allocates in float64 columns), and the time as a multiple of one plain
numpy pass over the rows (a weighted sum by stratum). The same tasks run with R's survey and with svy where those are
installed (Debian: r-cran-survey; PyPI: svy), and their check figures are held against ours.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import cast

from tests.load.peers.surveys import write
from tests.load.peers.tasks import TASKS

Figures = dict[str, float]
R_SCRIPT = Path(__file__).parent / "peers" / "measure.R"


def run(folder: Path, tool: str, task: str, repeats: int) -> Figures | None:
    """One tool's figures for one task from a fresh process; None where it has no such call or fails."""
    if tool == "R survey":
        command = ["Rscript", str(R_SCRIPT), str(folder), task]
    else:
        command = [sys.executable, "-m", "tests.load.peers.measure", str(folder), tool, task, str(repeats)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        reason = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        print(f"{task:<11}{tool:<10} failed: {reason[:110]}", flush=True)
        return None
    return cast(Figures | None, json.loads(answer.stdout.splitlines()[-1]))


def peers() -> list[str]:
    """The peers that this machine has."""
    found = ["svy"] if importlib.util.find_spec("svy") else []
    if shutil.which("Rscript"):
        asked = subprocess.run(["Rscript", "-e", "library(survey)"], capture_output=True, check=False)
        found += ["R survey"] if asked.returncode == 0 else []
    return found


def compare(rows: int, tasks: list[str], repeats: int, others: list[str]) -> None:
    """Print a table of the tasks at one size."""
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), rows)
        print(f"\n{rows:,} rows")
        print(
            f"{'task':<11}{'tool':<10}{'seconds':>9}{'times ours':>12}{'MB':>8}{'columns':>9}{'passes':>8}  check"
        )
        for task in tasks:
            own = run(Path(name), "analysis", task, repeats)
            if own is None:
                continue
            print(_line(task, "analysis", own, own), flush=True)
            for tool in others:
                theirs = run(Path(name), tool, task, 1)
                if theirs is not None:
                    print(_line(task, tool, theirs, own), flush=True)


def _line(task: str, tool: str, figures: Figures, own: Figures) -> str:
    line = f"{task:<11}{tool:<10}{figures['seconds']:>9.3f}{figures['seconds'] / own['seconds']:>12.1f}"
    line += f"{figures['mb']:>8.0f}"
    if figures is own:
        return line + f"{own['columns']:>9.2f}{own['seconds'] / own['pass']:>8.1f}"
    return f"{line}{'':>17}  {figures['check'] / own['check'] - 1:+.0e}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench_analysis", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 10_000_000])
    parser.add_argument("--task", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers-up-to", type=int, default=1_000_000, help="rows; 0 for this library alone")
    options = parser.parse_args(arguments)
    others = peers() if options.peers_up_to else []
    for rows in options.rows:
        compare(rows, options.task, options.repeats, others if rows <= options.peers_up_to else [])
    return 0


if __name__ == "__main__":
    sys.exit(main())
