"""A published run to release microdata from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from survey.extensions import db
from survey.microdata.making import Bench
from survey.microdata.service import bench_of
from tests.conftest import empty_tables
from tests.microdata.sampled import published_run, run_of


@pytest.fixture
def run_id(app: Flask, tmp_path: Path) -> int:
    """The published run's number."""
    return published_run(app, tmp_path)


@pytest.fixture(scope="module")
def bench(one_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Its adults, made once for a module whose tests change nothing in the database."""
    number = published_run(one_app, tmp_path_factory.mktemp("form"))
    with one_app.app_context():
        yield bench_of(run_of(number), "adult")
        db.session.remove()
        empty_tables()
