"""Administrative values from entry to the public: kept, put forward, signed, revised, withdrawn."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.registry.models import Indicator
from survey.registry.periods import read_period
from survey.registry.values.checks import Entry, Reported
from survey.registry.values.limits import limits_of
from survey.registry.values.models import AdministrativeValue, SourcePaper
from survey.signoff import service as signoff
from survey.signoff.models import SignOffStatus

KEEP = "keep_values"


class NoteMissing(Fault):
    """A published value is changed, and nobody says why."""

    title = "Thiếu ghi chú sửa số liệu"


def enter(
    reported: Reported,
    user: User | None,
    paper: SourcePaper | None = None,
    *,
    import_id: int | None = None,
    is_synthetic: bool = False,
) -> AdministrativeValue:
    """Keep a new draft; raise `Conflict` when somebody else entered the same line, area and period meanwhile.

    `user` None is the service itself, for simulated values only.
    """
    if user is not None or not is_synthetic:
        require(user, KEEP)
    value = AdministrativeValue(entered_by=user, import_id=import_id, is_synthetic=is_synthetic)
    _fill(value, reported, paper)
    _keep(value)
    record("administrative_value.enter", value.sign_off_subject, _told(value), user=user)
    return value


def change(
    value: AdministrativeValue, reported: Reported, user: User, paper: SourcePaper | None, revision: int
) -> AdministrativeValue:
    """Change a draft, which was at `revision` when the person opened it; raises `Conflict`."""
    require(user, KEEP)
    signoff.lock(value)
    if not value.is_open:
        raise Conflict(signoff.told(value), "Chỉ sửa được bản nháp; trả lại trước, hoặc chọn Sửa đổi.")
    if value.revision != revision:
        raise Conflict("Số liệu này vừa được sửa ở một cửa sổ khác.", "Tải lại trang rồi sửa.")
    before = _told(value)
    _fill(value, reported, paper or value.paper)
    _keep(value)
    record(
        "administrative_value.change", value.sign_off_subject, {"before": before, **_told(value)}, user=user
    )
    return value


def revise(
    public: AdministrativeValue, reported: Reported, user: User, paper: SourcePaper | None
) -> AdministrativeValue:
    """A draft that will replace a public value; says why in `revision_note`. Raises `NoteMissing`, `Conflict`."""
    require(user, KEEP)
    signoff.lock(public)
    if not public.current:
        raise Conflict("Số liệu này không còn là số đang công bố.", "Mở số đang công bố rồi sửa đổi.")
    note = reported.texts["revision_note"]
    if not note:
        raise NoteMissing(
            "Sửa số đã công bố mà chưa nêu lý do.", "Nhập ghi chú công khai: sai ở đâu, vì sao."
        )
    value = AdministrativeValue(entered_by=user, revises=public, is_synthetic=public.is_synthetic)
    _fill(value, reported, paper)
    if _same(value, public):
        raise Conflict("Số sửa đổi giống số đang công bố.", "Kiểm tra lại; không có gì để sửa.")
    _keep(value)
    record("administrative_value.revise", value.sign_off_subject, _told(value), user=user)
    return value


def drop(value: AdministrativeValue, user: User) -> None:
    """Delete a draft; what was put forward or public is never deleted."""
    require(user, KEEP)
    signoff.lock(value)
    if not value.is_open:
        raise Conflict(signoff.told(value), "Chỉ xóa được bản nháp.")
    record("administrative_value.drop", value.sign_off_subject, _told(value), user=user)
    db.session.delete(value)
    db.session.flush()


def sign(value: AdministrativeValue, user: User, embargo_until: datetime | None = None) -> bool:
    """The second signature: public at once, or at the hour; False for the same person's second press."""
    if not signoff.approve(value, user, embargo_until):
        return False
    if embargo_until is None:
        make_public(value)
    return True


def make_public(value: AdministrativeValue, now: datetime | None = None) -> bool:
    """What was signed stands in place of what was public for its line, area and period."""
    db.session.refresh(value.indicator, with_for_update=True)  # of two releases one comes after the other
    if not signoff.publish(value, now):
        return False
    db.session.execute(
        update(AdministrativeValue)
        .where(*_same_place(value), AdministrativeValue.current)
        .values(current=False)
    )
    value.current = True
    db.session.flush()
    return True


def publish_due(now: datetime | None = None) -> list[AdministrativeValue]:
    """Make public what was signed and whose hour has come."""
    return [value for value in signoff.due(AdministrativeValue, now) if make_public(value, now)]


def withdraw(value: AdministrativeValue, user: User, reason: str, public_note: str) -> bool:
    """Take back a public value, with a note that stands where it was."""
    value.current = False
    return signoff.withdraw(value, user, reason, public_note)


