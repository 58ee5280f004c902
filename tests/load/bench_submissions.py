"""How many submissions a second two gunicorn workers take in, durably; prints figures, tests nothing.

    python -m tests.load.bench_submissions [--seconds 15] [--connections 16] [--workers 2]

The server, PostgreSQL and this generator share the machine; the generator's own CPU is printed apart.
"""

import argparse
import http.client
import json
import os
import resource
import tempfile
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from survey.app import create_app
from survey.config import PROJECT, Settings
from survey.extensions import db
from survey.postgres import database
from tests.factories import Fielded, field_survey
from tests.live import serving
from tests.load.records import fresh_record, multipart, record_pool

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Tally:
    """What the connections saw."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: int, seconds: float) -> None:
        with self.lock:
            self.seconds.append(seconds)
            self.statuses[status] = self.statuses.get(status, 0) + 1

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the requests stayed under."""
        return 1000 * sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


def send_until(
    end: float, base: str, path: str, bodies: list[bytes], numbers: "count[int]", tally: Tally
) -> None:
    """One connection that sends the next record as soon as the last is answered."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    while time.perf_counter() < end:
        body, headers = multipart(bodies[next(numbers) % len(bodies)])
        started = time.perf_counter()
        connection.request("POST", path, body, headers)
        reply = connection.getresponse()
        reply.read()
        tally.add(reply.status, time.perf_counter() - started)
    connection.close()


def cpu_seconds(root: int) -> float:
    """CPU used so far by a process and all its descendants."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(folder.name)], used[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(used.get(member, 0) for member in family) / TICKS


def measure(
    base: str, fielded: Fielded, seconds: float, connections: int, servers: dict[str, int]
) -> dict[str, object]:
    """Warm up, then send for so many seconds over so many connections."""
    pool = record_pool(fielded.instrument, 200)
    path = f"/openrosa/{fielded.project_token}/submission"
    for length, tally in ((3.0, Tally()), (seconds, Tally())):
        # Made before the clock starts: the generator should not compete with the server.
        bodies = [fresh_record(pool, number) for number in range(int(length * 1500))]
        marks = {name: cpu_seconds(pid) for name, pid in servers.items()}
        own, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        numbers = count()
        arguments = (started + length, base, path, bodies, numbers, tally)
        threads = [threading.Thread(target=send_until, args=arguments) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = time.perf_counter() - started
    used = {
        f"{name}_ms": (cpu_seconds(servers[name]) - mark) * 1000 / len(tally.seconds)
        for name, mark in marks.items()
    }
    after = resource.getrusage(resource.RUSAGE_SELF)
    generator = after.ru_utime + after.ru_stime - own.ru_utime - own.ru_stime
    return {
        "submissions_per_second": round(len(tally.seconds) / wall, 1),
        "p50_ms": round(tally.percentile(0.5), 1),
        "p99_ms": round(tally.percentile(0.99), 1),
        "statuses": tally.statuses,
        "cpu_per_submission": {name: round(value, 2) for name, value in used.items()},
        "generator_cores": round(generator / wall, 2),
        "load_average": os.getloadavg()[0],
    }


def postmaster(home: Path) -> int:
    """The process id of the embedded server."""
    return int((home / "postgres" / "postmaster.pid").read_text().partition("\n")[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--form", type=Path, help="an XLSForm; default: the household survey")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(
            home=Path(home),
            port=0,
            database_url=None,
            files=home,
            questionnaires=PROJECT / "questionnaires",
        )
        with database(settings) as url:
            app = create_app(url, settings)
            with app.app_context():
                db.create_all()
            fielded = field_survey(app, options.form or PROJECT / "questionnaires" / "ict-ho-gia-dinh")
            with serving(url, settings.home, workers=options.workers) as (base, pid):
                servers = {"gunicorn": pid, "postgres": postmaster(settings.home)}
                figures = measure(base, fielded, options.seconds, options.connections, servers)
                print(json.dumps(figures, indent=1))
            with app.app_context():
                db.engine.dispose()


if __name__ == "__main__":
    main()
