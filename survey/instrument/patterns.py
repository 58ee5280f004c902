"""Regular expressions of constraints, bounded so that none can hang the service."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from survey.instrument.faults import EvaluationError

MAX_TEXT = 2_000
MAX_PATTERN = 1_000
# XML Schema and Java spellings that Python's re lacks.
SPELLINGS = {
    r"\p{L}": r"[^\W\d_]",
    r"\p{Lu}": r"[^\W\d_]",
    r"\p{Ll}": r"[^\W\d_]",
    r"\p{N}": r"\d",
    r"\h": r"[ \t]",
}
CLASS_SPELLINGS = {r"\p{L}": r"^\W\d_"}


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern matches the whole text; texts over 2,000 characters never match."""
    return len(text) <= MAX_TEXT and compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=2_000)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern ready for use; raises EvaluationError if it is broken or could run without end."""
    reason = danger(pattern)
    if reason:
        raise EvaluationError(f"regex: {reason} in {pattern!r}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(_python_spelling(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        raise EvaluationError(f"regex: {error} in {pattern!r}") from error


def _python_spelling(pattern: str) -> str:
    for theirs, ours in SPELLINGS.items():
        pattern = pattern.replace(theirs, ours)
    return pattern


def danger(pattern: str) -> str:
    """Why a pattern may take exponential time, or an empty text."""
    from survey.instrument.backtracking import explosive

    if len(pattern) > MAX_PATTERN:
        return f"the pattern is longer than {MAX_PATTERN} characters"
    return explosive(_python_spelling(pattern))
