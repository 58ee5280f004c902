"""Regular expressions of constraints, run so that none can hang the service."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache

from survey.instrument.automaton import Unsupported, automaton, is_tame
from survey.instrument.faults import EvaluationError

MAX_TEXT = 2_000
MAX_PATTERN = 1_000
# Java's spellings that Python lacks.
SPELLINGS = {
    r"\p{L}": r"[^\W\d_]",
    r"\p{Lu}": r"[^\W\d_]",
    r"\p{Ll}": r"[^\W\d_]",
    r"\p{N}": r"\d",
    r"\h": r"[ \t]",
}


def matches(text: str, pattern: str) -> bool:
    """Whether the pattern matches the whole text; texts over 2,000 characters never match."""
    return len(text) <= MAX_TEXT and bool(compiled(pattern)(text))


@lru_cache(maxsize=2_000)
def compiled(pattern: str) -> Callable[[str], object]:
    """The pattern as a test of whole texts: Python's engine if it is tame, else one in linear time.

    Raises EvaluationError if the pattern is broken, or neither tame nor possible in linear time.
    """
    if len(pattern) > MAX_PATTERN:
        raise EvaluationError(f"regex: the pattern is longer than {MAX_PATTERN} characters")
    ours = pattern
    for theirs, spelling in SPELLINGS.items():
        ours = ours.replace(theirs, spelling)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(ours).fullmatch if is_tame(ours) else automaton(ours).fullmatch
    except Unsupported as error:
        raise EvaluationError(f"regex: {error}, which could take without end, in {pattern!r}") from error
    except (re.error, RecursionError, OverflowError) as error:
        raise EvaluationError(f"regex: {error} in {pattern!r}") from error
