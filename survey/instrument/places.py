"""Where expressions run: the values around one place of a document, and what a compiled one is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from survey.instrument.values import Value


class Row(dict[str, Any]):
    """The values of one level of the document as expressions see them; absent means empty.

    `off` holds what is irrelevant, `kept` the values as they are stored, `left` what the person left
    empty; `fresh` says that nobody has answered here yet.
    """

    __slots__ = ("fresh", "kept", "left", "off")

    def __init__(self) -> None:
        super().__init__()
        self.off: set[str] = set()
        self.kept: dict[str, Any] = {}
        self.left: set[str] = set()
        self.fresh = False


class Env:
    """One place of evaluation: the rows from the root down to it, its 1-based positions, the time."""

    __slots__ = ("current", "item", "now", "origin", "place", "positions", "rows", "size")

    def __init__(self, rows: tuple[Row, ...], positions: tuple[int, ...], now: datetime) -> None:
        self.rows, self.positions, self.now = rows, positions, now
        self.current: Value = ""
        self.item: Any = None
        self.place = 0
        self.size = 0
        self.origin: Env | None = None

    def inside(self, row: Row, position: int) -> Env:
        """The place inside one instance of a repeat."""
        return Env((*self.rows, row), (*self.positions, position), self.now)


def instances(env: Env, repeat: str) -> Iterator[Env]:
    """The places inside the relevant instances of a repeat."""
    for position, row in enumerate(env.rows[-1].get(repeat, ()), start=1):
        if repeat not in row.off:
            yield env.inside(row, position)


Run: TypeAlias = Callable[[Env], Value]
Truth: TypeAlias = Callable[[Env], bool]


@dataclass(frozen=True)
class Code:
    """A compiled expression: `kind` is what it is known to give (string, number, boolean, date, any);
    a question's number or date may also be the empty text."""

    run: Run
    kind: str = "any"
    constant: Any = None
