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
SEVERAL = frozenset({"select_multiple", "rank"})
SILENT = frozenset({"note"})
"""Types that hold no data."""

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Level:
    """One table of answers: `repeats` leads to it from the response, outermost first (none: the response itself).

    `collected` gives, for each variable, one XLSForm type that holds its values in every version; `kinds` are those
    of them that a snapshot holds.
    """

    name: str
    repeats: tuple[str, ...]
    collected: Mapping[str, str]
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
    levels = [_level(instruments, ROOT, ())]
    levels += [_level(instruments, name, repeats[name]) for name in sorted(repeats)]
    for level in levels:
        _refuse_names(level)
    return tuple(level for level in levels if level.collected or not level.repeats)


def _refuse_names(level: Level) -> None:
    taken = {KEY, CASE, INSTANCE} & level.collected.keys()
    if taken:
        raise Fault(
            f"Câu hỏi {', '.join(sorted(taken))} trùng tên với cột khóa của bảng số liệu.",
            "Đổi tên câu hỏi trong phiếu.",
        )


def _level(instruments: Sequence[Instrument], name: str, repeats: tuple[str, ...]) -> Level:
    found: dict[str, set[str]] = {}
    hidden = set[str]()
    for form in instruments:
        for question in form.questions.values():
            if question.level == (repeats[-1] if repeats else "") and question.type not in SILENT:
                found.setdefault(question.variable, set()).add(question.type)
                if leads_to_a_person(form, question):
                    hidden.add(question.variable)
    collected = {variable: wide(kinds) for variable, kinds in found.items()}
    kinds = {variable: kind for variable, kind in collected.items() if variable not in hidden}
    return Level(name, repeats, collected, kinds)


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
