"""Choices as a respondent is offered them: filtered by earlier answers, labelled, shuffled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from survey.instrument.evaluator import compile_tree
from survey.instrument.expression import compile_expression
from survey.instrument.functions.nodes import seed_number
from survey.instrument.functions.shuffle import shuffle
from survey.instrument.grammar import Binary, Path, Tree
from survey.instrument.model import Choice, Instrument, Question, Texts
from survey.instrument.paths import item_value, matching
from survey.instrument.program import program_of
from survey.instrument.run import open_session
from survey.instrument.scope import Env, Scope
from survey.instrument.values import Value, string

Filter = Callable[[Env], tuple[Choice, ...]]


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


def place(
    instrument: Instrument,
    question: Any,
    answers: Mapping[str, Any],
    index: tuple[int, ...],
    now: datetime | None,
) -> Env:
    """The place of evaluation for a question, in an empty instance if it does not exist yet."""
    session = open_session(program_of(instrument), answers, now, False)
    positions = tuple(position + 1 for position in index)
    for env in session.places[question.level]:
        if env.positions == positions:
            return env
    return _empty_place(session.root, len(index))


def _empty_place(root: Env, depth: int) -> Env:
    from survey.instrument.scope import Row

    for _ in range(depth):
        root = root.inside(Row(), 1)
    return root


def _seed(instrument: Instrument, question: Question, env: Env) -> int | None:
    text = question.parameters.get("seed", "")
    if not text:
        return None
    return seed_number(compile_tree(compile_expression(text).tree, Scope(instrument, question)).run(env))


def offered(instrument: Instrument, question: Question, env: Env) -> tuple[Choice, ...]:
    """The choices that the filter lets through at this place."""
    filters: dict[str, Filter] = instrument.cache.setdefault("filters", {})
    found = filters.get(question.variable)
    if found is None:
        found = filters[question.variable] = choice_filter_of(instrument, question)
    return found(env)


def allowed_names(instrument: Instrument, question: Question, env: Env) -> Collection[str] | None:
    """The names that the filter lets through; None where the list is not at hand."""
    if not all_choices(instrument, question):
        return None
    if not question.choice_filter:
        return _by_name(instrument, question).keys()
    return {choice.name for choice in offered(instrument, question, env)}


def all_choices(instrument: Instrument, question: Question) -> tuple[Choice, ...]:
    """The whole list of a question: of the choices sheet, or of the attached file."""
    if question.choices or not question.file:
        return question.choices
    tables: dict[str, tuple[Choice, ...]] = instrument.cache.setdefault("file choices", {})
    key = question.variable
    if key not in tables:
        rows = instrument.tables.get(question.file, ())
        value, label = question.parameters.get("value", "name"), question.parameters.get("label", "label")
        tables[key] = tuple(
            Choice(row.get(value, ""), Texts({instrument.default_language: row.get(label, "")}), row)
            for row in rows
        )
    return tables[key]


def choice_filter_of(instrument: Instrument, question: Question) -> Filter:
    choices = all_choices(instrument, question)
    if not question.choice_filter:
        return lambda env: choices
    tree = compile_expression(question.choice_filter).tree
    scope = Scope(instrument, question)
    inner = replace(scope, in_item=True, outer=scope)
    equality = _equality(tree)
    if equality:
        column, wanted = equality[0], compile_tree(equality[1], replace(inner, in_item=False)).run
        index: dict[str, list[Choice]] = {}
        for choice in choices:
            index.setdefault(item_value(choice, column), []).append(choice)
        rest = compile_tree(equality[2], inner).run if equality[2] else None
        fast = _indexed({key: tuple(found) for key, found in index.items()}, wanted, rest)
    test = compile_tree(tree, inner).run
    if not equality:
        return lambda env: matching(choices, test, env)
    # A number equals texts that are written differently ("01"), so only texts can be looked up.
    return lambda env: fast(env) if isinstance(wanted(env), str) else matching(choices, test, env)


def _indexed(
    index: dict[str, tuple[Choice, ...]], wanted: Callable[[Env], Value], rest: Callable[[Env], Value] | None
) -> Filter:
    """A list of 50,000 choices is filtered by looking the wanted value up, not by trying each."""

    def run(env: Env) -> tuple[Choice, ...]:
        found = index.get(string(wanted(env)), ())
        return matching(found, rest, env) if rest else found

    return run


def _equality(tree: Tree) -> tuple[str, Tree, Tree | None] | None:
    """The column, the wanted value and the remaining condition of `column = value and …`."""
    if isinstance(tree, Binary) and tree.operator == "and":
        found = _equality(tree.left)
        if found:
            return found[0], found[1], Binary("and", found[2], tree.right) if found[2] else tree.right
        found = _equality(tree.right)
        return (
            (found[0], found[1], Binary("and", found[2], tree.left) if found[2] else tree.left)
            if found
            else None
        )
    if not isinstance(tree, Binary) or tree.operator != "=":
        return None
    for column, value in ((tree.left, tree.right), (tree.right, tree.left)):
        if _column(column) and not _mentions_item(value):
            return _column(column), value, None
    return None


def _column(tree: Tree) -> str:
    if (
        isinstance(tree, Path)
        and tree.start == "."
        and len(tree.steps) == 1
        and tree.steps[0].axis == "child"
    ):
        return tree.steps[0].name
    return ""


def _mentions_item(tree: Tree) -> bool:
    from survey.instrument.expression import walk_tree
    from survey.instrument.grammar import Variable

    return not isinstance(tree, Variable) and any(isinstance(node, Path) for node in walk_tree(tree))


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
    labels = _by_name(instrument, question)
    return "; ".join(labels[name].label(language) or name if name in labels else str(name) for name in names)


def _by_name(instrument: Instrument, question: Question) -> Mapping[str, Choice]:
    names: dict[str, Mapping[str, Choice]] = instrument.cache.setdefault("choices by name", {})
    if question.variable not in names:
        names[question.variable] = {choice.name: choice for choice in all_choices(instrument, question)}
    return names[question.variable]
