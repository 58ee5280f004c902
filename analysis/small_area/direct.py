"""Direct estimates of areas from a design, and which of their variances a model can use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.arrays import Floats
from analysis.errors import AreaNotListed, SurveyError, UnknownOption, UnusableVariances
from analysis.estimation import Estimation
from analysis.small_area.smoothing import generalised_variances, pooled_deff
from analysis.small_area.transforms import to_arcsine

Unusable = Literal["refuse", "synthetic", "gvf"]
Variances = Literal["direct", "gvf"]
Transform = Literal["none", "arcsine"]
UNUSABLE = ("refuse", "synthetic", "gvf")
VARIANCES = ("direct", "gvf")
ROUNDING = 1e-20  # equal values leave a variance of this order, over their square


@dataclass(frozen=True)
class Rules:
    """Which direct variances count, and what happens to an area whose own does not."""

    variances: Variances = "direct"
    unusable: Unusable = "refuse"
    transform: Transform = "none"
    minimum_n: int = 5
    minimum_psu: int = 2

    def __post_init__(self) -> None:
        for name, allowed in (("variances", VARIANCES), ("unusable", UNUSABLE)):
            if getattr(self, name) not in allowed:
                raise UnknownOption(name, getattr(self, name), allowed)
        if self.transform not in ("none", "arcsine"):
            raise UnknownOption("transform", self.transform, ("none", "arcsine"))
        if self.minimum_n < 2:
            raise UnknownOption("minimum_n", self.minimum_n, "2 or more")


def direct_estimates(design: Estimation, variable: str, area: str, areas: pd.Index) -> pd.DataFrame:
    """The design's own figures, a row per area of `areas`: n, n_psu, direct, direct_se, share.

    `share` is the area's part of the weights behind the estimate of the whole. Areas without sample have n 0.
    Raises `AreaNotListed` for a sampled area that is not in `areas`.
    """
    table = design.mean(variable, by=area).set_index(area)
    if table["level"].notna().any():
        raise SurveyError(f"{variable!r} has categories; give a numeric column, such as 0/1 for a share")
    strange = table.index.difference(areas)
    if len(strange):
        raise AreaNotListed(strange.tolist()[0])
    known = design.data[variable].notna().to_numpy() & design.domain_mask
    weights = pd.Series(np.where(known, design.weight, 0.0)).groupby(design.data[area].to_numpy()).sum()
    found = pd.DataFrame(index=areas)
    found["n"] = table["n"].reindex(areas).fillna(0).astype(np.int64)
    found["n_psu"] = table["n_psu"].reindex(areas)
    found["direct"], found["direct_se"] = table["estimate"].reindex(areas), table["se"].reindex(areas)
    found["share"] = (weights / weights.sum()).reindex(areas).fillna(0.0)
    return found


def usable(found: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The same with `y` and `variance` for the model, `variance_source`, and the `reason` of areas without.

    Raises `UnusableVariances` with the areas whose variance is unusable, unless `rules.unusable` says what
    to do with them.
    """
    reasons = _reasons(found, rules)
    sampled = found["n"].to_numpy() > 0
    wrong = sampled & (reasons != "")
    if wrong.any() and rules.unusable == "refuse":
        shown = "; ".join(
            f"{a!r}: {r}" for a, r in zip(found.index[wrong].tolist()[:5], reasons[wrong][:5], strict=True)
        )
        raise UnusableVariances(int(wrong.sum()), shown)
    source = np.where(reasons == "", rules.variances, "")
    source[wrong] = "gvf" if rules.unusable == "gvf" else ""
    result = found.assign(y=found["direct"], variance=found["direct_se"] ** 2, reason=reasons)
    result["variance_source"] = source
    SCALES[rules.transform](result, reasons == "")
    return _kept(result)


def _reasons(found: pd.DataFrame, rules: Rules) -> np.ndarray:
    """Why an area has no usable variance, "" where it has one."""
    n, psus = found["n"].to_numpy(), found["n_psu"].to_numpy(dtype=np.float64)
    variance = found["direct_se"].to_numpy(dtype=np.float64) ** 2
    reasons = np.full(len(found), "", dtype=object)
    if rules.transform == "none":
        size = found["direct"].abs().max() ** 2
        reasons[variance <= ROUNDING * size] = "the variance is zero"
        reasons[~np.isfinite(variance)] = "the variance is missing"
    reasons[psus < rules.minimum_psu] = f"fewer than {rules.minimum_psu} PSUs"
    reasons[n < rules.minimum_n] = f"fewer than {rules.minimum_n} respondents"
    reasons[n == 0] = "no sample"
    return reasons


def _on_own_scale(result: pd.DataFrame, good: np.ndarray) -> None:
    smoothed = result["variance_source"].to_numpy() == "gvf"
    if smoothed.any():
        fitted = generalised_variances(result["n"], result["variance"].where(good))
        result.loc[smoothed, "variance"] = fitted[smoothed]


def _on_arcsine_scale(result: pd.DataFrame, good: np.ndarray) -> None:
    """The variance comes of n over the design effect of all areas, not of the share: 0 and 1 can be used."""
    sampled = result["n"].to_numpy() > 0
    share = result["direct"].to_numpy(dtype=np.float64)
    if ((share[sampled] < 0) | (share[sampled] > 1)).any():
        raise SurveyError("transform='arcsine' is for shares: direct estimates must lie between 0 and 1")
    deff = pooled_deff(result["n"], result["direct"], result["variance"].where(good))
    n = np.where(sampled, result["n"].to_numpy(dtype=np.float64), np.nan)
    result["y"], result["variance"] = to_arcsine(share, n / deff)
    result.loc[result["variance_source"] != "", "variance_source"] = "pooled_deff"


SCALES = {"none": _on_own_scale, "arcsine": _on_arcsine_scale}


def _kept(result: pd.DataFrame) -> pd.DataFrame:
    out = (result["variance_source"] == "").to_numpy()
    result.loc[out, ["y", "variance"]] = np.nan
    return result


def target_of(design: Estimation, variable: str) -> tuple[float, float]:
    """The direct estimate of the whole and its variance."""
    row = design.mean(variable).iloc[0]
    return float(row["estimate"]), float(row["se"]) ** 2


def is_share(values: Floats) -> bool:
    """Whether a column holds only 0 and 1 (and unknown)."""
    known = values[~np.isnan(values)]
    return bool(np.isin(known, (0.0, 1.0)).all())
