"""Expressions and answers made up by hypothesis, for comparing evaluators."""

from __future__ import annotations

from hypothesis import strategies as st

UNARY = [
    "not",
    "number",
    "string",
    "boolean",
    "int",
    "round",
    "abs",
    "string-length",
    "count-selected",
    "normalize-space",
    "decimal-date-time",
    "sqrt",
    "exp",
    "log",
    "sin",
]
BINARY = [
    "selected",
    "concat",
    "contains",
    "starts-with",
    "ends-with",
    "coalesce",
    "selected-at",
    "substr",
    "pow",
    "max",
    "min",
    "substring-before",
    "substring-after",
    "round",
]
OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod", "and", "or"]
CONSTANTS = ["0", "1", "2", "2.5", "'yes'", "''", "'5'", "true()", "'a'"]


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """An expression made of smaller ones."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(st.sampled_from(OPERATORS), pair).map(lambda it: f"({it[1][0]} {it[0]} {it[1][1]})"),
        st.tuples(st.sampled_from(UNARY), inner).map(lambda it: f"{it[0]}({it[1]})"),
        st.tuples(st.sampled_from(BINARY), pair).map(lambda it: f"{it[0]}({it[1][0]}, {it[1][1]})"),
        st.tuples(inner, pair).map(lambda it: f"if({it[0]}, {it[1][0]}, {it[1][1]})"),
        inner.map(lambda it: f"-({it})"),
    )


def expressions(names: list[str], *more: str, leaves: int = 6) -> st.SearchStrategy[str]:
    """Expressions over ${name} of these names, over constants, and over further given ones."""
    atoms = st.sampled_from([f"${{{name}}}" for name in names] * 2 + CONSTANTS + list(more))
    return st.recursive(atoms, larger, max_leaves=leaves)
