"""The annual report on the targets: what was measured, what is met, what nobody has measured yet."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from survey import formats
from survey.disseminate.models import Observation, Verdict
from survey.disseminate.wording import survey_title
from survey.registry.values.models import AdministrativeValue
from survey.reports.document import Report, Section, Table
from survey.reports.frame import framed
from survey.reports.published import Line, annex, published_on
from survey.reports.words import ADMINISTRATIVE, AIMS, MEASURED, TASK, TOPICS, VERDICTS, WITHHELD
from survey.text import in_language

WORDS = {
    "vi": {
        "subject": "Kết quả đo lường các chỉ tiêu kinh tế số, xã hội số năm {year}",
        "basis": "Căn cứ và phạm vi",
        "basis_says": (
            "Báo cáo này tổng hợp số liệu đã công bố của năm {year} cho {rows} chỉ tiêu ({lines} dòng) trong phụ lục"
            " kèm Kế hoạch số 54/KH-STTTT ngày 11/7/2023, được phê duyệt tại Quyết định số 1723/QĐ-UBND ngày"
            " 19/7/2023 của UBND tỉnh Vĩnh Long (địa giới trước ngày 01/7/2025).",
            "Mỗi con số từ điều tra chọn mẫu đi kèm khoảng tin cậy 95 %. Chỉ tiêu chỉ được kết luận là đạt hoặc chưa"
            " đạt khi cả khoảng tin cậy nằm về một phía của mục tiêu; mục tiêu do một tỉnh cũ đặt ra được đối chiếu"
            " với số liệu trong địa giới của tỉnh đó khi mẫu cho phép.",
        ),
        "overall": "Kết quả chung",
        "overall_says": "Trong {lines} dòng chỉ tiêu có {measured} dòng có số liệu điều tra công bố: {met} đạt,"
        " {not_met} chưa đạt, {undecided} chưa đủ để kết luận. {administrative} dòng đo bằng dữ liệu hành chính"
        " ({reported} dòng đã có số các cơ quan báo cáo),"
        " {tasks} dòng là nhiệm vụ, không phải số liệu; {missing} dòng đo được bằng điều tra nhưng chưa có số liệu.",
        "results": "Kết quả theo nhóm chỉ tiêu",
        "table": "Chỉ tiêu {topic}",
        "columns": ("Mã", "Chỉ tiêu", "Mục tiêu", "Kết quả", "Khoảng tin cậy 95 %", "Kết luận"),
        "reported": "Số liệu hành chính các cơ quan báo cáo (không phải ước lượng điều tra)",
        "reported_columns": ("Mã", "Chỉ tiêu", "Mục tiêu", "Giá trị", "Nguồn"),
        "source": "{number} ngày {day}, {agency}",
        "synthetic": " (mô phỏng)",
        "none": "Chưa có số liệu điều tra nào của năm {year} được công bố đến ngày lập báo cáo.",
        "quality": "Chất lượng số liệu",
        "quality_table": "Các cuộc điều tra",
        "quality_columns": (
            "Cuộc điều tra", "Số số liệu", "Độ tin cậy thấp", "Không công bố", "Cỡ mẫu lớn nhất",
        ),
        "missing": "Chỉ tiêu chưa có số liệu",
        "missing_says": "Các cơ quan chủ trì dưới đây cần cung cấp số liệu hoặc tổ chức đo lường.",
        "missing_table": "Chỉ tiêu chưa có số liệu theo cơ quan chủ trì",
        "missing_columns": ("Cơ quan chủ trì", "Số dòng", "Mã chỉ tiêu"),
        "nobody": "(không còn cơ quan nào được giao)",
        "proposals": "Đề xuất, kiến nghị",
        "proposals_say": "(Cơ quan báo cáo bổ sung.)",
        "territory": " (trong địa giới {province})",
    },
    "en": {
        "subject": "Measured results of the targets for the digital economy and society, {year}",
        "basis": "Basis and scope",
        "basis_says": (
            "This report brings together the figures published for {year} on the {rows} targets ({lines} lines) in the"
            " annex of Plan 54/KH-STTTT of 11 July 2023, approved by Decision 1723/QĐ-UBND of 19 July 2023 of the"
            " People's Committee of Vĩnh Long province (boundaries before 1 July 2025).",
            "Every figure from a sample survey comes with its 95% confidence interval. A target counts as met or not"
            " met only when the whole interval lies on one side of it; a target set by a former province is held"
            " against that province's territory where the sample allows.",
        ),
        "overall": "Overall results",
        "overall_says": "Of {lines} lines {measured} have published survey figures: {met} met, {not_met} not met,"
        " {undecided} undecided. {administrative} lines are measured by administrative data ({reported} with"
        " values that agencies reported), {tasks} are tasks and no"
        " statistics; {missing} could be surveyed and have no figure yet.",
        "results": "Results by topic",
        "table": "Targets: {topic}",
        "columns": ("Code", "Target line", "Target", "Result", "95% confidence interval", "Verdict"),
        "reported": "Administrative values that agencies reported (no survey estimates)",
        "reported_columns": ("Code", "Target line", "Target", "Value", "Source"),
        "source": "{number} of {day}, {agency}",
        "synthetic": " (synthetic)",
        "none": "No survey figure for {year} was published by the day of this report.",
        "quality": "Quality of the figures",
        "quality_table": "Surveys",
        "quality_columns": ("Survey", "Figures", "Low reliability", "Withheld", "Largest sample"),
        "missing": "Lines without a figure",
        "missing_says": "The agencies below are to supply figures or to have them measured.",
        "missing_table": "Lines without a figure by leading agency",
        "missing_columns": ("Leading agency", "Lines", "Codes"),
        "nobody": "(no agency is assigned any more)",
        "proposals": "Proposals",
        "proposals_say": "(To be added by the reporting agency.)",
        "territory": " (within {province})",
    },
}  # fmt: skip


def annual_report(year: int, day: date, lang: str = "vi") -> Report:
    """The report of a year's figures as they were public at the end of a day."""
    figures = published_on(day, year)
    lines = annex(figures, year, day)
    words = WORDS[lang]
    rows = len({line.indicator.parent_row for line in lines})
    sections = [
        Section(
            str(words["basis"]),
            [text.format(year=year, rows=rows, lines=len(lines)) for text in words["basis_says"]],
        ),
        Section(str(words["overall"]), [str(words["overall_says"]).format(**counts(lines))]),
        _results(lines, year, lang),
        _quality(figures, lang),
        _missing(lines, lang),
        Section(str(words["proposals"]), [str(words["proposals_say"])]),
    ]
    return framed(str(words["subject"]).format(year=year), sections, figures, day, lang)


