"""What a version changes against the one before it, as a manager reads it."""

from collections.abc import Iterator
from dataclasses import dataclass

from survey.collect.words import LANGUAGE_NAMES
from survey.instrument import Change, Difference, Instrument, InstrumentErrors, compare, migration_report
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of

ASPECTS = {
    "type": "Loại câu hỏi",
    "level": "Khối lặp",
    "required": "Bắt buộc",
    "constraint": "Điều kiện kiểm tra",
    "calculation": "Công thức",
    "choice_filter": "Lọc lựa chọn",
    "default": "Giá trị sẵn",
    "path": "Vị trí trong phiếu",
    "relevant": "Hỏi khi",
    "choices gone": "Lựa chọn bị bỏ",
    "choices new": "Lựa chọn mới",
}


@dataclass(frozen=True)
class Row:
    """One aspect of a variable before and after, and what that means for the data."""

    variable: str
    aspect: str
    before: str
    after: str
    consequence: str
    is_breaking: bool


@dataclass(frozen=True)
class Differences:
    """Against which version, which variables are new, gone or renamed, and what else changed.

    `is_known` is false where the earlier version can no longer be read.
    """

    previous: InstrumentVersion
    new: tuple[tuple[str, str], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    wording: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()
    is_known: bool = True

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.wording or self.changed)


def differences(previous: InstrumentVersion, version: InstrumentVersion) -> Differences:
    """What changed from one version to a later one; variables come with their labels."""
    try:
        old, new = instrument_of(previous), instrument_of(version)
    except InstrumentErrors:
        return Differences(previous, is_known=False)
    found = compare(old, new)
    rows = sorted(_rows(found), key=lambda row: not row[1].is_breaking)
    return Differences(
        previous,
        tuple(_labelled(new, found.new)),
        tuple(_labelled(old, found.gone)),
        found.renamed,
        tuple(row for is_wording, row in rows if is_wording),
        tuple(row for is_wording, row in rows if not is_wording),
    )


def _labelled(instrument: Instrument, variables: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for variable in variables:
        yield variable, instrument.questions[variable].label()


def _rows(difference: Difference) -> Iterator[tuple[bool, Row]]:
    for change in difference.changed:
        (line,) = migration_report(Difference((), (), (change,)))
        row = Row(
            change.variable,
            _aspect(change),
            change.before,
            change.after,
            line.consequence["vi"],
            change.is_breaking,
        )
        yield change.aspect.startswith(("label::", "choice ")), row


def _aspect(change: Change) -> str:
    """What changed, in Vietnamese: the language of a label, the code of a choice named."""
    kind, _, of = change.aspect.partition("::")
    if kind == "label":
        return f"Nhãn, {LANGUAGE_NAMES.get(of, of)}"
    if kind not in ASPECTS and kind.startswith("choice "):
        return f"Lựa chọn {kind.removeprefix('choice ')}"
    return ASPECTS.get(kind, kind)
