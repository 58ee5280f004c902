"""Answers judged: requirements, constraints, types, calculations, defaults."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from survey.instrument import Checked, check, starting_answers
from tests.instrument.forms import instrument

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def told(checked: Checked, language: str = "vi") -> list[tuple[str, str, str]]:
    return [(fault.variable, fault.kind, fault.message(language)) for fault in checked.faults]


AGE = """
| survey |
|        | type    | name | label | constraint           | required |
|        | integer | age  | Age   | . >= 0 and . <= 120  | yes      |
"""


def test_a_constraint_says_which_numbers_are_wanted() -> None:
    assert told(check(instrument(AGE), {"age": 130})) == [("age", "constraint", "Nhập số từ 0 đến 120")]


def test_the_questionnaires_own_message_goes_first() -> None:
    form = instrument("""
        | survey |
        |        | type    | name | label | constraint | constraint_message::Tiếng Việt (vi) | constraint_message::English (en) |
        |        | integer | age  | Age   | . < 120    | Tuổi phải dưới 120                  | Age must be under 120            |
        """)
    assert told(check(form, {"age": 130}), "vi") == [("age", "constraint", "Tuổi phải dưới 120")]
    assert told(check(form, {"age": 130}), "en") == [("age", "constraint", "Age must be under 120")]


def test_a_required_question_must_be_answered_but_its_constraint_is_not_tried_on_nothing() -> None:
    assert told(check(instrument(AGE), {})) == [("age", "required", "Nhập một số")]


def test_required_may_depend_on_another_answer() -> None:
    form = instrument("""
        | survey |
        |        | type    | name | label | required    |
        |        | integer | age  | Age   |             |
        |        | text    | job  | Job   | ${age} > 14 |
        """)
    assert told(check(form, {"age": 10})) == []
    assert told(check(form, {"age": 20})) == [("job", "required", "Nhập câu trả lời")]


@pytest.mark.parametrize("value", ["12", 1.5, True, [], {}, 10**30])
def test_only_a_whole_number_is_an_integer(value: object) -> None:
    kinds = [fault.kind for fault in check(instrument(AGE), {"age": value}).faults]
    assert kinds == (["required"] if value == [] else ["type"])


def test_an_answer_outside_the_list_is_refused() -> None:
    form = instrument("""
        | survey  |
        |         | type               | name  | label |
        |         | select_one yn      | phone | Phone |
        |         | select_multiple yn | both  | Both  |
        | choices |
        |         | list_name | name | label |
        |         | yn        | yes  | Yes   |
        |         | yn        | no   | No    |
        """)
    checked = check(form, {"phone": "maybe", "both": ["yes", "perhaps"]})
    assert [(fault.variable, fault.kind) for fault in checked.faults] == [
        ("phone", "choice"),
        ("both", "choice"),
    ]


def test_a_multiple_answer_is_kept_in_the_order_of_the_list_each_name_once() -> None:
    form = instrument("""
        | survey  |
        |         | type              | name  | label | constraint                                          |
        |         | select_multiple d | uses  | Uses  | not(selected(., 'none') and count-selected(.) > 1)  |
        | choices |
        |         | list_name | name  | label |
        |         | d         | phone | Phone |
        |         | d         | pc    | PC    |
        |         | d         | none  | None  |
        """)
    assert check(form, {"uses": ["pc", "phone", "pc"]}).answers == {"uses": ["phone", "pc"]}
    assert [fault.kind for fault in check(form, {"uses": ["pc", "none"]}).faults] == ["constraint"]


def test_calculations_follow_one_another_whatever_their_order_in_the_sheet() -> None:
    form = instrument("""
        | survey |
        |        | type      | name   | label | calculation          |
        |        | calculate | double |       | ${income} * 2        |
        |        | calculate | income |       | ${wage} + ${pension} |
        |        | integer   | wage   | Wage  |                      |
        |        | integer   | pension | Pension |                   |
        """)
    assert check(form, {"wage": 3, "pension": 4}).answers == {
        "wage": 3,
        "pension": 4,
        "income": "7",
        "double": "14",
    }


def test_a_calculation_over_nothing_stays_empty() -> None:
    form = instrument("""
        | survey |
        |        | type      | name   | label | calculation   |
        |        | integer   | wage   | Wage  |               |
        |        | calculate | double |       | ${wage} * 2   |
        """)
    assert check(form, {}).answers == {}


def test_age_today_is_taken_from_the_given_time() -> None:
    form = instrument("""
        | survey |
        |        | type      | name | label | calculation                            | constraint   |
        |        | date      | born | Born  |                                        | . <= today() |
        |        | calculate | age  |       | int((today() - ${born}) div 365.25)    |              |
        """)
    assert check(form, {"born": "1966-11-20"}, now=NOW).answers == {"born": "1966-11-20", "age": "60"}
    assert [fault.kind for fault in check(form, {"born": "2026-11-22"}, now=NOW).faults] == ["constraint"]


def test_defaults_fill_a_new_response_and_do_not_come_back_when_cleared() -> None:
    form = instrument("""
        | survey |
        |        | type    | name | label | default | relevant |
        |        | integer | size | Size  | 1       |          |
        |        | date    | day  | Day   | today() |          |
        |        | text    | note | Note  |         |          |
        """)
    assert starting_answers(form, now=NOW) == {"size": 1, "day": "2026-11-21"}
    assert check(form, {"note": "x"}, now=NOW).answers == {"note": "x"}
    assert check(form, {"size": None, "day": None}, now=NOW).answers == {}


def test_once_keeps_the_first_value() -> None:
    form = instrument("""
        | survey |
        |        | type      | name | label | calculation  |
        |        | calculate | at   |       | once(now())  |
        """)
    first = check(form, {}, now=NOW).answers
    assert check(form, first, now=datetime(2027, 1, 1, tzinfo=UTC)).answers == first


def test_a_page_judges_its_own_questions_only() -> None:
    form = instrument("""
        | survey |
        |        | type    | name | label | required |
        |        | integer | age  | Age   | yes      |
        |        | text    | name | Name  | yes      |
        """)
    assert [fault.variable for fault in check(form, {}, page=form.pages[1]).faults] == ["name"]


def test_an_answer_to_no_question_is_a_fault() -> None:
    assert [
        (fault.variable, fault.kind) for fault in check(instrument(AGE), {"age": 5, "agee": 5}).faults
    ] == [("agee", "unknown")]


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "bell\x07"])
def test_characters_that_cannot_be_stored_are_refused(text: str) -> None:
    form = instrument("""
        | survey |
        |        | type | name | label |
        |        | text | name | Name  |
        """)
    assert [fault.kind for fault in check(form, {"name": text}).faults] == ["type"]
    assert [fault.kind for fault in check(form, {"name": "a" * 1_000_000}).faults] == ["length"]


def test_a_hidden_default_is_always_there() -> None:
    form = instrument("""
        | survey |
        |        | type   | name  | label | default |
        |        | hidden | panel |       | A       |
        |        | text   | name  | Name  |         |
        """)
    assert check(form, {"name": "An"}).answers == {"name": "An", "panel": "A"}
