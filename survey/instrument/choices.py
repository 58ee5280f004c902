"""Choices as a respondent is offered them: filtered by earlier answers, labelled, shuffled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from survey.instrument.evaluate import place
from survey.instrument.evaluator import scope_at
from survey.instrument.expression import compile_expression
from survey.instrument.faults import ExpressionError
from survey.instrument.functions.shuffle import seed_number, shuffle
from survey.instrument.grammar import Tree, Variable
from survey.instrument.lookups import Filter, all_choices, choice_by_name, finder
from survey.instrument.model import Choice, Instrument, Question, Texts
from survey.instrument.places import Env
from survey.instrument.readers import reader
from survey.instrument.scope import resolve
from survey.instrument.values import string, texts


def choices_for(
    instrument: Instrument,
    variable: str,
    answers: Mapping[str, Any],
    index: tuple[int, ...] = (),
    *,
    now: datetime | None = None,
) -> tuple[Choice, ...]:
    """The choices offered for a question, its choice_filter applied, randomized where it asks for that.

    `index` holds the 0-based repeat positions.  Raises KeyError for a variable that is no question.
    """
    question = instrument.questions[variable]
    env = place(instrument, question, answers, index, now)
    found = offered(instrument, question, env)
    if question.parameters.get("randomize") == "true":
        return tuple(shuffle(list(found), _seed(instrument, question, env)))
    return found


def _seed(instrument: Instrument, question: Question, env: Env) -> int | None:
    text = question.parameters.get("seed", "")
    if not text:
        return None
    return seed_number(scope_at(instrument, question).compile(compile_expression(text).tree).run(env))


def offered(instrument: Instrument, question: Question, env: Env) -> tuple[Choice, ...]:
    """The choices that the filter lets through at this place."""
    return choice_filter_of(instrument, question)(env)


def allowed_names(instrument: Instrument, question: Question, env: Env) -> Collection[str] | None:
    """The names that the filter lets through; None where the list is not at hand."""
    if not question.choice_filter and all_choices(instrument, question):
        return choice_by_name(instrument, question).keys()
    if not all_choices(instrument, question) and not is_from_repeat(question):
        return None
    return {choice.name for choice in offered(instrument, question, env)}


def is_from_repeat(question: Question) -> bool:
    """Whether the choices are answers given in a repeat (`select_one ${name}`)."""
    return question.list_name.startswith("${")


def choice_filter_of(instrument: Instrument, question: Question) -> Filter:
    """What gives the choices offered at a place; raises ExpressionError for a filter that cannot run."""
    filters: dict[str, Filter] = instrument.cache.setdefault("filters", {})
    found = filters.get(question.variable)
    if found is None:
        found = filters[question.variable] = _compile_filter(instrument, question)
    return found


def _compile_filter(instrument: Instrument, question: Question) -> Filter:
    scope = scope_at(instrument, question)
    tree = compile_expression(question.choice_filter).tree if question.choice_filter else None
    if is_from_repeat(question):
        return _answers_given(instrument, question, tree)
    choices = all_choices(instrument, question)
    if tree is None:
        return lambda env: choices
    return finder(choices, tree, replace(scope, in_item=True, outer=scope))


def _answers_given(instrument: Instrument, question: Question, tree: Tree | None) -> Filter:
    """The answers to a question of a repeat, empty ones left out, each as name and label at once."""
    name = question.list_name
    asked = compile_expression(name).tree
    scope = scope_at(instrument, question)
    node = resolve(scope, asked) if isinstance(asked, Variable) else None
    if node is None or not node.level:
        cause, remedy = f"{name} is not asked in a repeat", "Name a question inside a repeat."
        raise ExpressionError(
            name, 0, cause, remedy, f"{name} không nằm trong khối lặp", "Ghi tên câu hỏi trong khối lặp."
        )
    tests = [compile_expression(f"{name} != ''").tree, *([tree] if tree else [])]
    read = reader(scope, node, {node.level: tests})
    language = instrument.default_language
    return lambda env: tuple(Choice(text, Texts({language: text})) for text in texts(read(env)) if text)


def answer_label(instrument: Instrument, variable: str, value: Any, language: str | None = None) -> str:
    """An answer as people read it: labels for choices, separated by "; ", anything else as text."""
    question = instrument.questions[variable]
    if value is None:
        return ""
    if question.type not in ("select_one", "select_multiple", "rank"):
        return (
            string(float(value))
            if isinstance(value, int | float) and not isinstance(value, bool)
            else str(value)
        )
    names = (
        value if isinstance(value, list) else str(value).split() if question.type != "select_one" else [value]
    )
    labels = choice_by_name(instrument, question)
    return "; ".join(labels[name].label(language) or name if name in labels else str(name) for name in names)
