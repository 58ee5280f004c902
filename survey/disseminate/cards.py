"""A figure as a card: what a messenger shows of an address that somebody passed on."""

from survey import formats
from survey.disseminate.models import Observation, Verdict
from survey.disseminate.wording import survey_title
from survey.printing import png
from survey.text import in_language

SIGNS = {">=": "ít nhất ", "<=": "nhiều nhất ", ">": "trên "}
WORDS = {
    "service": "Khảo Sát Số",
    "place": "Tỉnh Vĩnh Long",
    "interval": "Khoảng tin cậy 95 %: {}",
    "target": "Mục tiêu: {}{}",
    "withheld": "Không công bố",
    "warning": "SỐ LIỆU MÔ PHỎNG",
    Verdict.MET: "Đạt mục tiêu",
    Verdict.NOT_MET: "Chưa đạt mục tiêu",
    Verdict.UNDECIDED: "Chưa đủ để kết luận",
}


def card(figure: Observation) -> bytes:
    """The figure with its interval, target and verdict as a PNG of 1200 x 630 dots; synthetic data say so."""
    unit, decimals = figure.unit.words(), figure.unit.decimals
    has_target = figure.target is not None
    return png(
        "card",
        {
            "lang": "vi",
            "service": WORDS["service"],
            "place": WORDS["place"],
            "label": in_language(figure.definition["label"], "vi"),
            "value": WORDS["withheld"]
            if figure.obs_value is None
            else formats.measure(figure.obs_value, unit, decimals),
            "interval": WORDS["interval"].format(
                formats.interval(figure.ci_low, figure.ci_high, decimals, unit)
            ),
            "target": WORDS["target"].format(
                SIGNS.get(str(figure.target_op), ""),
                formats.measure(figure.target, unit, _needed(figure.target)),
            )
            if has_target
            else "",
            "verdict": WORDS[Verdict(figure.verdict)] if figure.verdict else "",
            "verdict_code": figure.verdict or "undecided",
            "source": f"{survey_title(figure, 'vi')}, {figure.time_period}",
            "warning": WORDS["warning"] if figure.is_synthetic else "",
        },
    )


def summary(figure: Observation) -> str:
    """The same in a sentence, for whoever cannot see the card."""
    unit, decimals = figure.unit.words(), figure.unit.decimals
    parts = [
        WORDS["withheld"] if figure.obs_value is None else formats.measure(figure.obs_value, unit, decimals),
        WORDS["interval"].format(formats.interval(figure.ci_low, figure.ci_high, decimals, unit)).lower(),
        WORDS[Verdict(figure.verdict)].lower() if figure.verdict else "",
        f"kỳ {figure.time_period}",
        WORDS["warning"].lower() if figure.is_synthetic else "",
    ]
    return "; ".join(part for part in parts if part)


def _needed(value: float | None) -> int:
    return 0 if value is None or value == int(value) else 1
