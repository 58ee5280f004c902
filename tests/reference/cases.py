"""Reference cases and the data sets that they use."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent


class Inexpressible(Exception):
    """The library has no call for what a case asks."""


def expressible(what: str, name: str, known: Iterable[str]) -> None:
    """Refuse a name for which there is no call."""
    if name not in known:
        raise Inexpressible(f"{what} {name}")


def refuse_unknown(where: str, given: Mapping[str, Any], known: Set[str]) -> None:
    """An option that the mapping does not read would otherwise be ignored without a word."""
    odd = sorted(name for name, value in given.items() if name not in known and value is not None)
    if odd:
        raise Inexpressible(f"{where} with {', '.join(odd)}")


@dataclass(frozen=True)
class Case:
    """One call and its result, as the case file has it."""

    id: str
    group: str
    content: dict[str, Any] = field(repr=False)

    @property
    def design(self) -> dict[str, Any]:
        return self.content.get("design", {})

    @property
    def steps(self) -> list[dict[str, Any]]:
        return self.content.get("steps", [])

    @property
    def request(self) -> dict[str, Any]:
        return self.content["request"]

    @property
    def result(self) -> dict[str, Any]:
        return self.content["result"]


def read_cases(path: Path) -> list[Case]:
    """All cases of a file, gzipped or not."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [Case(case["id"], case["group"], case) for case in json.loads(text)["cases"]]


@dataclass(frozen=True)
class Datasets:
    """Data sets in a folder, as .csv or .csv.gz."""

    folder: Path

    def read(self, name: str) -> pd.DataFrame:
        return _read_table(self.folder, name).copy()


@functools.lru_cache(maxsize=64)
def _read_table(folder: Path, name: str) -> pd.DataFrame:
    stem = name.removesuffix(".csv")
    for candidate in (folder / f"{stem}.csv", folder / f"{stem}.csv.gz"):
        if candidate.exists():
            return pd.read_csv(candidate, keep_default_na=False, na_values=[""])
    raise FileNotFoundError(f"data set {name!r} is not in {folder}")
