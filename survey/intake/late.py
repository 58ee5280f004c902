"""Answers that came after their round closed: kept apart until a manager opens the round again."""

from dataclasses import dataclass

from sqlalchemy import func, select

from survey.accounts.service import record
from survey.cases.models import Disposition
from survey.extensions import db
from survey.intake.models import Response, ResponseEvent, ResponseStatus
from survey.intake.service import claim, consented
from survey.rounds.models import Round


@dataclass(frozen=True)
class Admitted:
    """How many late responses were taken in, and how many stay apart because their case has an answer."""

    taken: int
    left: int


def count_late(round_: Round) -> int:
    """How many responses of a round wait."""
    waiting = select(func.count()).where(
        Response.round_id == round_.id, Response.status == ResponseStatus.LATE
    )
    return db.session.scalar(waiting) or 0


def admit(round_: Round) -> Admitted:
    """Take the late responses of a reopened round in, in the order they came; the caller commits.

    They were judged when they came. A case that has an answer keeps it: its late one stays apart.
    """
    query = select(Response).where(Response.round_id == round_.id, Response.status == ResponseStatus.LATE)
    late = db.session.scalars(query.order_by(Response.submitted_at).with_for_update()).all()
    taken = sum(_admit(response) for response in late)
    if late:
        outcome = {"taken": taken, "left": len(late) - taken}
        record("round.admit_late", f"round:{round_.survey.code}/{round_.code}", outcome)
    return Admitted(taken, len(late) - taken)


def _admit(response: Response) -> bool:
    case = response.case
    if case is not None:
        db.session.refresh(case, with_for_update=True)
        if case.disposition == Disposition.COMPLETE:
            return False
        claim(case, consented(response.round, response.answers))
    response.status = ResponseStatus.COMPLETE
    db.session.add(ResponseEvent(response_id=response.id, kind="admitted"))
    db.session.flush()
    return True
