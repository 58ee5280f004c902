"""What goes with the data: title, citation, README, disclosure report."""

from datetime import datetime
from typing import Any

from survey import formats
from survey.disseminate.wording import title_of
from survey.formats import number
from survey.microdata.anonymising import Report, Risk
from survey.microdata.plan import ACCESS, DESIGNS, Plan
from survey.microdata.replicas import METHOD_NAMES
from survey.printing import pdf
from survey.process.models import Run

SYNTHETIC = "SỐ LIỆU MÔ PHỎNG: người trả lời do máy tạo ra để thử hệ thống; không được trích dẫn."
METHODS = (
    "k-ẩn danh: Sweeney (2002). l-đa dạng: Machanavajjhala và các tác giả (2007).",
    "Rủi ro tái định danh từng dòng: Benedetti và Franconi (1998), với trọng số mẫu.",
    "Xóa trắng cục bộ và quy tắc áp đảo: Hundepool và các tác giả (2012).",
)
CAUTIONS = (
    "Trọng số lặp cho biết những dòng nào cùng một cụm, dù không nói cụm đó ở đâu.",
    "Nếu trọng số đã hiệu chỉnh theo tầng, tổng trọng số của một tầng bằng số dân đã công bố của tầng: ai ghép được"
    " các dòng của một tầng thì nhận ra tầng đó. Cột “khi biết tầng” cho thấy rủi ro lúc ấy.",
)


def title(run: Run, level: str, version: int) -> str:
    """`Khảo sát …, kỳ 2026, bảng adult: vi dữ liệu ẩn danh, phiên bản 1`."""
    return f"{title_of(run, 'vi')}, kỳ {run.round.time_period}, bảng {level}: vi dữ liệu ẩn danh, phiên bản {version}"


def citation(publisher: str, name: str, at: datetime | None, address: str, sha256: str) -> str:
    """How the file is cited."""
    year = formats.date(at)[-4:] if at else "bản nháp"
    return f"{publisher} ({year}). {name} [tệp dữ liệu]. {address}. SHA-256 {sha256[:16]}…"


def report_pdf(run: Run, name: str, report: Report, facts: dict[str, Any]) -> bytes:
    """The disclosure report on paper."""
    return pdf("disclosure", report_values(run, name, report, facts))


def report_values(run: Run, name: str, report: Report, facts: dict[str, Any]) -> dict[str, Any]:
    """The report as texts in tables, for page and paper alike."""
    risks = {"Trước": report.before, "Sau": report.after}
    if report.inferable:
        risks["Sau, khi biết tầng"] = report.inferable
    return {
        "title": "Báo cáo ẩn danh",
        "name": name,
        "banner": SYNTHETIC if run.round.is_synthetic else "",
        "thresholds": f"k = {report.k}, l = {report.l}",
        "keys": ", ".join(report.keys),
        "sensitive": ", ".join(report.sensitive) or "không chọn",
        "heads": ["", *risks],
        "risks": [[label, *(say(risk) for risk in risks.values())] for label, say in RISK_ROWS],
        "recodes": [[variable, words] for variable, words in report.recodes.items()],
        "blanked": [[variable, number(count)] for variable, count in report.blanked.items()],
        "withheld": [[variable, why] for variable, why in report.withheld.items()],
        "lost": [[code, absent] for code, absent in facts["lost"].items()],
        "figures": [
            [
                one["label"],
                number(one["published"], 4),
                number(one["value"], 4),
                number(one["published_se"], 4),
                number(one["std_error"], 4),
            ]
            for one in facts["reproduced"]
        ],
        "methods": list(METHODS),
        "cautions": list(CAUTIONS),
    }


def _least(values: dict[str, int]) -> str:
    return ", ".join(f"{name}: {number(count)}" for name, count in values.items()) or "–"


RISK_ROWS = (
    ("Nhóm nhỏ nhất (k)", lambda risk: number(risk.k)),
    ("Ít giá trị nhạy cảm nhất (l)", lambda risk: _least(risk.l)),
    ("Số nhóm khóa", lambda risk: number(risk.groups)),
    ("Dòng duy nhất trong mẫu", lambda risk: number(risk.uniques)),
    ("Dòng dưới ngưỡng", lambda risk: number(risk.unsafe)),
    ("Số người có thể bị nhận ra, kỳ vọng", lambda risk: number(risk.expected, 3)),
    ("Rủi ro lớn nhất của một dòng", lambda risk: number(risk.highest, 5)),
)


