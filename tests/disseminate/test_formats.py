"""The open formats, each read back with a reader that is not ours and compared value by value."""

import io
import json

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from survey.disseminate import export, service
from tests.disseminate.published import estimate, indicator, publish

NUMBERS = ("obs_value", "std_error", "ci_low", "ci_high", "cv", "deff", "n", "target", "observation", "run")
READERS = {
    "csv": lambda content: pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False),
    "json": lambda content: pd.DataFrame(json.loads(content)),
    "parquet": lambda content: pq.read_table(io.BytesIO(content)).to_pandas(),
    "xlsx": lambda content: _sheet(openpyxl.load_workbook(io.BytesIO(content))["so_lieu"]),
}


def _sheet(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=head)


def _plain(value):
    """A cell as text, empty for what is not there, a number as its shortest digits."""
    if value is None or value == "" or value != value:
        return ""
    return str(value)


@pytest.fixture
def figures(client):
    hostile = indicator(
        "hostile",
        label={"vi": '=HYPERLINK("http://vi-du.vn";"x")', "en": "@SUM(A1)"},
        registry=None,
        held_against_target=False,
    )
    publish(
        estimate(72.4),
        estimate(100 / 3, dimension="sex", level="male", std_error=0.1 + 0.2),
        estimate(60.0, dimension="age_group", level="60+", n=12, quality="unpublishable"),
        estimate(5.0, code="hostile"),
        indicators=[indicator(), hostile],
    )
    return service.current("ict-ho-gia-dinh")


@pytest.mark.parametrize("suffix", list(READERS))
def test_every_value_comes_back_from_the_file(client, figures, suffix):
    response = client.get(f"/du-lieu/ict-ho-gia-dinh/so-lieu.{suffix}")
    found, wanted = READERS[suffix](response.data), export._rows(figures)
    assert list(found.columns) == list(wanted[0]) and len(found) == len(wanted) == 4
    for name in wanted[0]:
        values = [_plain(row[name]) for row in wanted]
        read = [_plain(value).lstrip("'") if suffix == "csv" else _plain(value) for value in found[name]]
        if name in NUMBERS:
            assert [float(v or "nan") for v in read] == pytest.approx(
                [float(v or "nan") for v in values], rel=1e-15, nan_ok=True
            ), name
        else:
            assert read == values, name


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_text_that_looks_like_a_formula_stays_text(client, figures, suffix):
    content = client.get(f"/du-lieu/ict-ho-gia-dinh/so-lieu.{suffix}").data
    if suffix == "csv":
        cells = READERS["csv"](content)["label_vi"]
        assert cells.iloc[-1].startswith("'=") and not cells.str.startswith("=").any()
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content))["so_lieu"]
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_parquet_columns_keep_their_types_without_a_single_value(client):
    publish(estimate(5.0), indicators=[indicator(registry=None, held_against_target=False)])
    schema = pq.read_schema(io.BytesIO(client.get("/du-lieu/ict-ho-gia-dinh/so-lieu.parquet").data))
    assert str(schema.field("target").type) == "double" and str(schema.field("verdict").type) == "string"
    assert str(schema.field("synthetic").type) == "bool" and str(schema.field("n").type) == "int64"


@pytest.mark.parametrize("suffix", list(export.WRITERS))
def test_a_file_is_the_same_bytes_until_the_next_publication(client, figures, suffix):
    address = f"/du-lieu/ict-ho-gia-dinh/so-lieu.{suffix}"
    first, second = client.get(address), client.get(address)
    assert first.data == second.data
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert first.headers["Content-Disposition"] == f"attachment; filename=ict-ho-gia-dinh.{suffix}"
    assert first.content_type.startswith(export.MEDIA_TYPES[suffix].partition(";")[0])
