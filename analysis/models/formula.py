"""Model formulas such as "y ~ a + b + a:b": parse them and build the design matrix.

Columns are named as R names them: "(Intercept)", "age" for numbers, "sexm" for level m of sex. Categories
are coded by treatment contrasts against their first level, or by all levels where the model needs them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from analysis.arrays import Floats, Mask
from analysis.columns import coded, column, is_categorical, numeric
from analysis.errors import NotNumeric, SurveyError, UnknownOption

NAME = re.compile(r"`[^`]+`|C\([^()]+\)|[^\W\d][\w.]*")
Term = tuple[str, ...]


@dataclass(frozen=True)
class Formula:
    """A response and the terms explaining it; a term is the tuple of its factors."""

    response: str
    terms: tuple[Term, ...]
    intercept: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """The explanatory columns, each once."""
        return tuple(dict.fromkeys(plain_name(factor) for term in self.terms for factor in term))


@dataclass(frozen=True, eq=False)
class DesignMatrix:
    """X (n, p) with the names of its columns and the term that each belongs to; unknown values are NaN."""

    values: Floats
    names: tuple[str, ...]
    terms: tuple[str, ...]

    @property
    def known(self) -> Mask:
        return np.asarray(~np.isnan(self.values).any(axis=1), dtype=np.bool_)


def parse(text: str) -> Formula:
    """Read "y ~ a + b"; a:b is an interaction, a*b both, C(a) categories, 0 no intercept."""
    left, tilde, right = text.partition("~")
    if not tilde or not right.strip():
        raise SurveyError(f"formula {text!r} must look like 'y ~ a + b'")
    terms: list[Term] = []
    intercept = True
    right = right.replace("- 1", "+ 0").replace("-1", "+ 0")
    for part in (piece.strip() for piece in right.split("+")):
        if part in ("0", "1"):
            intercept = intercept and part == "1"
            continue
        terms.extend(term for term in _expand(part, text) if term not in terms)
    ordered = sorted(terms, key=len)  # main effects first, as R does
    return Formula(_name(left.strip(), text) if left.strip() else "", tuple(ordered), intercept)


def _expand(part: str, text: str) -> list[Term]:
    if "*" in part:
        factors = [_name(piece.strip(), text) for piece in part.split("*")]
        masks = _masks(len(factors))
        subsets = [tuple(f for f, used in zip(factors, mask, strict=True) if used) for mask in masks]
        return sorted(subsets, key=len)
    return [tuple(_name(piece.strip(), text) for piece in part.split(":"))]


def _masks(n: int) -> list[tuple[bool, ...]]:
    return [mask for mask in product((True, False), repeat=n) if any(mask)]


def _name(piece: str, text: str) -> str:
    if not NAME.fullmatch(piece):
        raise SurveyError(f"formula {text!r}: {piece!r} is not a column name; use backquotes")
    return piece.strip("`")


def design_matrix(
    data: pd.DataFrame, formula: Formula, fixed: Mapping[str, Any] | None = None
) -> DesignMatrix:
    """X for all rows of the data, or as if some columns had one `fixed` value in every row."""
    fixed = fixed or {}
    blocks: list[Floats] = []
    names: list[str] = []
    owners: list[str] = []
    if formula.intercept:
        blocks.append(np.ones((len(data), 1)))
        names.append("(Intercept)")
        owners.append("(Intercept)")
    for term in formula.terms:
        block, labels = _block(data, term, formula, fixed)
        blocks.append(block)
        names.extend(labels)
        owners.extend([":".join(map(plain_name, term))] * len(labels))
    return DesignMatrix(np.hstack(blocks), tuple(names), tuple(owners))


def _block(
    data: pd.DataFrame, term: Term, formula: Formula, fixed: Mapping[str, Any]
) -> tuple[Floats, list[str]]:
    block, labels = np.ones((len(data), 1)), [""]
    for factor in term:
        rest = tuple(other for other in term if other != factor)
        contrasts = formula.intercept if not rest else _has(formula, rest)
        values, names = _factor(data, factor, contrasts, fixed)
        # the first factor varies fastest, as in R
        block = np.hstack([block * values[:, [k]] for k in range(values.shape[1])])
        labels = [f"{label}:{name}" if label else name for name in names for label in labels]
    return block, labels


def _has(formula: Formula, term: Term) -> bool:
    return any(set(other) == set(term) for other in formula.terms)


def _factor(
    data: pd.DataFrame, factor: str, contrasts: bool, fixed: Mapping[str, Any]
) -> tuple[Floats, list[str]]:
    name = plain_name(factor)
    if name == factor and not is_categorical(column(data, name)):
        values = np.full(len(data), _number(name, fixed[name])) if name in fixed else numeric(data, name)
        return values[:, None], [name]
    codes, table = coded(data, [name], allow_missing=True)
    levels = list(table[name])
    if contrasts and len(levels) < 2:
        raise SurveyError(f"column {name!r} has a single level, {levels!r}; a contrast needs two")
    if name in fixed:
        codes = np.full(len(codes), _position(name, fixed[name], levels))
    kept = range(1 if contrasts else 0, len(levels))
    values = np.stack([(codes == k).astype(np.float64) for k in kept], axis=1)
    values[codes < 0] = np.nan
    return values, [f"{name}{_text(levels[k])}" for k in kept]


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise NotNumeric(name, value) from None
    if not np.isfinite(number):
        raise NotNumeric(name, value)
    return number


def _position(name: str, value: Any, levels: list[Any]) -> int:
    if value not in levels:
        raise UnknownOption(name, value, levels)
    return levels.index(value)


def plain_name(factor: str) -> str:
    """The column of a factor: "age" for "age" and for "C(age)"."""
    return factor[2:-1].strip() if factor.startswith("C(") else factor


def _text(level: Any) -> str:
    return f"{level:g}" if isinstance(level, float) else str(level)