def risk_rows(report: Report) -> list[tuple[str, list[str]]]:
    """The table of risks: a line a measure, before, after and with the stratum known."""
    risks: list[Risk] = [risk for risk in (report.before, report.after, report.inferable) if risk]
    return [(label, [say(risk) for risk in risks]) for label, say in RISK_ROWS]


def readme(run: Run, plan: Plan, report: Report, facts: dict[str, Any], stem: str, name: str) -> str:
    """README of the package: what it holds, how to compute with it, what anonymising changed; English at the end."""
    parts = [
        f"# {name}",
        f"**{SYNTHETIC}**" if run.round.is_synthetic else "",
        f"{number(facts['rows'])} dòng, {number(facts['columns'])} cột ({number(facts['variables'])} biến khảo sát). "
        f"Truy cập: {ACCESS[plan.access]}. Thiết kế mẫu: {DESIGNS[plan.design]}.",
        "## Tệp",
        f"- `{stem}.csv`, `{stem}.parquet`: mã là chữ như trong phiếu; `{stem}.csv.json` mô tả trọng số lặp.\n"
        f"- `{stem}.dta` (Stata 14 trở lên), `{stem}.sav` (SPSS): mã là số, có nhãn tiếng Việt; “không biết” và"
        " “không muốn trả lời” là giá trị khuyết (.a, .b trong Stata; 98, 99 trong SPSS).\n"
        f"- `{stem}-bang-ma.csv`, `{stem}-ddi.xml`: bảng mã; mọi tên cột, nhãn đầy đủ, biến gốc.\n"
        "- `bao-cao-an-danh.pdf`: báo cáo ẩn danh. `vi-du.R`, `vi-du.py`: tính lại một số đã công bố.\n"
        "- `SHA256SUMS`: kiểm tra tệp: `sha256sum -c SHA256SUMS`.",
        "## Tính toán",
        f"Ước lượng dùng `final_weight`. Sai số dùng {number(facts['replicates'])} trọng số lặp `rep_1`…: "
        f"{METHOD_NAMES.get(facts['method'], facts['method'])}. Bước hiệu chỉnh theo tổng thể được làm lại ở mỗi lần"
        f" lặp. Bậc tự do {number(facts['df'])}. Cột `ind_…` là giá trị của từng chỉ tiêu (trống: ngoài phạm vi của"
        " chỉ tiêu), tính từ chính các giá trị trong tệp.",
        _figures(facts),
        "## Ẩn danh",
        _anonymised(report),
        "## English",
        f"Anonymised microdata, {facts['rows']} rows. Estimates use `final_weight`; standard errors the "
        f"{facts['replicates']} replicate weights `rep_*` ({facts['method']}; scale and rscales in `{stem}.csv.json`). "
        "Columns `ind_*` hold each published indicator, empty outside its population, from the released values. "
        "`vi-du.R` and `vi-du.py` reproduce a published figure. Key variables were recoded and single values"
        " blanked; see `bao-cao-an-danh.pdf`.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _figures(facts: dict[str, Any]) -> str:
    head = (
        "| Chỉ tiêu | Cột | Công bố | Từ tệp | SE công bố (Taylor) | SE lặp |\n|---|---|---:|---:|---:|---:|"
    )
    lines = [
        f"| {_cell(one['label'])} | `{one['column']}` | {number(one['published'], 4)} | {number(one['value'], 4)}"
        f" | {number(one['published_se'], 4)} | {number(one['std_error'], 4)} |"
        for one in facts["reproduced"]
    ]
    lost = [
        f"- `{code}`: không tính lại được, vì tệp không có {absent}."
        for code, absent in facts["lost"].items()
    ]
    table = "\n".join([head, *lines]) if lines else "Không chỉ tiêu nào tính lại được từ tệp này."
    return "\n\n".join(part for part in (table, "\n".join(lost)) if part)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _anonymised(report: Report) -> str:
    lines = [f"- Ngưỡng k = {report.k}, l = {report.l}; khóa: {', '.join(report.keys)}."]
    lines += [f"- `{name}`: {words}." for name, words in report.recodes.items()]
    lines += [f"- `{name}`: xóa trắng {number(count)} giá trị." for name, count in report.blanked.items()]
    lines += [f"- {text}" for text in (*METHODS, *CAUTIONS)]
    return "\n".join(lines)
