"""The same estimates from a Dask data frame: in this process, on a local cluster, and over TCP."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask.dataframe
import pandas as pd
import pytest
from distributed import Client, LocalCluster

from analysis import Design, errors
from tests.analysis.partitions.agreement import assert_same_estimates, written
from tests.analysis.partitions.surveys import MARGINS, OPTIONS, households

# Dask 2026.8 reads Parquet with a call that pandas 3.1 deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:The inplace keyword in DataFrame:pandas.errors.Pandas4Warning"
)

ROOT = Path(__file__).parents[3]
PEOPLE = households()
MEMORY = Design(PEOPLE, **OPTIONS)

TABLES: dict[str, Callable[[Design], pd.DataFrame]] = {
    "mean": lambda d: d.mean(["income", "phone"], by=["sex", "age"], deff=True),
    "domain": lambda d: d.total("income", where=lambda x: x["district"] == "D8"),
    "raked ratio": lambda d: d.rake(MARGINS).ratio("income", "hours", by="sex", deff=True),
    "bootstrap": lambda d: (
        d.to_replicates("rao_wu", replicates=30).rake(MARGINS).proportion("online", by="sex")
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(PEOPLE, tmp_path_factory.mktemp("people") / "people", files=7)


@pytest.mark.parametrize("partitions", [1, 11])
@pytest.mark.parametrize("name", TABLES)
def test_a_dask_frame_gives_the_same_table(name: str, partitions: int) -> None:
    frame = dask.dataframe.from_pandas(PEOPLE, npartitions=partitions)
    assert_same_estimates(TABLES[name](MEMORY), TABLES[name](Design(frame, **OPTIONS)))


def test_parquet_through_dask_with_a_condition_on_the_frame(folder: str) -> None:
    frame = dask.dataframe.read_parquet(folder)
    expected = MEMORY.mean("income", by="sex", where=PEOPLE["hours"] > 8)
    assert_same_estimates(
        expected, Design(frame, **OPTIONS).mean("income", by="sex", where=frame["hours"] > 8)
    )


def test_an_empty_partition_is_no_fault() -> None:
    frame = dask.dataframe.from_pandas(PEOPLE, npartitions=5)
    kept = frame[frame["district"] == "D2"]
    there = Design(kept, **OPTIONS).mean(["income", "phone"], by="sex")
    here = Design(PEOPLE[PEOPLE["district"] == "D2"].reset_index(drop=True), **OPTIONS)
    assert_same_estimates(here.mean(["income", "phone"], by="sex"), there)


def test_faults_survive_the_way_between_processes() -> None:
    fault = pickle.loads(pickle.dumps(errors.NoConvergence("raking", 5, "sex", "nữ", 1.0, 2.0)))
    assert isinstance(fault, errors.NoConvergence)
    assert (fault.level, fault.target) == ("nữ", 2.0)
    assert "after 5 iterations" in str(fault)


@pytest.mark.slow
# Dask's nanny and comms leave sockets to the collector when a cluster closes; nothing of ours is in them.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_local_cluster_of_two_workers(folder: str, tmp_path: Path) -> None:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path
        ) as cluster,
        Client(cluster),
    ):
        everything_agrees(folder, tmp_path / "weighted")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_scheduler_and_workers_over_tcp(folder: str, tmp_path: Path) -> None:
    with scheduler(tmp_path) as address, workers(address, 2, tmp_path), Client(address) as client:
        client.wait_for_workers(2, timeout=180)
        assert len({worker["pid"] for worker in pids(client)}) == 2
        everything_agrees(folder, tmp_path / "weighted")


def everything_agrees(folder: str, weighted: Path) -> None:
    """Tables, written weights and faults with the present client."""
    there = Design(dask.dataframe.read_parquet(folder), **OPTIONS)
    for table in TABLES.values():
        assert_same_estimates(table(MEMORY), table(there))
    assert there.rake(MARGINS).write_weights(weighted) == len(PEOPLE)
    expected = MEMORY.rake(MARGINS).weights().to_numpy()
    assert pd.read_parquet(weighted)["rake_weight"].to_numpy() == pytest.approx(expected, rel=1e-12)
    with pytest.raises(errors.NotAProportion, match="'hours' holds"):
        there.proportion("hours")


def pids(client: Client) -> list[dict[str, Any]]:
    return [{"pid": pid} for pid in client.run(os.getpid).values()]


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """A scheduler as a process of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    with dask_process(options, folder):
        yield f"tcp://127.0.0.1:{port}"


@contextmanager
def workers(address: str, count: int, folder: Path) -> Iterator[None]:
    options = ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
    if not count:
        yield
        return
    with (
        dask_process([*options, "--local-directory", str(folder)], folder),
        workers(address, count - 1, folder),
    ):
        yield


@contextmanager
def dask_process(options: list[str], folder: Path) -> Iterator[None]:
    """The `dask` command with our code on its path; ended by its own process id."""
    log = (folder / f"{options[0]}-{time.monotonic_ns()}.log").open("w")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "dask", *options], cwd=ROOT, stdout=log, stderr=log
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)
