"""Trying a version out: a round that is no data, its trials, and how they go away."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.dialects.postgresql import insert

from survey.accounts.service import record
from survey.extensions import db
from survey.intake.models import Response
from survey.rounds.models import InstrumentVersion, Purpose, Round, RoundStatus

KEPT = timedelta(days=7)
SHOWN = 20


def open_preview(version: InstrumentVersion) -> Round:
    """The preview of a version, made if there is none; trials of any version older than 7 days go."""
    forget_old(datetime.now(UTC))
    statement = insert(Round).values(
        survey_id=version.survey_id,
        instrument_version_id=version.id,
        code=_code(version),
        title=version.survey.title,
        purpose=Purpose.PREVIEW,
        status=RoundStatus.OPEN,
        time_period="preview",
        project_token=secrets.token_urlsafe(24),
        opened_at=datetime.now(UTC),
    )
    db.session.execute(statement.on_conflict_do_nothing())  # two may press the button at once
    return db.session.scalars(_preview(version)).one()


def preview_of(version: InstrumentVersion) -> Round | None:
    """The preview of a version, if it was ever opened."""
    return db.session.scalars(_preview(version)).first()


def _preview(version: InstrumentVersion):  # type: ignore[no-untyped-def]
    return select(Round).where(Round.instrument_version_id == version.id, Round.purpose == Purpose.PREVIEW)


def _code(version: InstrumentVersion) -> str:
    """A code that nobody can give a round: codes that people type have no tilde."""
    return f"~{version.id}"


def trials(round_: Round) -> Sequence[Response]:
    """The newest trials of a preview."""
    query = select(Response).where(Response.round_id == round_.id)
    return db.session.scalars(query.order_by(Response.started_at.desc()).limit(SHOWN)).all()


def forget_trials(round_: Round) -> int:
    """Delete every draft and answer of a preview; returns how many."""
    assert round_.is_preview
    count = _deleted(delete(Response).where(Response.round_id == round_.id))
    record("preview.clear", f"version:{round_.instrument_version_id}", {"deleted": count})
    return count


def forget_old(now: datetime) -> int:
    """Delete what was tried more than 7 days ago, of every version."""
    previews = select(Round.id).where(Round.purpose == Purpose.PREVIEW)
    return _deleted(delete(Response).where(Response.round_id.in_(previews), Response.started_at < now - KEPT))


def _deleted(statement) -> int:  # type: ignore[no-untyped-def]
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
