"""The way through a questionnaire: its tree, its words, its picture."""

import pytest

from survey.authoring.conditions import in_words, parts
from survey.authoring.drawing import Box, draw
from survey.authoring.flow import Branch, Loop, Screen, flow
from tests.authoring.forms import HOUSEHOLD, built


def test_pages_conditions_and_repeats_in_order() -> None:
    group, kind, why, members = flow(built(HOUSEHOLD)).nodes
    assert group == Screen(1, "hh", "Hộ gia đình", 2, 0)
    assert isinstance(kind, Branch) and kind.words == "“Nhà có Internet?” = “Có”"
    assert isinstance(why, Branch) and why.words == "“Nhà có Internet?” = “Không”"
    assert isinstance(members, Branch) and members.words == "“Số người trong hộ” lớn hơn 0"
    (loop,) = members.inside
    assert isinstance(loop, Loop) and (loop.title, loop.count) == ("Thành viên", "${size}")
    assert [screen.title for screen in loop.inside if isinstance(screen, Screen)] == ["Thành viên"]


def test_neighbours_share_the_condition_that_they_share() -> None:
    form = """
    | survey   |            |      |       |                                   |
    |          | type       | name | label | relevant                          |
    |          | select_one yn | ok | Đồng ý? |                                |
    |          | text       | a    | A     | ${ok} = 'yes'                     |
    |          | text       | b    | B     | ${ok} = 'yes' and ${a} != ''      |
    |          | text       | c    | C     | ${ok} = 'yes'                     |
    | choices  |            |      |       |                                   |
    |          | list_name  | name | label |                                   |
    |          | yn         | yes  | Có    |                                   |
    """
    first, agreed = flow(built(form)).nodes
    assert isinstance(first, Screen) and isinstance(agreed, Branch)
    a, b, c = agreed.inside
    assert isinstance(a, Screen) and isinstance(c, Screen)
    assert isinstance(b, Branch) and b.words == "“A” có trả lời"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("${size} >= 2 and ${size} < 5", "“Số người trong hộ” từ 2 trở lên và “Số người trong hộ” nhỏ hơn 5"),
        ("${net} = 'yes' or ${net} = 'no'", "“Nhà có Internet?” = “Có” hoặc “Không”"),
        ("selected(${kind}, 'fibre')", "“Loại kết nối” có chọn “Cáp quang”"),
        ("not(selected(${kind}, 'fibre'))", "“Loại kết nối” không chọn “Cáp quang”"),
        ("${why} = ''", "“Vì sao không có?” để trống"),
        ("${net} = 'no' and (${size} = 1 or ${why} = '')",
         "“Nhà có Internet?” = “Không” và (“Số người trong hộ” = 1 hoặc “Vì sao không có?” để trống)"),
        ("regex(${why}, 'a+')", "“Vì sao không có?” đúng mẫu “a+”"),
        ("${size} + 1 > 2", "“Số người trong hộ” + 1 lớn hơn 2"),
        ("not an expression (", ""),
    ],
)  # fmt: skip
def test_a_condition_in_words_or_none(expression: str, words: str) -> None:
    assert in_words(built(HOUSEHOLD), expression) == words


def test_a_constraint_speaks_of_the_answer() -> None:
    form = built(HOUSEHOLD)
    size = form.questions["size"]
    assert (
        in_words(form, size.constraint, size) == "câu trả lời này từ 1 trở lên và câu trả lời này nhỏ hơn 9"
    )


def test_only_conditions_that_all_must_hold_are_taken_apart() -> None:
    assert parts("${a} = 1 and (${b} = 2 or ${c} = ' and ') and ${d}") == [
        "${a} = 1", "${b} = 2 or ${c} = ' and '", "${d}",
    ]  # fmt: skip
    assert parts("${a} = 1 and ${b} = 2 or ${c}") == ["${a} = 1 and ${b} = 2 or ${c}"]
    assert parts("(${a}) or (${b})") == ["(${a}) or (${b})"]


def test_boxes_stand_below_one_another_and_inside_the_picture() -> None:
    picture = draw(flow(built(HOUSEHOLD)))
    tops = [box.y for box in picture.boxes]
    assert tops == sorted(tops)
    assert all(
        one.y + one.height < other.y for one, other in zip(picture.boxes, picture.boxes[1:], strict=False)
    )
    kinds = [box.kind for box in picture.boxes]
    assert kinds == [
        "end",
        "page",
        "condition",
        "page",
        "condition",
        "page",
        "condition",
        "loop",
        "page",
        "end",
    ]
    for way in picture.ways:
        assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in way.points)
    assert sum(way.kind == "around" for way in picture.ways) == 3
    assert sum(way.kind == "again" for way in picture.ways) == 1


def test_a_picture_fits_a_phone_and_long_texts_their_boxes() -> None:
    long = HOUSEHOLD.replace("Hộ gia đình ", "Hộ " + "rất dài " * 60)
    picture = draw(flow(built(long)))
    assert picture.width <= 330
    page: Box = picture.boxes[1]
    assert len(page.lines) <= 7 and page.lines[-2].endswith("…")


def test_more_pages_than_can_be_drawn_are_counted() -> None:
    rows = "".join(f"| | text | q{n} | Câu {n} |\n" for n in range(405))
    many = flow(built(f"| survey |\n| | type | name | label |\n{rows}"))
    assert (many.pages, many.left_out, len(many.nodes)) == (405, 5, 400)
