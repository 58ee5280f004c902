"""The second evaluator: the same expressions for whole columns at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from survey.instrument.columns import (
    Booleans,
    Coded,
    Column,
    Constant,
    Floats,
    Numbers,
    Truths,
    coded,
    column_of,
    floats,
    mapped,
    series_of,
    truths,
)
from survey.instrument.expression import compile_expression
from survey.instrument.faults import ExpressionError
from survey.instrument.functions import FUNCTIONS
from survey.instrument.grammar import Binary, Call, Literal, Negate, Number, Path, Tree, Variable
from survey.instrument.operators import ORDER, equal, is_close, unequal
from survey.instrument.values import Value, is_present, string


def evaluate_column(expression: str, table: pd.DataFrame, *, now: datetime | None = None) -> pd.Series[Any]:
    """The value of an expression in every row: a Series of bool, float or object on the table's index.

    ${name} is a column; missing values are XPath's empty text; a select_multiple column holds names
    separated by spaces; in a numeric result NaN is either empty or not a number.  The same parser and
    the same meaning as `evaluate`, computed per distinct value.  Raises ExpressionError for a name that
    is no column and for what needs a form (paths, position).
    """
    session = _Session(expression, table, now or datetime.now().astimezone())
    return series_of(session.value(compile_expression(expression).tree), table.index)


def holds(expression: str, table: pd.DataFrame, *, now: datetime | None = None) -> Truths:
    """Where an expression is true: one bool per row, never missing."""
    session = _Session(expression, table, now or datetime.now().astimezone())
    found = truths(session.value(compile_expression(expression).tree))
    return np.broadcast_to(found, (len(table),)).copy()


@dataclass
class _Session:
    expression: str
    table: pd.DataFrame
    now: datetime
    columns: dict[str, Column] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return len(self.table)

    def value(self, tree: Tree) -> Column:
        return VALUES[type(tree)](self, tree)

    def variable(self, tree: Variable) -> Column:
        if tree.name not in self.table.columns:
            close = get_close_matches(tree.name, map(str, self.table.columns), n=1)
            remedy = f"Did you mean ${{{close[0]}}}?" if close else "Use the name of a column."
            cause = f"the table has no column {tree.name}"
            raise ExpressionError(
                self.expression, tree.position, cause, remedy, f"bảng không có cột {tree.name}"
            )
        if tree.name not in self.columns:
            self.columns[tree.name] = column_of(self.table[tree.name])
        return self.columns[tree.name]

    def negate(self, tree: Negate) -> Column:
        return _numbers(-floats(self.value(tree.operand)))

    def binary(self, tree: Binary) -> Column:
        return BINARY[tree.operator](self, tree)

    def path(self, tree: Path) -> Column:
        raise ExpressionError(
            self.expression, tree.position, "a path has no meaning in a table", "Use ${name}."
        )

    def call(self, tree: Call) -> Column:
        if tree.name in CALLS:
            return CALLS[tree.name](self, tree)
        function = FUNCTIONS[tree.name]
        if function.call is None:
            cause = f"{tree.name}() needs a form and has no meaning in a table"
            raise ExpressionError(self.expression, tree.position, cause, "Leave it out.")
        arguments = [self.value(argument) for argument in tree.arguments]
        if function.moment:
            return Constant(function.call(self.now))
        if function.volatile:
            draws = [function.call(*_constants(arguments)) for _ in range(self.rows)]
            return Coded(np.arange(self.rows, dtype=np.int64), draws)
        if tree.name in NUMERIC and all(not isinstance(a, Coded) for a in arguments):
            return _numbers(NUMERIC[tree.name](*(floats(a) for a in arguments)))
        return mapped(function.call, arguments, self.rows)


def _constants(arguments: list[Column]) -> list[Value]:
    return [argument.value for argument in arguments if isinstance(argument, Constant)]


def _numbers(array: Any) -> Column:
    return Constant(float(array)) if np.ndim(array) == 0 else Numbers(array)


def _booleans(array: Any) -> Column:
    return Constant(bool(array)) if np.ndim(array) == 0 else Booleans(array)


# -- operators -----------------------------------------------------------------------------------
def _logical(session: _Session, tree: Binary) -> Column:
    left, right = truths(session.value(tree.left)), truths(session.value(tree.right))
    return _booleans(left & right if tree.operator == "and" else left | right)


def _arithmetic(session: _Session, tree: Binary) -> Column:
    left, right = floats(session.value(tree.left)), floats(session.value(tree.right))
    with np.errstate(all="ignore"):
        return _numbers(ARITHMETIC[tree.operator](left, right))


def _remainder(a: Any, b: Any) -> Any:
    return np.where(np.equal(b, 0), np.nan, np.fmod(a, b))[()]


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "div": np.divide,
    "mod": _remainder,
}


def _equality(session: _Session, tree: Binary) -> Column:
    left, right = session.value(tree.left), session.value(tree.right)
    wanted = tree.operator == "="
    if isinstance(left, Booleans) or isinstance(right, Booleans):
        same = truths(left) == truths(right)
        return _booleans(same if wanted else ~same)
    fast = _fast_equality(left, right)
    if fast is None:
        fast = _fast_equality(right, left)
    if fast is not None:
        return _booleans(fast if wanted else ~fast)
    return mapped(equal if wanted else unequal, (left, right), session.rows)


def _fast_equality(left: Column, right: Column) -> Truths | None:
    """Numbers against numbers or a constant; an empty answer equals only the empty text."""
    with np.errstate(invalid="ignore"):
        return _numeric_equality(left, right)


def _numeric_equality(left: Column, right: Column) -> Truths | None:
    if not isinstance(left, Numbers):
        return None
    if isinstance(right, Numbers):
        same: Truths = is_close(left.array, right.array)
        return same | (_empty(left) & _empty(right)) if left.blank and right.blank else same
    if not isinstance(right, Constant) or isinstance(right.value, bool):
        return None
    same = np.asarray(is_close(left.array, floats(right)))
    return same | _empty(left) if right.value == "" and left.blank else same


def _empty(column: Numbers) -> Truths:
    return np.isnan(column.array)


def _order(session: _Session, tree: Binary) -> Column:
    left, right = session.value(tree.left), session.value(tree.right)
    rule = ORDER[tree.operator]
    with np.errstate(invalid="ignore"):
        return _booleans(rule(floats(left), floats(right)))


def _union(session: _Session, tree: Binary) -> Column:
    raise ExpressionError(session.expression, 0, "| joins node sets, which a table has not", "Use or.")


BINARY: dict[str, Callable[[_Session, Binary], Column]] = {
    **dict.fromkeys(("and", "or"), _logical),
    **dict.fromkeys(("=", "!="), _equality),
    **dict.fromkeys(("<", "<=", ">", ">="), _order),
    **dict.fromkeys(("+", "-", "*", "div", "mod"), _arithmetic),
    "|": _union,
}


# -- functions with a form of their own ------------------------------------------------------------
def _if(session: _Session, tree: Call) -> Column:
    test, yes, no = (session.value(argument) for argument in tree.arguments)
    chosen = truths(test)
    if np.ndim(chosen) == 0:
        return yes if chosen else no
    return _chosen(np.asarray(chosen), yes, no, session.rows)


def _chosen(chosen: Truths, yes: Column, no: Column, rows: int) -> Column:
    """Row by row, one column or the other."""
    if isinstance(yes, Booleans | Constant) and isinstance(no, Booleans | Constant):
        kinds = [isinstance(column, Booleans) or isinstance(column.value, bool) for column in (yes, no)]
        if all(kinds):
            return Booleans(np.where(chosen, truths(yes), truths(no)))
    if _is_number(yes) and _is_number(no):
        return Numbers(np.where(chosen, floats(yes), floats(no)))
    first, second = coded(yes, rows), coded(no, rows)
    codes = np.where(chosen, first.codes, second.codes + len(first.values))
    return Coded(codes, [*first.values, *second.values])


def _is_number(column: Column) -> bool:
    if isinstance(column, Constant):
        return isinstance(column.value, float)
    return isinstance(column, Numbers) and not column.blank


def _coalesce(session: _Session, tree: Call) -> Column:
    columns = [session.value(argument) for argument in tree.arguments]
    result = columns[-1]
    for column in reversed(columns[:-1]):
        filled = truths(mapped(is_present, (column,), session.rows))
        result = _chosen(np.broadcast_to(filled, (session.rows,)), column, result, session.rows)
    return result


def _not(session: _Session, tree: Call) -> Column:
    return _booleans(~truths(session.value(tree.arguments[0])))


def _boolean(session: _Session, tree: Call) -> Column:
    return _booleans(truths(session.value(tree.arguments[0])))


def _number(session: _Session, tree: Call) -> Column:
    return _numbers(floats(session.value(tree.arguments[0])))


def _same(session: _Session, tree: Call) -> Column:
    """jr:choice-name without a form is the name itself, as it is in `evaluate`."""
    return mapped(string, (session.value(tree.arguments[0]),), session.rows)


CALLS: dict[str, Callable[[_Session, Call], Column]] = {
    "if": _if,
    "coalesce": _coalesce,
    "not": _not,
    "boolean": _boolean,
    "number": _number,
    "jr:choice-name": _same,
    "true": lambda session, tree: Constant(True),
    "false": lambda session, tree: Constant(False),
}


def _whole(rule: Callable[[Any], Any]) -> Callable[[Any], Floats]:
    return lambda array: np.where(np.isfinite(array), rule(array), array)[()] + 0.0


NUMERIC: dict[str, Callable[..., Any]] = {
    "int": _whole(np.trunc),
    "floor": _whole(np.floor),
    "ceiling": _whole(np.ceil),
    "abs": np.abs,
    "sum": lambda array: np.where(np.isnan(array), 0.0, array)[()],
    "max": lambda *arrays: _extreme(np.fmax, arrays),
    "min": lambda *arrays: _extreme(np.fmin, arrays),
}


def _extreme(rule: Callable[[Any, Any], Any], arrays: tuple[Any, ...]) -> Any:
    found = arrays[0]
    for array in arrays[1:]:
        found = rule(found, array)
    return found


VALUES: dict[type[Any], Callable[[_Session, Any], Column]] = {
    Literal: lambda session, tree: Constant(tree.value),
    Number: lambda session, tree: Constant(tree.value),
    Variable: _Session.variable,
    Negate: _Session.negate,
    Binary: _Session.binary,
    Call: _Session.call,
    Path: _Session.path,
}
