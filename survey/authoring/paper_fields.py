"""Where an answer is written on paper: circles, squares, boxes and lines, by the question's type."""

import re
from collections.abc import Callable
from typing import Any

from survey.authoring.paper_order import Order
from survey.authoring.paper_text import Runs, plain_of, runs
from survey.authoring.paper_words import paper_words
from survey.instrument import Question
from survey.instrument.choices import is_from_repeat
from survey.instrument.codebook import answer_bounds
from survey.instrument.grammar import Binary, Call, Number, Path, Tree
from survey.instrument.lookups import all_choices
from survey.instrument.messages import Bounds, bounds
from survey.instrument.phrases import phrases
from survey.instrument.wording import conjuncts, dependencies, said_number

Field = dict[str, Any]
LONGEST_LIST = 40
"""Choices of a longer list are written in, by its code."""
WIDTH = 96
"""Characters of a line of choices, marks and codes included."""
MARK = 7
COLUMNS = ((3, 31), (2, 50))
"""How many choices stand side by side while none is longer than so many characters."""
LONG_LIST, LONGEST_IN_TWO = 8, 80
"""A longer list takes two columns even where a choice then needs two lines: it fits on the page of its question."""
USUAL_DIGITS = 8
MOST_BOXES = 32
DECIMALS = 2
LINES = 1
MANY_LINES = 4
LENGTH = re.compile(r"^\^?\[[^\]]+\]\{(\d+)\}\$?$")


def field_of(order: Order, question: Question) -> Field:
    """The place for the answer to a question, for the layout to draw."""
    return FIELDS.get(question.type, _text)(order, question)


def items_of(order: Order, question: Question) -> list[dict[str, Any]]:
    """The choices of a question with their codes, in the form's order."""
    language = order.language
    return [
        {"code": choice.name, "label": runs(choice.label(language) or choice.name)}
        for choice in all_choices(order.instrument, question)
    ]


def _choices(shape: str) -> Callable[[Order, Question], Field]:
    def field(order: Order, question: Question) -> Field:
        choices = all_choices(order.instrument, question)
        if is_from_repeat(question) or not choices:
            return _from_elsewhere(order, question)
        if len(choices) > LONGEST_LIST:
            name = question.list_name or question.file
            says = paper_words(order.language)["written"].format(list=name)
            boxes = min(max(len(choice.name) for choice in choices), MOST_BOXES)
            return {"kind": "written", "says": says, "boxes": boxes}
        items = items_of(order, question)
        return {"kind": "choices", "shape": shape, "columns": _columns(items), "items": items}

    return field


def _columns(items: list[dict[str, Any]]) -> int:
    """How many choices stand side by side; 0 for all of them in one line."""
    lengths = [len(plain_of(item["label"])) + len(item["code"]) + MARK for item in items]
    if sum(lengths) <= WIDTH:
        return 0
    fitting = (columns for columns, longest in COLUMNS if max(lengths) <= longest and len(items) > columns)
    wrapped = 2 if len(items) > LONG_LIST and max(lengths) <= LONGEST_IN_TWO else 1
    return next(fitting, wrapped)


def _from_elsewhere(order: Order, question: Question) -> Field:
    """A list that is not on paper: answers of a repeat, or a file that is not at hand."""
    words = paper_words(order.language)
    if not is_from_repeat(question):
        return {"kind": "written", "says": words["written"].format(list=question.list_name), "boxes": 0}
    node = order.instrument.questions.get(question.list_name[2:-1].strip())
    source = order.name(node) if node else question.list_name
    return {"kind": "written", "says": words["from_repeat"].format(source=source), "boxes": 0}


def _number(order: Order, question: Question) -> Field:
    low, high = scale_of(question) if question.type == "range" else answer_bounds(question)
    is_whole = question.type == "integer" or (question.type == "range" and "." not in _step(question))
    decimals = 0 if is_whole else DECIMALS
    digits = len(str(int(abs(high)))) if high is not None else _digits_of_other(order, question)
    sign = 1 if low is not None and low < 0 else 0
    mark = phrases(order.language)["decimal mark"]
    groups = [min(digits + sign, MOST_BOXES), *([decimals] if decimals else [])]
    return {"kind": "boxes", "groups": groups, "marks": [mark], "caption": _range(order, low, high)}


