"""The paper form: every question and code in print, in order; skips in words; what people wrote stays text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask

from survey.accounts.models import Role
from survey.authoring.paper import MOST_QUESTIONS, NoSuchLanguage, TooLong, paper_data, paper_form
from survey.authoring.paper_fields import LONGEST_LIST, field_of
from survey.authoring.paper_order import is_asked, order_of
from survey.authoring.paper_text import plain_of, runs
from survey.instrument import Instrument, build_instrument
from survey.instrument.lookups import all_choices
from tests.authoring.forms import address
from tests.factories import field_survey
from tests.instrument.forms import instrument
from tests.questionnaires.library import NAMES, document
from tests.questionnaires.library import instrument as library
from tests.staff import read, signed_in

AT = datetime(2026, 11, 22, tzinfo=UTC)
HOSTILE = "#panic() ] $x$ * \\ <b>đậm</b> =SUM(A1) 5 − 3 → 💥"
TYPES = """
| survey   |                  |         |          |           |                           |                      |            |              |
|          | type             | name    | label    | hint      | relevant                  | constraint           | appearance | repeat_count |
|          | select_one yn    | agree   | Đồng ý?  |           |                           |                      |            |              |
|          | text             | person  | Tên      | Viết hoa  | ${agree} = 'yes'          | string-length(.) = 9 |            |              |
|          | integer          | size    | Số người |           | ${agree} = 'yes'          | . >= 1 and . <= 300  |            |              |
|          | integer          | young   | Trẻ em   |           | ${agree} = 'yes'          | . <= ${size}         |            |              |
|          | decimal          | area    | Đất      |           | ${agree} = 'yes' and ${size} > 1 and ${person} != '' | |         |              |
|          | date             | born    | Sinh     |           | ${agree} = 'yes' and if(${size} > 2, 1, 0) | | | |
|          | text             | story   | Kể về ${person} |    | ${agree} = 'yes'          |                      | multiline  |              |
|          | select_multiple u | uses   | Dùng     |           | ${agree} = 'yes'          |                      |            |              |
|          | rank u           | best    | Xếp      |           | ${agree} = 'yes' and not(selected(${uses}, 'b'))  | | | |
|          | range            | score   | Điểm     |           | ${agree} = 'yes'          |                      |            |              |
|          | geopoint         | place   | Ở đâu    |           | ${agree} = 'yes'          |                      |            |              |
|          | acknowledge      | seen    | Đã xem   |           | ${agree} = 'yes'          |                      |            |              |
|          | begin repeat     | member  | Người    |           | ${agree} = 'yes'          |                      |            | ${size}      |
|          | text             | name    | Họ tên   |           |                           |                      |            |              |
|          | select_one yn    | works   | Có làm?  |           | ${name} != ''             |                      |            |              |
|          | end repeat       |         |          |           |                           |                      |            |              |
|          | begin repeat     | plot    | Thửa     |           | ${agree} = 'yes'          |                      |            | 2            |
|          | geopoint         | corner  | Góc thửa |           |                           |                      |            |              |
|          | end repeat       |         |          |           |                           |                      |            |              |
| choices  |                  |         |          |
|          | list_name        | name    | label    |
|          | yn               | yes     | Có       |
|          | yn               | no      | Không    |
|          | u                | a       | Đọc báo  |
|          | u                | b       | Gọi điện |
"""  # fmt: skip


def printed(pdf: bytes) -> str:
    """The text of every page, in the order in which it was set, without spaces."""
    with pypdfium2.PdfDocument(pdf) as read_back:
        pages = []
        for page in read_back:
            text = page.get_textpage()
            pages.append(text.get_text_range())
            text.close()
            page.close()
    return squeezed("".join(pages))


def squeezed(text: str) -> str:
    """A text without spaces, line ends and the marks that a PDF puts at the end of broken lines."""
    return re.sub(r"[\s\u00ad\ufffe\u0002]+", "", text)


def form(name: str, language: str) -> tuple[Instrument, dict[str, Any], str]:
    """A questionnaire of the library, what the layout draws of it, and its print."""
    questionnaire, design = library(name), document(name, "design")
    pdf = paper_form(questionnaire, language, design, AT)
    return questionnaire, paper_data(questionnaire, language, design), printed(pdf)


@pytest.mark.parametrize("name", NAMES)
def test_every_question_is_on_paper_in_its_order(name: str) -> None:
    questionnaire, _, text = form(name, "vi")
    order = order_of(questionnaire, "vi")
    place = 0
    asked = [question for question in questionnaire.questions.values() if is_asked(question)]
    for number, question in enumerate(asked, start=1):
        skip = order.skip(question)
        wanted = squeezed(f"{number}.{'» ' if skip else ''}{skip}{question.label('vi')}")
        place = text.find(wanted, place)
        assert place >= 0, f"{question.name} is not on paper, or not in its place"
    notes = [question for question in questionnaire.questions.values() if question.type == "note"]
    for note in notes:
        assert squeezed(re.split(r"\$\{", note.label("vi"))[0]) in text


@pytest.mark.parametrize("name", NAMES)
def test_every_code_of_every_list_stands_beside_its_label(name: str) -> None:
    questionnaire, _, text = form(name, "vi")
    lists = {
        question.list_name: all_choices(questionnaire, question)
        for question in questionnaire.questions.values()
        if is_asked(question) and question.choices
    }
    assert lists
    for list_name, choices in lists.items():
        if len(choices) > LONGEST_LIST:
            assert squeezed(f"mã theo danh mục “{list_name}”") in text
            continue
        for choice in choices:
            label = squeezed(choice.label("vi"))
            beside = f"{label}{choice.name}" in text
            in_a_table = squeezed(f"{choice.name} = {choice.label('vi')}") in text
            assert beside or in_a_table, f"{list_name}: {choice.name}"


@pytest.mark.parametrize("name", [name for name in NAMES if "km" in library(name).languages])
def test_khmer_labels_are_set_in_khmer_letters(name: str) -> None:
    questionnaire = library(name)
    pdf = paper_form(questionnaire, "km", document(name, "design"), AT)
    assert b"NotoSansKhmer" in pdf
    own = {
        choice.label.by_language["km"]
        for question in questionnaire.questions.values()
        for choice in question.choices
        if choice.label.by_language.get("km") and len(question.choices) <= LONGEST_LIST
    }
    assert own
    text = printed(pdf)
    letters = {letter for label in own for letter in label if "\u1780" <= letter <= "\u17a2"}
    assert {letter for letter in letters if letter not in text} == set()


def test_what_is_not_translated_is_counted() -> None:
    _, data, text = form("ict-ho-gia-dinh", "km")
    assert data["untranslated"] == "46 trong 48 câu chưa có bản dịch, in bằng Tiếng Việt."
    assert squeezed(data["untranslated"]) in text
    assert form("ict-ho-gia-dinh", "vi")[1]["untranslated"] == ""


def test_consent_is_asked_before_anything_else_and_ends_the_form() -> None:
    _, data, text = form("ict-ho-gia-dinh", "vi")
    questions = [block for block in data["blocks"] if block["kind"] == "question"]
    assert questions[1]["stop"] == "Nếu không chọn “Có”: kết thúc, không hỏi các câu sau."
    assert not any(block["skip"].count("câu 2 ") for block in data["blocks"])
    assert text.index("giữbímật") < text.index("1.Mãphiếu")
    assert re.search(r"Trang1/\d", text)
    assert squeezed("ict-ho-gia-dinh · Phiên bản 2026112201 ·") in text


SKIPS = {
    "agree": "",
    "person": "",
    "area": "Chỉ hỏi nếu câu 3 lớn hơn 1 và câu 2 có trả lời.",
    "born": "Hỏi tùy theo câu 3: ${agree} = 'yes' and if(${size} > 2, 1, 0)",
    "best": "Chỉ hỏi nếu câu 8 không chọn “Gọi điện”.",
    "works": "Chỉ hỏi nếu câu 13 có trả lời.",
}


@pytest.mark.parametrize(("name", "words"), SKIPS.items())
def test_skips_are_said_in_words_with_the_numbers_of_questions(name: str, words: str) -> None:
    form = instrument(TYPES)
    assert order_of(form, "vi").skip(form.questions[name]) == words


def test_a_condition_that_all_later_questions_share_is_said_once() -> None:
    form = instrument(TYPES)
    order = order_of(form, "vi")
    assert order.gates == {("agree", "yes")}
    assert "“Có”" in order.stop(form.questions["agree"])
    late = instrument(
        TYPES.replace(
            "| text             | person  | Tên      | Viết hoa  | ${agree} = 'yes'",
            "| text             | person  | Tên      | Viết hoa  |                 ",
        )
    )
    assert order_of(late, "vi").gates == frozenset()
    assert order_of(late, "vi").skip(late.questions["size"]) == "Chỉ hỏi nếu câu 1 = “Có”."


def test_a_question_that_some_skip_is_no_gate() -> None:
    form = instrument("""
        | survey   |               |       |       |                  |
        |          | type          | name  | label | relevant         |
        |          | integer       | age   | Tuổi  |                  |
        |          | select_one yn | adult | Lớn?  | ${age} > 17      |
        |          | text          | more  | Thêm  | ${adult} = 'yes' |
        | choices  |               |       |       |
        |          | list_name     | name  | label |
        |          | yn            | yes   | Có    |
        """)
    order = order_of(form, "vi")
    assert order.gates == frozenset()
    assert order.skip(form.questions["more"]) == "Chỉ hỏi nếu câu 2 = “Có”."


def test_a_calculation_is_named_by_the_questions_it_is_made_of() -> None:
    rows = [
        {"type": "integer", "name": "c0", "label": "Một"},
        {"type": "integer", "name": "other", "label": "Hai"},
    ]
    chain = [
        {
            "type": "calculate",
            "name": f"c{n}",
            "calculation": f"${{c{n - 1}}} + ${{c{max(n - 2, 0)}}} + ${{other}}",
        }
        for n in range(1, 60)
    ]
    last = {"type": "text", "name": "more", "label": "Ba", "relevant": "${c59} > 3"}
    form = build_instrument({"survey": [*rows, *chain, last]})
    assert (
        order_of(form, "vi").skip(form.questions["more"]) == "Chỉ hỏi nếu “c59” (tính từ câu 1, 2) lớn hơn 3."
    )
    assert order_of(form, "en").skip(form.questions["more"]) == (
        "Ask only if “c59” (worked out from questions 1, 2) is more than 3."
    )


FIELDS = {
    "agree": ("choices", {"shape": "circle", "columns": 0}),
    "uses": ("choices", {"shape": "square", "columns": 0}),
    "best": ("choices", {"shape": "order", "columns": 0}),
    "person": ("boxes", {"groups": [9]}),
    "size": ("boxes", {"groups": [3], "caption": "từ 1 đến 300"}),
    "young": ("boxes", {"groups": [3]}),
    "area": ("boxes", {"groups": [8, 2], "marks": [","]}),
    "born": ("boxes", {"groups": (2, 2, 4)}),
    "story": ("lines", {"count": 4}),
    "score": ("boxes", {"groups": [2], "caption": "từ 1 đến 10"}),
    "place": ("blanks", {"captions": ["Vĩ độ", "Kinh độ"]}),
    "seen": ("choices", {"shape": "square"}),
}


@pytest.mark.parametrize(("name", "field"), FIELDS.items())
def test_each_type_has_its_place_for_the_answer(name: str, field: tuple[str, dict[str, Any]]) -> None:
    form = instrument(TYPES)
    drawn = field_of(order_of(form, "vi"), form.questions[name])
    kind, parts = field
    assert drawn["kind"] == kind
    assert {key: drawn[key] for key in parts} == parts


def test_a_list_of_persons_is_a_table_or_parts_to_fill() -> None:
    form = instrument(TYPES)
    blocks = paper_data(form, "vi", {})["blocks"]
    (table,) = [block for block in blocks if block["kind"] == "roster"]
    assert [row["number"] for row in table["rows"]] == [13, 14]
    assert (table["columns"], table["sheets"]) == (6, 1)
    assert table["says"].startswith("Số mục: câu 3. Mỗi cột là một mục.")
    assert table["rows"][1]["cell"]["codes"] == ["yes", "no"]
    (parts,) = [block for block in blocks if block["kind"] == "copies"]
    assert parts["times"] == 2
    text = printed(paper_form(form, "vi", at=AT))
    assert text.count("15.Gócthửa") == 2
    assert "Mục2" in text


def test_an_answer_quoted_in_a_label_is_named_by_its_question() -> None:
    assert squeezed("Kể về [câu 2]") in printed(paper_form(instrument(TYPES), "vi", at=AT))


def test_what_people_wrote_is_text_and_never_markup() -> None:
    table = TYPES.replace("Đồng ý?", HOSTILE.replace("|", "/")).replace("Đọc báo", HOSTILE)
    text = printed(paper_form(instrument(table), "vi", at=AT))
    for part in ("#panic()]$x$*\\", "<b>đậm</b>", "=SUM(A1)", "5–3"):
        assert text.count(squeezed(part)) >= 2, part


def test_marks_in_labels_are_emphasis_and_links_keep_their_addresses() -> None:
    found = runs("Rất **quan trọng** và _gấp_: [trang](https://vi.du/a?b=1&c=2)\n# Đầu <i>x</i>")
    assert [piece["text"] for piece in found if piece["bold"]] == ["quan trọng", "Đầu <i>x</i>"]
    assert [piece["text"] for piece in found if piece["italic"]] == ["gấp"]
    assert plain_of(found) == "Rất quan trọng và gấp: trang (https://vi.du/a?b=1&c=2)\nĐầu <i>x</i>"


def test_the_same_form_at_the_same_time_is_the_same_file() -> None:
    form = instrument(TYPES)
    assert paper_form(form, "vi", at=AT) == paper_form(form, "vi", at=AT)


def test_a_language_that_the_form_has_not_is_refused() -> None:
    with pytest.raises(NoSuchLanguage, match="Chọn một trong: vi"):
        paper_form(instrument(TYPES), "fr")


def test_a_form_too_long_for_paper_is_refused() -> None:
    rows = [{"type": "text", "name": f"q{number}", "label": "Hỏi"} for number in range(MOST_QUESTIONS + 1)]
    with pytest.raises(TooLong, match="2001 câu"):
        paper_form(build_instrument({"survey": rows}), "vi")


def test_lists_within_lists_do_not_multiply() -> None:
    depth = 12
    rows = [
        *(
            {"type": "begin repeat", "name": f"r{number}", "label": "Danh sách", "repeat_count": "20"}
            for number in range(depth)
        ),
        {"type": "geopoint", "name": "place", "label": "Ở đâu"},
        *({"type": "end repeat"} for _ in range(depth)),
    ]
    text = printed(paper_form(build_instrument({"survey": rows}), "vi", at=AT))
    assert text.count("1.Ởđâu") == 20


def test_the_desk_gives_the_form_in_each_language(app: Flask) -> None:
    field_survey(app)
    quan = signed_in(app, "quan", Role.MANAGER)
    here = address(app, "ict-ho-gia-dinh")
    links = read(quan, here).xpath("//a[contains(@href, 'phieu-giay.pdf')]/@href")
    assert links == [f"{here}/phieu-giay.pdf?lang={code}" for code in ("vi", "en", "km")]
    for link in links:
        answer = quan.get(link)
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF")
    assert quan.get(links[0]).data == quan.get(links[0]).data
    assert squeezed("Do you agree to take part") in printed(quan.get(links[1]).data)
    refused = quan.get(f"{here}/phieu-giay.pdf?lang=<b>fr")
    assert refused.status_code == 400
    assert "&lt;b&gt;fr" in refused.text
    assert app.test_client().get(links[0]).status_code == 302


def test_a_form_without_questions_is_still_a_page(tmp_path: Path) -> None:
    form = instrument("""
        | survey |      |       |          |
        |        | type | name  | label    |
        |        | note | hello | Xin chào |
        """)
    assert "Xinchào" in printed(paper_form(form, "vi", at=AT))
