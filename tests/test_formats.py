"""Numbers, intervals and dates as people read them."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import formats


@pytest.mark.parametrize(
    ("value", "decimals", "lang", "written"),
    [
        (1234.5, 1, "vi", "1.234,5"),
        (1234.5, 1, "en", "1,234.5"),
        (3320422, 0, "vi", "3.320.422"),
        (42.65, 1, "vi", "42,7"),  # half up, where the nearest binary fraction and half-even would say 42,6
        (0.5, 0, "vi", "1"),
        (-0.04, 1, "vi", "0,0"),
        (-12.5, 0, "vi", "−13"),
        (Decimal("0.125"), 2, "km", "0,13"),
        (None, 1, "vi", "–"),
        (float("nan"), 1, "vi", "–"),
        (1e-07, 2, "vi", "0,00"),
    ],
)
def test_number(value, decimals, lang, written):
    assert formats.number(value, decimals, lang) == written


def test_percent_has_a_space_that_does_not_break_in_vietnamese_and_none_in_english():
    assert formats.percent(42.6221500908235) == "42,6\N{NO-BREAK SPACE}%"
    assert formats.percent(42.6221500908235, 1, "en") == "42.6%"


def test_interval_names_its_unit_once():
    assert formats.interval(41.63, 43.61) == "41,6–43,6\N{NO-BREAK SPACE}%"
    assert formats.interval(-1.2, 0.8, unit="") == "−1,2 đến 0,8"
    assert formats.interval(2, 4, 0, "người") == "2–4\N{NO-BREAK SPACE}người"
    assert formats.interval(None, 4) == "–"


def test_sdmx_unit_code_for_percent_is_written_as_the_sign():
    assert formats.measure(42.6, "PT") == formats.percent(42.6)


def test_days_and_instants_are_read_at_the_clock_of_the_province():
    before_midnight_in_london = dt.datetime(2026, 11, 20, 18, 5, tzinfo=dt.UTC)
    assert formats.date(dt.date(2026, 11, 21)) == "21/11/2026"
    assert formats.date(dt.date(2026, 11, 2), "en") == "2 November 2026"
    assert formats.datetime(before_midnight_in_london) == "21/11/2026 01:05"
    assert formats.datetime(None) == formats.date(None) == "–"


@given(st.floats(-1e12, 1e12), st.integers(0, 4))
def test_a_written_number_reads_back_within_half_of_its_last_digit(value, decimals):
    written = formats.number(value, decimals).replace(".", "").replace(",", ".").replace("−", "-")
    assert abs(Decimal(written) - Decimal(str(value))) <= Decimal("0.5").scaleb(-decimals)
