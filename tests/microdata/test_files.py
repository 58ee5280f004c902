"""The files of a release, read back with readers that are not ours: pyreadstat, R's haven, pyarrow, lxml, pdfium."""

import csv
import hashlib
import io
import json
import shutil
import subprocess

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pypdfium2
import pyreadstat
import pytest
from lxml import etree

from analysis import Design
from survey.microdata.book import codebook_table
from survey.microdata.columns import LONGEST_NAME, Column, Names
from survey.microdata.making import made, write
from survey.microdata.writing import STATA_TEXT, write_spss, write_stata
from tests.microdata.sampled_plans import plan

STEM = "dien-thoai-2026-adult-v1"
DDI = "{ddi:codebook:2_5}"


@pytest.fixture(scope="module")
def package(bench, tmp_path_factory):
    """A release's folder, and what was made for it."""
    done = made(bench, plan())
    folder = tmp_path_factory.mktemp("release") / "files"
    write(bench, plan(), done, 1, folder)
    return folder, done


def test_csv_and_parquet_hold_the_same_values(package):
    folder, done = package
    text = pd.read_csv(folder / f"{STEM}.csv")
    arrow = pq.read_table(folder / f"{STEM}.parquet").to_pandas()
    assert list(text) == list(arrow) == list(done.table)
    for name in done.table:
        wanted = done.table[name]
        for found in (text[name], arrow[name]):
            assert (found.isna() == wanted.isna()).all(), name
            known = wanted.notna()
            if pd.api.types.is_numeric_dtype(wanted):
                assert np.allclose(found[known], wanted[known], rtol=1e-15, atol=0), name
            else:
                assert (found[known] == wanted[known]).all(), name


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_our_own_library_knows_the_replicate_weights_of_the_file(package, suffix):
    folder, done = package
    design = Design.read_replicates(folder / f"{STEM}.{suffix}")
    (income,) = (one for one in done.figures.reproduced if one.indicator == "mean-income")
    row = design.mean("income").iloc[0]
    assert row["estimate"] == pytest.approx(income.value, rel=1e-12)
    assert row["se"] == pytest.approx(income.std_error, rel=1e-12)
    assert row["df"] == 12  # 15 units in 3 strata


@pytest.mark.parametrize("suffix", ["dta", "sav"])
def test_stata_and_spss_files_are_labelled_in_vietnamese(package, suffix):
    folder, done = package
    read = {"dta": pyreadstat.read_dta, "sav": pyreadstat.read_sav}[suffix]
    found, about = read(str(folder / f"{STEM}.{suffix}"))
    assert list(found) == list(done.table) and len(found) == len(done.table)
    names = about.column_names_to_labels
    assert names["sex"] == "Giới tính" and names["final_weight"] == "Trọng số cuối cùng"
    assert about.variable_value_labels["sex"] == {1.0: "Nam", 2.0: "Nữ"}
    assert about.variable_value_labels["age"][18.0] == "18–29"
    assert "Không biết" in about.variable_value_labels["smartphone"].values()
    codes = done.table["smartphone"].map({"yes": 1.0, "no": 2.0})  # don't know is missing there
    assert codes.isna().sum() > done.table["smartphone"].isna().sum()
    assert found["smartphone"].astype(float).equals(codes.astype(float))
    assert np.array_equal(found["rep_7"], done.table["rep_7"])
    kept, about = read(str(folder / f"{STEM}.{suffix}"), user_missing=True)
    other = {"dta": "a", "sav": 98.0}[suffix]
    assert (kept["smartphone"] == other).sum() == (done.table["smartphone"] == "dont_know").sum() > 0


def test_haven_reads_them_too(package):
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed: haven does not read the files")
    folder, done = package
    program = (
        'if (!requireNamespace("haven", quietly = TRUE)) { cat("none"); quit() }\n'
        f'd <- haven::read_dta("{STEM}.dta"); s <- haven::read_sav("{STEM}.sav")\n'
        'cat(nrow(d), nrow(s), sum(d$final_weight), sum(s$final_weight), attr(d$sex, "label"),'
        ' names(attr(s$sex, "labels")), sum(is.na(s$smartphone)), sum(haven::is_tagged_na(d$smartphone, "a")), sep = "|")'
    )
    answer = subprocess.run(
        ["Rscript", "-e", program], cwd=folder, capture_output=True, text=True, check=True
    )
    if answer.stdout == "none":
        pytest.skip("R has no haven")
    rows, rows_sav, total, total_sav, label, *names, missing, tagged = answer.stdout.split("|")
    assert int(rows) == int(rows_sav) == len(done.table)
    assert float(total) == pytest.approx(done.table["final_weight"].sum(), rel=1e-6) == float(total_sav)
    assert label == "Giới tính" and names == ["Nam", "Nữ"]
    unknown = int((done.table["smartphone"] == "dont_know").sum())
    assert int(tagged) == unknown and int(missing) == unknown + int(done.table["smartphone"].isna().sum())


