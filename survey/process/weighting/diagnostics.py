"""What a weighting step did, in numbers: the spread of the weights, their factors, the margins they meet."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

QUANTILES = (5, 50, 95)
CLASSES = 24


def spread(weights: "pd.Series[float]", before: "pd.Series[float] | None") -> dict[str, Any]:
    """Number, sum, extremes, Kish's design effect and the distribution of weights above zero.

    `before` are the weights that the step multiplied; the factors are told where they are given.
    """
    positive = weights[weights > 0].astype(float)
    kish = float(len(positive) * (positive**2).sum() / positive.sum() ** 2) if len(positive) else None
    return {
        "n": len(positive),
        "sum": float(positive.sum()),
        "min": float(positive.min()) if len(positive) else None,
        "max": float(positive.max()) if len(positive) else None,
        "kish_deff": kish,
        "effective_n": len(positive) / kish if kish else None,
        "weights": distribution(positive.to_numpy()),
        "factors": None if before is None else distribution(_factors(before, positive)),
    }


def _factors(before: "pd.Series[float]", after: "pd.Series[float]") -> Floats:
    return (after / before.reindex(after.index).astype(float)).to_numpy()


def distribution(values: Floats) -> dict[str, Any] | None:
    """Quantiles and a histogram of what a step gave; one class when all values are the same."""
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    alike = np.isclose(low, high, rtol=1e-9)
    counts, edges = ([len(values)], [low, high]) if alike else np.histogram(values, bins=CLASSES)
    return {
        "low": low,
        "high": high,
        "quantiles": {f"p{q}": float(np.percentile(values, q)) for q in QUANTILES},
        "edges": [float(edge) for edge in edges],
        "counts": [int(count) for count in counts],
    }


def margin(
    name: str,
    values: "pd.Series[Any]",
    before: "pd.Series[float]",
    after: "pd.Series[float]",
    target: "pd.Series[float]",
) -> dict[str, Any]:
    """Weighted counts of a margin's levels before and after a step, beside what they should be."""
    keys = values.astype(str)
    return {
        "margin": name,
        "levels": [
            {
                "level": level,
                "before": float(before[keys == level].sum()),
                "after": float(after[keys == level].sum()),
                "target": float(total),
            }
            for level, total in target.items()
        ],
    }


def numeric_margin(
    name: str,
    values: "pd.Series[float]",
    before: "pd.Series[float]",
    after: "pd.Series[float]",
    target: float,
) -> dict[str, Any]:
    """The weighted total of a number before and after a step; its one level bears the variable's name."""
    totals = {"before": float((values * before).sum()), "after": float((values * after).sum())}
    return {"margin": name, "levels": [{"level": name, **totals, "target": target}]}
