"""Installations: two data folders side by side on one machine, and an outside PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from survey.commands.address import running_address
from survey.config import Settings
from survey.postgres import database
from tests.conftest import data_folder
from tests.journeys.service import Service, processes_of, running

pytestmark = [pytest.mark.slow]


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """One gunicorn process each is enough here."""
    monkeypatch.setenv("KHAOSAT_WORKERS", "1")


def settings_of(home: Path) -> Settings:
    return Settings(home=home, port=1, database_url=None, files="", questionnaires=home)


def is_ready(service: Service) -> bool:
    try:
        return httpx.get(f"{service.base}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False


def cluster(home: Path) -> str:
    """What PostgreSQL calls itself: no two servers have the same."""
    with database(settings_of(home)) as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        return str(connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone())


def test_two_data_folders_do_not_disturb_each_other() -> None:
    with data_folder() as first_home, data_folder() as second_home, running(second_home) as second:
        with running(first_home) as first:
            assert is_ready(first)
            assert is_ready(second)
            assert cluster(first_home) != cluster(second_home)
            addresses = [running_address(settings_of(home)) for home in (first_home, second_home)]
            assert addresses == [first.base, second.base]
        assert not is_ready(first)
        assert processes_of(first_home) == []
        assert is_ready(second)
        assert running_address(settings_of(second_home)) == second.base


@contextmanager
def outside_server() -> Iterator[str]:
    """A PostgreSQL that others run, with an empty database of ours on it."""
    with data_folder() as home, database(settings_of(home)) as url:
        plain = url.replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("CREATE DATABASE tinh")
        yield plain.replace("/khaosat?", "/tinh?")


def test_an_outside_postgresql_is_filled_and_left_running() -> None:
    with outside_server() as url, data_folder() as home:
        with running(home, url) as service:
            done = service.khaosat("demo", "--units", "400")
            assert "observations published" in done
            page = httpx.get(f"{service.base}/chi-tieu/KH54-37", timeout=60).text
            assert "SỐ LIỆU MÔ PHỎNG" in page
        assert not is_ready(service)
        assert not (home / "postgres").exists()
        with psycopg.connect(url) as connection:  # it still answers, and what was published is in it
            (count,) = connection.execute("SELECT count(*) FROM observation WHERE current").fetchone() or (0,)
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    assert count > 100
    assert revision
