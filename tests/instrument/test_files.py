"""Questionnaires as files: workbooks, text tables, and the lists attached to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from survey.instrument import InstrumentErrors, build_instrument, check, choices_for, read_xlsform

TABLE = """
| survey   |
|          | type          | name  | label::Tiếng Việt (vi) |
|          | select_one yn | phone | Điện thoại             |
| choices  |
|          | list_name     | name  | label::Tiếng Việt (vi) |
|          | yn            | 1     | Có                     |
| settings |
|          | form_id       | version |
|          | ho            | 2026    |
"""


def workbook(path: Path) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    survey, choices, settings = (book.create_sheet(name) for name in ("survey", "choices", "settings"))
    for row in (["type", "name", "label::Tiếng Việt (vi)"], [], ["select_one yn", "phone", "Điện thoại"]):
        survey.append(row)
    for row in (["list_name", "name", "label::Tiếng Việt (vi)"], ["yn", 1, "Có"]):
        choices.append(row)
    for row in (["form_id", "version"], ["ho", 2026]):
        settings.append(row)
    book.save(path)
    return path


def test_a_workbook_and_a_text_table_give_the_same_form(tmp_path: Path) -> None:
    (tmp_path / "form.md").write_text(TABLE, encoding="utf-8")
    from_text, from_book = read_xlsform(tmp_path / "form.md"), read_xlsform(workbook(tmp_path / "form.xlsx"))
    assert from_text.hash == from_book.hash
    assert (from_text.questions["phone"].row, from_book.questions["phone"].row) == (2, 3)


def test_one_csv_file_holds_all_sheets(tmp_path: Path) -> None:
    lines = ["survey,,,", ",type,name,label", ",text,ten,Tên", "settings,,,", ",form_id,version,", ",ho,1,"]
    (tmp_path / "form.csv").write_text("\n".join(lines), encoding="utf-8")
    form = read_xlsform(tmp_path / "form.csv")
    assert (form.form_id, list(form.questions)) == ("ho", ["ten"])


def test_sheets_kept_as_json_give_the_same_form_again(tmp_path: Path) -> None:
    form = read_xlsform(workbook(tmp_path / "form.xlsx"))
    assert build_instrument(form.sheets).hash == form.hash


LIST = {
    "survey": [{"type": "select_one_from_file xa.csv", "name": "xa", "label": "Xã"}],
    "settings": [{"form_id": "x"}],
}


def test_a_list_that_comes_later_is_attached_to_the_form() -> None:
    form = build_instrument(LIST)
    assert form.media == ("xa.csv",)
    assert choices_for(form, "xa", {}) == ()
    ready = form.with_files({"xa.csv": "\ufeffname,label\n28885,Ba Tri\n".encode()})
    assert [choice.label() for choice in choices_for(ready, "xa", {})] == ["Ba Tri"]
    assert [fault.kind for fault in check(ready, {"xa": "1"}).faults] == ["choice"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"<a>&x;</a>"])
def test_a_broken_list_is_a_fault(content: bytes) -> None:
    name = "xa.csv" if content[:1] == b"\xff" else "xa.xml"
    with pytest.raises(InstrumentErrors, match=name):
        build_instrument(LIST).with_files({name: content})


def test_a_changed_list_beside_the_form_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text(
        "type,name,label\nselect_one_from_file xa.csv,xa,Xã\n", encoding="utf-8"
    )
    (tmp_path / "xa.csv").write_text("name,label\n1,A\n", encoding="utf-8")
    assert len(choices_for(read_xlsform(tmp_path), "xa", {})) == 1
    (tmp_path / "xa.csv").write_text("name,label\n1,A\n2,B\n", encoding="utf-8")
    assert len(choices_for(read_xlsform(tmp_path), "xa", {})) == 2
