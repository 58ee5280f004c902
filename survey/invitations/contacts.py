"""Contacts of a round's cases: brought in from a table, kept apart, deleted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from survey.accounts.service import record
from survey.cases.models import Case
from survey.cases.service import tidy_code
from survey.extensions import db
from survey.invitations.models import Contact
from survey.invitations.phones import BadContact, as_typed, normal_email, normal_phone
from survey.invitations.tables import Row, read_contacts
from survey.rounds.models import Round, RoundStatus

KEPT_AFTER_CLOSE = timedelta(days=90)
CHUNK = 5_000
NORMAL = {"phone": normal_phone, "email": normal_email}


@dataclass(frozen=True)
class RowFault:
    """What is wrong with one row of the file."""

    row: int
    message: str


@dataclass(frozen=True)
class Import:
    """What came of a table: rows taken in, and faults of the others; nothing was kept where `kept` is false."""

    good: int
    faults: tuple[RowFault, ...]
    kept: bool


@dataclass(frozen=True)
class ContactCounts:
    """How many cases of a round can be written to."""

    phones: int
    emails: int
    stopped: int
    cases: int


def import_contacts(round_: Round, content: bytes, *, take_good: bool = False) -> Import:
    """Bring in phone and e-mail by case or unit code; a case that is there gets what the file says.

    Nothing is kept when a row is faulty, unless `take_good`. Raises `survey.spreadsheets.BadTable`.
    """
    known = _Known.of(round_)
    good: dict[int, dict[str, str | None]] = {}
    faults: list[RowFault] = []
    for number, row in read_contacts(content):
        try:
            case_id = known.case_of(row)
            if case_id in good:
                raise BadContact("Phiếu này đã có ở dòng trên.", "Mỗi phiếu một dòng.")
            good[case_id] = _normal(row)
        except BadContact as fault:
            faults.append(RowFault(number, str(fault)))
    kept = bool(good) and (take_good or not faults)
    if kept:
        _keep(good)
        counts = {"rows": len(good), "faults": len(faults)}
        record("contacts.import", f"round:{round_.survey.code}/{round_.code}", counts)
    return Import(len(good), tuple(faults), kept)


@dataclass(frozen=True)
class _Known:
    """The round's cases by code and by unit."""

    codes: Mapping[str, int]
    units: Mapping[str, int]

    @classmethod
    def of(cls, round_: Round) -> "_Known":
        rows = db.session.execute(
            select(Case.code, Case.unit, Case.id).where(Case.round_id == round_.id)
        ).all()
        return cls({row.code: row.id for row in rows}, {row.unit: row.id for row in rows})

    def case_of(self, row: Row) -> int:
        """The case that a row names; raise `BadContact`."""
        code, unit = as_typed(row.get("code", "")), as_typed(row.get("unit", ""))
        if not code and not unit:
            raise BadContact("Thiếu mã phiếu hoặc mã đơn vị.", "Điền một trong hai.")
        by_code, by_unit = self.codes.get(tidy_code(code)), self.units.get(unit)
        if code and by_code is None:
            raise BadContact(f"Không có mã phiếu “{code[:40]}” trong đợt này.", "Kiểm tra lại mã.")
        if unit and by_unit is None:
            raise BadContact(f"Không có đơn vị “{unit[:40]}” trong đợt này.", "Kiểm tra lại mã.")
        if code and unit and by_code != by_unit:
            raise BadContact("Mã phiếu và mã đơn vị là của hai phiếu khác nhau.", "Sửa một trong hai.")
        found = by_code if code else by_unit
        assert found is not None
        return found


def _normal(row: Row) -> dict[str, str | None]:
    values = {
        name: normal(row[name]) if as_typed(row.get(name, "")) else None for name, normal in NORMAL.items()
    }
    if not any(values.values()):
        raise BadContact("Dòng không có số điện thoại hay e-mail.", "Điền ít nhất một, hoặc bỏ dòng này.")
    return values


def _keep(good: Mapping[int, Mapping[str, str | None]]) -> None:
    rows = [{"case_id": case_id, **values} for case_id, values in good.items()]
    for start in range(0, len(rows), CHUNK):
        statement = insert(Contact).values(rows[start : start + CHUNK])
        given = {
            name: func.coalesce(getattr(statement.excluded, name), getattr(Contact, name)) for name in NORMAL
        }
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["case_id"], set_={**given, "added_at": func.now()}
            )
        )


def count_contacts(round_: Round) -> ContactCounts:
    """How many cases have a phone, an e-mail address, or asked for no messages."""
    query = select(func.count(Contact.phone), func.count(Contact.email), func.count(Contact.stopped_at)).join(
        Case, Case.id == Contact.case_id
    )
    phones, emails, stopped = db.session.execute(query.where(Case.round_id == round_.id)).one()
    cases = db.session.scalar(select(func.count()).where(Case.round_id == round_.id)) or 0
    return ContactCounts(phones, emails, stopped, cases)


def delete_contacts(round_: Round) -> int:
    """Delete every number and address of a round; return of how many cases. Who asked for no messages stays known."""
    gone = _delete(round_.id)
    record("contacts.delete", f"round:{round_.survey.code}/{round_.code}", {"cases": gone})
    return gone


def _delete(round_id: int) -> int:
    cases = select(Case.id).where(Case.round_id == round_id)
    written = (Contact.phone.is_not(None)) | (Contact.email.is_not(None))
    here = Contact.case_id.in_(cases) & written
    count = db.session.scalar(select(func.count()).select_from(Contact).where(here)) or 0
    db.session.execute(
        update(Contact)
        .where(here, Contact.stopped_at.is_not(None))
        .values(phone=None, email=None)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(Contact)
        .where(Contact.case_id.in_(cases), Contact.stopped_at.is_(None))
        .execution_options(synchronize_session=False)
    )
    return count


def delete_old_contacts(now: datetime | None = None) -> int:
    """Delete the contacts of rounds that were closed 90 days ago; return how many."""
    before = (now or datetime.now(UTC)) - KEPT_AFTER_CLOSE
    over = select(Round).where(Round.status == RoundStatus.CLOSED, Round.closed_at < before)
    with_contacts = over.where(
        select(Contact.case_id)
        .join(Case, Case.id == Contact.case_id)
        .where(Case.round_id == Round.id, (Contact.phone.is_not(None)) | (Contact.email.is_not(None)))
        .exists()
    )
    return sum(delete_contacts(round_) for round_ in db.session.scalars(with_contacts).all())


def stop(case: Case) -> None:
    """Note that a case asked for no more messages; the caller commits."""
    statement = insert(Contact).values(case_id=case.id, stopped_at=func.now())
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["case_id"],
            set_={"stopped_at": func.coalesce(Contact.stopped_at, statement.excluded.stopped_at)},
        )
    )
    record("contacts.stop", f"case:{case.code}")


def has_stopped(case: Case) -> bool:
    """Whether a case asked for no more messages."""
    contact = db.session.get(Contact, case.id)
    return contact is not None and contact.stopped_at is not None
