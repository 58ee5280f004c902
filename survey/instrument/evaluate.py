"""One expression for one set of answers, with or without an instrument, and the place where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from survey.instrument.evaluator import scope_at
from survey.instrument.expression import compile_expression
from survey.instrument.model import Instrument, Item
from survey.instrument.places import Env, Row, Run
from survey.instrument.program import program_of
from survey.instrument.run import open_session
from survey.instrument.values import Value, seen_plainly


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
    return scope_at(instrument, node).compile(compile_expression(expression).tree).run(env)


@lru_cache(maxsize=4096)
def _plain(expression: str) -> Run:
    return scope_at().compile(compile_expression(expression).tree).run


def _root(instrument: Instrument, answers: Mapping[str, Any], now: datetime | None) -> Env:
    return open_session(program_of(instrument), answers, now, False).root


def place(
    instrument: Instrument,
    node: Item,
    answers: Mapping[str, Any],
    index: tuple[int, ...],
    now: datetime | None,
) -> Env:
    """The place of evaluation for a node, in an empty instance if it does not exist yet."""
    session = open_session(program_of(instrument), answers, now, False)
    positions = tuple(position + 1 for position in index)
    for env in session.places[node.level]:
        if env.positions == positions:
            return env
    return _empty_place(session.root, len(index))


def _empty_place(root: Env, depth: int) -> Env:
    for _ in range(depth):
        root = root.inside(Row(), 1)
    return root
