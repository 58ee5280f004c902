"""What a respondent is offered to choose from."""

from __future__ import annotations

from survey.instrument import Instrument, answer_label, check, choices_for
from tests.instrument.forms import instrument

CASCADE = """
| survey  |
|         | type                | name     | label    | choice_filter                               | parameters               |
|         | select_one province | province | Province |                                             |                          |
|         | select_one commune  | commune  | Commune  | province = ${province}                      |                          |
|         | select_one commune  | urban    | Ward     | province = ${province} and kind = 'phường'  |                          |
|         | select_one commune  | mixed    | Mixed    |                                             | randomize=true, seed=42  |
| choices |
|         | list_name | name  | label::Tiếng Việt (vi) | label::English (en) | province | kind   |
|         | province  | 83    | Bến Tre                |                     |          |        |
|         | province  | 84    | Trà Vinh               | Tra Vinh            |          |        |
|         | commune   | 28885 | Ba Tri                 |                     | 83       | xã     |
|         | commune   | 28756 | An Hội                 |                     | 83       | phường |
|         | commune   | 29242 | Trà Vinh               |                     | 84       | phường |
"""


def names(form: Instrument, variable: str, province: str) -> list[str]:
    return [choice.name for choice in choices_for(form, variable, {"province": province})]


def test_the_communes_offered_are_those_of_the_province() -> None:
    form = instrument(CASCADE)
    assert names(form, "commune", "83") == ["28885", "28756"]
    assert names(form, "urban", "83") == ["28756"]
    assert choices_for(form, "commune", {}) == ()


def test_a_commune_of_another_province_is_refused() -> None:
    checked = check(instrument(CASCADE), {"province": "83", "commune": "29242"})
    assert [(fault.variable, fault.kind) for fault in checked.faults] == [("commune", "choice")]


def test_a_label_falls_back_to_the_default_language() -> None:
    form = instrument(CASCADE)
    assert form.languages == ("vi", "en")
    assert answer_label(form, "province", "83", "en") == "Bến Tre"
    assert answer_label(form, "province", "84", "en") == "Tra Vinh"


def test_the_xform_that_is_served_falls_back_too() -> None:
    assert b"<value>-</value>" not in instrument(CASCADE).xml


def test_a_seeded_order_is_the_same_for_everyone() -> None:
    form = instrument(CASCADE)
    first = choices_for(form, "mixed", {})
    assert first == choices_for(form, "mixed", {"province": "83"})
    assert {choice.name for choice in first} == {"28885", "28756", "29242"}


def test_a_filter_inside_a_repeat_looks_at_its_own_instance() -> None:
    form = instrument("""
        | survey  |
        |         | type               | name    | label | choice_filter         |
        |         | begin repeat       | person  | P     |                       |
        |         | select_one sex     | sex     | Sex   |                       |
        |         | select_one title   | title   | Title | sex = ${sex}          |
        |         | end repeat         |         |       |                       |
        | choices |
        |         | list_name | name | label | sex |
        |         | sex       | m    | M     |     |
        |         | sex       | f    | F     |     |
        |         | title     | ong  | Ông   | m   |
        |         | title     | ba   | Bà    | f   |
        """)
    answers = {"person": [{"sex": "m"}, {"sex": "f", "title": "ong"}]}
    assert [choice.name for choice in choices_for(form, "title", answers, (0,))] == ["ong"]
    assert [choice.name for choice in choices_for(form, "title", answers, (1,))] == ["ba"]
    assert [(fault.variable, fault.index) for fault in check(form, answers).faults] == [("title", (1,))]


def test_a_choice_name_with_a_space_can_be_chosen_alone() -> None:
    form = instrument("""
        | survey  |
        |         | type            | name  | label | choice_filter |
        |         | select_one xa   | place | Xã    | kind = 'a'    |
        | choices |
        |         | list_name | name   | label  | kind |
        |         | xa        | Ba Tri | Ba Tri | a    |
        """)
    assert check(form, {"place": "Ba Tri"}).faults == ()


def test_long_lists_of_the_external_choices_sheet_are_offered_and_checked() -> None:
    form = instrument("""
        | survey           |
        |                  | type                   | name     | label    | choice_filter          |
        |                  | select_one province    | province | Province |                        |
        |                  | select_one_external xa | commune  | Commune  | province=${province}   |
        | choices          |
        |                  | list_name | name  | label |
        |                  | province  | 83    | BT    |
        | external_choices |
        |                  | list_name | name  | label  | province |
        |                  | xa        | 28885 | Ba Tri | 83       |
        |                  | xa        | 29242 | TV     | 84       |
        """)
    assert [choice.label() for choice in choices_for(form, "commune", {"province": "83"})] == ["Ba Tri"]
    assert [fault.kind for fault in check(form, {"province": "83", "commune": "29242"}).faults] == ["choice"]
