"""Reports say what was published, no more, on the day they are told for, and the same each time."""

import io
import re
from datetime import UTC, date, datetime

import pypdfium2
import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import text

from survey.disseminate import service as dissemination
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.registry.values import service as values
from survey.reports import service
from survey.reports.service import Wanted
from survey.signoff import service as signoff
from tests.disseminate.published import another_run, estimate, indicator, publish
from tests.registry.test_values import reported

DAY = date(2026, 12, 5)
LATER = date(2027, 1, 10)


TURN_ROUND = (
    "DO $$ DECLARE one int; BEGIN FOR one IN SELECT id FROM {table} ORDER BY id DESC LOOP"
    " UPDATE {table} SET id = id WHERE id = one; END LOOP; END $$"
)
"""Rows lie in the opposite order afterwards, as after years of changes."""


def made(kind: str, suffix: str, day: date = DAY, lang: str = "vi", survey: str = "") -> bytes:
    return service.make(Wanted(kind, 2026, day, lang, survey), suffix, today=LATER).content


def text_of(content: bytes) -> str:
    """The words of a PDF or a Word file, each table row a line."""
    if content.startswith(b"%PDF"):
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]
        return " ".join(" ".join(pages).split())
    document = Document(io.BytesIO(content))
    rows = [" | ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *rows]).replace("\xa0", " ")


def test_the_annual_report_tells_results_verdicts_and_who_owes_what(figures):
    told = text_of(made(service.ANNUAL, "docx"))
    assert (
        "Trong 75 dòng chỉ tiêu có 3 dòng có số liệu điều tra công bố: 0 đạt, 1 chưa đạt, 1 chưa đủ" in told
    )
    assert re.search(
        r"KH54-37 \| .*trong địa giới Vĩnh Long.* \| ít nhất 75 % \| 71,0 % \| 68,6–73,4 % \| chưa đạt", told
    )
    assert re.search(r"KH54-39 \| .* \| không công bố \| – \| ", told) and "22,0" not in told
    assert "Thống kê tỉnh Vĩnh Long" in told and "SỐ LIỆU MÔ PHỎNG" in told
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in told and "ngày 05 tháng 12 năm 2026" in told


def test_word_and_pdf_say_the_same(figures):
    words = set(re.findall(r"\w{4,}", text_of(made(service.ANNUAL, "docx"))))
    printed = re.sub(r"\s|\ufffe|-", "", text_of(made(service.ANNUAL, "pdf")))
    missing = [word for word in words if word not in printed]
    assert not missing


@pytest.mark.parametrize("suffix", ["docx", "pdf", "xlsx"])
def test_the_same_day_gives_the_same_bytes_even_after_a_later_publication(figures, suffix):
    before = made(service.ANNUAL, suffix)
    first = figures[0].release
    later = dissemination.propose(another_run(first.run, estimate(99.0)), first.proposed_by, "Tính lại.")
    dissemination.publish(later, first.approved_by, now=datetime(2027, 1, 5, tzinfo=UTC))
    for table in ("agency", "indicator", "indicator_owner", "indicator_target", "observation"):
        db.session.execute(text(TURN_ROUND.format(table=table)))
    db.session.expire_all()
    assert made(service.ANNUAL, suffix) == before
    assert made(service.ANNUAL, suffix, LATER) != before


def test_nothing_is_reported_before_it_was_published(figures):
    told = text_of(made(service.ANNUAL, "docx", date(2026, 11, 19)))
    assert "có 0 dòng có số liệu" in told and "Chưa có số liệu điều tra nào của năm 2026" in told


def test_the_annex_has_every_row_with_numbers_as_numbers(figures):
    sheet = load_workbook(io.BytesIO(made(service.ANNUAL, "xlsx"))).active
    heads, *rows = sheet.iter_rows(values_only=True)
    lines = [dict(zip(heads, row, strict=True)) for row in rows]
    assert len({line["TT phụ lục"] for line in lines}) == 71
    (smartphone,) = [line for line in lines if line["Mã"] == "KH54-37"]
    assert (smartphone["Kết quả toàn tỉnh"], smartphone["Kết quả trong địa giới đó"]) == (80.0, 71.0)
    assert smartphone["Kết luận"] == "chưa đạt" and "UBND" in smartphone["Cơ quan chủ trì"]
    withheld = next(line for line in lines if line["Mã"] == "KH54-39")
    assert withheld["Kết quả toàn tỉnh"] is None and withheld["Căn cứ"]


def test_what_agencies_reported_stands_apart_from_estimates(figures):
    release = figures[0].release
    value = values.enter(reported(period="2026-Q1", source_date="10/04/2026"), release.proposed_by)
    signoff.propose(value, release.proposed_by)
    values.sign(value, release.approved_by)
    value.published_at = datetime(2026, 11, 21, tzinfo=UTC)
    db.session.commit()
    told = text_of(made(service.ANNUAL, "docx"))
    assert (
        re.search(r"KH54-13 \| .* \| 62 .*2026.* \| .*", told)
        and "(1 dòng đã có số các cơ quan báo cáo)" in told
    )
    assert "KH54-13" not in text_of(made(service.ANNUAL, "docx", date(2026, 11, 20))).split("Số dòng")[0]
    sheet = load_workbook(io.BytesIO(made(service.ANNUAL, "xlsx"))).active
    heads, *rows = sheet.iter_rows(values_only=True)
    (line,) = [row for row in (dict(zip(heads, row, strict=True)) for row in rows) if row["Mã"] == "KH54-13"]
    assert line["Số liệu hành chính"].startswith("62") and line["Kết quả toàn tỉnh"] is None


def test_a_quarter_has_progress_and_no_estimates(figures):
    told = text_of(made(service.QUARTERLY, "docx"))
    assert "quý 4 năm 2026" in told and "không có số liệu ước lượng theo quý" in told
    assert "71,0" not in told and "80,0" not in told


@pytest.mark.parametrize("lang", service.LANGUAGES)
def test_the_quality_report_has_every_concept_and_the_errors_of_every_total(figures, lang):
    told = text_of(made(service.QUALITY, "docx", lang=lang, survey="ict-ho-gia-dinh"))
    concepts = re.findall(r"\((S\.\d+(?:\.\d)?)\)", told)
    assert [int(code.split(".")[1]) for code in concepts if code.count(".") == 1] == [
        n for n in range(1, 20) if n not in (2, 13)
    ]
    assert [code for code in concepts if code.startswith("S.13")] == ["S.13.1", "S.13.2", "S.13.3"]
    assert ("1,20" if lang == "vi" else "1.20") in told and not re.search(r"\{\w+\}", told)
    assert "XVIII. " in told


def test_english_reports_have_english_numbers_and_names(figures):
    told = text_of(made(service.ANNUAL, "docx", lang="en"))
    assert "Share of the population using a smartphone" in told and "68.6–73.4%" in told and "not met" in told


def test_markup_in_names_stays_text(client):
    publish(estimate(), indicators=[indicator(label={"vi": "<b>A</b> & {{ 7*7 }} #[x]"})])
    for suffix in ("docx", "pdf"):
        told = text_of(made(service.QUALITY, suffix, survey="ict-ho-gia-dinh"))
        assert "<b>A</b> & {{ 7*7 }} #[x]" in told


def test_what_cannot_be_reported_is_refused(figures):
    with pytest.raises(NotFound, match="Không có báo cáo"):
        made("nhat-ky", "pdf")
    with pytest.raises(NotFound, match="Không có báo cáo"):
        made(service.QUARTERLY, "xlsx")
    with pytest.raises(Fault, match="chưa tới"):
        made(service.ANNUAL, "pdf", date(2028, 1, 1))
    with pytest.raises(NotFound, match="chưa có số liệu năm 2026"):
        made(service.QUALITY, "pdf", survey="khong-co")
    with pytest.raises(Fault, match="năm 1999"):
        service.make(Wanted(service.ANNUAL, 1999, DAY), "pdf", today=LATER)
