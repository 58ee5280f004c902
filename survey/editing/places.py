"""Where a value stands in an answer document, and documents with some values changed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from survey.errors import NotFound

ROOT = "root"
SEPARATOR = "/"  # no name of a question holds one


@dataclass(frozen=True, order=True)
class Place:
    """A variable of the response itself (`level` root, instance 0) or of an instance of a repeat, from 1."""

    level: str
    instance: int
    variable: str

    def __str__(self) -> str:
        return f"{self.level}{SEPARATOR}{self.instance}{SEPARATOR}{self.variable}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place as an address writes it; raise `NotFound`."""
        parts = text.split(SEPARATOR)
        if len(parts) != 3 or not parts[1].isdecimal() or len(parts[1]) > 6:
            raise NotFound("Không có câu trả lời ở địa chỉ này.", "Mở lại phiếu từ danh sách.")
        return cls(parts[0], int(parts[1]), parts[2])

    @property
    def index(self) -> tuple[int, ...]:
        """The positions of the instance, from 0, as the instrument counts them."""
        return () if self.level == ROOT else (self.instance - 1,)


def row_at(answers: Mapping[str, Any], level: str, instance: int) -> Mapping[str, Any] | None:
    """The part of a document in which a level's variables stand; None where there is no such instance."""
    if level == ROOT:
        return answers
    rows = answers.get(level)
    inside = isinstance(rows, list) and 1 <= instance <= len(rows) and isinstance(rows[instance - 1], dict)
    return rows[instance - 1] if inside and isinstance(rows, list) else None


def value_at(answers: Mapping[str, Any], place: Place) -> Any:
    """The value there; None where nothing was answered."""
    row = row_at(answers, place.level, place.instance)
    return None if row is None else row.get(place.variable)


def with_values(answers: Mapping[str, Any], values: Mapping[Place, Any]) -> dict[str, Any]:
    """A document with these values; None takes an answer out. What is given stays as it is."""
    changed = dict(answers)
    for place, value in values.items():
        if place.level == ROOT:
            _put(changed, place.variable, value)
        elif row_at(changed, place.level, place.instance) is not None:
            rows = list(changed[place.level])
            rows[place.instance - 1] = dict(rows[place.instance - 1])
            _put(rows[place.instance - 1], place.variable, value)
            changed[place.level] = rows
    return changed


def _put(row: dict[str, Any], variable: str, value: Any) -> None:
    if value is None:
        row.pop(variable, None)
    else:
        row[variable] = value


def values_of(answers: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    """Every value of the root and of its repeats, with its place."""
    for name, value in answers.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            for number, row in enumerate(value, 1):
                yield from ((Place(name, number, inner), each) for inner, each in row.items())
        else:
            yield Place(ROOT, 0, name), value


def is_same(one: Any, other: Any) -> bool:
    """Whether two stored values are the same answer: 2 and 2.0 are, an empty one is none."""
    return digest(one) == digest(other)


def digest(value: Any) -> str:
    """A short mark of a stored value, by which a form says what it was filled in from."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    text = json.dumps(float(value) if number else value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
