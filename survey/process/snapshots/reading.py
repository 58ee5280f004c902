"""A snapshot's tables as data frames: the answers with what the office changed, their states, the codebook."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from survey.process.folders import present
from survey.process.models import Snapshot
from survey.process.snapshots import annexes
from survey.process.snapshots.codebook import FILE
from survey.process.snapshots.freezing import STATES
from survey.process.snapshots.shape import Tables


def read_tables(snapshot: Snapshot) -> Tables:
    """The tables of a snapshot: answers as weights and estimates use them, and the sampled units."""
    return annexes.applied(read_collected(snapshot), _annexes(snapshot))


def read_collected(snapshot: Snapshot) -> Tables:
    """The same without what the office changed."""
    return _frames(present(snapshot.folder))


def read_states(snapshot: Snapshot) -> Tables:
    """For each table of answers one of the same rows and variables with the `ValueState` of each value.

    None for a snapshot that was taken before states were kept.
    """
    states = _frames(present(snapshot.folder) / STATES)
    return annexes.marked(states, read_collected(snapshot), _annexes(snapshot)) if states else states


def read_codebook(snapshot: Snapshot) -> dict[str, Any] | None:
    """The codebook as it was frozen; None for a snapshot of before there were any."""
    path = present(snapshot.folder) / FILE
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def read_annex(snapshot: Snapshot, name: str) -> pd.DataFrame | None:
    """One of the further tables that were frozen with a snapshot; None where it has none."""
    return _annexes(snapshot).get(name)


def _annexes(snapshot: Snapshot) -> Tables:
    return _frames(present(snapshot.folder) / annexes.FOLDER)


def _frames(folder: Path) -> Tables:
    return {path.stem: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
