"""Conditions in words, for paper forms and codebooks."""

from __future__ import annotations

import pytest

from survey.instrument.model import Node
from survey.instrument.wording import Wording, conjuncts, in_words
from tests.instrument.forms import instrument

FORM = """
| survey   |                     |        |         |
|          | type                | name   | label   |
|          | select_one yn       | net    | Mạng    |
|          | select_multiple use | uses   | Dùng    |
|          | integer             | age    | Tuổi    |
|          | text                | code   | Mã      |
|          | date                | day    | Ngày    |
|          | begin repeat        | person | Người   |
|          | integer             | size   | Số      |
|          | end repeat          |        |         |
|          | text                | here   | Ở đây   |
| choices  |                     |        |         |
|          | list_name           | name   | label   |
|          | yn                  | yes    | Có      |
|          | yn                  | no     | Không   |
|          | use                 | web    | Đọc báo |
|          | use                 | none   | Không gì |
"""


def name(node: Node) -> str:
    return node.variable


def said(expression: str, language: str = "vi", at: str = "here") -> Wording:
    """The words of an expression at a question of the form."""
    form = instrument(FORM)
    node = form.nodes[at]
    return in_words(form, [(node, tree) for tree in conjuncts(expression)], language, name)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("${net} = 'yes'", "net = “Có”"),
        ("'yes' = ${net}", "net = “Có”"),
        ("/data/net != 'yes'", "net khác “Có”"),
        ("../net = 'gone'", "net = “gone”"),
        ("${age} < 15", "age nhỏ hơn 15"),
        ("15 < ${age}", "age lớn hơn 15"),
        ("${age} <= -1.5", "age không quá -1,5"),
        ("${age} >= 20000", "age từ 20.000 trở lên"),
        ("${age} >= 15 and ${age} <= 49", "age từ 15 đến 49"),
        ("${age} = 2026", "age = 2026"),
        ("${code} = ''", "code để trống"),
        ("${code} != ''", "code có trả lời"),
        ("${code}", "code có trả lời"),
        ("not(${code})", "code để trống"),
        ("selected(${uses}, 'web')", "uses có chọn “Đọc báo”"),
        ("not(selected(${uses}, 'none'))", "uses không chọn “Không gì”"),
        ("not(${net} = 'yes')", "net khác “Có”"),
        ("${net} = 'yes' or ${net} = 'no'", "net = “Có” hoặc “Không”"),
        ("${net} != 'yes' and ${net} != 'no'", "net khác “Có” và “Không”"),
        ("${net} = 'yes' and (${age} > 3 or ${age} < 1)", "net = “Có” và (age lớn hơn 3 hoặc age nhỏ hơn 1)"),
        ("(${net} = 'yes' or ${net} = 'no') and ${age} > 3", "(net = “Có” hoặc “Không”) và age lớn hơn 3"),
        (
            "not(selected(${uses}, 'none') and count-selected(${uses}) > 1)",
            "uses không chọn “Không gì” hoặc số ý chọn ở uses không quá 1",
        ),
        ("count(${person}) > 2", "số lượng person lớn hơn 2"),
        ("${age} + ${age} * 2 > 9", "age + (age × 2) lớn hơn 9"),
        ("${day} <= today()", "day không quá ngày hôm nay"),
        ("string-length(${code}) = 8", "số ký tự của code = 8"),
        ("true()", "luôn luôn"),
        ("not(true())", "không bao giờ"),
        (". != ${code}", "câu trả lời này khác code"),
    ],
)  # fmt: skip
def test_each_operator_has_its_words(expression: str, words: str) -> None:
    assert said(expression) == Wording(words)


def test_english_has_its_own_and_other_languages_read_vietnamese() -> None:
    assert said("${age} >= 20000 and not(selected(${uses}, 'web'))", "en").text == (
        "age is at least 20,000 and uses does not include “Đọc báo”"
    )
    assert said("${age} >= 15", "km").text == "age từ 15 trở lên"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("if(${net} = 'yes', ${age}, 0) > 3", "tùy theo net và age"),
        ("${net} = 'yes' and coalesce(${code}, ${age}) = 1", "net = “Có” và tùy theo age và code"),
        ("${person}[position() = 1]/size > 3", "tùy theo size"),
        ("random() > 0.5", "theo điều kiện sau"),
    ],
)
def test_what_has_no_phrase_is_said_by_what_it_depends_on(expression: str, words: str) -> None:
    assert said(expression) == Wording(words, is_exact=False)
