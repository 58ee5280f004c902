"""A community digital team helps people to answer: one helper, many neighbours, one phone.

Volunteers have no accounts: a team has a code that a manager issues and can revoke, each helper adds a name.
What is shown on the phone hangs on the help session in the database, so that it can be taken away there.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from survey import formats
from survey.accounts.models import User
from survey.accounts.service import record
from survey.cases.service import new_code, tidy_code
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.intake.models import HelperTeam, HelpSession, Response, ResponseStatus
from survey.rounds.models import Round

SILENCE = timedelta(minutes=10)
SHIFT = timedelta(hours=12)
LONGEST_VALIDITY = timedelta(days=366)
LONGEST_NAME = 100
LONGEST_CODE = 40


@dataclass(frozen=True)
class HelpCount:
    """What one helper did in a round: answers sent and forms not finished."""

    team: str
    helper: str
    complete: int
    unfinished: int


def issue_team(name: str, last_day: date, user: User) -> HelperTeam:
    """A team with a new code that holds to the end of a day, local time; raise `Fault` for a day that will not do."""
    today = datetime.now(LOCAL_TIME).date()
    if not today <= last_day <= today + LONGEST_VALIDITY:
        raise Fault(
            f"Không cấp được mã dùng đến {formats.date(last_day)}.",
            "Chọn một ngày từ hôm nay đến một năm sau.",
        )
    end = datetime.combine(last_day + timedelta(days=1), time(), LOCAL_TIME)
    team = HelperTeam(name=name, code=new_code(), issued_by_id=user.id, expires_at=end)
    db.session.add(team)
    db.session.flush()
    record("helper_team.issue", f"helper_team:{team.id}", {"name": name}, user=user)
    return team


def revoke_team(team_id: int) -> HelperTeam:
    """End a team's code, and with it every help session that was opened by it; raise `NotFound`."""
    team = db.session.get(HelperTeam, team_id)
    if team is None:
        raise NotFound("Không có tổ hỗ trợ này.", "Tải lại trang của đợt.")
    if team.revoked_at is None:
        team.revoked_at = datetime.now(UTC)
        record("helper_team.revoke", f"helper_team:{team.id}")
    return team


def teams() -> list[HelperTeam]:
    """Every team, those whose code still holds first."""
    query = select(HelperTeam).order_by(HelperTeam.revoked_at.desc().nulls_first(), HelperTeam.name)
    return list(db.session.scalars(query))


def is_valid(team: HelperTeam) -> bool:
    """Whether the team's code holds now."""
    return team.revoked_at is None and team.expires_at > datetime.now(UTC)


def begin_help(code: str, helper_name: str) -> HelpSession:
    """A helper takes a phone; raise `NotFound` for a code that does not hold."""
    team = db.session.scalar(select(HelperTeam).where(HelperTeam.code == tidy_code(code[:LONGEST_CODE])))
    if team is None or not is_valid(team):
        raise NotFound("Mã tổ không đúng, đã hết hạn hoặc đã bị thu hồi.", "Hỏi lại người giao mã.")
    help_ = HelpSession(team=team, helper_name=helper_name[:LONGEST_NAME])
    db.session.add(help_)
    db.session.flush()
    return help_


def living_help(help_id: uuid.UUID) -> HelpSession | None:
    """The help session, with a new sign of life; None once it, its shift or its team's code has ended.

    After ten silent minutes the person who was being helped is taken to have left: nothing of theirs is shown
    any more. The caller commits.
    """
    help_ = db.session.get(HelpSession, help_id, options=[joinedload(HelpSession.team)])
    now = datetime.now(UTC)
    if help_ is None or help_.ended_at or not is_valid(help_.team) or help_.started_at + SHIFT < now:
        return None
    if help_.seen_at + SILENCE < now:
        help_.response_id = help_.parting_code = None
    help_.seen_at = now
    return help_


def take(help_: HelpSession, draft: Response, *, named: bool = True) -> None:
    """The helper helps with this draft from now on; without `named` only that somebody helped is kept."""
    help_.response_id, help_.parting_code = draft.id, None
    if draft.status == ResponseStatus.DRAFT:
        draft.assisted = True
        draft.help_id = help_.id if named else None


def let_go(help_: HelpSession) -> None:
    """The person is done: nothing of theirs is shown here any more, but the code of a form not sent."""
    draft = db.session.get(Response, help_.response_id) if help_.response_id else None
    unfinished = draft is not None and draft.status == ResponseStatus.DRAFT
    help_.parting_code = draft.resume_code if draft is not None and unfinished else None
    help_.response_id = None


def end_help(help_: HelpSession) -> None:
    """The helper gives the phone back."""
    help_.response_id = help_.parting_code = None
    help_.ended_at = datetime.now(UTC)


def count_help(round_: Round) -> list[HelpCount]:
    """Who helped with how many responses of a round; those who were not to be named stand under no name."""
    complete = func.count().filter(Response.status.in_((ResponseStatus.COMPLETE, ResponseStatus.LATE)))
    unfinished = func.count().filter(Response.status == ResponseStatus.DRAFT)
    who = (HelperTeam.name, HelpSession.helper_name)
    query = (
        select(*who, complete, unfinished)
        .select_from(Response)
        .outerjoin(HelpSession, HelpSession.id == Response.help_id)
        .outerjoin(HelperTeam, HelperTeam.id == HelpSession.team_id)
        .where(Response.round_id == round_.id, Response.assisted)
        .group_by(*who)
        .order_by(*who)
    )
    return [
        HelpCount(team or "", helper or "", sent, begun)
        for team, helper, sent, begun in db.session.execute(query)
        if sent or begun
    ]
