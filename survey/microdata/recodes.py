"""Recodes as a statistician writes them: bands, top and bottom codes, rounding, codes put together.

    15, 18, 30, 45, 60      bands that begin at these numbers; the value is the band's first number
    max 80                  greater numbers become 80 (top coding)
    min 5                   smaller numbers become 5
    round 1000              to the nearest multiple
    a=ab; b=ab              codes put together under a new one

Several numeric recodes are parted by semicolons. The Vietnamese words are tối đa, tối thiểu, làm tròn.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from survey.errors import Fault
from survey.formats import number as written
from survey.text import plain

LONGEST = 2000  # characters
NUMBER = r"[+-]?\d{1,15}(?:\.\d{1,6})?"
BANDS = re.compile(rf"{NUMBER}(?:\s*,\s*{NUMBER})+")
STEP = re.compile(rf"(max|toi da|min|toi thieu|round|lam tron)\s+({NUMBER})")
JOINED = re.compile(r"([^\s=;]{1,64})\s*=\s*([A-Za-z0-9_.-]{1,32})")
KINDS = {"toi da": "max", "toi thieu": "min", "lam tron": "round"}


class BadRecode(Fault):
    title = "Cách gộp mã chưa đúng"


@dataclass(frozen=True)
class Recode:
    """One step: `kind` is bands, max, min, round or join; `numbers` or `codes` say how."""

    kind: str
    numbers: tuple[float, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


def parse(text: str, where: str) -> tuple[Recode, ...]:
    """The steps of a text; raise `BadRecode`, which names the variable and the part that is wrong."""
    if len(text) > LONGEST:
        raise BadRecode(f"{where}: cách gộp dài quá {LONGEST} ký tự.", "Viết ngắn hơn, gộp thành ít mã hơn.")
    parts = [part.strip() for part in text.split(";") if part.strip()]
    joined = [JOINED.fullmatch(part) for part in parts]
    if parts and all(joined):
        return (Recode("join", codes={match[1]: match[2] for match in joined if match}),)
    return tuple(_number_step(part, where) for part in parts)


def _number_step(part: str, where: str) -> Recode:
    if BANDS.fullmatch(part):
        cuts = tuple(float(cut) for cut in part.split(","))
        if any(low >= high for low, high in pairwise(cuts)):
            raise BadRecode(f"{where}: các mốc “{part[:60]}” không tăng dần.", "Viết từ nhỏ đến lớn.")
        return Recode("bands", cuts)
    match = STEP.fullmatch(plain(part))
    if match is None:
        raise BadRecode(
            f"{where}: không hiểu “{part[:60]}”.",
            "Viết như: 15, 30, 60 (khoảng) · max 80 · min 5 · round 1000 · a=ab; b=ab (gộp mã).",
        )
    kind, value = KINDS.get(match[1], match[1]), float(match[2])
    if kind == "round" and value <= 0:
        raise BadRecode(f"{where}: bội số để làm tròn phải lớn hơn 0.", "Viết như: round 1000.")
    return Recode(kind, (value,))


def recoded(values: "pd.Series", steps: tuple[Recode, ...], where: str) -> "pd.Series":
    """The values after all steps; raise `BadRecode` for numbers below the first band or for text that is no number."""
    for step in steps:
        values = STEPS[step.kind](values, step, where)
    return values


def _numbers(values: "pd.Series", where: str) -> "pd.Series":
    numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
    if numbers.isna().sum() > values.isna().sum():
        raise BadRecode(f"{where}: biến này không phải số.", "Dùng cách gộp mã: a=ab; b=ab.")
    return numbers


def _bands(values: "pd.Series", step: Recode, where: str) -> "pd.Series":
    numbers = _numbers(values, where)
    known = numbers.dropna().astype(float)
    if (known < step.numbers[0]).any():
        raise BadRecode(
            f"{where}: có giá trị nhỏ hơn mốc đầu {written(step.numbers[0])}.",
            f"Bắt đầu từ {written(np.floor(known.min()))} hoặc nhỏ hơn.",
        )
    place = np.searchsorted(step.numbers, known.to_numpy(), side="right") - 1
    return (
        pd.Series(np.asarray(step.numbers)[place], index=known.index).reindex(values.index).astype("Float64")
    )


def _top(values: "pd.Series", step: Recode, where: str) -> "pd.Series":
    return _numbers(values, where).clip(upper=step.numbers[0])


def _bottom(values: "pd.Series", step: Recode, where: str) -> "pd.Series":
    return _numbers(values, where).clip(lower=step.numbers[0])


def _rounded(values: "pd.Series", step: Recode, where: str) -> "pd.Series":
    return (_numbers(values, where) / step.numbers[0]).round() * step.numbers[0]


def _joined(values: "pd.Series", step: Recode, where: str) -> "pd.Series":
    text = values.astype("string")
    there = {each for cell in text.dropna() for each in cell.split()}
    absent = sorted(set(step.codes) - there)
    if absent and not there & set(step.codes):
        raise BadRecode(
            f"{where}: dữ liệu không có mã {absent[0][:40]!r}.", "Xem các mã ở bảng mã của phiếu."
        )
    return text.map(lambda cell: " ".join(dict.fromkeys(step.codes.get(code, code) for code in cell.split())),
                    na_action="ignore").astype("string")  # fmt: skip


STEPS: dict[str, Callable[["pd.Series", Recode, str], "pd.Series"]] = {
    "bands": _bands,
    "max": _top,
    "min": _bottom,
    "round": _rounded,
    "join": _joined,
}


def labels(steps: tuple[Recode, ...], values: "pd.Series") -> dict[float, str]:
    """What the numbers that stand for others are called: bands, and the ends that were cut."""
    found: dict[float, str] = {}
    for step in steps:
        found |= LABELS.get(step.kind, lambda step: {})(step)
    there = set(pd.to_numeric(values, errors="coerce").dropna().astype(float))
    return {value: text for value, text in found.items() if value in there}


def _band_labels(step: Recode) -> dict[float, str]:
    whole = all(cut == int(cut) for cut in step.numbers)
    ends = {
        low: f"{_short(low)}–{_short(high - 1)}" if whole else f"{_short(low)} đến dưới {_short(high)}"
        for low, high in pairwise(step.numbers)
    }
    return {**ends, step.numbers[-1]: f"từ {_short(step.numbers[-1])}"}


def _short(value: float) -> str:
    return written(value, 0 if value == int(value) else 2)


LABELS: dict[str, Callable[[Recode], dict[float, str]]] = {
    "bands": _band_labels,
    "max": lambda step: {step.numbers[0]: f"từ {_short(step.numbers[0])}"},
    "min": lambda step: {step.numbers[0]: f"đến {_short(step.numbers[0])}"},
}


def in_words(steps: tuple[Recode, ...]) -> str:
    """What was done, for the report."""
    return "; ".join(WORDS[step.kind](step) for step in steps)


WORDS: dict[str, Callable[[Recode], str]] = {
    "bands": lambda step: "gộp thành khoảng: " + ", ".join(_band_labels(step).values()),
    "max": lambda step: f"trên {_short(step.numbers[0])} ghi là {_short(step.numbers[0])}",
    "min": lambda step: f"dưới {_short(step.numbers[0])} ghi là {_short(step.numbers[0])}",
    "round": lambda step: f"làm tròn đến bội số của {_short(step.numbers[0])}",
    "join": lambda step: "gộp mã: " + ", ".join(f"{old} → {new}" for old, new in step.codes.items()),
}