def counts(lines: Sequence[Line]) -> dict[str, int]:
    """How many lines have a figure and which verdict, and how the others could get one."""
    verdicts = Counter(line.judged.verdict for line in lines if line.judged)
    without = Counter(line.indicator.measured_by for line in lines if not line.judged)
    return {
        "lines": len(lines),
        "measured": sum(verdicts.values()),
        **{str(verdict): verdicts[verdict] for verdict in Verdict},
        "administrative": without[ADMINISTRATIVE],
        "reported": sum(bool(line.reported) for line in lines),
        "tasks": without[TASK],
        "missing": sum(without.values()) - without[ADMINISTRATIVE] - without[TASK],
    }


def _results(lines: Sequence[Line], year: int, lang: str) -> Section:
    words = WORDS[lang]
    known = sorted((line for line in lines if line.judged), key=lambda line: line.indicator.group)
    tables = [
        Table(
            str(words["table"]).format(topic=TOPICS[lang].get(topic, topic)),
            list(words["columns"]),
            [_row(line, lang) for line in members],
            (10, 38, 11, 13, 16, 12),
            frozenset({2, 3, 4}),
        )
        for topic, members in groupby(known, key=lambda line: line.indicator.group)
    ]
    none = [] if tables else [str(words["none"]).format(year=year)]
    return Section(str(words["results"]), none, [*tables, *_reported(lines, lang)])


def _reported(lines: Sequence[Line], lang: str) -> list[Table]:
    words = WORDS[lang]
    rows = [
        [
            line.indicator.code,
            in_language(line.indicator.name, lang),
            line.indicator.target_text,
            value_of(value, lang),
            source_of(value, lang),
        ]
        for line in lines
        for value in line.reported
    ]
    columns = list(words["reported_columns"])
    return (
        [Table(str(words["reported"]), columns, rows, (10, 36, 14, 14, 26), frozenset({3}))] if rows else []
    )


def value_of(value: AdministrativeValue, lang: str) -> str:
    """What an agency reported, with its period; words where it gave words."""
    said = (
        value.text if value.value is None else formats.measure(value.value, value.unit, value.decimals, lang)
    )
    return f"{said}, {value.time_period}" + (str(WORDS[lang]["synthetic"]) if value.is_synthetic else "")


