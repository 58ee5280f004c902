"""Cases of a round: add them from a drawn sample, find them, record how contact went."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update

from survey.accounts.service import record
from survey.cases.models import Area, AreaKind, Case, Disposition, Sample
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.rounds.models import Round

# No 0/O, 1/I/L, no U: a code is read out on the telephone and typed on a small keyboard.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8


def new_code() -> str:
    """A random code that a person can type: 30^8, about 6.6e11 of them."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def tidy_code(text: str) -> str:
    """A typed code as we store it: capitals, without spaces and dashes."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def add_sample(round_: Round, method: dict[str, Any], units: Iterable[Mapping[str, Any]]) -> Sample:
    """Keep a drawn sample and make a case of each unit.

    `units`: mappings with unit, stratum, psu, probability (over all stages) and whatever the frame knows
    (district, area_type, commune …), which goes into `frame_data`. Raises `Conflict` on a second sample.
    """
    if db.session.scalar(select(Sample).where(Sample.round_id == round_.id)):
        raise Conflict(f"Đợt {round_.code} đã có mẫu.", "Mở đợt mới để rút mẫu khác.")
    sample = Sample(round_id=round_.id, method=method)
    db.session.add(sample)
    communes = dict(db.session.execute(select(Area.code, Area.id).where(Area.kind == AreaKind.COMMUNE)).all())
    cases = [_case(round_, unit, communes) for unit in units]
    db.session.flush()
    db.session.execute(insert(Case), cases)
    record("sample.draw", f"round:{round_.survey.code}/{round_.code}", {"units": len(cases)})
    return sample


CASE_FIELDS = ("unit", "stratum", "psu", "probability")


def _case(round_: Round, unit: Mapping[str, Any], communes: dict[str, int]) -> dict[str, Any]:
    return {
        "round_id": round_.id,
        "code": new_code(),
        "token": secrets.token_urlsafe(24),
        **{name: unit[name] for name in CASE_FIELDS},
        "frame_data": {name: value for name, value in unit.items() if name not in CASE_FIELDS},
        "area_id": communes.get(str(unit.get("commune", ""))),
        "disposition": Disposition.PENDING,
    }


def case_of_token(token: str) -> Case:
    """The case of an invitation link; raise `NotFound`."""
    case = db.session.scalar(select(Case).where(Case.token == token))
    if case is None:
        raise NotFound(
            "Liên kết mời không đúng hoặc đã bị thu hồi.", "Kiểm tra lại thư mời hoặc quét lại mã QR."
        )
    return case


def case_of_code(round_: Round, code: str) -> Case:
    """The case of a typed code in a round; raise `NotFound`."""
    case = db.session.scalar(select(Case).where(Case.round_id == round_.id, Case.code == tidy_code(code)))
    if case is None:
        raise NotFound(
            f"Không có mã phiếu “{code}” trong đợt khảo sát này.",
            "Kiểm tra lại mã trên thư mời hoặc danh sách; để trống nếu không có mã.",
        )
    return case


def set_disposition(case: Case, disposition: Disposition, now: datetime | None = None) -> None:
    """Record the latest outcome of contact with a case."""
    case.disposition, case.disposition_at = disposition, now or datetime.now(UTC)


def close_cases(round_: Round) -> int:
    """At the end of fieldwork, cases that nobody reached are noncontacts; return how many."""
    result = db.session.execute(
        update(Case)
        .where(Case.round_id == round_.id, Case.disposition == Disposition.PENDING)
        .values(disposition=Disposition.NON_CONTACT, disposition_at=datetime.now(UTC))
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
