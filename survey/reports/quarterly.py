"""The quarterly report: how far fieldwork has come and what is due. A yearly survey has no quarterly estimates."""

from collections.abc import Sequence
from datetime import date

from survey import formats
from survey.cases.models import Disposition
from survey.process.fieldwork import RoundLine, overview
from survey.reports.document import Report, Section, Table
from survey.reports.frame import framed
from survey.reports.published import annex, published_on
from survey.rounds.models import Purpose, RoundStatus
from survey.text import in_language

WORDS = {
    "vi": {
        "subject": "Tiến độ đo lường các chỉ tiêu kinh tế số, xã hội số, quý {quarter} năm {year}",
        "scope": "Phạm vi",
        "scope_says": "Báo cáo quý chỉ nêu tiến độ thu thập và công bố. Điều tra thực hiện mỗi năm một lần nên không"
        " có số liệu ước lượng theo quý.",
        "fieldwork": "Tiến độ thu thập đến ngày {day}",
        "columns": ("Đợt điều tra", "Trạng thái", "Mẫu", "Hoàn thành", "Từ chối", "Tỷ lệ trả lời RR1"),
        "none": "Chưa có đợt điều tra nào được mở.",
        "published": "Công bố",
        "published_says": "Năm {year} đã công bố {count} số liệu, ứng với {measured} trong {lines} dòng chỉ tiêu.",
        RoundStatus.DRAFT: "chưa mở",
        RoundStatus.OPEN: "đang thu thập",
        RoundStatus.CLOSED: "đã đóng",
        "demonstration": " (mô phỏng)",
    },
    "en": {
        "subject": "Progress in measuring the targets for the digital economy and society, Q{quarter} {year}",
        "scope": "Scope",
        "scope_says": "Quarterly reports tell how far collection and publication have come. The surveys are yearly,"
        " so there are no quarterly estimates.",
        "fieldwork": "Collection up to {day}",
        "columns": ("Round", "State", "Sample", "Complete", "Refusals", "Response rate RR1"),
        "none": "No round has been opened yet.",
        "published": "Publication",
        "published_says": "{count} figures for {year} are published; of {measured} of the {lines} target lines.",
        RoundStatus.DRAFT: "not open yet",
        RoundStatus.OPEN: "in the field",
        RoundStatus.CLOSED: "closed",
        "demonstration": " (synthetic)",
    },
}


def quarterly_report(year: int, day: date, lang: str = "vi") -> Report:
    """Progress as it stands now, reported for the quarter of the day."""
    words = WORDS[lang]
    figures = published_on(day, year)
    lines = annex(figures, year, day)
    sections = [
        Section(str(words["scope"]), [str(words["scope_says"])]),
        _fieldwork(overview(), year, day, lang),
        Section(
            str(words["published"]),
            [
                str(words["published_says"]).format(
                    year=year,
                    count=formats.number(len(figures), lang=lang),
                    measured=sum(line.judged is not None for line in lines),
                    lines=len(lines),
                )
            ],
        ),
    ]
    subject = str(words["subject"]).format(quarter=(day.month + 2) // 3, year=year)
    return framed(subject, sections, figures, day, lang)


def _fieldwork(rounds: Sequence[RoundLine], year: int, day: date, lang: str) -> Section:
    words = WORDS[lang]
    title = str(words["fieldwork"]).format(day=formats.date(day, lang))
    of_year = [
        line
        for line in rounds
        if line.round.time_period.startswith(str(year)) and line.round.purpose != Purpose.VERIFICATION
    ]
    if not of_year:
        return Section(title, [str(words["none"])])
    rows = [_row(line, lang) for line in of_year]
    table = Table(title, list(words["columns"]), rows, (36, 16, 10, 13, 10, 15), frozenset({2, 3, 4, 5}))
    return Section(title, [], [table])


def _row(line: RoundLine, lang: str) -> list[str]:
    words, outcomes = WORDS[lang], line.outcomes
    synthetic = str(words["demonstration"]) if line.round.is_synthetic else ""
    numbers = (outcomes.sampled, outcomes.complete, outcomes.counts.get(Disposition.REFUSAL, 0))
    return [
        in_language(line.round.title, lang) + synthetic,
        str(words[line.round.status]),
        *(formats.number(value, lang=lang) for value in numbers),
        formats.percent(outcomes.response_rate, 1, lang),
    ]
