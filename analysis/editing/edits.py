"""The language of edits: what a consistent record must satisfy, and the values a field can take."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from analysis.errors import BadDomain, BadEdit, UnknownOption

Comparison: TypeAlias = Literal["<=", ">=", "=="]
COMPARISONS: tuple[Comparison, ...] = ("<=", ">=", "==")
Combination: TypeAlias = Mapping[str, Collection[Hashable]]


@dataclass(frozen=True)
class LinearEdit:
    """`sum(coefficient x field) op bound`, for the records whose fields lie in `when` (all, if empty).

    With a condition this is the normal form of edits for mixed data in de Waal, Pannekoek and Scholtus 2011,
    section 3.2. Raises `BadEdit` for an edit without fields or with a number that is not finite.
    """

    name: str
    coefficients: Mapping[str, float]
    op: Comparison
    bound: float = 0.0
    when: Combination = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.op not in COMPARISONS:
            raise UnknownOption("op", self.op, COMPARISONS)
        if not any(self.coefficients.values()):
            raise BadEdit(
                self.name, "no field has a coefficient other than zero; name the fields it compares"
            )
        if not all(math.isfinite(number) for number in (*self.coefficients.values(), self.bound)):
            raise BadEdit(self.name, "a coefficient or the bound is not a finite number; correct it")
        _check_combination(self.name, self.when)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the edit speaks of."""
        return tuple(dict.fromkeys((*self.coefficients, *self.when)))


@dataclass(frozen=True)
class CategoricalEdit:
    """A record fails when every field named in `excluded` has one of its values listed there.

    This is the normal form of Fellegi and Holt 1976: one edit excludes a product of sets of values.
    """

    name: str
    excluded: Combination

    def __post_init__(self) -> None:
        if not self.excluded:
            raise BadEdit(self.name, "it excludes no combination; name the fields and their values")
        _check_combination(self.name, self.excluded)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the edit speaks of."""
        return tuple(self.excluded)


Edit: TypeAlias = LinearEdit | CategoricalEdit


@dataclass(frozen=True)
class Interval:
    """Numbers from `low` to `high`, both included and finite; whole numbers only with `integer`."""

    low: float
    high: float
    integer: bool = False


@dataclass(frozen=True)
class Categories:
    """A finite list of values; numeric ones may also take part in linear edits."""

    values: Sequence[Hashable]


Domain: TypeAlias = Interval | Categories


def balance(name: str, total: str, parts: Collection[str]) -> LinearEdit:
    """The edit that the parts add up to the total."""
    return LinearEdit(name, {total: 1.0} | dict.fromkeys(parts, -1.0), "==")


def ratio(
    name: str, numerator: str, denominator: str, low: float | None = None, high: float | None = None
) -> tuple[LinearEdit, ...]:
    """The edits that keep numerator / denominator between `low` and `high` for a denominator not below 0.

    One edit a bound, named `<name>_low` and `<name>_high`. Written without division, so that 0 / 0 passes.
    """
    bounds: tuple[tuple[str, Comparison, float | None], ...] = (("low", ">=", low), ("high", "<=", high))
    edits = tuple(
        LinearEdit(f"{name}_{end}", {numerator: 1.0, denominator: -bound}, op)
        for end, op, bound in bounds
        if bound is not None
    )
    if not edits:
        raise BadEdit(name, "a ratio needs a lower or an upper bound; give low, high or both")
    return edits


def check_domain(name: str, domain: Domain) -> None:
    """Refuse a domain that holds no value or has no finite ends."""
    if isinstance(domain, Categories):
        if not domain.values or len(set(domain.values)) < len(domain.values):
            raise BadDomain(name, "needs at least one value, and each only once")
    elif not (math.isfinite(domain.low) and math.isfinite(domain.high)):
        raise BadDomain(
            name, f"[{domain.low}, {domain.high}] must have finite ends; give the widest plausible"
        )
    elif first_value(domain) > domain.high:
        raise BadDomain(name, f"[{domain.low}, {domain.high}] holds no value; correct its ends")


def first_value(domain: Interval) -> float:
    """The least value of an interval."""
    return float(math.ceil(domain.low)) if domain.integer else domain.low


def _check_combination(name: str, combination: Combination) -> None:
    for key, values in combination.items():
        if isinstance(values, str) or not values:
            raise BadEdit(name, f"field {key!r} needs a set of one or more values, not {values!r}")
