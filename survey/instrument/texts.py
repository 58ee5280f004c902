"""Labels and messages with the answers they quote, such as "How old is ${name}?"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from survey.instrument.evaluate import place
from survey.instrument.evaluator import scope_at
from survey.instrument.expression import compile_expression
from survey.instrument.faults import EvaluationError, ExpressionError
from survey.instrument.model import Instrument, Item, Question
from survey.instrument.places import Env
from survey.instrument.scope import node_of
from survey.instrument.values import string

QUOTED = re.compile(r"\$\{\s*([^}]+?)\s*\}")


def filled(
    instrument: Instrument,
    node: Item,
    text: str,
    answers: Mapping[str, Any],
    language: str | None = None,
    index: tuple[int, ...] = (),
    *,
    now: datetime | None = None,
) -> str:
    """The text with each ${name} replaced by its answer; a choice shows its label in that language."""
    if "${" not in text:
        return text
    env = place(instrument, node, answers, index, now)
    return QUOTED.sub(lambda match: _quoted(instrument, node, match.group(1), env, language), text)


def _quoted(instrument: Instrument, node: Item, name: str, env: Env, language: str | None) -> str:
    try:
        tree = compile_expression(f"${{{name}}}").tree
        value = string(scope_at(instrument, node).compile(tree).run(env))  # type: ignore[arg-type]
    except (ExpressionError, EvaluationError):
        return ""
    quoted = node_of(instrument, name)
    if isinstance(quoted, Question) and quoted.choice_by_name:
        choices = (quoted.choice_by_name.get(part) for part in value.split())
        return ", ".join(choice.label(language) for choice in choices if choice) or value
    return value
