"""How much of a questionnaire is translated."""

from survey.authoring.coverage import Gap, coverage
from survey.instrument import read_xlsform
from tests.authoring.forms import HOUSEHOLD, built
from tests.factories import HOUSEHOLD as ICT


def test_each_language_is_counted_against_what_some_language_has() -> None:
    vietnamese, english = coverage(built(HOUSEHOLD))
    assert (vietnamese.language, vietnamese.total.have, vietnamese.total.of) == ("vi", 12, 12)
    assert vietnamese.is_default and not vietnamese.gaps
    assert (english.language, english.total.have) == ("en", 9)
    assert (english.kinds["label"].have, english.kinds["label"].of) == (9, 11)
    assert (english.kinds["constraint_message"].have, english.kinds["constraint_message"].of) == (0, 1)


def test_what_is_missing_is_named_with_its_row_in_the_file() -> None:
    english = coverage(built(HOUSEHOLD))[1]
    assert english.gaps == (
        Gap("survey", 3, "constraint_message", "size", "Nhập từ 1 đến 8."),
        Gap("survey", 4, "label", "net", "Nhà có Internet?"),
        Gap("choices", 5, "label", "mobile", "Di động"),
    )


def test_a_language_that_nobody_has_read_over_says_so() -> None:
    vietnamese, english = coverage(built(HOUSEHOLD))
    assert vietnamese.is_reviewed and not english.is_reviewed


def test_the_khmer_of_our_questionnaires_is_marked_as_not_read_over() -> None:
    for name in ("ict-ho-gia-dinh", "ky-nang-so", "hai-long-dvc", "ho-kinh-doanh", "y-kien"):
        by_language = {one.language: one for one in coverage(read_xlsform(ICT.parent / name))}
        assert not by_language["km"].is_reviewed, name
        assert by_language["vi"].is_reviewed and by_language["en"].is_reviewed, name


def test_a_plain_label_column_is_the_questionnaires_own_language() -> None:
    (only,) = coverage(built("| survey |\n| | type | name | label |\n| | text | a | A |\n"))
    assert (only.language, only.total.have, only.gaps) == ("vi", 1, ())