def test_the_codebook_names_every_column_and_what_it_comes_from(package):
    folder, done = package
    rows = list(csv.DictReader(io.StringIO((folder / f"{STEM}-bang-ma.csv").read_text("utf-8-sig"))))
    assert list(dict.fromkeys(row["column"] for row in rows)) == list(done.table)
    news = [row for row in rows if row["answer"] == "news"]
    assert news[0]["source"] == "activities_on_the_internet_in_three_months"
    assert len(news[0]["column"]) <= LONGEST_NAME and news[0]["label"].endswith(": Đọc tin")
    unknown = next(row for row in rows if row["code"] == "dont_know")
    assert (unknown["number"], unknown["stata"]) == ("98", ".a")


def test_the_ddi_describes_the_file_as_it_is(package):
    folder, done = package
    root = etree.parse(folder / f"{STEM}-ddi.xml").getroot()
    variables = root.findall(f".//{DDI}var")
    assert [one.get("name") for one in variables] == list(done.table)
    assert len({one.get("ID") for one in variables}) == len(variables)
    assert root.findtext(f".//{DDI}caseQnty") == str(len(done.table))
    assert root.findtext(f".//{DDI}fileName") == f"{STEM}.csv"
    phone = next(one for one in variables if one.get("name") == "smartphone")
    assert phone.findtext(f"{DDI}qstn/{DDI}qstnLit") == "Ông/bà có dùng điện thoại thông minh không?"
    assert [c.findtext(f"{DDI}catValu") for c in phone.findall(f"{DDI}catgry")] == ["yes", "no", "dont_know"]
    assert "remark" not in etree.tostring(root, encoding="unicode")


def test_papers_say_what_was_done(package):
    folder, done = package
    with pypdfium2.PdfDocument(folder / "bao-cao-an-danh.pdf") as paper:
        text = " ".join(page.get_textpage().get_text_range() for page in paper)
    for words in ("Báo cáo ẩn danh", "MÔ PHỎNG", "k = 3, l = 2", "15–17", "remark", "khi biết tầng"):
        assert words in " ".join(text.split()), words
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "jackknife" in readme and "MÔ PHỎNG" in readme and "## English" in readme
    for one in done.figures.reproduced:
        assert f"`{one.column}`" in readme


def test_checksums_are_those_of_the_files(package):
    folder, _ = package
    lines = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert {name for _, name in lines} == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    for digest, name in lines:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    about = json.loads((folder / f"{STEM}.csv.json").read_text(encoding="utf-8"))
    assert about["method"] == "jkn" and len(about["replicates"]) == len(about["rscales"]) == 15


@pytest.mark.parametrize("length", [244, 255, 256, 2045, 2046, 5000])
def test_long_texts_and_labels(tmp_path, length):
    text = "ầ" * (length // 3) + "x" * (length % 3)
    assert len(text.encode()) == length
    table = pd.DataFrame({"t": pd.Series([text, "ngắn", None], dtype="string"), "c": ["yes", "no", "yes"]})
    label = "Ông/bà có dùng điện thoại thông minh không? " * 20
    columns = [Column("t", label, False), Column("c", label, False, {"yes": label, "no": "Không"})]
    cut = write_stata(table, columns, tmp_path / "x.dta", label)
    stata, about = pyreadstat.read_dta(tmp_path / "x.dta")
    assert cut == (["t"] if length > STATA_TEXT else [])
    assert text.startswith(stata["t"][0]) and len(stata["t"][0].encode()) >= min(length, STATA_TEXT - 2)
    assert len(about.column_names_to_labels["t"]) == 80 and about.column_names_to_labels["t"].endswith("…")
    assert write_spss(table, columns, tmp_path / "x.sav", label) == []
    spss, about = pyreadstat.read_sav(tmp_path / "x.sav")
    assert spss["t"][0] == text and spss["t"][1] == "ngắn"
    assert about.variable_value_labels["c"][2.0] == "Không"


@pytest.mark.slow
def test_three_thousand_columns_with_long_and_like_names(tmp_path):
    names = Names()
    wanted = [f"Câu hỏi rất dài về việc sử dụng dịch vụ số thứ {n // 2}" for n in range(2990)]
    wanted += ["1", "if", "ALL", "str12", "rep_1", "ID", "id", "đ-đ.đ", "", "=1+1"]
    given = [names.give(name) for name in wanted]
    assert len({name.lower() for name in given}) == 3000 and max(map(len, given)) <= LONGEST_NAME
    assert all(name.isidentifier() and name.isascii() for name in given)
    columns = [Column(name, name, False, {"a": "Có", "b": "Không"}) for name in given]
    table = pd.DataFrame(np.full((3, 3000), "b"), columns=given).astype("string")
    write_stata(table, columns, tmp_path / "x.dta", "")
    write_spss(table, columns, tmp_path / "x.sav", "")
    for found, about in (pyreadstat.read_dta(tmp_path / "x.dta"), pyreadstat.read_sav(tmp_path / "x.sav")):
        assert list(found) == given and (found == 2.0).all(axis=None)
        assert about.variable_value_labels[given[-1]] == {1.0: "Có", 2.0: "Không"}


def test_formulas_in_codes_and_labels_are_text(tmp_path):
    column = Column("v", '=HYPERLINK("x")', False, {"=1+1": "@SUM(A1)"})
    rows = list(csv.reader(io.StringIO(codebook_table([column]).decode("utf-8-sig"))))
    assert rows[1][1].startswith("'=") and rows[1][5].startswith("'=") and rows[1][8].startswith("'@")
