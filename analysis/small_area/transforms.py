"""Scales on which an area-level model is fitted, and the way back without bias."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.small_area.fay_herriot import FayHerriot


@dataclass(frozen=True, eq=False)
class Restored:
    """Predictions in the unit of the variable: `estimate`, `synthetic`, `mse`, and `slope` of the way back."""

    estimate: Floats
    synthetic: Floats
    mse: Floats
    slope: Floats


def unchanged(fit: FayHerriot) -> Restored:
    """The model's own scale."""
    areas = fit.areas
    estimate, synthetic, mse = (areas[name].to_numpy() for name in ("estimate", "synthetic", "mse"))
    return Restored(estimate, synthetic, mse, np.ones(len(areas)))


def from_arcsine(fit: FayHerriot) -> Restored:
    """Shares from predictions of arcsin(sqrt(share)): E sin^2(Z) of the effect's conditional distribution.

    Z is normal about the EBLUP with the variance sigma2_v (1 - gamma) that the area's effect still has, so
    E sin^2(Z) = (1 - exp(-2 s^2) cos 2m) / 2; sin^2 of the EBLUP alone would be biased towards 0 and 1
    (Sugasawa and Kubokawa 2017; Hadam, Wuerz and Kreutzmann 2020). The MSE is the variance of sin^2(Z) with
    the MSE on the model's scale.
    """
    areas = fit.areas
    left = fit.sigma2_v * (1 - areas["gamma"].to_numpy())
    centre = _within(areas["estimate"].to_numpy())
    return Restored(
        _mean(centre, left),
        _mean(_within(areas["synthetic"].to_numpy()), np.full(len(left), fit.sigma2_v)),
        _variance(centre, areas["mse"].to_numpy()),
        np.exp(-2 * left) * np.sin(2 * centre),
    )


def to_arcsine(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    """arcsin(sqrt(share)) in radians and its variance for an effective sample size n, after Anscombe (1948).

    With (n share + 3/8) / (n + 3/4) in place of the share its mean is nearly that of the true share even
    where n share is only about 2, and the variance is 1 / (4 n + 2) whatever the share.
    """
    moved = (n * share + 0.375) / (n + 0.75)
    return np.asarray(np.arcsin(np.sqrt(moved))), np.asarray(1 / (4 * n + 2))


def _within(angle: Floats) -> Floats:
    return np.asarray(np.clip(angle, 0.0, np.pi / 2))


def _mean(centre: Floats, variance: Floats) -> Floats:
    return np.asarray((1 - np.exp(-2 * variance) * np.cos(2 * centre)) / 2)


def _variance(centre: Floats, variance: Floats) -> Floats:
    squared = (1 + np.exp(-8 * variance) * np.cos(4 * centre)) / 2
    return np.asarray((squared - np.exp(-4 * variance) * np.cos(2 * centre) ** 2) / 4)


RESTORED: dict[str, Callable[[FayHerriot], Restored]] = {"none": unchanged, "arcsine": from_arcsine}
