"""The service as people meet it: gunicorn with workers on a free port, on a real PostgreSQL."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from survey.config import PROJECT

START_SECONDS = 60.0


@contextmanager
def serving(database_url: str, home: Path, *, workers: int = 2) -> Iterator[tuple[str, int]]:
    """The base address and the process id of a gunicorn with that many workers, stopped afterwards."""
    port = _free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url.replace("postgresql+psycopg://", "postgresql://"),
        "KHAOSAT_HOME": str(home),
        "KHAOSAT_PORT": str(port),
        "KHAOSAT_WORKERS": str(workers),
        "KHAOSAT_STARTS_PER_HOUR": "100000",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROJECT / "gunicorn.conf.py"), "wsgi:application"]
    server = subprocess.Popen(command, env=environment, cwd=PROJECT, start_new_session=True)
    try:
        _await(f"http://127.0.0.1:{port}/readyz", server)
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(address: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, f"gunicorn ended with {server.returncode}"
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {address} within {START_SECONDS:.0f} seconds")
