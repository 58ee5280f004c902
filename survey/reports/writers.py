"""Reports set as Word and PDF, and the annex as a workbook; the same report gives the same bytes."""

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd
from docxtpl import DocxTemplate

from survey.printing import pdf
from survey.reports.document import Report

TEMPLATE = Path(__file__).parent / "templates" / "report.docx"
RECIPIENTS_TITLE = {"vi": "Nơi nhận:", "en": "Recipients:"}
TENS, UNITS = ("", "X", "XX", "XXX"), ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a ZIP can tell


def pdf_bytes(report: Report) -> bytes:
    """The report as a tagged PDF."""
    return pdf("report", _told(report), at=_moment(report))


def docx_bytes(report: Report) -> bytes:
    """The report in Word, by the template that officials may edit."""
    document = DocxTemplate(TEMPLATE)
    document.render(_told(report) | {"numbered": _numbered(report)}, autoescape=True)
    moment = _moment(report)
    properties = document.docx.core_properties
    properties.title, properties.created, properties.modified = report.subject, moment, moment
    properties.author, properties.last_modified_by, properties.revision = report.agency, report.agency, 1
    buffer = io.BytesIO()
    document.save(buffer)
    return _undated(buffer.getvalue())


def xlsx_bytes(rows: Sequence[dict[str, Any]], names: dict[str, str], moment: datetime) -> bytes:
    """Rows as a workbook under the names that its readers know; text is never read as a formula."""
    buffer = io.BytesIO()
    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs=options) as writer:
        pd.DataFrame(rows, columns=list(names)).rename(columns=names).to_excel(
            writer, sheet_name="phu_luc", index=False
        )
        writer.sheets["phu_luc"].freeze_panes(1, 3)
        writer.sheets["phu_luc"].autofit(max_width=320)
        writer.book.set_properties({"created": moment.replace(tzinfo=None)})
    return buffer.getvalue()


WRITERS: dict[str, Callable[[Report], bytes]] = {"docx": docx_bytes, "pdf": pdf_bytes}
MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _told(report: Report) -> dict[str, Any]:
    told = asdict(report)
    del told["day"]
    for section in told["sections"]:
        for table in section["tables"]:
            table["numbers"] = sorted(table["numbers"])
    return told | {"recipients_title": RECIPIENTS_TITLE[report.lang]}


def _numbered(report: Report) -> list[dict[str, Any]]:
    return [
        {"number": TENS[number // 10] + UNITS[number % 10], **section}
        for number, section in enumerate(_told(report)["sections"], 1)
    ]


def _moment(report: Report) -> datetime:
    return datetime.combine(report.day, time.min, UTC)


def _undated(content: bytes) -> bytes:
    """The same ZIP without the time at which it was written."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
        for entry in source.infolist():
            plain = zipfile.ZipInfo(entry.filename, EARLIEST)
            plain.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(plain, source.read(entry))
    return buffer.getvalue()
