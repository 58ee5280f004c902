"""Whether a value may be what an agency reports: each fault with its column and what to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from survey.cases.models import Area
from survey.formats import measure, number
from survey.instrument.faults import Unclear
from survey.instrument.numerals import parse_number
from survey.registry.models import Agency, Indicator
from survey.registry.periods import Period, read_day, read_period
from survey.registry.service import line_on
from survey.registry.values import finding
from survey.registry.values.finding import WrongCell
from survey.registry.values.limits import SHARE, Limits, limits_of
from survey.registry.values.models import AdministrativeValue
from survey.text import composed

T = TypeVar("T")
LONGEST = {"text": 500, "source_number": 100, "note": 1000, "revision_note": 1000}
COMPUTED_DECIMALS = 1


@dataclass(frozen=True)
class Entry:
    """One reported value as it was typed, cell by cell."""

    line: str = ""
    area: str = ""
    period: str = ""
    value: str = ""
    numerator: str = ""
    denominator: str = ""
    text: str = ""
    source_number: str = ""
    source_date: str = ""
    agency: str = ""
    note: str = ""
    revision_note: str = ""


@dataclass(frozen=True)
class Finding:
    """What is wrong with a cell, or only unusual (`is_warning`), and what to do."""

    column: str
    message: str
    remedy: str
    is_warning: bool = False


@dataclass(frozen=True)
class Reported:
    """A value that passed: what is kept of it."""

    line: Indicator
    area: Area
    period: Period
    agency: Agency
    value: float | None
    numerator: float | None
    denominator: float | None
    decimals: int
    source_date: date
    texts: dict[str, str]


@dataclass
class Check:
    """The findings of one entry, and what it reports where nothing is wrong."""

    entry: Entry
    findings: list[Finding] = field(default_factory=list)
    reported: Reported | None = None

    @property
    def faults(self) -> list[Finding]:
        """What must be put right."""
        return [one for one in self.findings if not one.is_warning]

    @property
    def warnings(self) -> list[Finding]:
        """What may be right but is to be looked at."""
        return [one for one in self.findings if one.is_warning]

    def take(self, column: str, read: Callable[[], T]) -> T | None:
        """What a cell says; its fault is noted and the others are still read."""
        try:
            return read()
        except WrongCell as fault:
            self.findings.append(Finding(fault.column or column, fault.message, fault.remedy))
            return None

    def warn(self, column: str, message: str, remedy: str) -> None:
        """Note what is unusual."""
        self.findings.append(Finding(column, message, remedy, is_warning=True))


def check(entry: Entry, today: date, editing: AdministrativeValue | None = None) -> Check:
    """Read one entry whole; `editing` is the draft that it changes or the public value that it revises."""
    seen = Check(entry)
    line = seen.take("line", lambda: finding.line(entry.line))
    period = seen.take("period", lambda: _period(entry.period, today))
    area = seen.take("area", lambda: finding.area(entry.area, period)) if period else None
    source_date = seen.take("source_date", lambda: _source_date(entry.source_date, today))
    agency = seen.take("agency", lambda: finding.source(entry.agency, line, source_date)) if (
        line and source_date
    ) else None  # fmt: skip
    texts = {name: seen.take(name, lambda name=name: _text(entry, name)) or "" for name in LONGEST}  # type: ignore[misc]
    if not texts["source_number"] and entry.source_number == "":
        seen.findings.append(Finding("source_number", "Thiếu số văn bản.", "Ghi số, ký hiệu như 123/BC-SCT."))
    numbers = _numbers(seen, line) if line else None
    if line and area and period:
        seen.take("period", lambda: finding.refuse_second(line, area, period, editing))
    if line and area and period and agency and source_date and numbers and not seen.faults:
        seen.reported = Reported(line, area, period, agency, *numbers, source_date, texts)
        _look_twice(seen, seen.reported)
    return seen


def _period(text: str, today: date) -> Period:
    try:
        period = read_period(text)
    except ValueError:
        raise WrongCell(
            f"“{text[:40]}” không phải kỳ." if text else "Thiếu kỳ.",
            "Ghi 2026, 2026-Q3, 2026-S1 hoặc 2026-09.",
        ) from None
    if period.start > today:
        raise WrongCell(f"Kỳ {period.name} chưa bắt đầu.", "Ghi kỳ đã có số liệu.")
    return period


def _source_date(text: str, today: date) -> date:
    try:
        day = read_day(text)
    except ValueError:
        raise WrongCell(
            f"“{text[:40]}” không phải ngày." if text else "Thiếu ngày văn bản.", "Ghi như 22/11/2026."
        ) from None
    if day > today:
        raise WrongCell(f"Ngày văn bản {day:%d/%m/%Y} ở tương lai.", "Ghi ngày ký của văn bản đã ban hành.")
    if day.year < 2000:
        raise WrongCell(f"Ngày văn bản {day:%d/%m/%Y} quá xưa.", "Ghi đủ bốn chữ số của năm.")
    return day


def _text(entry: Entry, name: str) -> str:
    text = composed(getattr(entry, name))
    if len(text) > LONGEST[name]:
        raise WrongCell(
            f"Dài {number(len(text))} ký tự.", f"Rút gọn còn không quá {number(LONGEST[name])} ký tự."
        )
    return text


Numbers = tuple[float | None, float | None, float | None, int]


def _numbers(seen: Check, line: Indicator) -> Numbers | None:
    """Value, numerator, denominator and decimals; None where one of them is wrong."""
    entry, limits = seen.entry, limits_of(line)
    before = len(seen.faults)
    value = seen.take("value", lambda: _value(entry.value, limits, line.unit))
    part = seen.take("numerator", lambda: _count(entry.numerator, "Tử số"))
    whole = seen.take("denominator", lambda: _count(entry.denominator, "Mẫu số"))
    if len(seen.faults) > before:
        return None
    return seen.take("value", lambda: _agreed(entry, limits, value, part, whole))


def _value(text: str, limits: Limits, unit: str) -> Decimal | None:
    typed = text.strip()
    if unit.startswith("%"):
        typed = typed.removesuffix("%").strip()
    if not typed:
        return None
    value = _read(typed, limits)
    if limits.whole and value != value.to_integral_value():
        raise WrongCell(f"{text} không phải số nguyên.", f"Chỉ tiêu đếm ({unit}): ghi số nguyên.")
    if not _within(value, limits):
        raise WrongCell(f"{text} ngoài giới hạn của chỉ tiêu.", f"Ghi số {_range(limits, unit)}.")
    return value


def _read(typed: str, limits: Limits) -> Decimal:
    """A number as typed; of two readings the one that the limits allow."""
    try:
        return parse_number(typed, whole=limits.whole)
    except Unclear as unclear:
        possible = [Decimal(str(one)) for one in unclear.readings if _within(Decimal(str(one)), limits)]
        if len(possible) == 1:
            return possible[0]
        raise WrongCell(
            f"“{typed[:40]}” có thể đọc hai cách.", "Ghi 1500 hoặc 1,5, không dùng dấu chấm."
        ) from None
    except (ValueError, ArithmeticError):
        raise WrongCell(
            f"“{typed[:40]}” không phải số.", "Ghi số như 42,6 (không công thức, không chữ)."
        ) from None


def _within(value: Decimal, limits: Limits) -> bool:
    return (limits.low is None or value >= limits.low) and (limits.high is None or value <= limits.high)


def _range(limits: Limits, unit: str) -> str:
    if limits.high is None:
        return f"từ {number(limits.low or 0)}"
    return f"từ {number(limits.low or 0)} đến {measure(limits.high, unit if unit == '%' else '', 0)}"


def _count(text: str, name: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        value = parse_number(text, whole=True)
    except (ValueError, ArithmeticError):
        raise WrongCell(f"{name} “{text[:40]}” không phải số.", "Ghi số đếm như 1500.") from None
    if value < 0:
        raise WrongCell(f"{name} {text} là số âm.", "Ghi số đếm từ 0.")
    return value


def _agreed(
    entry: Entry, limits: Limits, value: Decimal | None, part: Decimal | None, whole: Decimal | None
) -> Numbers:
    """The value and the pair, which must tell the same; raise `WrongCell`."""
    if part is None and whole is None:
        if value is None and not entry.text.strip():
            raise WrongCell("Thiếu giá trị.", "Ghi giá trị, hoặc tử số và mẫu số, hoặc nội dung bằng chữ.")
        return (None if value is None else float(value)), None, None, _places(value)
    if limits.kind != SHARE:
        raise WrongCell(
            "Chỉ tiêu này không phải tỷ lệ.", "Bỏ trống tử số và mẫu số, ghi giá trị.", "numerator"
        )
    if part is None or whole is None:
        missing = "numerator" if part is None else "denominator"
        raise WrongCell("Tử số và mẫu số phải đi đôi.", "Ghi cả hai hoặc bỏ trống cả hai.", missing)
    if whole == 0:
        raise WrongCell("Mẫu số bằng 0.", "Kiểm tra lại báo cáo.", "denominator")
    if part > whole:
        raise WrongCell("Tử số lớn hơn mẫu số.", "Kiểm tra hai số có bị đổi chỗ không.", "numerator")
    share = 100 * part / whole
    decimals = COMPUTED_DECIMALS if value is None else _places(value)
    if value is not None and abs(value - share) > Decimal("0.5").scaleb(-decimals) + Decimal("1e-9"):
        raise WrongCell(
            f"Giá trị {entry.value} khác tỷ lệ tính lại: {number(share, decimals + 1)} %.",
            "Sửa giá trị, tử số hoặc mẫu số cho khớp, hoặc bỏ trống giá trị để hệ thống tính.",
        )
    return float(share), float(part), float(whole), decimals


def _places(value: Decimal | None) -> int:
    """Decimals as reported, at most six."""
    exponent = value.as_tuple().exponent if value is not None else 0
    return min(6, max(0, -exponent)) if isinstance(exponent, int) else 0


def _look_twice(seen: Check, reported: Reported) -> None:
    """Warnings: nothing of this is wrong by itself."""
    line, period = reported.line, reported.period
    if reported.source_date <= period.end:
        seen.warn(
            "source_date", "Văn bản ra trước khi kỳ kết thúc: số ước hoặc sơ bộ?", "Ghi rõ trong ghi chú."
        )
    if line_on(line, reported.source_date).is_unnamed:
        seen.warn(
            "agency", "Tài liệu không nêu cơ quan chủ trì của chỉ tiêu này.", "Người ký kiểm tra thẩm quyền."
        )
    earlier = finding.earlier(line, reported.area, period)
    if earlier is not None and earlier.value is not None and reported.value is not None:
        limits = limits_of(line)
        if limits.jumps(earlier.value, reported.value):
            seen.warn(
                "value",
                f"Thay đổi lớn so với kỳ {earlier.time_period}: từ {number(earlier.value, earlier.decimals)}"
                f" thành {number(reported.value, reported.decimals)}.",
                "Đối chiếu với văn bản; nêu lý do trong ghi chú.",
            )
