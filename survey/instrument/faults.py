"""What can be wrong with a questionnaire, an expression, an answer or a submission."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Texts = dict[str, str]


def in_language(texts: Texts, language: str) -> str:
    """The text in that language, else in Vietnamese, else in whichever language there is."""
    return texts.get(language) or texts.get("vi") or next(iter(texts.values()), "")


@dataclass(frozen=True)
class Fault:
    """One fault of a questionnaire: where it stands, why it is one, what to do about it.

    `is_guess` marks a converter that stopped without saying why: any other fault explains more.
    """

    sheet: str
    row: int | None
    column: str
    cause: str
    remedy: str
    cause_vi: str = ""
    remedy_vi: str = ""
    is_guess: bool = False

    def place(self, language: str = "en") -> str:
        """Sheet, row and column as one phrase."""
        words = {"vi": ("trang", "dòng", "cột")}.get(language, ("sheet", "row", "column"))
        parts = zip(words, (self.sheet, self.row, self.column), strict=True)
        return ", ".join(f"{word} {value}" for word, value in parts if value not in ("", None))

    def message(self, language: str = "en") -> str:
        """The whole fault on one line; Vietnamese where a translation exists, else English."""
        cause, remedy = self.cause, self.remedy
        if language == "vi" and self.cause_vi:
            cause, remedy = self.cause_vi, self.remedy_vi
        place = self.place(language)
        return " ".join(part for part in (f"{place}:" if place else "", cause, remedy) if part)

    def __str__(self) -> str:
        return self.message()


class InstrumentErrors(Exception):
    """A questionnaire that cannot be used, with every fault found, and what else should be looked at."""

    def __init__(self, faults: tuple[Fault, ...], warnings: tuple[Fault, ...] = ()) -> None:
        super().__init__(faults)
        self.faults, self.warnings = faults, warnings

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))

    def message(self, language: str = "en") -> str:
        """One line per fault in that language."""
        return "\n".join(fault.message(language) for fault in self.faults)


class ExpressionError(Exception):
    """An expression that cannot be read: `position` counts characters from 0."""

    def __init__(
        self, text: str, position: int, cause: str, remedy: str, cause_vi: str = "", remedy_vi: str = ""
    ) -> None:
        super().__init__(text, position, cause, remedy)
        self.text, self.position, self.cause, self.remedy = text, position, cause, remedy
        self.cause_vi, self.remedy_vi = cause_vi, remedy_vi

    def __str__(self) -> str:
        return f"{self.cause} (character {self.position + 1} of {shorten(self.text)!r}). {self.remedy}"


class EvaluationError(Exception):
    """An expression that reads well but has no value for these answers."""


class BrokenSubmission(Exception):
    """A submission that is refused before its answers are looked at: what, where and the remedy, by language."""

    def __init__(self, what: Texts, where: Texts, remedy: Texts) -> None:
        super().__init__(what, where, remedy)
        self.what, self.where, self.remedy = what, where, remedy

    def place(self, language: str = "vi") -> str:
        """What is wrong and where, in that language; ends with a full stop."""
        return f"{in_language(self.what, language)} ({in_language(self.where, language)})."

    def message(self, language: str = "vi") -> str:
        """The same with what to do about it."""
        return f"{self.place(language)} {in_language(self.remedy, language)}"

    def __str__(self) -> str:
        return self.message("en")


class Unclear(ValueError):
    """An entry that may mean several things, or one that is not written as here: `readings` says which."""

    def __init__(self, *readings: Any) -> None:
        super().__init__(readings)
        self.readings = readings


class TypeFault(Exception):
    """An answer that does not have the form its question asks for."""

    def __init__(self, kind: str, texts: Texts) -> None:
        super().__init__(kind, texts)
        self.kind, self.texts = kind, texts

    def message(self, language: str = "vi") -> str:
        """What to do, in that language."""
        return in_language(self.texts, language)

    def __str__(self) -> str:
        return self.message("en")


@dataclass(frozen=True)
class AnswerFault:
    """One answer that cannot stand: `index` holds the 0-based repeat positions that lead to it."""

    variable: str
    index: tuple[int, ...]
    kind: str
    texts: Texts = field(default_factory=dict, compare=False)

    def message(self, language: str = "vi") -> str:
        """What to do, in that language."""
        return in_language(self.texts, language)


def shorten(text: str, width: int = 80) -> str:
    """The text cut to `width` characters, for messages."""
    return text if len(text) <= width else text[: width - 1] + "…"
