"""One expression for one set of answers, with or without an instrument."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from survey.instrument.choices import place
from survey.instrument.evaluator import Run, compile_tree
from survey.instrument.expression import compile_expression
from survey.instrument.model import Instrument
from survey.instrument.scope import Env, Row, Scope
from survey.instrument.values import Nodes, Value


def evaluate(
    expression: str,
    answers: Mapping[str, Any],
    *,
    instrument: Instrument | None = None,
    variable: str = "",
    index: tuple[int, ...] = (),
    now: datetime | None = None,
) -> Value:
    """The value of an expression: a text, float, bool, date, time, or Nodes of several.

    Without an instrument, ${name} is `answers[name]` by its Python type, missing is the empty text,
    and a list is several nodes if it holds dicts' values, a select_multiple if it holds names.
    With one, the expression stands at `variable` (its `.`), in the repeat instance `index` from 0.
    Raises ExpressionError, or EvaluationError where there is no value.
    """
    if instrument is None:
        env = Env((Row(),), (), now or datetime.now().astimezone())
        env.rows[0].update({key: seen_plainly(value) for key, value in answers.items()})
        return _plain(expression)(env)
    node = instrument.nodes[variable] if variable else None
    env = place(instrument, node, answers, index, now) if node else _root(instrument, answers, now)
    env.current = env.rows[-1].get(variable, "")
    return compile_tree(compile_expression(expression).tree, Scope(instrument, node)).run(env)


@lru_cache(maxsize=4096)
def _plain(expression: str) -> Run:
    return compile_tree(compile_expression(expression).tree, Scope()).run


def _root(instrument: Instrument, answers: Mapping[str, Any], now: datetime | None) -> Env:
    from survey.instrument.program import program_of
    from survey.instrument.run import open_session

    return open_session(program_of(instrument), answers, now, False).root


def seen_plainly(value: Any) -> Value:
    """What expressions see of a Python value that belongs to no question."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool | str | float | date | time):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, list | tuple):
        if all(isinstance(item, str) for item in value):
            return " ".join(value)
        return Nodes(seen_plainly(item) for item in value)
    return str(value)
