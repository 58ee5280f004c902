"""Faults of the statistics library, as they are told to the staff."""

import inspect
from string import Formatter

import pytest

from analysis import SurveyError, errors
from survey.process.statistical_faults import SENTENCES, in_vietnamese

PUBLIC = [
    kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, SurveyError) and not name.startswith("_")
]
# A value for each name of an argument of the errors' constructors.
VALUES: dict[str, object] = {
    "allowed": ("t", "z"),
    "present": ["sex", "stratum"],
    "count": 3,
    "row": 17,
    "stage": 1,
    "target": 1234.5,
    "sample": 1200.0,
    "first_sum": 1500000.0,
    "second_sum": 1499000.0,
    "iterations": 50,
    "sampled": 4,
    "found": 5_000_000,
    "most": 4_000_000,
    "neighbours": ["15-29"],
    "edits": ["adults", "size"],
    "kept": [],
    "share": 1.03,
    "conflicts": [("sex", "male", -2.5, 100.0)],
}


def made(kind: type[SurveyError]) -> SurveyError:
    """An error of this class, every argument given."""
    if kind.__init__ is SurveyError.__init__:
        return kind("something is wrong")
    names = list(inspect.signature(kind.__init__).parameters)[1:]
    return kind(*(VALUES.get(name, name) for name in names))


@pytest.mark.parametrize("kind", PUBLIC, ids=lambda kind: kind.__name__)
def test_every_public_fault_has_its_own_vietnamese_sentence(kind: type[SurveyError]) -> None:
    assert kind in SENTENCES
    error = made(kind)
    told = in_vietnamese(error)
    wanted = {field for part in SENTENCES[kind] for _, field, _, _ in Formatter().parse(part) if field}
    assert wanted <= set(vars(error))
    assert told.message.endswith(".")
    assert told.remedy.endswith(".")
    assert told.detail == str(error)
    assert str(error) not in str(told)


def test_no_sentence_is_left_of_a_fault_that_is_gone() -> None:
    assert set(SENTENCES) == set(PUBLIC)


def test_names_numbers_and_lists_are_written_as_in_vietnam() -> None:
    told = in_vietnamese(errors.NoConvergence("rake", 50, "sex:area", "male:urban", 1234.5, 1500000.0))
    assert "biên “sex:area”, nhóm “male:urban”: mẫu 1.234,5, tổng thể 1.500.000" in told.message
    told = in_vietnamese(errors.InfeasibleControls([("sex", "male", -2.5, 100.0), ("age", 15, 1.0, 8.0)]))
    assert "biên “sex”, nhóm “male” lệch 2,5 so với 100; biên “age”, nhóm 15 lệch 1 so với 8" in told.message


def test_a_fault_without_a_sentence_of_its_own_has_that_of_its_base() -> None:
    class NewFault(errors.BadEdit):
        """A later kind of bad edit."""

    told = in_vietnamese(NewFault("adults", "wrong"))
    assert told.message == "Quy tắc kiểm tra “adults” chưa đúng."
