"""The embedded PostgreSQL stops when its last user has gone, however it went."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from survey.config import Settings
from survey.postgres import NotStarted, database

USER = """
import sys, time
from pathlib import Path
from survey.config import Settings
from survey.postgres import NotStarted, database
home = Path(sys.argv[1])
with database(Settings(home=home, port=1, database_url=None, files="", questionnaires=home)) as url:
    print(url, flush=True)
    time.sleep(600)
"""


def settings(home: Path) -> Settings:
    return Settings(home=home, port=1, database_url=None, files="", questionnaires=home)


def start_user(home: Path) -> tuple["subprocess.Popen[str]", str]:
    process = subprocess.Popen([sys.executable, "-c", USER, str(home)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().strip().replace("+psycopg", "")


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def wait_until_silent(url: str) -> bool:
    for _ in range(150):
        if not answers(url):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_server_stops_when_its_only_user_is_killed(home: Path, ending: signal.Signals) -> None:
    process, url = start_user(home)
    assert answers(url)
    os.kill(process.pid, ending)
    process.communicate()
    assert wait_until_silent(url)


def test_server_outlives_the_one_who_started_it_while_another_uses_it(home: Path) -> None:
    first, url = start_user(home)
    second, same = start_user(home)
    assert url == same
    first.kill()
    first.communicate()
    time.sleep(1.0)
    assert answers(url)
    second.kill()
    second.communicate()
    assert wait_until_silent(url)


def test_data_survive_a_restart(home: Path) -> None:
    for number in (1, 2):
        with database(settings(home)) as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n integer)")
            connection.execute("INSERT INTO kept VALUES (%s)", [number])
    assert not answers(url.replace("+psycopg", ""))
    with database(settings(home)) as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT array_agg(n ORDER BY n) FROM kept").fetchone() == ([1, 2],)


def test_outside_database_is_left_alone(home: Path) -> None:
    outside = Settings(home, 1, "postgresql+psycopg://somewhere/else", "", home)
    with database(outside) as url:
        assert url == "postgresql+psycopg://somewhere/else"
    assert not (home / "postgres").exists()


def test_a_folder_copied_back_from_a_backup_starts(home: Path) -> None:
    with database(settings(home)) as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    shutil.copytree(home, home / "back")  # by root, the copies belong to root
    with database(settings(home / "back")) as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_damaged_folder_is_told_in_one_sentence_with_the_remedy(home: Path) -> None:
    with database(settings(home)):
        pass
    (home / "postgres" / "PG_VERSION").write_text("9.6\n")
    with (
        pytest.raises(NotStarted, match="database files are incompatible") as told,
        database(settings(home)),
    ):
        pass
    assert str(home / "postgres" / "log") in str(told.value)
