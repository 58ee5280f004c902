"""What a text costs as SMS, and what may stand in it."""

import pytest

from survey.invitations.texts import Length, filled, sms_length, tidy_line, tidy_text
from survey.text import plain, unaccented


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", Length(0, 1, unicode=False)),
        ("a" * 160, Length(160, 1, unicode=False)),
        ("a" * 161, Length(161, 2, unicode=False)),
        ("a" * 306, Length(306, 2, unicode=False)),
        ("a" * 307, Length(307, 3, unicode=False)),
        ("€" * 80, Length(160, 1, unicode=False)),
        ("€" * 81, Length(162, 2, unicode=False)),
        ("à" * 160, Length(160, 1, unicode=False)),  # in GSM 03.38, as is è, é, ì, ò, ù
        ("ạ" * 70, Length(70, 1, unicode=True)),
        ("ạ" * 71, Length(71, 2, unicode=True)),
        ("ạ" + "a" * 134, Length(135, 3, unicode=True)),
        ("🙂" * 35, Length(70, 1, unicode=True)),
    ],
)
def test_parts_of_an_sms(text: str, length: Length) -> None:
    assert sms_length(text) == length


def test_without_diacritics_case_stays_and_marks_of_print_become_typed_ones() -> None:
    assert unaccented("Đề án “Chuyển đổi số” – Ấp Phú Hòa…") == 'De an "Chuyen doi so" - Ap Phu Hoa...'
    assert sms_length(unaccented("Ông/bà được mời – “khảo sát”")).unicode is False
    assert plain("Điện THOẠI") == "dien thoai"


def test_only_known_places_are_filled_and_once() -> None:
    assert filled("{link} {other} {link.x}", {"link": "{title}", "title": "x"}) == "{title} {other} {link.x}"


def test_control_characters_and_reversed_text_do_not_travel() -> None:
    assert tidy_line("a\r\nb\0\u202ec\ud800d\te") == "a b c d e"
    assert tidy_text(" a\r\nb\0\u202ec\n") == "a\nbc"
