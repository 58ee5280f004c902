"""The two evaluators mean the same: an indicator over a table is the rule of the questionnaire."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.instrument import ExpressionError, evaluate, evaluate_column, holds
from tests.instrument.expressions import expressions

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PEOPLE = pd.DataFrame(
    {
        "age": [14.0, 15.0, None, 70.0],
        "phone": ["smartphone", "smartphone", None, "basic"],
        "uses": ["email video", "", "video", None],
        "born": ["2012-01-01", "2011-05-05", None, "1956-11-21"],
    }
)


def test_an_indicators_numerator_and_population() -> None:
    assert holds("${phone} = 'smartphone' and ${age} >= 15", PEOPLE).tolist() == [False, True, False, False]
    assert holds("${age} >= 15", PEOPLE).tolist() == [False, True, False, True]
    assert holds("selected(${uses}, 'video')", PEOPLE).tolist() == [True, False, True, False]


def test_a_missing_answer_is_empty() -> None:
    assert holds("${phone} = ''", PEOPLE).tolist() == [False, False, True, False]
    assert holds("${age} = ''", PEOPLE).tolist() == [False, False, True, False]
    assert holds("${age} != 15", PEOPLE).tolist() == [True, False, True, True]


def test_figures_keep_the_tables_index() -> None:
    table = PEOPLE.set_index(pd.Index(["a", "b", "c", "d"]))
    found = evaluate_column("int((today() - ${born}) div 365.25)", table, now=NOW)
    assert found.index.tolist() == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(found.to_numpy(), [14.0, 15.0, np.nan, 69.0])


@pytest.mark.parametrize("kind", ["category", "string", object, "Int64"])
def test_every_kind_of_column_is_read(kind: Any) -> None:
    codes = pd.Series([1, 2, None], dtype="Int64")
    column = codes if kind == "Int64" else codes.astype("string").astype(kind)
    assert holds("${code} = 2", pd.DataFrame({"code": column})).tolist() == [False, True, False]


def test_names_that_are_no_column_are_refused_with_a_hint() -> None:
    with pytest.raises(ExpressionError, match=r"no column agee.*Did you mean \$\{age\}"):
        holds("${agee} > 3", PEOPLE)


NUMBER = st.one_of(st.none(), st.integers(-30, 130).map(float), st.sampled_from([0.5, 2.25, -0.0, 1e6]))
WORD = st.sampled_from(["", "yes", "no", "5", " 5 ", "05", "abc", "true", "2026-11-21", None])
NAMES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True).map(" ".join)
DATE = st.one_of(st.none(), st.dates(datetime(1930, 1, 1).date(), datetime(2026, 12, 31).date()).map(str))
ROW = st.fixed_dictionaries({"n": NUMBER, "m": NUMBER, "w": WORD, "u": WORD, "s": NAMES, "d": DATE})

EXPRESSION = expressions(
    ["n", "m", "w", "u", "s", "d"], "today()", "date(${d})", "floor(${n})", "ceiling(${n})"
)


def _comparable(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return "NaN" if math.isnan(value) else float(value)
    return bool(value) if isinstance(value, bool | np.bool_) else value


@settings(max_examples=250, deadline=None, derandomize=True)
@given(EXPRESSION, st.lists(ROW, min_size=1, max_size=8))
def test_row_by_row_and_whole_columns_agree(expression: str, rows: list[dict[str, Any]]) -> None:
    table = pd.DataFrame(rows).astype(
        {"n": float, "m": float, "w": object, "u": object, "s": object, "d": object}
    )
    column = evaluate_column(expression, table, now=NOW)
    whole = [_comparable(value) for value in column]
    single = [_comparable(evaluate(expression, row, now=NOW)) for row in rows]
    if column.dtype == float:
        single = ["NaN" if value == "" else value for value in single]
    assert whole == single