def _step(question: Question) -> str:
    return question.parameters.get("step", "1")


def scale_of(question: Question) -> Bounds:
    """The ends of a range question's scale; XLSForm's are 1 and 10."""
    try:
        return float(question.parameters.get("start", 1)), float(question.parameters.get("end", 10))
    except ValueError:
        return answer_bounds(question)


def _digits_of_other(order: Order, question: Question) -> int:
    """As many digits as the answer that bounds this one, as in `. <= ${household_size}`."""
    for tree in conjuncts(question.constraint) if question.constraint else ():
        if isinstance(tree, Binary) and tree.operator in ("<=", "<") and bounds(tree) is None:
            for node in dependencies(order.instrument, question, tree.right):
                if isinstance(node, Question) and answer_bounds(node)[1] is not None:
                    return len(str(int(answer_bounds(node)[1] or 0)))
    return USUAL_DIGITS


def _range(order: Order, low: float | None, high: float | None) -> str:
    words = paper_words(order.language)
    given = {name: end for name, end in (("low", low), ("high", high)) if end is not None}
    ends = {name: said_number(end, phrases(order.language)) for name, end in given.items()}
    key = {("low", "high"): "between", ("low",): "from", ("high",): "to"}.get(tuple(ends))
    return words[key].format(**ends) if key else ""


def _boxes(caption: str, *groups: int, marks: tuple[str, ...] = ("/",)) -> Callable[[Order, Question], Field]:
    def field(order: Order, question: Question) -> Field:
        says = paper_words(order.language)[caption]
        return {"kind": "boxes", "groups": groups, "marks": marks, "caption": says}

    return field


def _text(order: Order, question: Question) -> Field:
    length = fixed_length(question)
    if length:
        return {"kind": "boxes", "groups": [length], "marks": [], "caption": ""}
    return {"kind": "lines", "count": MANY_LINES if "multiline" in question.appearance else LINES, "says": ""}


def fixed_length(question: Question) -> int:
    """How many characters a text has where its constraint asks for a number of them; 0 where it does not."""
    found = [_length_asked(tree) for tree in conjuncts(question.constraint)] if question.constraint else []
    return next((length for length in found if 0 < length <= MOST_BOXES), 0)


def _length_asked(tree: Tree) -> int:
    match tree:
        case Binary("=", Call("string-length", (Path(".", _, _, _),), _), Number(length)):
            return int(length)
        case Call("regex", (Path(".", _, _, _), pattern), _):
            found = LENGTH.match(getattr(pattern, "value", ""))
            return int(found.group(1)) if found else 0
    return 0


def _place(order: Order, question: Question) -> Field:
    words = paper_words(order.language)
    return {"kind": "blanks", "captions": [words["place_first"], words["place_second"]]}


def _lines(key: str, count: int) -> Callable[[Order, Question], Field]:
    return lambda order, question: {
        "kind": "lines",
        "count": count,
        "says": paper_words(order.language)[key],
    }


def _acknowledge(order: Order, question: Question) -> Field:
    label: Runs = runs(paper_words(order.language)["read"])
    return {"kind": "choices", "shape": "square", "columns": 0, "items": [{"code": "OK", "label": label}]}


FIELDS: dict[str, Callable[[Order, Question], Field]] = {
    "select_one": _choices("circle"),
    "select_multiple": _choices("square"),
    "rank": _choices("order"),
    "integer": _number,
    "decimal": _number,
    "range": _number,
    "date": _boxes("day_format", 2, 2, 4),
    "time": _boxes("hours", 2, 2, marks=(":",)),
    "dateTime": _boxes("moment", 2, 2, 4, 2, 2, marks=("/", "/", " ", ":")),
    "geopoint": _place,
    "geotrace": _lines("places", 3),
    "geoshape": _lines("places", 4),
    "acknowledge": _acknowledge,
    **dict.fromkeys(("image", "audio", "video", "file"), _lines("device", 1)),
}
