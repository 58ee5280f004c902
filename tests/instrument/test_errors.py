"""The usual faults of questionnaires: each named with its sheet and row, and with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.instrument import ExpressionError, InstrumentErrors, compile_expression, read_xlsform
from tests.instrument.forms import instrument

CASES = [
    ("survey", 3, "name", "'meta' is reserved", """
        | survey | | | |
        |        | type | name | label |
        |        | text | a    | A     |
        |        | text | meta | M     |
        """),
    ("survey", 8, "relevant", "${a} is ambiguous", """
        | survey |
        |        | type        | name | label | relevant   |
        |        | begin group | g    | G     |            |
        |        | text        | a    | A     |            |
        |        | end group   |      |       |            |
        |        | begin group | h    | H     |            |
        |        | text        | a    | A     |            |
        |        | end group   |      |       |            |
        |        | text        | c    | C     | ${a} = '1' |
        """),
    ("choices", 3, "name", "'x' stands twice in the list 'l'", """
        | survey  |
        |         | type         | name | label |
        |         | select_one l | a    | A     |
        | choices |
        |         | list_name | name | label |
        |         | l         | x    | X     |
        |         | l         | x    | Y     |
        """),
    ("survey", 3, "type", "'txet' is not a question type", """
        | survey |
        |        | type | name | label |
        |        | text | a    | A     |
        |        | txet | b    | B     |
        """),
    ("survey", 2, "type", "The list 'communes' is not on the choices sheet", """
        | survey  |
        |         | type                | name | label |
        |         | select_one communes | a    | A     |
        | choices |
        |         | list_name | name | label |
        |         | l         | x    | X     |
        """),
    ("survey", 2, "name", "has no name", """
        | survey |
        |        | type | name | label |
        |        | text |      | A     |
        """),
    ("survey", 3, "name", "'a' stands twice", """
        | survey |
        |        | type | name | label |
        |        | text | a    | A     |
        |        | text | a    | B     |
        """),
    ("survey", 3, "relevant", "${zz} names no question", """
        | survey |
        |        | type | name | label | relevant  |
        |        | text | a    | A     |           |
        |        | text | b    | B     | ${zz} = 1 |
        """),
    ("survey", 2, "calculation", "in a circle: a → b → a", """
        | survey |
        |        | type      | name | label | calculation |
        |        | calculate | a    |       | ${b} + 1    |
        |        | calculate | b    |       | ${a} + 1    |
        """),
    ("survey", 3, "constraint", "no function uppercase()", """
        | survey |
        |        | type | name | label | constraint         |
        |        | text | a    | A     |                    |
        |        | text | b    | B     | uppercase(.) = 'X' |
        """),
    ("survey", 2, "constraint", "could take without end", """
        | survey |
        |        | type | name | label | constraint          |
        |        | text | a    | A     | regex(., '(a+)+(?=b)') |
        """),
    ("survey", 2, "type", "never ended", """
        | survey |
        |        | type        | name | label |
        |        | begin group | g    | G     |
        |        | text        | a    | A     |
        """),
    ("choices", 2, "name", "'x y' has a space", """
        | survey  |
        |         | type              | name | label |
        |         | select_multiple l | a    | A     |
        | choices |
        |         | list_name | name | label |
        |         | l         | x y  | X     |
        """),
    ("settings", 2, "instance_name", "'data' is also the name of the form itself", """
        | survey   |
        |          | type | name | label |
        |          | date | data | Data  |
        | settings |
        |          | form_id | instance_name       |
        |          | f       | concat('x', ${data}) |
        """),
    ("survey", 1, "label::French (fr)label::English (en)", "two headers ran together", """
        | survey |
        |        | type | name | label | label::French (fr)label::English (en) |
        |        | text | a    | A     | A                                     |
        """),
    ("survey", 2, "instance::tag", "attribute 'tag'", """
        | survey |
        |        | type        | name | label | instance::tag |
        |        | begin group | g    | G     | x             |
        |        | text        | a    | A     |               |
        |        | end group   |      |       |               |
        """),
    ("survey", 1, "bind::a b", "attribute 'a b'", """
        | survey |
        |        | type | name | label | bind::a b |
        |        | text | a    | A     | x         |
        """),
    ("survey", 3, "type", "a question type of SurveyCTO", """
        | survey |
        |        | type   | name | label |
        |        | text   | a    | A     |
        |        | caseid | b    | B     |
        """),
    ("survey", 2, "type", "a question type of KoboToolbox", """
        | survey |
        |        | type             | name | label |
        |        | begin_kobomatrix | m    | M     |
        |        | text             | a    | A     |
        |        | end_kobomatrix   |      |       |
        """),
    ("survey", 2, "name", "has 300 characters", f"""
        | survey |
        |        | type | name | label |
        |        | text | {"a" * 300} | A |
        """),
    ("survey", 2, "label", "cannot be stored (U+0007, character 2)", """
        | survey |
        |        | type | name | label |
        |        | text | a    | x\x07y |
        """),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "row", "column", "cause", "table"), CASES)
def test_a_fault_says_where_why_and_what_to_do(
    sheet: str, row: int, column: str, cause: str, table: str
) -> None:
    with pytest.raises(InstrumentErrors) as refusal:
        instrument(table)
    fault = refusal.value.faults[0]
    assert (fault.sheet, fault.row, fault.column) == (sheet, row, column)
    assert cause in fault.cause
    assert fault.remedy
    assert fault.cause_vi and fault.remedy_vi
    assert f"dòng {row}" in fault.message("vi")


@pytest.mark.parametrize(
    ("expression", "remedy", "remedy_vi"),
    [
        ("duration()", "subtract two date-times", "hiệu hai mốc thời gian"),
        ("cht:difference-in-days(1, 2)", "use date arithmetic", "phép trừ ngày"),
        ("rount(1)", "Did you mean round()?", "Có phải là round()?"),
        ("frobnicate()", "ODK XForms specification", "đặc tả ODK XForms"),
    ],
)
def test_an_unknown_function_is_refused_with_what_to_use(
    expression: str, remedy: str, remedy_vi: str
) -> None:
    with pytest.raises(InstrumentErrors) as refusal:
        instrument(f"| survey |\n| | type | name | calculation |\n| | calculate | a | {expression} |")
    (fault,) = refusal.value.faults
    assert (fault.row, fault.column) == (2, "calculation")
    assert remedy in fault.remedy and remedy_vi in fault.remedy_vi


def test_the_remedy_for_a_question_named_as_the_form_works() -> None:
    form = instrument("""
        | survey   |
        |          | type | name | label |
        |          | date | data | Data  |
        | settings |
        |          | form_id | instance_name        | name |
        |          | f       | concat('x', ${data}) | ho   |
        """)
    assert form.root == "ho"


def test_all_faults_are_told_at_once_one_line_each() -> None:
    with pytest.raises(InstrumentErrors) as refusal:
        instrument("""
            | survey  |
            |         | type         | name | label | relevant   |
            |         | select_one q | a    | A     |            |
            |         | text         | b    | B     | ${zz} = 1  |
            |         | text         | c d  | C     |            |
            |         | text         | e    | E     | (${a} = 1  |
            | choices |
            |         | list_name | name | label |
            |         | l         | x    | X     |
            """)
    assert [fault.row for fault in refusal.value.faults] == [2, 3, 4, 5]
    assert len(str(refusal.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "position", "cause"),
    [
        ("${a} = 'x", 7, "not closed"),
        ("(1 + 2", 6, "')' is missing"),
        ("1 = = 2", 4, "not expected"),
        ("iff(1, 2, 3)", 0, "no function iff()"),
        ("concat(1, count-selected())", 10, "takes 1 argument, not 0"),
        ("$a", 0, "without a name"),
        ("1 +", 3, "ends too early"),
        ("", 0, "empty"),
        ("(" * 100 + "1" + ")" * 100, 60, "levels of nesting"),
        (" + ".join("1" * 400), 1202, "operators in a row"),
    ],
)
def test_a_broken_expression_is_shown_at_the_character(text: str, position: int, cause: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(text)
    assert cause in refusal.value.cause
    assert refusal.value.position == position


def test_an_unreadable_file_is_a_fault_and_not_a_crash(tmp_path: Path) -> None:
    for name, content in [
        ("a.xlsx", b"not a workbook"),
        ("b.xls", b"\0" * 600),
        ("c.csv", b"\xff\xfe\0"),
        ("d.pdf", b"x"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InstrumentErrors):
            read_xlsform(tmp_path / name)


def test_a_folder_of_sheets_is_read_with_its_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_bytes("\ufefftype,name,label::Tiếng Việt (vi)\ntext,ten,Tên\n".encode())
    (tmp_path / "settings.csv").write_text("form_title,form_id,version\nHộ,ho,1\n", encoding="utf-8")
    form = read_xlsform(tmp_path)
    assert (form.form_id, form.version, form.title(), form.questions["ten"].label("km")) == (
        "ho",
        "1",
        "Hộ",
        "Tên",
    )
