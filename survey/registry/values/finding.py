"""Which line, area and agency a cell names, and which values of the same place there are."""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches

from sqlalchemy import select

from survey.cases.models import Area, AreaKind
from survey.errors import Fault
from survey.extensions import db
from survey.formats import date as day_told
from survey.registry.models import Agency, Indicator
from survey.registry.periods import Period, read_period
from survey.registry.service import agencies_on, line_on
from survey.registry.values.models import AdministrativeValue
from survey.registry.wording import measured_by
from survey.signoff.models import SignOffStatus
from survey.text import plain

PROVINCES = (AreaKind.PROVINCE, AreaKind.PROVINCE_OLD)
HOME = "Vĩnh Long"
WAITING = (SignOffStatus.DRAFT, SignOffStatus.CHECKED, SignOffStatus.APPROVED)


class WrongCell(Fault):
    """A cell that cannot be taken; `column` names another than the one that was read."""

    def __init__(self, message: str, remedy: str, column: str = "") -> None:
        super().__init__(message, remedy)
        self.column = column


def line(code: str) -> Indicator:
    """The administrative line of a code; raise `WrongCell`, with the nearest code or why it takes no value."""
    typed = code.strip().upper()
    if not typed:
        raise WrongCell("Thiếu mã chỉ tiêu.", "Ghi mã như trong danh mục, ví dụ KH54-01.")
    known = {one.upper(): one for one in db.session.scalars(select(Indicator.code))}
    if typed not in known:
        near = get_close_matches(typed, known, n=1, cutoff=0.6)
        remedy = f"Có phải {known[near[0]]}?" if near else "Tìm mã ở trang danh mục."
        raise WrongCell(f"Danh mục không có chỉ tiêu {code.strip()[:40]}.", remedy)
    found = db.session.scalars(select(Indicator).where(Indicator.code == known[typed])).one()
    refuse_measured(found)
    return found


def refuse_measured(indicator: Indicator) -> None:
    """Raise `WrongCell` for a line that takes no administrative value."""
    if indicator.is_task:
        raise WrongCell(f"{indicator.code} là nhiệm vụ, không phải số thống kê.", "Bỏ dòng này.")
    if not indicator.is_administrative:
        raise WrongCell(
            f"{indicator.code} đo bằng khảo sát ({measured_by(indicator.measured_by)}), không nhập số hành chính.",
            "Ghi số vào chỉ tiêu hành chính gần nghĩa, hoặc bỏ dòng này.",
        )


def area(text: str, period: Period) -> Area:
    """The area of a code or name that exists at the end of the period; the province if none is named."""
    wanted = plain(text.strip() or HOME)
    if not text.strip():
        candidates: Iterable[Area] = db.session.scalars(select(Area).where(Area.kind.in_(PROVINCES)))
        named = [one for one in candidates if plain(one.name) == wanted]
    else:
        by_code = list(db.session.scalars(select(Area).where(Area.code == text.strip())))
        named = by_code or [one for one in db.session.scalars(select(Area)) if wanted in _names(one)]
    # "Trà Vinh" is the province, also where a ward has its name
    named = [one for one in named if one.kind in PROVINCES] or named
    there = [one for one in named if exists_on(one, period.end)]
    if len(there) == 1:
        return there[0]
    if named and not there:
        raise WrongCell(
            f"{named[0].full_name} không tồn tại ở cuối kỳ {period.name}.",
            "Ghi địa bàn của kỳ đó (tỉnh nhập ngày 01/7/2025).",
        )
    if there:
        raise WrongCell(f"Có nhiều địa bàn tên “{text[:40]}”.", "Ghi mã địa bàn.")
    names = [one.name for one in db.session.scalars(select(Area).where(Area.kind.in_(PROVINCES)))]
    near = get_close_matches(text.strip(), names, n=1)
    raise WrongCell(
        f"Không có địa bàn “{text[:40]}”.", f"Có phải {near[0]}?" if near else "Ghi tên tỉnh hoặc mã."
    )


def _names(one: Area) -> set[str]:
    return {plain(one.name), one.search_name, plain(one.full_name)}


def exists_on(one: Area | Agency, day: date) -> bool:
    """Whether an area or agency exists on a day."""
    return (one.valid_from is None or one.valid_from <= day) and (one.valid_to is None or day < one.valid_to)


def sources(indicator: Indicator, day: date) -> list[Agency]:
    """The agencies that may report a line on a day: its owners, or any where the documents name nobody."""
    on = line_on(indicator, day)
    return agencies_on(day) if on.is_unnamed else [owner.agency for owner in on.owners]


def source(text: str, indicator: Indicator, day: date) -> Agency:
    """The agency named, if it led the line on the day of its document; raise `WrongCell`."""
    allowed = sources(indicator, day)
    if not allowed:
        raise WrongCell(
            f"Ngày {day_told(day)} không có cơ quan nào chủ trì {indicator.code}.",
            "Kiểm tra ngày văn bản; nếu chỉ tiêu đã được giao lại, thêm cơ quan vào danh mục (owners.csv) trước.",
        )
    typed = text.strip()
    if not typed and len(allowed) == 1:
        return allowed[0]
    wanted = plain(typed)
    for one in allowed:
        if typed == one.code or wanted == plain(one.name):
            return one
    names = [one.name for one in allowed]
    told = (
        f"“{typed[:60]}” không chủ trì {indicator.code} ngày {day_told(day)}." if typed else "Thiếu cơ quan."
    )
    near = get_close_matches(typed, names, n=1, cutoff=0.5) if len(names) > 3 else names
    raise WrongCell(told, f"Chỉ cơ quan chủ trì được nêu làm nguồn: {'; '.join(near or names[:3])}.")


def refuse_second(
    indicator: Indicator, place: Area, period: Period, editing: AdministrativeValue | None
) -> None:
    """Raise `WrongCell` where the same line, area and period has another value already."""
    query = select(AdministrativeValue).where(
        AdministrativeValue.indicator_id == indicator.id,
        AdministrativeValue.area_id == place.id,
        AdministrativeValue.time_period == period.code,
    )
    for other in db.session.scalars(query):
        if editing is not None and other.id in (editing.id, editing.revises_id):
            continue
        if other.status in WAITING:
            raise WrongCell(
                f"{indicator.code} kỳ {period.name} đã có số liệu đang chờ ký.",
                "Sửa số đó, hoặc xóa bản nháp rồi nhập lại.",
            )
        if other.current:
            raise WrongCell(
                f"{indicator.code} kỳ {period.name} đã công bố.",
                "Mở số đã công bố và chọn Sửa đổi, kèm ghi chú công khai.",
            )


def earlier(indicator: Indicator, place: Area, period: Period) -> AdministrativeValue | None:
    """The last value before a period of the same length, public or waiting; None if there is none."""
    query = select(AdministrativeValue).where(
        AdministrativeValue.indicator_id == indicator.id,
        AdministrativeValue.area_id == place.id,
        AdministrativeValue.status != SignOffStatus.WITHDRAWN,
    )
    before = [
        one
        for one in db.session.scalars(query.order_by(AdministrativeValue.id))
        if len(one.time_period) == len(period.code) and read_period(one.time_period).end < period.start
    ]
    return max(before, key=lambda one: read_period(one.time_period).end, default=None)
