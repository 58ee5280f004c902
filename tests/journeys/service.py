"""The real service in processes of its own, as `make run` starts it, for journeys through it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from survey.config import PROJECT

START_SECONDS = 240.0
STOP_SECONDS = 60.0
KHAOSAT = [sys.executable, "-c", "from survey.cli import main; main()"]


@dataclass(frozen=True)
class Service:
    """A running service: its address, data folder and main process."""

    base: str
    home: Path
    process: "subprocess.Popen[str]"
    log: Path
    database_url: str | None = None

    def attempt(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command beside the service."""
        return subprocess.run(
            [*KHAOSAT, *arguments],
            env=environment(self.home, self.base, self.database_url),
            capture_output=True,
            text=True,
            timeout=600,
        )

    def khaosat(self, *arguments: str) -> str:
        """Run a command that must succeed and return what it prints; a failure shows all of it."""
        done = self.attempt(*arguments)
        assert done.returncode == 0, f"khaosat {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def password(self, username: str) -> str:
        """The password of a sample account."""
        lines = (self.home / "demo-accounts.txt").read_text().splitlines()
        return next(line.split("\t")[1] for line in lines if line.startswith(f"{username}\t"))


def environment(home: Path, base: str, database_url: str | None = None) -> dict[str, str]:
    port = re.sub(r".*:", "", base)
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    outside = {"DATABASE_URL": database_url} if database_url else {}
    return kept | outside | {"KHAOSAT_HOME": str(home), "KHAOSAT_PORT": port, "PYTHONWARNINGS": "ignore"}


@contextmanager
def running(home: Path, database_url: str | None = None) -> Iterator[Service]:
    """Start `khaosat serve` on a free port, on its own database or an outside one; stop it with SIGTERM."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
    log = home / "serve.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*KHAOSAT, "serve"],
            env=environment(home, base, database_url),
            cwd=PROJECT,
            stdout=output,
            stderr=output,
            text=True,
        )
        service = Service(base, home, process, log, database_url)
        try:
            await_ready(service)
            yield service
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(STOP_SECONDS)


def await_ready(service: Service) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert service.process.poll() is None, service.log.read_text()
        try:
            if (
                httpx.get(f"{service.base}/readyz", timeout=2).is_success
                and "/kiem-chung" in service.log.read_text()
            ):
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"not ready:\n{service.log.read_text()}")


def processes_of(home: Path) -> list[str]:
    """Command lines of processes that name the data folder or were started with it as KHAOSAT_HOME."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            started_with = (folder / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(home) in command or f"KHAOSAT_HOME={home}\0" in started_with:
            found.append(command)
    return found
