"""Rules taken apart: the cases in which one fails, each a list of tests; tests written as expressions again."""

from collections.abc import Iterator
from itertools import product

from survey.errors import Fault
from survey.instrument import ExpressionError, compile_expression
from survey.instrument.expression import walk_tree
from survey.instrument.grammar import Binary, Call, Literal, Negate, Number, Tree, Variable
from survey.instrument.values import string

MOST_CASES = 400
COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")

Atom = tuple[Tree, bool]
"""A test, and whether it has to be true."""
Case = tuple[Atom, ...]
"""Tests that all come out so."""


class Untranslatable(Fault):
    """A rule that the search for smallest changes cannot read; the rule itself works."""

    title = "Quy tắc này chưa có đề xuất tự động"


def failing_cases(when: str, must: str) -> list[Case]:
    """The cases in which a rule fails: `when` holds and `must` does not. Raises `Untranslatable`."""
    tree = Binary("and", compile_expression(when).tree, Call("not", (compile_expression(must).tree,), 0))
    return [_tidy(case) for case in _cases(tree, True)]


def _tidy(case: Case) -> Case:
    return tuple(dict.fromkeys(case))


def _cases(tree: Tree, wanted: bool) -> list[Case]:
    """The disjunctive normal form of a tree that has to come out as `wanted`."""
    if isinstance(tree, Call) and tree.name == "not":
        return _cases(tree.arguments[0], not wanted)
    if isinstance(tree, Call) and tree.name in ("true", "false"):
        return [()] if (tree.name == "true") == wanted else []
    if isinstance(tree, Binary) and tree.operator in ("and", "or"):
        left, right = _cases(tree.left, wanted), _cases(tree.right, wanted)
        if (tree.operator == "or") == wanted:
            return _bounded([*left, *right])
        if len(left) * len(right) > MOST_CASES:
            raise _too_many()
        return [one + other for one, other in product(left, right)]
    return [((tree, wanted),)]


def _bounded(cases: list[Case]) -> list[Case]:
    if len(cases) > MOST_CASES:
        raise _too_many()
    return cases


def _too_many() -> Untranslatable:
    return Untranslatable("Quy tắc có quá nhiều trường hợp.", "Tách thành nhiều quy tắc ngắn hơn.")


def variables_of(tree: Tree) -> tuple[str, ...]:
    """The variables of a tree, each once, in their order."""
    return tuple(dict.fromkeys(node.name for node in walk_tree(tree) if isinstance(node, Variable)))


def literals_of(tree: Tree) -> Iterator[str | float]:
    """The texts and numbers written out in a tree."""
    for node in walk_tree(tree):
        if isinstance(node, Literal | Number):
            yield node.value


def written(tree: Tree) -> str:
    """The tree as an expression; raise `Untranslatable` for what needs a form, such as a path."""
    if isinstance(tree, Literal):
        quote = '"' if "'" in tree.value else "'"
        return f"{quote}{tree.value}{quote}"
    if isinstance(tree, Number):
        return string(tree.value)
    if isinstance(tree, Variable):
        return f"${{{tree.name}}}"
    if isinstance(tree, Negate):
        return f"-({written(tree.operand)})"
    if isinstance(tree, Call):
        return f"{tree.name}({', '.join(map(written, tree.arguments))})"
    if isinstance(tree, Binary):
        return f"({written(tree.left)}) {tree.operator} ({written(tree.right)})"
    raise Untranslatable("Quy tắc dùng đường dẫn.", "Viết bằng ${tên biến}.")


def numbers_in(expression: str) -> list[float]:
    """The numbers written out in an expression; none for one that cannot be read."""
    try:
        tree = compile_expression(expression).tree
    except ExpressionError:
        return []
    return [value for value in literals_of(tree) if isinstance(value, float)]
