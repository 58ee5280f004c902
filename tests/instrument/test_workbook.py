"""Questionnaires written to files again: nothing is lost, nothing becomes a formula."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from survey.instrument import (
    InstrumentErrors,
    build_instrument,
    csv_files,
    read_sheets,
    read_xlsform,
    xlsx_bytes,
)

FOLDERS = sorted(path.parent for path in Path("questionnaires").glob("*/survey.csv"))
CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" ,;'\"=+-@"),
    min_size=1,
    max_size=12,
).map(lambda text: "-".join(text.split()) or "-")
ROW = st.dictionaries(st.sampled_from(["type", "name", "label::Tiếng Việt (vi)", "relevant"]), CELLS)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_our_questionnaires_survive_a_workbook_and_a_folder(folder: Path, tmp_path: Path) -> None:
    form = read_xlsform(folder)
    (tmp_path / "form.xlsx").write_bytes(xlsx_bytes(form.sheets))
    for name, text in csv_files(form.sheets).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_xlsform(tmp_path / "form.xlsx").xml == form.xml
    assert read_sheets(tmp_path) == form.sheets


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(ROW, min_size=1, max_size=6), st.dictionaries(st.sampled_from(["form_id", "version"]), CELLS))
def test_any_sheets_survive_a_workbook(rows: list[dict[str, str]], setting: dict[str, str]) -> None:
    sheets = {
        "survey": [*rows, {"type": "text", "name": "last"}],
        **({"settings": [setting]} if setting else {}),
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "form.xlsx"
        path.write_bytes(xlsx_bytes(sheets))
        assert read_sheets(path) == sheets


@pytest.mark.parametrize(
    "label", ["=1+1", "+84 270", "-1", "@sum", '=HYPERLINK("http://x.example","y")', "007"]
)
def test_a_cell_that_looks_like_a_formula_is_written_as_text(label: str, tmp_path: Path) -> None:
    form = build_instrument({"survey": [{"type": "text", "name": "a", "label": label}]})
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsx_bytes(form.sheets))
    cell = load_workbook(path)["survey"]["C2"]
    assert (cell.value, cell.data_type) == (label, "s")
    assert b"<f>" not in ZipFile(path).read("xl/worksheets/sheet1.xml")


def test_a_cell_that_no_workbook_holds_is_a_fault_with_its_place() -> None:
    with pytest.raises(InstrumentErrors, match="sheet survey, row 2, column label: The cell has 40000"):
        xlsx_bytes({"survey": [{"type": "note", "name": "a", "label": "x" * 40_000}]})


def test_columns_keep_the_order_that_every_row_has() -> None:
    sheets = {"survey": [{"type": "a", "label": "c"}, {"type": "a", "name": "b", "label": "c"}]}
    assert csv_files(sheets)["survey.csv"].splitlines()[0] == "type,name,label"
