"""Conditions of a questionnaire in words, for who writes no expressions."""

from textwrap import shorten

from survey.instrument import ExpressionError, Instrument, Question, compile_expression, wording
from survey.instrument.model import Node
from survey.instrument.tokens import tokenize

LONGEST = 48
OPENING, CLOSING = "([", ")]"
LANGUAGE = "vi"


def in_words(instrument: Instrument, expression: str, here: Question | None = None) -> str:
    """A condition as a phrase with labels in place of names and codes; "" where only its text says it.

    `here` is the question that "." stands for, in a constraint.
    """
    try:
        tree = compile_expression(expression).tree
    except ExpressionError:
        return ""
    node = here or next(iter(instrument.nodes.values()))
    told = wording.in_words(instrument, [(node, tree)], LANGUAGE, named)
    return told.text if told.is_exact else ""


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


def named(node: Node) -> str:
    """A question or group as it is called in a phrase: its label, else its name."""
    label = " ".join(node.label().split())
    return f"“{shorten(label, LONGEST, placeholder='…')}”" if label else node.name
