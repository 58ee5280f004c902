"""Unequal probability, balanced and coordinated samples: sizes, probabilities, balance, overlap."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis import sampling
from analysis.errors import SurveyError
from analysis.sampling import Selection

CHANCE = np.array([0.1, 0.25, 0.4, 0.55, 0.7, 0.3, 0.2, 0.5])  # adds up to 3
X = np.column_stack([np.arange(8.0), [1, 0, 1, 0, 1, 0, 1, 0]])
METHODS: dict[str, Callable[[int], Selection]] = {
    "pivotal": lambda seed: sampling.pivotal(CHANCE, seed),
    "sampford": lambda seed: sampling.sampford(CHANCE, seed),
    "cube": lambda seed: sampling.cube(CHANCE, X, seed),
}


@pytest.mark.parametrize("method", METHODS)
def test_the_size_is_fixed_and_the_seed_repeats(method: str) -> None:
    for seed in range(50):
        assert len(METHODS[method](seed).chosen) == 3
    assert METHODS[method](7).chosen.tolist() == METHODS[method](7).chosen.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_units_are_drawn_with_the_stated_probabilities(method: str) -> None:
    runs = 6000
    hits = np.zeros(len(CHANCE))
    for seed in range(runs):
        hits[METHODS[method](seed).chosen] += 1
    error = np.sqrt(CHANCE * (1 - CHANCE) / runs)
    assert (np.abs(hits / runs - CHANCE) <= 4 * error).all()


def test_the_cube_balances_totals() -> None:
    rng = np.random.default_rng(1)
    x = rng.gamma(4, size=(600, 2))
    chance = np.full(600, 0.1)

    def spread(draw: Callable[[int], Selection]) -> np.ndarray:
        totals = [x[draw(seed).chosen].sum(axis=0) * 10 for seed in range(60)]
        return np.std(totals, axis=0) / x.sum(axis=0)

    balanced = spread(lambda seed: sampling.cube(chance, x, seed))
    plain = spread(lambda seed: sampling.simple_random(600, 60, seed))
    assert len(sampling.cube(chance, x, 0).chosen) == 60
    assert (balanced < plain / 3).all()


def test_probabilities_that_cannot_have_a_fixed_size_are_refused() -> None:
    with pytest.raises(SurveyError, match="whole number"):
        sampling.pivotal(np.array([0.2, 0.5]))
    with pytest.raises(SurveyError, match="between 0 and 1"):
        sampling.cube(np.array([1.5, 0.5]), np.ones((2, 1)))
    with pytest.raises(SurveyError, match="certain units"):
        sampling.sampford(np.array([1.0, 0.5, 0.5]))


def test_waves_overlap_or_rotate_by_their_start() -> None:
    frame = pd.DataFrame(index=range(1000))
    numbers = sampling.permanent_numbers(frame, seed=3)
    first = set(sampling.sequential(numbers.to_numpy(), 100).chosen)
    again = set(sampling.sequential(numbers.to_numpy(), 120).chosen)
    other = set(sampling.sequential(numbers.to_numpy(), 100, start=0.5).chosen)
    assert first <= again
    assert not first & other


def test_units_keep_their_numbers_when_the_frame_changes() -> None:
    old = sampling.permanent_numbers(pd.DataFrame(index=["a", "b", "c"]), seed=1)
    new = sampling.permanent_numbers(pd.DataFrame(index=["b", "c", "d"]), known=old, seed=2)
    assert new["b"] == old["b"]
    assert new["c"] == old["c"]
    assert 0 <= new["d"] < 1
    assert list(new.index) == ["b", "c", "d"]
