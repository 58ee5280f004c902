"""What is timed: a dictionary of calls per tool. Each returns a check figure that tools must agree on.

The check figure of weights is the sum of their squares; that of estimates the sum of their standard errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from tests.load.peers.surveys import MARGINS, OUTCOMES, Controls

TASKS = ("rake", "raking", "greg", "logit", "taylor", "boot", "boot_raked")
Calls = dict[str, Callable[[], Any]]


def ours(data: pd.DataFrame, margins: Controls) -> Calls:
    from analysis import Design

    design = Design(data, weight="w", strata="stratum", clusters="psu")

    def boot() -> Any:
        return design.to_replicates("rao_wu", replicates=200).mean(OUTCOMES, by="stratum")

    def boot_raked() -> Any:
        return design.rake(margins).to_replicates("rao_wu", replicates=200).mean(OUTCOMES, by="stratum")

    return {
        "rake": lambda: design.rake(margins),
        "raking": lambda: design.calibrate(margins, distance="raking"),
        "greg": lambda: design.calibrate(margins),
        "logit": lambda: design.calibrate(margins, distance="logit", bounds=(0.6, 1.7)),
        "taylor": lambda: design.mean(OUTCOMES, by="stratum"),
        "boot": boot,
        "boot_raked": boot_raked,
    }


def svy(data: pd.DataFrame, margins: Controls) -> Calls:
    """The same calls of svy (PyPI), as far as it has them."""
    import polars as pl
    import svy

    sample = svy.Sample(pl.from_pandas(data), svy.Design(stratum="stratum", psu="psu", wgt="w"))
    controls = {svy.Cat(name): margins[name] for name in MARGINS}

    def boot() -> Any:
        replicated = sample.weighting.create_bs_wgts(n_reps=200, rstate=1)
        return replicated.estimation.mean(OUTCOMES, by="stratum", method="replication")

    return {
        "rake": lambda: sample.weighting.rake(controls=margins, tol=1e-6, max_iter=200),
        "greg": lambda: sample.weighting.calibrate(controls=controls),
        "taylor": lambda: sample.estimation.mean(OUTCOMES, by="stratum"),
        "boot": boot,
    }


def check_figure(result: Any) -> float:
    """The figure that shows whether two tools did the same."""
    if isinstance(result, pd.DataFrame):
        return float(result["se"].sum())
    if hasattr(result, "weights"):
        return float(np.square(result.weights()).sum())
    if hasattr(result, "data"):
        columns = [name for name in ("rk_wgt", "calib_wgt") if name in result.data.columns]
        return float(np.square(result.data[columns[0]].to_numpy()).sum())
    return float(sum(part.to_polars()["se"].sum() for part in result))


IN_PYTHON = {"analysis": ours, "svy": svy}
