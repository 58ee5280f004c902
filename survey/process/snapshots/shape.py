"""What a snapshot's tables look like: levels, columns and types that hold every version's answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import pyarrow as pa

from survey.errors import Fault
from survey.instrument import Instrument, Question
from survey.instrument.scope import levels_of
from survey.instrument.types import MEDIA_TYPES
from survey.process.snapshots.coarsening import PLACES, leads_to_a_person

KEY = "response_key"
VERSION = "form_version"
CASE = "case_id"
INSTANCE = "instance"
CASES = "cases"
ROOT = "root"
PARADATA = {CASE: "Int64", "mode": "str", "assisted": "str", VERSION: "string"}
NUMBERS = {"integer": "Int64", "range": "Float64", "decimal": "Float64"}
SILENT = frozenset({"note"})
"""Types that hold no data."""

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Level:
    """One table of answers: `repeats` leads to it from the response, outermost first (none: the response itself).

    `kinds` gives, for each variable, one XLSForm type that holds its values in every version.
    """

    name: str
    repeats: tuple[str, ...]
    kinds: Mapping[str, str]

    @property
    def keys(self) -> dict[str, str]:
        """The columns that say which row is whose, with their types."""
        if not self.repeats:
            return {KEY: "str", **{name: kind for name, kind in PARADATA.items() if name not in self.kinds}}
        outer = {f"{repeat}_{INSTANCE}": "int64" for repeat in self.repeats[:-1]}
        return {KEY: "str", **outer, INSTANCE: "int64"}

    @cached_property
    def schema(self) -> pa.Schema:
        """Columns and types, with what pandas needs to read them as they were written."""
        types = {**self.keys, **{name: NUMBERS.get(kind, "string") for name, kind in self.kinds.items()}}
        empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
        return pa.Schema.from_pandas(empty, preserve_index=False)


def levels_in(instruments: Sequence[Instrument]) -> tuple[Level, ...]:
    """The levels of all versions of a questionnaire: the response, then each repeat; raise `Fault` for a bad name."""
    repeats: dict[str, tuple[str, ...]] = {}
    for instrument in instruments:
        for name, node in instrument.repeats.items():
            repeats.setdefault(name, levels_of(instrument, node))
    levels = [Level(ROOT, (), _kinds(instruments, ""))]
    levels += [Level(name, repeats[name], _kinds(instruments, name)) for name in sorted(repeats)]
    for level in levels:
        _refuse_names(level)
    return tuple(level for level in levels if level.kinds or not level.repeats)


def _refuse_names(level: Level) -> None:
    taken = {KEY, CASE, INSTANCE} & level.kinds.keys()
    if taken:
        raise Fault(
            f"Câu hỏi {', '.join(sorted(taken))} trùng tên với cột khóa của bảng số liệu.",
            "Đổi tên câu hỏi trong phiếu.",
        )


def _kinds(instruments: Sequence[Instrument], level: str) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for question in (each for form in instruments for each in form.questions.values()):
        if question.level == level and question.type not in SILENT:
            found.setdefault(question.variable, set()).add(question.type)
    hidden = {
        question.variable
        for form in instruments
        for question in form.questions.values()
        if question.level == level and leads_to_a_person(form, question)
    }
    return {variable: wide(kinds) for variable, kinds in found.items() if variable not in hidden}


def wide(kinds: set[str]) -> str:
    """One type for values of several: what one version protects stays protected, else the widest."""
    if len(kinds) == 1:
        return next(iter(kinds))
    for protected in (MEDIA_TYPES, PLACES):
        if kinds & protected:
            return min(kinds & protected)
    return "decimal" if kinds <= NUMBERS.keys() else "text"


def questions_of(instrument: Instrument, level: Level) -> dict[str, Question]:
    """The questions of one version that have a column in the level's table."""
    return {name: question for name, question in instrument.questions.items() if name in level.kinds}
