"""A questionnaire as blocks of print, in its order: headings, notes, questions, and lists of persons or things."""

from collections.abc import Iterable, Iterator
from typing import Any

from survey.authoring.paper_fields import field_of
from survey.authoring.paper_order import Order, is_asked
from survey.authoring.paper_text import GAP, Runs, plain_of, runs
from survey.authoring.paper_words import paper_words
from survey.instrument import Group, Question, Repeat, compile_expression
from survey.instrument.grammar import Number, Path, Tree, Variable
from survey.instrument.model import Item, Node, Texts, walk
from survey.instrument.scope import node_of
from survey.instrument.wording import dependencies, value_in_words

Block = dict[str, Any]
ROSTER_COLUMNS = 6
ROSTER_ROWS = 12
"""Questions of a repeat that still fit a table; one with more is printed item by item."""
COPIES = 3
MOST_ITEMS = 20
MOST_PRINTED = 400
CELL_CHOICES = 6
CELL_CODE = 9
IN_A_CELL = frozenset(
    {"select_one", "select_multiple", "integer", "decimal", "range", "text", "date", "time", "barcode"}
)
DEEPEST = 5


def blocks_of(order: Order, items: Iterable[Node] | None = None, depth: int = 2) -> Iterator[Block]:
    """What is printed, one block after the other; headings start at the second level, below the title."""
    for item in order.instrument.items if items is None else items:
        if isinstance(item, Repeat):
            yield from _repeat(order, item, depth)
        elif isinstance(item, Group):
            yield from _group(order, item, depth)
        elif item.type == "note":
            yield {"kind": "note", "text": _runs(order, item, item.label), "skip": order.skip(item)}
        elif is_asked(item):
            yield _question(order, item)


def _group(order: Order, group: Group, depth: int) -> Iterator[Block]:
    inner = list(blocks_of(order, group.children, depth + bool(group.label)))
    if inner and (group.label or order.skip(group)):
        yield _heading(order, group, depth)
    yield from inner


def _heading(order: Order, item: Item, depth: int) -> Block:
    text = _runs(order, item, item.label)
    return {"kind": "heading", "level": min(depth, DEEPEST), "text": text, "skip": order.skip(item)}  # type: ignore[arg-type]


def _question(order: Order, question: Question) -> Block:
    """One question; what a person is told about wrong answers is printed only where several are ticked."""
    rule = question.constraint_message if question.type == "select_multiple" else Texts()
    return {
        "kind": "question",
        "number": order.numbers[question.variable],
        "text": _runs(order, question, question.label) or runs(question.name),
        "hint": _runs(order, question, question.hint),
        "guidance": _runs(order, question, question.guidance),
        "rule": _runs(order, question, rule),
        "skip": order.skip(question),
        "stop": order.stop(question),
        "field": field_of(order, question),
    }


def _runs(order: Order, item: Item, texts: Texts) -> Runs:
    """A text in the form's language; in place of an answer it quotes, the number of its question."""

    def quote(name: str) -> str:
        node = node_of(order.instrument, name)
        return f"[{order.name(node)}]" if node is not None and node.variable in order.numbers else GAP

    return runs(texts(order.language), quote)


def _repeat(order: Order, repeat: Repeat, depth: int) -> Iterator[Block]:
    """A table with a column an item where its questions are few and short, else a part an item."""
    inner = list(blocks_of(order, repeat.children, depth + 1))
    if not inner:
        return
    yield _heading(order, repeat, depth) | {"text": _runs(order, repeat, repeat.label) or runs(repeat.name)}
    count = _count(order, repeat)
    fits = all(_fits(node) for node in walk(repeat.children))
    if fits and sum(block["kind"] == "question" for block in inner) <= ROSTER_ROWS:
        yield _roster(order, repeat, inner, count)
    else:
        # Lists within lists would multiply, and long ones would fill a book.
        times = 1 if repeat.level else max(1, min(count or COPIES, MOST_PRINTED // len(inner)))
        yield {
            "kind": "copies",
            "says": _says(order, repeat, "copies", times),
            "times": times,
            "blocks": inner,
        }


def _fits(node: Node) -> bool:
    if isinstance(node, Question):
        return not is_asked(node) or (node.type in IN_A_CELL and "multiline" not in node.appearance)
    return isinstance(node, Group)


def _count(order: Order, repeat: Repeat) -> int:
    """How many items there are, where the form says so by a number; 0 where answers decide."""
    tree = _count_tree(order, repeat)
    return min(int(tree.value), MOST_ITEMS) if isinstance(tree, Number) and tree.value >= 1 else 0


def _count_tree(order: Order, repeat: Repeat) -> Tree | None:
    """The number of items as an expression; the converter makes a calculation of any that is not a question."""
    if not repeat.count:
        return None
    tree = compile_expression(repeat.count).tree
    sources = dependencies(order.instrument, repeat, tree)
    if isinstance(tree, Variable | Path) and len(sources) == 1 and isinstance(sources[0], Question):
        calculation = sources[0].calculation
        return compile_expression(calculation).tree if calculation else tree
    return tree


def _says(order: Order, repeat: Repeat, key: str, count: int) -> str:
    """How to fill the items, and how many there are where the form says so."""
    words = paper_words(order.language)
    said = words[key].format(count=count)
    tree = _count_tree(order, repeat)
    if tree is None:
        return said
    number = value_in_words(order.instrument, repeat, tree, order.language, order.name)
    return f"{words['exactly'].format(count=number)} {said}"


def _roster(order: Order, repeat: Repeat, inner: list[Block], count: int) -> Block:
    rows = [_row(order, block) for block in inner]
    columns = min(count or ROSTER_COLUMNS, ROSTER_COLUMNS)
    sheets = -(-(count or columns) // columns)
    return {
        "kind": "roster",
        "says": _says(order, repeat, "roster", columns * sheets),
        "columns": columns,
        "sheets": sheets,
        "rows": rows,
    }


def _row(order: Order, block: Block) -> Block:
    """A row of the table: codes to tick in each cell where they are few and short, else to write."""
    if block["kind"] != "question":
        return block | {"cell": None}
    field = block["field"]
    items = field.get("items", [])
    short = len(items) <= CELL_CHOICES and all(len(item["code"]) <= CELL_CODE for item in items)
    cell = {"shape": field["shape"], "codes": [item["code"] for item in items]} if items and short else None
    legend = [f"{item['code']} = {plain_of(item['label'])}" for item in items]
    return block | {"cell": cell, "legend": legend}
