"""Rosters: members of a household, and what is counted over them."""

from __future__ import annotations

from survey.instrument import check, evaluate, repeat_count
from tests.instrument.forms import instrument

ROSTER = """
| survey |
|        | type          | name    | label    | relevant      | calculation                                             | required | repeat_count | constraint            |
|        | integer       | members | Members  |               |                                                         |          |              |                       |
|        | begin repeat  | person  | Person   |               |                                                         |          | ${members}   |                       |
|        | text          | name    | Name     |               |                                                         | yes      |              |                       |
|        | integer       | age     | Age      |               |                                                         | yes      |              | . >= 0 and . <= 120   |
|        | integer       | wage    | Wage     | ${age} >= 15  |                                                         |          |              |                       |
|        | calculate     | line    |          |               | concat(position(..), '. ', ${name})                     |          |              |                       |
|        | calculate     | before  |          |               | indexed-repeat(${name}, ${person}, position(..) - 1)    |          |              |                       |
|        | end repeat    |         |          |               |                                                         |          |              |                       |
|        | calculate     | total   |          |               | sum(${wage})                                            |          |              |                       |
|        | calculate     | count   |          |               | count(${person})                                        |          |              |                       |
|        | calculate     | eldest  |          |               | max(${age})                                             |          |              |                       |
|        | calculate     | names   |          |               | join(', ', ${name})                                     |          |              |                       |
|        | calculate     | second  |          |               | indexed-repeat(${name}, ${person}, 2)                   |          |              |                       |
|        | calculate     | adults  |          |               | count(${person}[${age} >= 18])                          |          |              |                       |
|        | calculate     | third   |          |               | /data/person[position() = 3]/name                       |          |              |                       |
"""
FAMILY = {
    "members": 3,
    "person": [
        {"name": "An", "age": 44, "wage": 7},
        {"name": "Bình", "age": 12, "wage": 5},
        {"name": "Chi", "age": 40, "wage": 2},
    ],
}


def test_a_question_inside_a_repeat_sees_its_own_instance() -> None:
    people = check(instrument(ROSTER), FAMILY).answers["person"]
    assert [person["line"] for person in people] == ["1. An", "2. Bình", "3. Chi"]
    assert people[1] == {"name": "Bình", "age": 12, "line": "2. Bình", "before": "An"}


def test_figures_over_a_repeat_leave_out_what_was_not_asked() -> None:
    answers = check(instrument(ROSTER), FAMILY).answers
    assert {
        key: answers[key] for key in ("total", "count", "eldest", "names", "second", "adults", "third")
    } == {
        "total": "9",
        "count": "3",
        "eldest": "44",
        "names": "An, Bình, Chi",
        "second": "Bình",
        "adults": "2",
        "third": "Chi",
    }


def test_faults_name_the_instance_and_come_person_by_person() -> None:
    answers = {"person": [{"age": 200}, {"name": "Bình"}]}
    found = [(fault.variable, fault.index, fault.kind) for fault in check(instrument(ROSTER), answers).faults]
    assert found == [
        ("name", (0,), "required"),
        ("age", (0,), "constraint"),
        ("age", (1,), "required"),
    ]


def test_the_form_asks_for_as_many_instances_as_repeat_count_says() -> None:
    assert repeat_count(instrument(ROSTER), "person", {"members": 4}) == 4
    assert repeat_count(instrument(ROSTER), "person", {}) == 0


def test_an_irrelevant_repeat_is_left_out_whole() -> None:
    form = instrument("""
        | survey |
        |        | type          | name   | label  | relevant       | calculation      |
        |        | text          | alone  | Alone  |                |                  |
        |        | begin repeat  | person | Person | ${alone} = 'n' |                  |
        |        | integer       | age    | Age    |                |                  |
        |        | end repeat    |        |        |                |                  |
        |        | calculate     | people |        |                | count(${person}) |
        """)
    assert check(form, {"alone": "y", "person": [{"age": 5}]}).answers == {"alone": "y", "people": "0"}


def test_repeats_inside_repeats_keep_their_places() -> None:
    form = instrument("""
        | survey |
        |        | type          | name   | label  | relevant     | calculation                                             |
        |        | begin repeat  | house  | House  |              |                                                         |
        |        | text          | street | Street |              |                                                         |
        |        | begin repeat  | person | Person |              |                                                         |
        |        | integer       | age    | Age    |              |                                                         |
        |        | text          | school | School | ${age} < 18  |                                                         |
        |        | calculate     | place  |        |              | concat(${street}, position(../..), position(..))        |
        |        | end repeat    |        |        |              |                                                         |
        |        | calculate     | inside |        |              | sum(${age})                                             |
        |        | end repeat    |        |        |              |                                                         |
        |        | calculate     | ages   |        |              | sum(${age})                                             |
        """)
    answers = {
        "house": [
            {"street": "a", "person": [{"age": 5, "school": "x"}]},
            {"street": "b", "person": [{"age": 20, "school": "y"}, {"age": 30}]},
        ]
    }
    checked = check(form, answers)
    assert checked.answers == {
        "house": [
            {"street": "a", "inside": "5", "person": [{"age": 5, "school": "x", "place": "a11"}]},
            {
                "street": "b",
                "inside": "50",
                "person": [{"age": 20, "place": "b21"}, {"age": 30, "place": "b22"}],
            },
        ],
        "ages": "55",
    }
    assert ("school", (0, 0)) in checked.relevant and ("school", (1, 0)) not in checked.relevant


def test_from_outside_a_repeat_a_comparison_holds_if_some_instance_does() -> None:
    assert evaluate("${age} < 18", FAMILY, instrument=instrument(ROSTER)) is True
    assert evaluate("${age} > 80", FAMILY, instrument=instrument(ROSTER)) is False
