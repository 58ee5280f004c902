"""How fast the public pages are from the processes' own store, and how heavy: every page kind, four readers at once.

Beside them, in the same run, a small static file by the same server: what the server and the machine cost by
themselves. `--url` measures a service that is running, with its own figures.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from survey.app import create_app
from survey.cases.areas import area_names, load_areas
from survey.cases.models import AreaKind
from survey.config import PROJECT, Settings
from survey.extensions import db
from survey.postgres import database
from survey.registry.service import load_registry
from tests.disseminate.published import BREAKDOWNS, estimate, indicator, publish
from tests.live import serving

INDICATORS = 12
READERS = 4
P95_MS = 50.0
HEAVIEST = 60 * 1024
STATIC = "/static/favicon.svg"


@contextmanager
def service() -> Iterator[str]:
    """The address of a fresh service with twelve indicators by former district published."""
    with tempfile.TemporaryDirectory(prefix="khaosat-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        settings = Settings(home=home, port=8000, database_url=None, files=str(home / "files"),
                            questionnaires=PROJECT / "questionnaires")  # fmt: skip
        with database(settings) as url:
            app = create_app(url, settings)
            with app.app_context():
                db.create_all()
                load_areas()
                load_registry()
                _publish()
                db.session.remove()
                db.engine.dispose()
            with serving(url, home) as (base, _):
                yield base


def _publish() -> None:
    chance = random.Random(1)
    codes = [f"indicator-{number}" for number in range(INDICATORS)]
    kinds = [
        (None, None),
        *((name, level) for name in ("sex", "age_group") for level in BREAKDOWNS[name]["levels"]),
    ]
    kinds += [("district", code) for code in area_names(AreaKind.DISTRICT_OLD)]
    publish(
        *(
            estimate(chance.uniform(20, 90), code, dimension=name, level=level)
            for code in codes
            for name, level in kinds
        ),
        indicators=[indicator(code) for code in codes],
    )


def pages(client: httpx.Client) -> list[str]:
    """The addresses of every kind of public page: the front page, indicators, the registry, data, methods."""
    found = (
        client.get("/api/v1/observations", params={"breakdown": "total", "limit": 1000})
        .raise_for_status()
        .json()
    )
    codes = sorted({row["indicator"] for row in found["items"]})
    fixed = [
        "/",
        "/?q=dien+thoai",
        "/chi-tieu",
        "/chi-tieu/KH54-37",
        "/kiem-chung",
        "/du-lieu",
        "/phuong-phap",
    ]
    return fixed + [f"/chi-tieu/{code}" for code in codes]


def timed(client: httpx.Client, address: str) -> tuple[float, int]:
    """Milliseconds until the answer is read whole, and its bytes on the line."""
    began = time.perf_counter()
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}, follow_redirects=True) as reply:
        reply.raise_for_status()
        size = sum(len(part) for part in reply.iter_raw())
    return 1000 * (time.perf_counter() - began), size


def read_all(base: str, addresses: list[str], times: int, seed: int) -> list[tuple[str, float, int]]:
    """One reader with one connection, in an order of its own."""
    order = addresses * times
    random.Random(seed).shuffle(order)
    with httpx.Client(base_url=base, timeout=60) as client:
        return [(address, *timed(client, address)) for address in order]


def main() -> int:
    """Print what each page costs; exit code 1 where a page's p95 or weight is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    parser.add_argument("--times", type=int, default=40)
    given = parser.parse_args()
    if given.url:
        return measure(given.url, given.times)
    with service() as base:
        return measure(base, given.times)


def measure(base: str, times: int) -> int:
    """Draw every page in each process first, then read them all."""
    with httpx.Client(base_url=base, timeout=60) as client:
        addresses = [*pages(client), STATIC]
    first = read_all(base, addresses, 1, 0)
    for seed in range(8):
        read_all(base, addresses, 1, seed)
    with ThreadPoolExecutor(READERS) as readers:
        parts = list(
            readers.map(lambda seed: read_all(base, addresses, times // READERS, seed), range(READERS))
        )
    taken: dict[str, list[float]] = {address: [] for address in addresses}
    weights = dict[str, int]()
    for address, milliseconds, size in (one for part in parts for one in part):
        taken[address].append(milliseconds)
        weights[address] = size
    static = statistics.median(taken[STATIC])
    print(f"{'page':42} {'first':>8} {'median':>8} {'p95':>8} {'x static':>8} {'kB gz':>7}")
    for address, milliseconds, _ in sorted(first, key=lambda one: addresses.index(one[0])):
        print(
            f"{address[:42]:42} {milliseconds:8.1f} {statistics.median(taken[address]):8.1f} {p95(taken[address]):8.1f}"
            f" {statistics.median(taken[address]) / static:8.1f} {weights[address] / 1000:7.1f}"
        )
    everything = [milliseconds for address in addresses for milliseconds in taken[address]]
    slowest, heaviest = max(p95(taken[address]) for address in addresses), max(weights.values())
    print(f"all: median {statistics.median(everything):.1f} ms, p95 {p95(everything):.1f} ms;"
          f" slowest page's p95 {slowest:.1f} ms, heaviest {heaviest / 1000:.1f} kB gz")  # fmt: skip
    return int(slowest > P95_MS or heaviest > HEAVIEST)


def p95(values: list[float]) -> float:
    """The value that nineteen of twenty do not exceed."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    sys.exit(main())
