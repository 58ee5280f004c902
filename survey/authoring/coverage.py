"""How much of a questionnaire is translated, cell by cell of its sheets."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from survey.instrument import Instrument
from survey.instrument.languages import code_of, default_name
from survey.instrument.model import Sheets

KINDS = {
    "label": "Nhãn",
    "hint": "Gợi ý",
    "guidance_hint": "Hướng dẫn thêm",
    "constraint_message": "Lời báo khi sai",
    "required_message": "Lời báo khi bỏ trống",
}
HEADER = re.compile(
    r"^(?:bind\s*::\s*)?(?P<kind>label|hint|guidance_hint|constraint_message|required_message"
    r"|jr:constraintMsg|jr:requiredMsg|constraining message|required message|requiredmsg)"
    r"(?:\s*::?\s*(?P<language>[^:].*))?$",
    re.IGNORECASE,
)
OTHER_SPELLINGS = {
    "jr:constraintmsg": "constraint_message",
    "constraining message": "constraint_message",
    "jr:requiredmsg": "required_message",
    "required message": "required_message",
    "requiredmsg": "required_message",
}
SHEETS = ("survey", "choices", "external_choices")
UNREVIEWED = "unreviewed_languages"
"""Column of the settings sheet: codes of the languages that no speaker has read over, such as `km`."""


@dataclass(frozen=True)
class Gap:
    """A cell that is empty in one language: sheet, row from 1 as in the file, and what it would translate."""

    sheet: str
    row: int
    kind: str
    name: str
    text: str


@dataclass(frozen=True)
class Tally:
    """Texts of one kind that a language has, of those that some language has."""

    have: int
    of: int

    @property
    def share(self) -> float:
        """In percent."""
        return 100 * self.have / self.of if self.of else 100.0


@dataclass(frozen=True)
class Coverage:
    """One language: counts by kind (of all), what is missing, whether a speaker has read it."""

    language: str
    kinds: Mapping[str, Tally]
    total: Tally
    gaps: tuple[Gap, ...]
    is_default: bool
    is_reviewed: bool


@dataclass(frozen=True)
class _Cell:
    gap: Gap
    texts: Mapping[str, str]


def coverage(instrument: Instrument) -> tuple[Coverage, ...]:
    """The coverage of each language of a questionnaire, its own language first."""
    cells = list(_cells(instrument.sheets))
    unread = unreviewed(instrument)
    return tuple(
        _of_language(language, cells, language == instrument.default_language, language not in unread)
        for language in instrument.languages
    )


def unreviewed(instrument: Instrument) -> frozenset[str]:
    """Codes of the languages that the settings sheet marks as not read over by a speaker."""
    return frozenset(re.split(r"[\s,;]+", instrument.settings.get(UNREVIEWED, "").strip()))


def _of_language(language: str, cells: list[_Cell], is_default: bool, is_reviewed: bool) -> Coverage:
    gaps = tuple(cell.gap for cell in cells if not cell.texts.get(language))
    missing = [gap.kind for gap in gaps]
    wanted = [cell.gap.kind for cell in cells]
    kinds = {
        kind: Tally(wanted.count(kind) - missing.count(kind), wanted.count(kind))
        for kind in KINDS
        if kind in wanted
    }
    total = Tally(len(wanted) - len(missing), len(wanted))
    return Coverage(language, kinds, total, gaps, is_default, is_reviewed)


def _cells(sheets: Sheets) -> Iterator[_Cell]:
    """Every text that some language has, with what each language says."""
    own = code_of(default_name(sheets))
    for sheet in SHEETS:
        columns = _columns(sheets, sheet, own)
        for number, row in enumerate(sheets.get(sheet, ()), start=2):
            yield from _row_cells(sheet, number, row, columns)


def _columns(sheets: Sheets, sheet: str, own: str) -> dict[str, tuple[str, str]]:
    """The columns that hold texts: kind and language of each."""
    found = {}
    for column in {column: None for row in sheets.get(sheet, ()) for column in row}:
        if match := HEADER.match(column.strip()):
            kind = match["kind"].lower()
            language = match["language"]
            code = code_of(" ".join(language.split())) if language else own
            found[column] = (OTHER_SPELLINGS.get(kind, kind), code)
    return found


def _row_cells(
    sheet: str, number: int, row: Mapping[str, str], columns: Mapping[str, tuple[str, str]]
) -> Iterator[_Cell]:
    texts: dict[str, dict[str, str]] = {}
    for column, text in row.items():
        if column in columns and text.strip() not in ("", "-"):
            kind, language = columns[column]
            texts.setdefault(kind, {})[language] = text
    for kind, by_language in texts.items():
        first = next(iter(by_language.values()))
        yield _Cell(Gap(sheet, number, kind, row.get("name", ""), first), by_language)
