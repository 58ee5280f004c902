"""Which reports there are, and one of them as a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from survey import formats
from survey.errors import Fault, NotFound
from survey.reports.annual import annex_rows, annual_report
from survey.reports.document import Report
from survey.reports.published import annex, published_on
from survey.reports.quality import quality_report
from survey.reports.quarterly import quarterly_report
from survey.reports.words import ANNEX_COLUMNS
from survey.reports.writers import MEDIA_TYPES, WRITERS, xlsx_bytes

LANGUAGES = ("vi", "en")
FIRST_YEAR = 2022  # of the oldest plan
ANNUAL, QUARTERLY, QUALITY = "nam", "quy", "chat-luong"


@dataclass(frozen=True)
class Wanted:
    """Which report: its kind, the year of its figures, the day as which it is told, and a survey for quality."""

    kind: str
    year: int
    day: date
    lang: str = "vi"
    survey: str = ""


@dataclass(frozen=True)
class File:
    """A report as a file."""

    name: str
    content: bytes
    media_type: str


REPORTS: dict[str, Callable[[Wanted], Report]] = {
    ANNUAL: lambda wanted: annual_report(wanted.year, wanted.day, wanted.lang),
    QUARTERLY: lambda wanted: quarterly_report(wanted.year, wanted.day, wanted.lang),
    QUALITY: lambda wanted: quality_report(wanted.survey, wanted.year, wanted.day, wanted.lang),
}
FORMATS = {ANNUAL: ("docx", "pdf", "xlsx"), QUARTERLY: ("docx", "pdf"), QUALITY: ("docx", "pdf")}


def make(wanted: Wanted, suffix: str, today: date | None = None) -> File:
    """The report in this format; raise `NotFound` for another, `Fault` for a year or day that cannot be reported."""
    today = today or formats.local_day(datetime.now(UTC))
    if wanted.kind not in REPORTS or suffix not in FORMATS[wanted.kind]:
        raise NotFound(
            f"Không có báo cáo {wanted.kind} dạng {suffix}.",
            "Có: " + "; ".join(f"{kind}: {', '.join(suffixes)}" for kind, suffixes in FORMATS.items()) + ".",
        )
    if wanted.lang not in LANGUAGES:
        raise NotFound(f"Không có báo cáo bằng tiếng {wanted.lang!r}.", f"Có: {', '.join(LANGUAGES)}.")
    if not FIRST_YEAR <= wanted.year <= today.year:
        raise Fault(
            f"Không lập được báo cáo năm {wanted.year}.", f"Chọn năm từ {FIRST_YEAR} đến {today.year}."
        )
    if wanted.day > today:
        raise Fault(f"Ngày {formats.date(wanted.day)} chưa tới.", "Chọn hôm nay hoặc một ngày đã qua.")
    content = _annex(wanted) if suffix == "xlsx" else WRITERS[suffix](REPORTS[wanted.kind](wanted))
    parts = ("bao-cao", wanted.kind, wanted.survey, str(wanted.year), f"{wanted.day:%Y%m%d}", wanted.lang)
    return File("-".join(filter(None, parts)) + f".{suffix}", content, MEDIA_TYPES[suffix])


def _annex(wanted: Wanted) -> bytes:
    lines = annex(published_on(wanted.day, wanted.year), wanted.year, wanted.day)
    moment = datetime.combine(wanted.day, time.min, UTC)
    return xlsx_bytes(annex_rows(lines, wanted.lang), dict(ANNEX_COLUMNS[wanted.lang]), moment)
