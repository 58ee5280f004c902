"""Corrections of answers that were taken back: erased with them, for both values tell what was answered."""

from sqlalchemy import delete, select

from survey.editing.models import Correction, Proposal
from survey.extensions import db
from survey.intake.models import Response, ResponseStatus
from survey.intake.withdrawal import withdrawn
from survey.rounds.models import Round


@withdrawn.connect
def erase_corrections(round_: Round) -> None:
    """Delete the corrections and proposals of the round's withdrawn responses; the caller commits."""
    gone = select(Response.id).where(
        Response.round_id == round_.id, Response.status == ResponseStatus.WITHDRAWN
    )
    for table in (Correction, Proposal):
        statement = delete(table).where(table.response_id.in_(gone))
        db.session.execute(statement.execution_options(synchronize_session=False))
