"""Conditions of a questionnaire in words, for who writes no expressions."""

from collections.abc import Callable, Iterator
from textwrap import shorten

from survey.formats import number
from survey.instrument import ExpressionError, Instrument, Question, compile_expression
from survey.instrument.grammar import Binary, Call, Literal, Number, Path, Step, Tree, Variable
from survey.instrument.tokens import tokenize

LONGEST = 48
HERE = "câu trả lời"
"""What "." stands for in a constraint."""
OPENING, CLOSING = "([", ")]"
COMPARED = {
    "=": "{left} là {right}",
    "!=": "{left} không phải là {right}",
    ">": "{left} lớn hơn {right}",
    ">=": "{left} từ {right} trở lên",
    "<": "{left} nhỏ hơn {right}",
    "<=": "{left} không quá {right}",
}
JOINED = {"and": " và ", "or": " hoặc "}
EMPTY = {"=": "{left} chưa trả lời", "!=": "{left} đã trả lời"}


class _NoWords(Exception):
    """An expression that only its own text says well."""


def in_words(instrument: Instrument, expression: str, here: Question | None = None) -> str:
    """A condition as a phrase with labels in place of names and codes; "" where only its text says it.

    `here` is the question that "." stands for, in a constraint.
    """
    try:
        return _Words(instrument, here).of(compile_expression(expression).tree)
    except (ExpressionError, _NoWords):
        return ""


class _Words:
    def __init__(self, instrument: Instrument, here: Question | None) -> None:
        self.instrument, self.here = instrument, here

    def of(self, tree: Tree) -> str:
        match tree:
            case Binary("or", _, _) if words := self.one_of(tree):
                return words
            case Binary(operator, left, right) if operator in JOINED:
                return JOINED[operator].join(self.operand(side, operator) for side in (left, right))
            case Binary(operator, left, right) if operator in COMPARED:
                return self.comparison(operator, left, right)
            case Call(name, arguments) if name in CALLS:
                return CALLS[name](self, arguments)
        raise _NoWords

    def one_of(self, tree: Tree) -> str:
        """Several answers to one question, any of which will do: the question is named once; "" for else."""
        sides = list(_sides(tree, "or"))
        equal = [side for side in sides if isinstance(side, Binary) and side.operator == "="]
        is_one = len(equal) == len(sides) and len({self.value(side.left, None) for side in equal}) == 1
        if not is_one or any(side.right == Literal("") for side in equal):
            return ""
        about = self.question(equal[0].left)
        codes = (self.value(side.right, about) for side in equal)
        return f"{self.value(equal[0].left, None)} là {' hoặc '.join(codes)}"

    def operand(self, tree: Tree, operator: str) -> str:
        words = self.of(tree)
        is_other = isinstance(tree, Binary) and tree.operator in JOINED and tree.operator != operator
        return f"({words})" if is_other else words

    def comparison(self, operator: str, left: Tree, right: Tree) -> str:
        about = self.question(left) if isinstance(left, Variable | Path) else None
        if isinstance(right, Literal) and not right.value and operator in EMPTY:
            return EMPTY[operator].format(left=self.value(left, None))
        return COMPARED[operator].format(left=self.value(left, None), right=self.value(right, about))

    def value(self, tree: Tree, about: Question | None) -> str:
        """A side of a comparison; a code of the question on the other side is read as its label."""
        match tree:
            case Variable():
                return named(self.question(tree))
            case Path():
                self.question(tree)
                return HERE
            case Literal(code):
                choice = about.choice_by_name.get(code) if about else None
                return f"“{shorten(choice.label() if choice else code, LONGEST, placeholder='…')}”"
            case Number(amount):
                return number(amount, 0 if amount == int(amount) else 2)
            case Call("count-selected", (Variable() as asked,)):
                return f"số lựa chọn ở {named(self.question(asked))}"
        raise _NoWords

    def question(self, tree: Tree) -> Question:
        match tree:
            case Variable(name):
                found = self.instrument.questions.get(name) or next(
                    (asked for asked in self.instrument.questions.values() if asked.name == name), None
                )
            case Path(".", (Step("self", _, ()),)):
                found = self.here
            case _:
                found = None
        if found is None:
            raise _NoWords
        return found

    def selected(self, arguments: tuple[Tree, ...]) -> str:
        match arguments:
            case (Variable() | Path() as asked, Literal() as code):
                return f"{self.value(asked, None)} có chọn {self.value(code, self.question(asked))}"
        raise _NoWords

    def negation(self, arguments: tuple[Tree, ...]) -> str:
        match arguments:
            case (Call("selected", inner),):
                return self.selected(inner).replace(" có chọn ", " không chọn ", 1)
            case (inner,):
                return f"không phải ({self.of(inner)})"
        raise _NoWords


def _sides(tree: Tree, operator: str) -> Iterator[Tree]:
    """What an operator joins, through all its links."""
    if isinstance(tree, Binary) and tree.operator == operator:
        yield from _sides(tree.left, operator)
        yield from _sides(tree.right, operator)
    else:
        yield tree


def parts(expression: str) -> list[str]:
    """The conditions that must all hold, one by one as written; the expression itself where it is not such a list."""
    depth, cuts = 0, [0]
    try:
        tokens = tokenize(expression)
    except ExpressionError:
        return [expression]
    for token in tokens:
        depth += (token.text in OPENING and token.kind == "symbol") - (
            token.text in CLOSING and token.kind == "symbol"
        )
        if depth == 0 and token.kind == "operator" and token.text == "or":
            return [expression]
        if depth == 0 and token.kind == "operator" and token.text == "and":
            cuts += [token.position, token.position + len(token.text)]
    cuts.append(len(expression))
    return [_bare(expression[start:end]) for start, end in zip(cuts[::2], cuts[1::2], strict=True)]


def _bare(text: str) -> str:
    """Without blanks, and without a pair of parentheses around the whole."""
    text = text.strip()
    if text.startswith("(") and text.endswith(")") and "(" not in text[1:] and ")" not in text[:-1]:
        return text[1:-1].strip()
    return text


CALLS: dict[str, Callable[[_Words, tuple[Tree, ...]], str]] = {
    "selected": _Words.selected,
    "not": _Words.negation,
    "true": lambda _, __: "luôn luôn",
    "false": lambda _, __: "không bao giờ",
}


def named(question: Question) -> str:
    """A question as it is called in a phrase: its label, else its name."""
    label = " ".join(question.label().split())
    return f"“{shorten(label, LONGEST, placeholder='…')}”" if label else question.name
