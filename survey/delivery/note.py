"""The letter in a package: what is sent, in the form of Vietnamese administrative documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from survey import formats
from survey.delivery.models import Change
from survey.delivery.queues import Line, Queue
from survey.disseminate.models import Observation
from survey.disseminate.wording import breakdown_label, level_names
from survey.printing import pdf

CHANGES = {
    Change.NEW: "Số liệu mới",
    Change.REVISED: "Số liệu thay số đã gửi",
    Change.WITHDRAWN: "Số liệu rút lại: đề nghị không sử dụng nữa",
}
VERDICTS = {"met": "Đạt", "not_met": "Chưa đạt", "undecided": "Chưa kết luận được"}
OPERATORS = {">=": "tối thiểu", "<=": "tối đa", "=": "", ">": "trên"}
RELIABILITY = {"U": "độ tin cậy thấp", "L": "không công bố: mẫu nhỏ"}
SYNTHETIC = "SỐ LIỆU MÔ PHỎNG, KHÔNG TRÍCH DẪN"


def pdf_of(queue: Queue, number: str, at: datetime) -> bytes:
    """The note as PDF."""
    day = formats.local_day(at)
    data = {
        "title": "Phiếu gửi số liệu",
        "number": number,
        "date": f"ngày {day.day:02} tháng {day.month:02} năm {day.year}",
        "agency": queue.agency.name,
        "mark": SYNTHETIC if queue.is_synthetic else "",
        "counts": [f"{CHANGES[change]}: {count}" for change, count in queue.counts.items()],
        "groups": [
            {"title": CHANGES[change], "rows": rows(queue.of(change)), "notes": notes(queue.of(change))}
            for change in queue.counts
        ],
    }
    return pdf("delivery", data, at)


def row(line: Line) -> dict[str, Any]:
    """A figure as the note and the pages show it, all in words."""
    figure, gone = line.observation, line.change == Change.WITHDRAWN
    unit = figure.unit
    return {
        "id": figure.id,
        "code": figure.registry_code or figure.indicator,
        "name": figure.definition["label"]["vi"],
        "domain": domain_of(figure),
        "period": figure.time_period,
        "value": formats.measure(None if gone else figure.obs_value, unit.words(), unit.decimals),
        "interval": formats.interval(
            None if gone else figure.ci_low, figure.ci_high, unit.decimals, unit.words()
        ),
        "target": "" if gone else target_of(figure),
        "verdict": "" if gone else VERDICTS.get(figure.verdict or "", ""),
        "remark": "đã rút lại" if gone else RELIABILITY.get(figure.obs_status, ""),
        "before": _before(line),
    }


def rows(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Several figures in words."""
    return [row(line) for line in lines]


def notes(lines: Sequence[Line]) -> list[str]:
    """Why figures changed or went, as their releases tell everyone; each reason once."""
    told = (
        line.observation.release.public_note
        if line.change == Change.WITHDRAWN
        else line.observation.release.revision_note
        for line in lines
        if line.change != Change.NEW
    )
    return [text for text in dict.fromkeys(told) if text]


def domain_of(figure: Observation) -> str:
    """Whom a figure is for: `Giới tính: Nam`; empty for a total."""
    if figure.dimension is None:
        return ""
    level = str(figure.level)
    return f"{breakdown_label(figure, 'vi')}: {level_names(figure, 'vi').get(level, level)}"


def target_of(figure: Observation) -> str:
    """The target in words, empty where there is none; our fonts have no sign for "at least"."""
    if figure.target is None:
        return ""
    words = OPERATORS.get(figure.target_op or "", "")
    return f"{words} {formats.measure(figure.target, figure.unit.words(), 0)}".strip()


def _before(line: Line) -> str:
    if line.replaces is None:
        return ""
    unit = line.replaces.unit
    return formats.measure(line.replaces.obs_value, unit.words(), unit.decimals)
