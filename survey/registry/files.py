"""The registry's own files: facts carried over from the documents, one row each."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def rows(name: str, folder: Path = DATA) -> list[dict[str, Any]]:
    """The rows of a file by column name."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date | None:
    """A day as the files write it; None where the cell is empty."""
    return date.fromisoformat(text) if text else None


def number(text: str) -> float | None:
    """A number as the files write it; None where the cell is empty."""
    return float(text) if text else None
