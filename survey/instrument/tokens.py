"""XLSForm expressions cut into tokens (XPath 1.0, section 3.7, plus ${variable})."""

from __future__ import annotations

import re
from dataclasses import dataclass

from survey.instrument.faults import ExpressionError

NAME = r"[^\W\d][\w.\-]*"
PATTERN = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<number>\d+(?:\.\d*)?|\.\d+)
  | (?P<literal>"[^"]*"|'[^']*')
  | (?P<variable>\$\{{\s*(?:last-saved\#)?{NAME}(?:[:/]{NAME})*\s*\}})
  | (?P<name>{NAME}(?::{NAME})?)
  | (?P<symbol>\.\.|::|//|!=|<=|>=|[().,/|+\-=<>*@\[\]])
    """,
    re.VERBOSE,
)
OPERATOR_NAMES = frozenset({"and", "or", "div", "mod"})
# After these a name or a star is an operand, never an operator (XPath 1.0, section 3.7).
BEFORE_OPERAND = frozenset(
    {"(", "[", ",", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">=", "@", "::"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `kind` is number, literal, variable, name, operator, symbol or end."""

    kind: str
    text: str
    position: int


def tokenize(text: str) -> list[Token]:
    """Cut an expression into tokens, ending with one of kind `end`.

    Raises ExpressionError at the first character that begins no token.
    """
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = PATTERN.match(text, position)
        if match is None:
            raise _stray(text, position)
        if match.lastgroup != "space":
            tokens.append(_token(match, tokens[-1] if tokens else None))
        position = match.end()
    tokens.append(Token("end", "", len(text)))
    return tokens


def _token(match: re.Match[str], before: Token | None) -> Token:
    kind, text = match.lastgroup or "", match.group()
    if (text in OPERATOR_NAMES or text == "*") and _ends_operand(before):
        kind = "operator"
    if kind == "variable":
        text = text[2:-1].strip()
    if kind == "literal":
        text = text[1:-1]
    return Token(kind, text, match.start())


def _ends_operand(before: Token | None) -> bool:
    return (
        before is not None
        and before.kind != "operator"
        and not (before.kind == "symbol" and before.text in BEFORE_OPERAND)
    )


def _stray(text: str, position: int) -> ExpressionError:
    character = text[position]
    causes = {
        "$": ("'$' without a name in braces", "Write ${name}.", "Dấu '$' thiếu tên trong ngoặc"),
        "{": ("'{' without '$' before it", "Write ${name}.", "Dấu '{' thiếu '$' đứng trước"),
        "'": ("a quoted text is not closed", "Add the closing '.", "Chuỗi chưa đóng dấu nháy"),
        '"': ("a quoted text is not closed", 'Add the closing ".', "Chuỗi chưa đóng dấu nháy"),
        "‘": ("a curly quotation mark", "Use straight quotation marks: '.", "Dấu nháy cong"),
        "’": ("a curly quotation mark", "Use straight quotation marks: '.", "Dấu nháy cong"),
        "“": ("a curly quotation mark", 'Use straight quotation marks: ".', "Dấu nháy cong"),
        "”": ("a curly quotation mark", 'Use straight quotation marks: ".', "Dấu nháy cong"),
        "!": ("'!' stands alone", "Write != or not(…).", "Dấu '!' đứng một mình"),
    }
    unknown = (f"the character {character!r} has no meaning here", "Remove it.", f"Ký tự {character!r} thừa")
    cause, remedy, cause_vi = causes.get(character, unknown)
    return ExpressionError(text, position, cause, remedy, cause_vi)
