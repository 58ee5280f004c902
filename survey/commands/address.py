"""Where the service of this data folder answers: told by `khaosat serve` while it runs, read by other commands."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.config import Settings

HOST = "http://127.0.0.1"


@contextmanager
def announced(config: Settings) -> Iterator[None]:
    """Keep the port in the data folder, under a lock that ends with this process however it ends."""
    path = _file(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # a second server of this folder: the first stays the one that is told
            yield
            return
        file.truncate(0)
        file.write(str(config.port))
        file.flush()
        yield


def running_address(config: Settings) -> str | None:
    """The address of the service that runs on this data folder; None when none does."""
    path = _file(config)
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return f"{HOST}:{file.read().strip()}"
    return None


def local_address(config: Settings) -> str:
    """The running service's address, or the one that it would have with these settings."""
    return running_address(config) or f"{HOST}:{config.port}"


def _file(config: Settings) -> Path:
    return config.home / "serving"
