"""Which questions a respondent meets, and in what order."""

from __future__ import annotations

from survey.instrument import Instrument, check, next_page, previous_page
from tests.instrument.forms import instrument

SMARTPHONE = """
| survey |
|        | type           | name     | label                | relevant               | appearance |
|        | start          | start    |                      |                        |            |
|        | begin group    | about    | About you            |                        |            |
|        | integer        | age      | Age                  |                        |            |
|        | begin group    | home     | Home                 |                        |            |
|        | text           | hamlet   | Hamlet               |                        |            |
|        | end group      |          |                      |                        |            |
|        | end group      |          |                      |                        |            |
|        | select_one yn  | phone    | Do you have a phone? | ${age} >= 6            |            |
|        | begin group    | use      | Use                  | ${phone} = 'yes'       | field-list |
|        | select_one yn  | internet | Internet?            |                        |            |
|        | text           | why      | Why not?             | ${internet} = 'no'     |            |
|        | end group      |          |                      |                        |            |
|        | hidden         | panel    |                      |                        |            |
|        | note           | thanks   | Thank you            |                        |            |
| choices |
|        | list_name      | name     | label                |
|        | yn             | yes      | Yes                  |
|        | yn             | no       | No                   |
"""


def smartphone() -> Instrument:
    return instrument(SMARTPHONE)


def test_a_group_is_a_page_and_a_loose_question_is_a_page() -> None:
    pages = smartphone().pages
    assert [(page.id, [question.variable for question in page.questions]) for page in pages] == [
        ("about", ["age", "hamlet"]),
        ("phone", ["phone"]),
        ("use", ["internet", "why"]),
        ("thanks", ["thanks"]),
    ]


def test_pages_without_a_relevant_question_are_skipped() -> None:
    form = smartphone()
    answers = {"age": 40, "phone": "no"}
    assert next_page(form, answers, "phone").id == "thanks"
    assert previous_page(form, answers, "thanks").id == "phone"
    assert next_page(form, answers, None).id == "about"
    assert next_page(form, answers, "thanks") is None
    assert previous_page(form, answers, "about") is None


def test_a_group_hands_its_irrelevance_down() -> None:
    checked = check(smartphone(), {"age": 40, "phone": "no", "internet": "no", "why": "costs"})
    assert checked.answers == {"age": 40, "phone": "no"}
    assert ("why", ()) not in checked.relevant


def test_an_irrelevant_answer_counts_as_empty_further_on() -> None:
    """A child cannot own a phone here, so what stood behind the phone question is not asked either."""
    checked = check(smartphone(), {"age": 4, "phone": "yes", "internet": "no", "why": "costs"})
    assert checked.answers == {"age": 4}
    assert checked.faults == ()


def test_check_leaves_its_input_as_it_was() -> None:
    answers = {"age": 4, "phone": "yes"}
    check(smartphone(), answers)
    assert answers == {"age": 4, "phone": "yes"}


def test_a_repeat_is_a_page_of_its_own_inside_its_group() -> None:
    form = instrument("""
        | survey |
        |        | type         | name    | label   |
        |        | begin group  | house   | House   |
        |        | integer      | size    | Size    |
        |        | begin repeat | person  | Person  |
        |        | text         | name    | Name    |
        |        | begin group  | work    | Work    |
        |        | text         | job     | Job     |
        |        | end group    |         |         |
        |        | end repeat   |         |         |
        |        | text         | address | Address |
        |        | end group    |         |         |
        """)
    assert [(page.id, page.repeat) for page in form.pages] == [
        ("house", ""),
        ("person", "person"),
        ("house-2", ""),
    ]
    assert next_page(form, {}, "house").id == "person"


def test_a_repeat_that_is_not_relevant_is_skipped() -> None:
    form = instrument("""
        | survey |
        |        | type         | name    | label   | relevant    |
        |        | integer      | size    | Size    |             |
        |        | begin repeat | person  | Person  | ${size} > 0 |
        |        | text         | name    | Name    |             |
        |        | end repeat   |         |         |             |
        |        | text         | address | Address |             |
        """)
    assert next_page(form, {"size": 0}, "size").id == "address"
    assert next_page(form, {"size": 2}, "size").id == "person"