def find_value(number: int) -> AdministrativeValue:
    """The value of this number; raise `NotFound`."""
    value = db.session.get(AdministrativeValue, number) if number < 2**31 else None
    if value is None:
        raise NotFound(f"Không có số liệu hành chính số {number}.", "Xem ở trang danh mục.")
    return value


def values_of(line: Indicator) -> list[AdministrativeValue]:
    """All values of a line, the latest period first, replaced ones after those that replaced them."""
    query = select(AdministrativeValue).where(AdministrativeValue.indicator_id == line.id)
    return sorted(
        db.session.scalars(query),
        key=lambda one: (read_period(one.time_period).end, one.current, one.id),
        reverse=True,
    )


def public_values(codes: Iterable[str]) -> list[AdministrativeValue]:
    """What is public of these lines: current values, and the notes of withdrawn ones that nothing replaced."""
    query = (
        select(AdministrativeValue)
        .join(Indicator)
        .where(
            Indicator.code.in_(list(codes)),
            AdministrativeValue.current | (AdministrativeValue.status == SignOffStatus.WITHDRAWN),
        )
    )
    found = list(db.session.scalars(query.order_by(Indicator.position, AdministrativeValue.id)))
    replaced = {_place(one) for one in found if one.current}
    shown = {_place(one): one for one in found if one.current or _place(one) not in replaced}
    latest_first = sorted(shown.values(), key=lambda one: read_period(one.time_period).end, reverse=True)
    return sorted(latest_first, key=lambda one: one.indicator.position)


def latest_public() -> dict[str, AdministrativeValue]:
    """The public value of the latest period of each line that has one, by the line's code."""
    query = select(AdministrativeValue).where(AdministrativeValue.current)
    found = db.session.scalars(query.options(joinedload(AdministrativeValue.indicator)))
    in_order = sorted(found, key=lambda one: read_period(one.time_period).end)
    return {value.indicator.code: value for value in in_order}


def values_stamp() -> tuple[int, datetime | None, datetime | None]:
    """What tells one state of the public values from another: how many, last publication, last withdrawal."""
    count, published, withdrawn = db.session.execute(
        select(
            func.count().filter(AdministrativeValue.current),
            func.max(AdministrativeValue.published_at),
            func.max(AdministrativeValue.withdrawn_at),
        )
    ).one()
    return count, published, withdrawn


def as_entry(value: AdministrativeValue) -> Entry:
    """A kept value as it would be typed, to be changed."""
    return Entry(
        line=value.indicator.code,
        area=value.area.full_name,
        period=value.time_period,
        value="" if value.value is None else f"{value.value:.{value.decimals}f}".replace(".", ","),
        numerator=_typed(value.numerator),
        denominator=_typed(value.denominator),
        text=value.text,
        source_number=value.source_number,
        source_date=value.source_date.isoformat(),
        agency=value.agency.code,
        note=value.note,
        revision_note=value.revision_note,
    )


def _typed(number: float | None) -> str:
    return "" if number is None else f"{number:g}" if number != int(number) else str(int(number))


def _fill(value: AdministrativeValue, reported: Reported, paper: SourcePaper | None) -> None:
    value.indicator, value.area, value.agency = reported.line, reported.area, reported.agency
    value.time_period, value.unit = reported.period.code, reported.line.unit
    value.value, value.numerator, value.denominator = reported.value, reported.numerator, reported.denominator
    value.decimals = 0 if limits_of(reported.line).whole else reported.decimals
    value.source_date, value.paper = reported.source_date, paper
    for name, text in reported.texts.items():
        setattr(value, name, text)


def _keep(value: AdministrativeValue) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(value)
            db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            f"{value.indicator.code} kỳ {value.time_period} vừa được người khác nhập.",
            "Tải lại trang danh mục để xem.",
        ) from error


def _same(one: AdministrativeValue, other: AdministrativeValue) -> bool:
    columns = (
        "value",
        "numerator",
        "denominator",
        "text",
        "source_number",
        "source_date",
        "note",
        "time_period",
    )
    return all(getattr(one, name) == getattr(other, name) for name in columns)


def _same_place(value: AdministrativeValue) -> tuple[ColumnElement[bool], ...]:
    return (
        AdministrativeValue.indicator_id == value.indicator_id,
        AdministrativeValue.area_id == value.area_id,
        AdministrativeValue.time_period == value.time_period,
    )


def _place(value: AdministrativeValue) -> tuple[int, int, str]:
    return value.indicator_id, value.area_id, value.time_period


def _told(value: AdministrativeValue) -> dict[str, object]:
    """What the audit trail keeps of a value."""
    return {
        "line": value.indicator.code,
        "area": value.area.code,
        "time_period": value.time_period,
        "value": value.value,
        "source": f"{value.source_number}, {value.source_date.isoformat()}",
        "agency": value.agency.code,
    }
