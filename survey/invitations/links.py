"""The life of a personal link: it opens its case, can be revoked and replaced, and ends."""

import secrets
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from survey.accounts.service import record
from survey.cases.models import Case, Disposition
from survey.cases.service import case_of_token, tidy_code
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.invitations.models import REMINDER_GAP, InvitationPlan, RevokedLink
from survey.rounds.models import Round


class LinkUnknown(NotFound):
    """A link that never was: the same for every token."""

    def __init__(self) -> None:
        super().__init__("Liên kết mời không đúng.", "Quét lại mã QR trên thư mời.")


class LinkOver(Fault):
    """A link that opened a case once; `word` names what the page says, `telephone` whom to ask."""

    status = HTTPStatus.GONE
    title = "Liên kết không còn dùng được"
    word = "link_over"

    def __init__(self, case: Case) -> None:
        super().__init__(
            "Liên kết mời này không còn dùng được.", "Dùng thư mời mới nhất, hoặc gọi số trong thư."
        )
        self.round = case.round
        self.telephone = plan_of(case.round).telephone


class LinkRevoked(LinkOver):
    word = "link_revoked"


class LinkExpired(LinkOver):
    word = "link_expired"


def plan_of(round_: Round) -> InvitationPlan:
    """The round's plan to be read: the defaults where nobody has made one."""
    return db.session.get(InvitationPlan, round_.id) or InvitationPlan(
        round_id=round_.id, telephone="", privacy_address="", reminder_gap=REMINDER_GAP, texts={}
    )


def locked_plan(round_: Round) -> InvitationPlan:
    """The round's plan to be changed or relied on, made if there is none; others wait for the commit."""
    db.session.execute(insert(InvitationPlan).values(round_id=round_.id).on_conflict_do_nothing())
    return db.session.get_one(InvitationPlan, round_.id, with_for_update=True, populate_existing=True)


def case_of_link(token: str, now: datetime | None = None) -> Case:
    """The case that a link opens. Raises `LinkUnknown` or `LinkOver`.

    A case that was answered is found also after its link's last day: its page says that it was answered.
    """
    revoked = db.session.get(RevokedLink, token)
    if revoked is not None:
        raise LinkRevoked(revoked.case)
    try:
        case = case_of_token(token)
    except NotFound:
        raise LinkUnknown from None
    if case.disposition != Disposition.COMPLETE and links_are_over(case.round, now):
        raise LinkExpired(case)
    return case


def links_are_over(round_: Round, now: datetime | None = None) -> bool:
    """Whether the last day of the round's links has passed at the province's clock."""
    last = plan_of(round_).links_end
    return last is not None and (now or datetime.now(LOCAL_TIME)).astimezone(LOCAL_TIME).date() > last


def is_revoked() -> ColumnElement[bool]:
    """SQL: the case has no link at present."""
    return exists().where(RevokedLink.token == Case.token)


def revoke(case: Case, *, replace: bool) -> None:
    """End a case's link, with a new one in its place or none; the caller commits.

    Raises `Conflict` when the case has no link and is to get none, or has answered.
    """
    db.session.refresh(case, with_for_update=True)
    if case.disposition == Disposition.COMPLETE:
        raise Conflict(f"Phiếu {case.code} đã được gửi.", "Liên kết đã hết tác dụng, không cần thu hồi.")
    gone = db.session.get(RevokedLink, case.token) is not None
    if gone and not replace:
        raise Conflict(f"Liên kết của phiếu {case.code} đã bị thu hồi.", "Cấp liên kết mới nếu cần mời lại.")
    if not gone:
        db.session.add(RevokedLink(token=case.token, case_id=case.id))
    if replace:
        case.token = secrets.token_urlsafe(24)
    record("link.replace" if replace else "link.revoke", f"case:{case.code}")


def find_case(round_: Round, text: str) -> Case:
    """The case of a typed code or unit; raise `NotFound`."""
    found = db.session.scalar(
        select(Case).where(
            Case.round_id == round_.id,
            (Case.code == tidy_code(text)) | (Case.unit == text.replace("\0", "").strip()),
        )
    )
    if found is None:
        raise NotFound(f"Không có phiếu hay đơn vị “{text}” trong đợt này.", "Kiểm tra lại mã trên thư mời.")
    return found
