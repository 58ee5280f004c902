"""Scales with round ends, and bars in proportion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.process.charts import axis, histogram


def test_ticks_are_round_and_surround_the_values() -> None:
    scale = axis([61.3, 84.9], 0, 100)
    assert scale.ticks == (60, 70, 80, 90)
    assert scale.decimals == 0
    assert [scale.at(value) for value in (60, 75, 90)] == [0, 50, 100]


def test_a_scale_of_shares_stays_between_0_and_100() -> None:
    scale = axis([-3.0, 104.0], 0, 100)
    assert (scale.low, scale.high) == (0, 100)


def test_a_single_value_still_has_a_scale() -> None:
    scale = axis([42.6], 0, 100)
    assert scale.low < 42.6 < scale.high


def test_nothing_to_show_is_a_scale_from_0_to_1() -> None:
    assert (axis([]).low, axis([float("nan")]).high) == (0, 1)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_every_value_lies_on_the_scale(values: list[float]) -> None:
    scale = axis(values, 0, 100)
    assert all(0 <= scale.at(value) <= 100 for value in values)
    assert scale.low <= min(values) + 1e-9
    assert scale.high >= max(values) - 1e-9
    assert list(scale.ticks) == sorted(set(scale.ticks))
    assert 2 <= len(scale.ticks) <= 7


def test_the_highest_bar_fills_the_picture() -> None:
    low, high = histogram([0, 1, 2], [1, 4])
    assert (low.height, high.height) == (25, 100)
    assert (low.x, low.width, high.x) == (0, 50, 50)


@pytest.mark.parametrize("counts", [[], [0]])
def test_no_values_make_no_bars_that_fail(counts: list[int]) -> None:
    assert all(bar.height == 0 for bar in histogram([0.0, 1.0], counts))
