"""Items of choice lists and attached tables: read, filtered, and found without trying each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from survey.instrument.expression import walk_tree
from survey.instrument.grammar import Binary, Path, Tree, Variable
from survey.instrument.languages import code_of
from survey.instrument.model import Choice, Instrument, Question, Texts
from survey.instrument.operators import ALLOWANCE
from survey.instrument.places import Env
from survey.instrument.scope import Scope
from survey.instrument.tables import columns_of
from survey.instrument.values import Value, boolean, number_of_text

Items: TypeAlias = tuple[Any, ...]
Filter: TypeAlias = Callable[[Env], Items]
Index: TypeAlias = dict[str | float, list[Any]]
# The columns that select_one_from_file reads when its parameters name none.
FILE_COLUMNS = {".geojson": ("id", "title")}


def item_value(item: Any, column: str) -> str:
    """One column of a choice or of a table's row, as text; absent is empty."""
    if isinstance(item, Choice):
        if column in item.filters:
            return item.filters[column]
        if column == "name":
            return item.name
        return item.label() if column in ("label", "itextId") else ""
    return str(item.get(column, "")) if item is not None else ""


def items_of(instrument: Instrument | None, name: str) -> Items | None:
    """The items of a choice list or an attached table; None if neither is at hand."""
    if instrument is None:
        return None
    return instrument.lists.get(name) or instrument.tables.get(name)


def all_choices(instrument: Instrument, question: Question) -> tuple[Choice, ...]:
    """The whole list of a question: of the choices sheet, or of the attached file."""
    if question.choices or not question.file:
        return question.choices
    files: dict[tuple[str, ...], tuple[Choice, ...]] = instrument.cache.setdefault("file choices", {})
    key = (question.file, *file_columns(question))
    if key not in files:
        files[key] = tuple(_file_choices(instrument, question))
    return files[key]


def _file_choices(instrument: Instrument, question: Question) -> list[Choice]:
    value, _ = file_columns(question)
    labels = label_columns(instrument, question).items()
    default = instrument.default_language
    return [
        Choice(row[value], Texts({code: row.get(column, "") for code, column in labels}, default), row)
        for row in instrument.tables.get(question.file, ())
        if row.get(value)
    ]


def file_columns(question: Question) -> tuple[str, str]:
    """The columns of the attached file that hold the names and the labels of the choices."""
    usual = FILE_COLUMNS.get(question.file[question.file.rfind(".") :], ("name", "label"))
    return question.parameters.get("value", usual[0]), question.parameters.get("label", usual[1])


def label_columns(instrument: Instrument, question: Question) -> dict[str, str]:
    """Which column of the attached file holds the labels of which language.

    `label` is of the default language, `label::English (en)` of the language that it names, as on the choices sheet.
    """
    _, label = file_columns(question)
    found: dict[str, str] = {}
    for column in columns_of(instrument.tables.get(question.file, ())):
        name, marked, language = column.partition("::")
        if name.strip() == label:
            found[code_of(language) if marked else instrument.default_language] = column
    return found


def choice_by_name(instrument: Instrument, question: Question) -> Mapping[str, Choice]:
    """The choices of a question, from the sheet or the attached file, by their stored names."""
    names: dict[str, Mapping[str, Choice]] = instrument.cache.setdefault("choices by name", {})
    if question.variable not in names:
        names[question.variable] = {choice.name: choice for choice in all_choices(instrument, question)}
    return names[question.variable]


def matching(items: Items, test: Callable[[Env], Value], env: Env) -> Items:
    """The items for which the predicate holds in this place of the form."""
    here = Env(env.rows, env.positions, env.now)
    here.current, here.origin, here.size = env.current, env.origin or env, len(items)
    kept = []
    for place, item in enumerate(items, start=1):
        here.item, here.place = item, place
        value = test(here)
        if place == value if isinstance(value, float) else boolean(value):
            kept.append(item)
    return tuple(kept)


def finder(items: Items, tree: Tree, inner: Scope) -> Filter:
    """What keeps the items for which the condition holds; `column = value` is looked up, not tried.

    `inner` is the scope of the condition, inside an item.  The index is made when first needed, so a
    list of 50,000 choices costs one pass in the life of the form and not one per request.
    """
    test = inner.compile(tree).run
    equality = _equality(tree)
    if equality is None:
        return lambda env: matching(items, test, env)
    column, value, more = equality
    wanted = replace(inner, in_item=False).compile(value).run
    rest = inner.compile(more).run if more else None
    index: Index | None = None

    def run(env: Env) -> Items:
        nonlocal index
        key = _key(wanted(env))
        if key is None:
            return matching(items, test, env)
        if index is None:
            index = _index(items, column)
        found = tuple(index.get(key, ()))
        return matching(found, rest, env) if rest else found

    return run


def _key(wanted: Value) -> str | float | None:
    """What to look up; None where equality is not that of texts or of whole numbers."""
    if isinstance(wanted, str):
        return wanted
    return wanted if isinstance(wanted, float) and wanted.is_integer() else None


def _index(items: Items, column: str) -> Index:
    """Each item under its text and, since "01" equals 1, under its whole number."""
    index: Index = {}
    for item in items:
        text = item_value(item, column)
        index.setdefault(text, []).append(item)
        value = number_of_text(text)
        if value == value and abs(value - round(value)) < ALLOWANCE:
            index.setdefault(float(round(value)), []).append(item)
    return index


def _equality(tree: Tree) -> tuple[str, Tree, Tree | None] | None:
    """The column, the wanted value and the remaining condition of `column = value and …`."""
    if not isinstance(tree, Binary):
        return None
    if tree.operator == "and":
        return _one_of_two(tree.left, tree.right) or _one_of_two(tree.right, tree.left)
    if tree.operator != "=":
        return None
    for column, value in ((tree.left, tree.right), (tree.right, tree.left)):
        if _column(column) and not _mentions_item(value) and not _may_be_number(value):
            return _column(column), value, None
    return None


def _one_of_two(tree: Tree, other: Tree) -> tuple[str, Tree, Tree | None] | None:
    found = _equality(tree)
    if found is None or _may_be_number(other):
        return None
    column, value, more = found
    return column, value, Binary("and", more, other) if more else other


def _may_be_number(tree: Tree) -> bool:
    """Whether a condition could ask for a position, which the lookup would change."""
    return any(
        getattr(node, "name", "") in ("position", "last") or (isinstance(node, Path) and node.predicates)
        for node in walk_tree(tree)
    )


def _column(tree: Tree) -> str:
    if isinstance(tree, Path) and tree.start == "." and len(tree.steps) == 1:
        return tree.steps[0].name if tree.steps[0].axis == "child" else ""
    return ""


def _mentions_item(tree: Tree) -> bool:
    """Whether a value depends on the item itself, so that it differs from item to item."""
    return not isinstance(tree, Variable) and any(
        isinstance(node, Path) and node.start == "." for node in walk_tree(tree)
    )
