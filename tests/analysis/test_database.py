"""Designs over rows in SQLite and PostgreSQL: only the columns needed, in chunks, with their types."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from analysis import Design, errors
from analysis.database import read_sql


def answers() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    n = 240
    return pd.DataFrame(
        {
            "tầng": np.repeat(["A", "B", "C"], n // 3),
            "cụm dân cư": np.repeat(np.arange(24), n // 24),
            "weight": rng.uniform(1, 4, n),
            "y": rng.normal(10, 3, n),
            "online": rng.uniform(size=n) < 0.4,
            "tỷ lệ %": rng.integers(0, 100, n),
            "private": ["0912"] * n,
        }
    )


@pytest.fixture
def lite() -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(":memory:") as connection:
        answers().to_sql("answers", connection, index=False)
        yield connection
    connection.close()


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    """The tests' PostgreSQL with the same table."""
    found = sa.create_engine(database_url)
    answers().to_sql("analysis_answers", found, index=False, if_exists="replace")
    yield found
    with found.begin() as connection:
        connection.execute(sa.text("DROP TABLE analysis_answers"))
    found.dispose()


COLUMNS: dict[str, Any] = {"weight": "weight", "strata": "tầng", "clusters": "cụm dân cư"}


@pytest.mark.parametrize("chunk_rows", [7, 240, 50_000])
def test_the_same_estimates_as_from_the_frame(lite: sqlite3.Connection, chunk_rows: int) -> None:
    stored = Design.from_sql("answers", lite, ["y", "tỷ lệ %"], chunk_rows=chunk_rows, **COLUMNS)
    plain = Design(answers(), **COLUMNS)
    for left, right in ((stored, plain),):
        pd.testing.assert_frame_equal(left.mean("y", by="tầng"), right.mean("y", by="tầng"))
        pd.testing.assert_frame_equal(left.total("tỷ lệ %"), right.total("tỷ lệ %"))


def test_only_the_needed_columns_are_asked_for(lite: sqlite3.Connection) -> None:
    asked: list[str] = []
    lite.set_trace_callback(asked.append)
    design = Design.from_sql("answers", lite, "y", **COLUMNS)
    assert design.data.columns.tolist() == ["y", "weight", "tầng", "cụm dân cư"]
    assert not any("private" in statement for statement in asked)


def test_a_query_with_a_domain_and_options(lite: sqlite3.Connection) -> None:
    query = "SELECT *, y * 2 AS twice FROM answers ORDER BY rowid;"
    stored = Design.from_sql(query, lite, "twice", lonely_psu="certainty", **COLUMNS)
    plain = Design(answers(), **COLUMNS).mean("y")
    assert stored.mean("twice")["se"].item() == pytest.approx(2 * plain["se"].item(), rel=1e-12)


@pytest.mark.parametrize("open_", [nullcontext, sa.Engine.connect], ids=["engine", "connection"])
def test_postgresql(engine: sa.Engine, open_: Callable[[sa.Engine], Any]) -> None:
    with open_(engine) as connection:
        stored = Design.from_sql(
            "analysis_answers", connection, ["y", "online", "tỷ lệ %"], chunk_rows=50, **COLUMNS
        )
    assert stored.data.dtypes.astype(str).to_dict() == {
        "y": "float64",
        "online": "bool",
        "tỷ lệ %": "int64",
        "weight": "float64",
        "tầng": "str",
        "cụm dân cư": "int64",
    }
    frame = answers()[stored.data.columns.tolist()]
    pd.testing.assert_frame_equal(stored.data, frame)
    pd.testing.assert_frame_equal(
        stored.proportion("online", by="tầng"), Design(frame, **COLUMNS).proportion("online", by="tầng")
    )


def test_types_with_gaps_in_some_chunks(engine: sa.Engine) -> None:
    """Chunks of two rows, so that some columns have chunks without a single value."""
    query = """SELECT * FROM (VALUES
        (1, 9007199254740993, NULL, true, 'a', 1.25, TIMESTAMP '2026-01-01 00:00', NULL),
        (2, 2, NULL, false, NULL, 2, NULL, NULL),
        (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (4, NULL, 5, NULL, NULL, NULL, NULL, NULL),
        (5, 3, 6, true, 'b', 3.5, TIMESTAMP '2026-01-02 00:00', NULL)
        ) AS t(id, large, late, truth, word, exact, moment, nothing) ORDER BY id"""
    names = ["id", "large", "late", "truth", "word", "exact", "moment", "nothing"]
    data = read_sql(query, engine, names, chunk_rows=2)
    types = data.dtypes.astype(str).to_dict()
    assert (types["id"], types["large"], types["late"]) == ("int64", "Int64", "Int64")
    assert (types["truth"], types["exact"], types["word"]) == ("boolean", "float64", "str")
    assert data["large"][0] == 9007199254740993
    assert data["late"].isna().tolist() == [True, True, True, False, False]
    assert data["exact"].tolist()[:2] == [float(Decimal("1.25")), 2.0]
    assert data["moment"][4] == datetime(2026, 1, 2)
    assert data["nothing"].isna().all()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda c: Design.from_sql("answers", c, "absent", **COLUMNS), errors.ColumnNotFound, "'absent'"),
        (lambda c: Design.from_sql("no_table", c, "y", **COLUMNS), errors.SurveyError, "no_table"),
        (lambda c: Design.from_sql("SELECT nothing at all", c, "y"), errors.SurveyError, "could not be read"),
        (
            lambda c: Design.from_sql("SELECT * FROM answers WHERE y > 1e9", c, "y", **COLUMNS),
            errors.SurveyError,
            "no rows",
        ),
        (lambda c: read_sql("answers", c, "y", chunk_rows=0), errors.UnknownOption, "chunk_rows"),
        (lambda c: read_sql("answers", c, []), errors.UnknownOption, "column"),
        (lambda c: Design.from_sql('answers" --', c, "y"), errors.SurveyError, "could not be read"),
    ],
)
def test_what_the_database_refuses(
    call: Callable[[Any], Any], error: type[Exception], words: str, lite: sqlite3.Connection
) -> None:
    with pytest.raises(error) as caught:
        call(lite)
    assert words in str(caught.value)
