"""Time one task of a Python tool in this process: python -m tests.load.peers.measure FOLDER TOOL TASK REPEATS."""

from __future__ import annotations

import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.load.peers.surveys import read
from tests.load.peers.tasks import IN_PYTHON, check_figure


def measure(folder: Path, tool: str, task: str, repeats: int) -> dict[str, float] | None:
    """Seconds (median), processor seconds and extra memory of a call; None where the tool has no such call."""
    data, margins = read(folder)
    call = IN_PYTHON[tool](data, margins).get(task)
    if call is None:
        return None
    before = forget_peak()
    cpu = time.process_time()
    seconds, result = timed(call)
    found = {"cpu": time.process_time() - cpu, "check": check_figure(result)}
    found["mb"] = resident_mb("VmHWM") - before
    del result
    found["seconds"] = statistics.median([seconds, *(timed(call)[0] for _ in range(repeats - 1))])
    if tool == "analysis":
        found |= {"columns": traced_columns(call, len(data)), "pass": plain_pass(data)}
    return found


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def resident_mb(key: str = "VmRSS") -> float:
    """Memory of this process now (VmRSS) or at its peak (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{key}:")[1].split()[0]) / 1024


def forget_peak() -> float:
    """Let the kernel count the peak anew, and tell the memory in use now."""
    Path("/proc/self/clear_refs").write_text("5")
    return resident_mb()


def traced_columns(call: Callable[[], Any], rows: int) -> float:
    """Peak memory that the call allocates, in float64 columns of the data."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / (8 * rows)


def plain_pass(data: pd.DataFrame) -> float:
    """Seconds of one weighted sum by stratum in numpy."""
    stratum, weight, y = data["stratum"].to_numpy(), data["w"].to_numpy(), data["y0"].to_numpy()
    return statistics.median(timed(lambda: np.bincount(stratum, weight * y))[0] for _ in range(5))


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))))
