"""Confidence intervals made for proportions, which stay between 0 and 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import interpolate, optimize, special, stats

from analysis.arrays import Codes, Floats
from analysis.errors import UnknownOption
from analysis.intervals import quantile_of


@dataclass(frozen=True)
class Share:
    """One estimated proportion `p` and what its limits depend on.

    `t` is the multiplier for `level`; `sampled` counts the rows of the domain and `known` those whose value
    is known; `scaled` adds up the known rows' weights divided by the domain's mean weight.
    """

    p: float
    variance: float
    t: float
    df: float
    level: float
    sampled: int
    known: int
    scaled: float

    @property
    def effective(self) -> float:
        """The size of a simple random sample with the same variance."""
        return self.p * (1 - self.p) / self.variance

    @property
    def logit_variance(self) -> float:
        return self.variance / (self.p * (1 - self.p)) ** 2


Limits = tuple[float, float]


def wald(share: Share) -> Limits:
    """p -/+ t se."""
    half = share.t * np.sqrt(share.variance)
    return share.p - half, share.p + half


def logit(share: Share) -> Limits:
    """Symmetric on the log-odds scale."""
    centre, half = special.logit(share.p), share.t * np.sqrt(share.logit_variance)
    return float(special.expit(centre - half)), float(special.expit(centre + half))


def asin(share: Share) -> Limits:
    """Symmetric on the arcsine-root scale, which stabilises the variance."""
    low, high = _arcs(share)
    return float(np.sin(max(low, 0.0)) ** 2), float(np.sin(min(high, np.pi / 2)) ** 2)


def asin_r(share: Share) -> Limits:
    """The same as R computes it: beyond 0 or 1 the sine turns back."""
    low, high = _arcs(share)
    return float(np.sin(low) ** 2), float(np.sin(high) ** 2)


def _arcs(share: Share) -> Limits:
    centre = np.arcsin(np.sqrt(share.p))
    half = share.t * np.sqrt(share.variance / (4 * share.p * (1 - share.p)))
    return float(centre - half), float(centre + half)


def beta(share: Share) -> Limits:
    """Korn and Graubard (1998): exact binomial limits at the effective sample size, for small samples."""
    tail = (1 - share.level) / 2
    effective = share.effective
    if share.df > 0 and share.sampled > 1:
        effective *= (stats.t.ppf(tail, share.sampled - 1) / stats.t.ppf(tail, share.df)) ** 2
    low = stats.beta.ppf(tail, effective * share.p, effective * (1 - share.p) + 1)
    high = stats.beta.ppf(1 - tail, effective * share.p + 1, effective * (1 - share.p))
    return float(low), float(high)


def likelihood(share: Share) -> Limits:
    """Where the binomial deviance, divided by the design effect, reaches t squared (Rao and Scott 1984)."""

    def excess(q: float) -> float:
        return share.effective * float(_deviance(share.p, np.array(q))) - share.t**2

    tiny, top = 1e-300, 1 - 1e-16
    low = optimize.brentq(excess, tiny, share.p, xtol=1e-14) if excess(tiny) > 0 else 0.0
    high = optimize.brentq(excess, share.p, top, xtol=1e-14) if excess(top) > 0 else 1.0
    return float(low), float(high)


def likelihood_r(share: Share) -> Limits:
    """R's computation of the same, which leaves in the dispersion n / (n - 1).

    The root of the deviance is taken at steps of the log odds, with a spline and then lines between them.
    """
    cutoff = share.t * np.sqrt(share.logit_variance * share.scaled * share.p * (1 - share.p))
    odds, root = _profile(share, cutoff)
    ends = ([(3, _third(odds[:4], root[:4]))], [(3, _third(odds[-4:], root[-4:]))])
    # the stub knows no lists of derivatives
    spline = interpolate.make_interp_spline(odds, root, k=3, bc_type=ends)  # type: ignore[arg-type]
    fine = np.linspace(odds[0], odds[-1], 3 * len(odds))
    low, high = np.interp([-cutoff, cutoff], spline(fine), fine)
    return float(special.expit(low)), float(special.expit(high))


def _third(x: Floats, y: Floats) -> float:
    """The third derivative of the cubic through four points."""
    return float(6 * np.polyfit(x - x.mean(), y, 3)[0])


def _profile(share: Share, cutoff: float) -> tuple[Floats, Floats]:
    """Log odds out to beyond the cutoff on either side, with the signed root of the scaled deviance."""
    centre, se = special.logit(share.p), np.sqrt(share.logit_variance)
    tail = 2 * stats.norm.sf(cutoff) / 4
    furthest = stats.t.isf(tail / 2, share.known - 1)
    points = [(centre, 0.0)]
    for sign in (-1, 1):
        for step in range(1, 10):
            at = centre + sign * step * furthest / 5 * se
            root = sign * np.sqrt((share.known - 1) * _deviance(share.p, special.expit(at)))
            points.append((at, float(root)))
            if abs(root) >= furthest:
                break
    odds, roots = np.array(sorted(points)).T
    return odds, roots


def _deviance(p: float, q: Floats) -> Floats:
    """Twice the log likelihood ratio of p to q for one trial."""
    return np.asarray(2 * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))))


METHODS: dict[str, Callable[[Share], Limits]] = {
    "logit": logit,
    "xlogit": logit,
    "likelihood": likelihood,
    "likelihood_r": likelihood_r,
    "asin": asin,
    "asin_r": asin_r,
    "beta": beta,
    "wald": wald,
    "mean": wald,
}


@dataclass(frozen=True, eq=False)
class Sizes:
    """Per estimate: rows of the domain, rows with a known value, and the latter's scaled weights."""

    sampled: Codes
    known: Codes
    scaled: Floats


def proportion_limits(
    method: str, estimate: Floats, variance: Floats, df: Floats, sizes: Sizes, level: float
) -> tuple[Floats, Floats]:
    """Limits for each proportion.

    At exactly 0 or 1 every method gives Clopper-Pearson limits for the known rows; a proportion fixed by its
    controls (no variance) is its own interval. Raises `UnknownOption`.
    """
    if method not in METHODS:
        raise UnknownOption("ci", method, tuple(METHODS))
    t = quantile_of("t", level, df)
    limits = []
    for i in range(len(estimate)):
        share = Share(
            float(estimate[i]),
            float(variance[i]),
            float(t[i]),
            float(df[i]),
            level,
            int(sizes.sampled[i]),
            int(sizes.known[i]),
            float(sizes.scaled[i]),
        )
        limits.append(_limits(METHODS[method], share))
    low, high = np.array(limits).T
    return low, high


def _limits(method: Callable[[Share], Limits], share: Share) -> Limits:
    if share.p in (0.0, 1.0):
        return _exact(share)
    if not 0 < share.p < 1 or share.variance <= 1e-24:
        return share.p, share.p
    return method(share) if np.isfinite(share.t) else (0.0, 1.0)


def _exact(share: Share) -> Limits:
    """Clopper-Pearson limits at the nominal sample size, where the sample shows no variance at all."""
    edge = ((1 - share.level) / 2) ** (1 / max(share.known, 1))
    return (0.0, 1 - edge) if share.p == 0 else (edge, 1.0)
