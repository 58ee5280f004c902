"""How files name their replicate weights, and the constants that go with a method of replication."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.arrays import Floats
from analysis.errors import BadReplicates, UnknownOption


@dataclass(frozen=True)
class Naming:
    """The names of the final weight and of replicate r; `by_method` where the method has names of its own."""

    weight: str
    replicate: str
    count: int | None = None
    by_method: dict[str, str] = field(default_factory=dict)

    def columns(self, method: str, count: int) -> list[str]:
        """The names of all replicates, counted from 1."""
        prefix = self.by_method.get(method, self.replicate)
        return [f"{prefix}{r}" for r in range(1, count + 1)]


STATA = {
    **dict.fromkeys(("jk1", "jkn", "jk2"), "jkw"),
    **dict.fromkeys(("brr", "fay"), "brrw"),
    **dict.fromkeys(("bootstrap", "rao_wu", "preston"), "bsrw"),
    "sdr": "sdrw",
}
NAMINGS: dict[str, Naming] = {
    "r": Naming("final_weight", "rep_"),
    "stata": Naming("pw", "repw", by_method=STATA),
    "acs": Naming("PWGTP", "PWGTP", 80),
    "acs_household": Naming("WGTP", "WGTP", 80),
    "ipums": Naming("PERWT", "REPWTP", 80),
    "ipums_household": Naming("HHWT", "REPWT", 80),
}


def naming_of(convention: str) -> Naming:
    if convention not in NAMINGS:
        raise UnknownOption("convention", convention, tuple(NAMINGS))
    return NAMINGS[convention]


def _fay(count: int, rho: float | None) -> float:
    if rho is None or not 0 <= rho < 1:
        raise UnknownOption("fay_rho", rho, "the rho of Fay's method, a number from 0 to below 1")
    return 1.0 / (count * (1 - rho) ** 2)


# the scale by method, as R's svrepdesign and Stata's svyset take it
SCALES: dict[str, Callable[[int, float | None], float]] = {
    "brr": lambda count, rho: 1.0 / count,
    "fay": _fay,
    "jk1": lambda count, rho: (count - 1) / count,
    "jkn": lambda count, rho: 1.0,
    "jk2": lambda count, rho: 1.0,
    "bootstrap": lambda count, rho: 1.0 / (count - 1),
    "rao_wu": lambda count, rho: 1.0 / (count - 1),
    "preston": lambda count, rho: 1.0 / (count - 1),
    "sdr": lambda count, rho: 4.0 / count,
}
ABOUT_THE_ESTIMATE = ("sdr",)  # the Census Bureau's formula; the others are about the replicates' mean


@dataclass(frozen=True)
class Constants:
    """What turns replicate estimates into a variance."""

    scale: float
    rscales: tuple[float, ...]
    mse: bool


def constants_of(
    method: str,
    count: int,
    scale: float | None = None,
    rscales: float | Sequence[float] | Floats | None = None,
    mse: bool | None = None,
    fay_rho: float | None = None,
) -> Constants:
    """The constants of a method by name; those given by the caller come first."""
    if method not in SCALES:
        raise UnknownOption("method", method, tuple(SCALES))
    if method == "jkn" and rscales is None:
        raise UnknownOption("rscales", None, "(n - 1) / n of the stratum of each replicate, as jkn needs it")
    given = np.asarray(1.0 if rscales is None else rscales, dtype=np.float64)
    if given.shape not in ((), (count,)):
        raise BadReplicates("rscales", f"{given.size} multipliers for {count} replicates")
    chosen = SCALES[method](count, fay_rho) if scale is None else float(scale)
    about = method in ABOUT_THE_ESTIMATE if mse is None else mse
    return Constants(chosen, tuple(np.broadcast_to(given, (count,)).tolist()), about)


def numbered(columns: Sequence[str], prefix: str, count: int | None) -> list[str]:
    """The columns named prefix and number, which must run from 1 (or 0) without gaps, in order.

    Raises `BadReplicates` naming a column that is missing, extra or out of order.
    """
    pattern = re.compile(re.escape(prefix) + r"(\d+)")
    found = [(int(match[1]), name) for name in columns if (match := pattern.fullmatch(name))]
    if len(found) < 2:
        raise BadReplicates(f"{prefix}1, {prefix}2, ...", f"{len(found)} such column(s) in the data")
    numbers = [number for number, _ in found]
    start = min(min(numbers), 1)
    wanted = range(start, start + count if count else max(numbers) + 1)
    missing = [number for number in wanted if number not in numbers]
    if missing:
        raise BadReplicates(f"{prefix}{missing[0]}", f"missing; {len(missing)} of {len(wanted)} are")
    for place, (number, name) in enumerate(found):
        if number not in wanted or number in numbers[:place]:
            raise BadReplicates(name, f"one too many; {len(wanted)} replicates are expected")
        if place and number < numbers[place - 1]:
            raise BadReplicates(name, f"out of order, it stands after {found[place - 1][1]!r}")
    return [name for _, name in found]


def listed(columns: Sequence[str], expected: Sequence[str]) -> list[str]:
    """The expected columns, all there and in their order, with no further one of their kind."""
    missing = [name for name in expected if name not in columns]
    if missing:
        raise BadReplicates(missing[0], f"missing; {len(missing)} of {len(expected)} are")
    wanted = set(expected)
    places = [name for name in columns if name in wanted]
    for name, place in zip(expected, places, strict=False):
        if name != place:
            raise BadReplicates(place, f"out of order, {name!r} should stand in its place")
    prefix = re.sub(r"\d+$", "", expected[0])
    if all(re.fullmatch(re.escape(prefix) + r"\d+", name) for name in expected):
        numbered(columns, prefix, len(expected))
    return list(expected)
