"""Do the opt-in and the reference sample cover the same people? Propensities, balance, common support."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.errors import ModelNotFitted, NoOverlap
from analysis.opt_in.participation import propensity_model
from analysis.opt_in.samples import Samples
from analysis.weighting.steps import WeightSpread, weight_spread

QUANTILES = (0, 5, 25, 50, 75, 95, 100)


@dataclass(frozen=True, eq=False)
class Overlap:
    """`propensities`: quantiles p0 to p100, by source, of the chance to be an opt-in row, given x.

    `balance`: per column of X the weighted reference mean, the opt-in mean before and after weighting, and
    their standardised differences smd_before and smd_after (over the reference's standard deviation;
    Austin 2011: above 0.1 deserves a look). `common_support`: the weighted share of the reference whose
    propensity lies between the smallest and the largest of the opt-in rows. `spread.effective_n` is Kish's.
    """

    propensities: pd.DataFrame = field(repr=False)
    balance: pd.DataFrame = field(repr=False)
    common_support: float
    spread: WeightSpread

    @property
    def largest_smd(self) -> float:
        """The largest absolute standardised difference left after weighting."""
        return float(self.balance["smd_after"].abs().max())


@dataclass(frozen=True, eq=False)
class Propensities:
    """The chance to be an opt-in row, for the rows of each sample that count, and the support they share."""

    opt_in: Floats
    reference: Floats
    common_support: float


def shared_support(samples: Samples, least: float) -> Propensities:
    """Propensities of both samples; raises `NoOverlap` where less than `least` of the population is reached."""
    _ranges_meet(samples)
    model = propensity_model(samples)
    rows = np.concatenate([np.ones(len(samples.opt_in)), samples.sampled.astype(np.float64)])
    try:
        chance = model.mean(model.value(rows))
    except ModelNotFitted as separated:
        problem = f"the explanatory columns tell the two samples apart completely ({separated})"
        raise NoOverlap(f"formula {samples.formula!r}", problem) from separated
    of_opt_in, of_reference = chance[: len(samples.opt_in)], chance[len(samples.opt_in) :]
    margin = 1e-9  # equal profiles may differ in the last digit
    inside = (of_reference >= of_opt_in.min() - margin) & (of_reference <= of_opt_in.max() + margin)
    share = float(samples.weight @ inside / samples.weight.sum())
    if share <= 0 or share < least:
        raise NoOverlap(
            f"formula {samples.formula!r}",
            f"the opt-in sample reaches {share:.1%} of the population by propensity, less than {least:.1%}",
        )
    return Propensities(of_opt_in, of_reference[samples.sampled], share)


def _ranges_meet(samples: Samples) -> None:
    reference = samples.reference[samples.sampled]
    for k, name in enumerate(samples.names):
        a, b = samples.opt_in[:, k], reference[:, k]
        if a.min() > b.max() or a.max() < b.min():
            raise NoOverlap(
                f"column {name!r}",
                f"opt-in rows lie in [{a.min():.6g}, {a.max():.6g}], reference rows in "
                f"[{b.min():.6g}, {b.max():.6g}]",
            )


def overlap_of(samples: Samples, found: Propensities, pseudo_weight: Floats) -> Overlap:
    """All diagnostics, once the pseudo-weights are known."""
    rows = [
        {"source": source} | {f"p{q}": float(np.percentile(values, q)) for q in QUANTILES}
        for source, values in (("opt_in", found.opt_in), ("reference", found.reference))
    ]
    balance = _balance(samples, pseudo_weight)
    return Overlap(pd.DataFrame(rows), balance, found.common_support, weight_spread(pseudo_weight))


def _balance(samples: Samples, pseudo_weight: Floats) -> pd.DataFrame:
    share = samples.weight / samples.weight.sum()
    target = share @ samples.reference
    deviation = np.sqrt(share @ (samples.reference - target) ** 2)
    before = samples.opt_in.mean(axis=0)
    after = pseudo_weight @ samples.opt_in / pseudo_weight.sum()
    table = pd.DataFrame(
        {"term": list(samples.names), "reference": target, "opt_in": before, "weighted": after}
    )
    for name, values in (("smd_before", before), ("smd_after", after)):
        table[name] = np.divide(values - target, deviation, out=np.zeros(len(target)), where=deviation > 0)
    varies = deviation > 1e-9 * np.maximum(np.abs(target), 1.0)
    kept: pd.DataFrame = table.loc[varies].reset_index(drop=True)
    return kept