def source_of(value: AdministrativeValue, lang: str) -> str:
    """The document in which the agency reported it."""
    return str(WORDS[lang]["source"]).format(
        number=value.source_number, day=formats.date(value.source_date, lang), agency=value.agency.name
    )


def _row(line: Line, lang: str) -> list[str]:
    figure = line.judged
    assert figure is not None
    unit, decimals = figure.unit.words(lang), figure.unit.decimals
    place = ""
    if line.in_territory is not None:
        place = str(WORDS[lang]["territory"]).format(province=line.indicator.province)
    return [
        line.indicator.code,
        in_language(line.indicator.name, lang) + place,
        target_of(line, lang),
        WITHHELD[lang]
        if figure.obs_value is None
        else formats.measure(figure.obs_value, unit, decimals, lang),
        formats.interval(figure.ci_low, figure.ci_high, decimals, unit, lang),
        VERDICTS[lang][figure.verdict or ""],
    ]


def target_of(line: Line, lang: str) -> str:
    """The target as a number with its sign, else as the document writes it."""
    value, figure = line.indicator.target_value, line.judged
    if value is None or figure is None or line.indicator.target_op not in AIMS[lang]:
        return line.indicator.target_text
    decimals = 0 if value == int(value) else 1
    return AIMS[lang][line.indicator.target_op].format(
        formats.measure(value, figure.unit.words(lang), decimals, lang)
    )


def _quality(figures: Sequence[Observation], lang: str) -> Section:
    words = WORDS[lang]
    ordered = sorted(figures, key=lambda figure: figure.survey)
    rows = [_survey_row(list(members), lang) for _, members in groupby(ordered, key=lambda o: o.survey)]
    table = Table(
        str(words["quality_table"]), list(words["quality_columns"]), rows, (44, 14, 14, 14, 14),
        frozenset({1, 2, 3, 4}),
    )  # fmt: skip
    return Section(str(words["quality"]), [], [table] if rows else [])


def _survey_row(figures: Sequence[Observation], lang: str) -> list[str]:
    states = Counter(figure.obs_status for figure in figures)
    numbers = (len(figures), states["U"], states["L"], max(figure.n for figure in figures))
    return [survey_title(figures[0], lang), *(formats.number(value, lang=lang) for value in numbers)]


def _missing(lines: Sequence[Line], lang: str) -> Section:
    """Whom a figure is to come from; a line of several leaders stands under each."""
    words = WORDS[lang]
    codes: dict[str, list[str]] = {}
    for line in lines:
        if line.judged is None and not line.reported and line.indicator.measured_by != TASK:
            for name in [owner.agency.name for owner in line.owners] or [str(words["nobody"])]:
                codes.setdefault(name, []).append(line.indicator.code)
    rows = [[name, str(len(found)), ", ".join(found)] for name, found in sorted(codes.items())]
    table = Table(
        str(words["missing_table"]), list(words["missing_columns"]), rows, (36, 10, 54), frozenset({1})
    )
    return Section(str(words["missing"]), [str(words["missing_says"])], [table])


def annex_rows(lines: Sequence[Line], lang: str) -> list[dict[str, object]]:
    """The annex as a table: a row a line, numbers as numbers."""
    return [_annex_row(line, lang) for line in lines]


def _annex_row(line: Line, lang: str) -> dict[str, object]:
    row, total, placed, judged = line.indicator, line.figure, line.in_territory, line.judged
    return {
        "code": row.code,
        "row": row.facts.get("source_row", ""),
        "name": in_language(row.name, lang),
        "target": row.target_text,
        "target_year": row.target_year,
        "result": total.obs_value if total else None,
        "ci_low": total.ci_low if total else None,
        "ci_high": total.ci_high if total else None,
        "result_in_territory": placed.obs_value if placed else None,
        "ci_low_in_territory": placed.ci_low if placed else None,
        "ci_high_in_territory": placed.ci_high if placed else None,
        "territory": row.province,
        "unit": judged.unit.words(lang) if judged else row.unit,
        "verdict": VERDICTS[lang][(judged.verdict if judged else "") or ""],
        "reported": "; ".join(value_of(value, lang) for value in line.reported),
        "reported_source": "; ".join(source_of(value, lang) for value in line.reported),
        "owners": "; ".join(owner.agency.name for owner in line.owners),
        "legal_basis": row.legal_basis,
        "document": row.document,
        "measured_by": MEASURED[lang].get(row.measured_by, row.measured_by),
        "observation": judged.id if judged else None,
    }
