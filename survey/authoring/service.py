"""One version of a questionnaire: found, what stands before it, what uses it, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from survey.accounts.service import record
from survey.authoring.preview import preview_of
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.intake.models import Response
from survey.rounds.models import InstrumentVersion, Round, Survey
from survey.rounds.service import FIELDED


def find_version(survey: str, version_id: int) -> InstrumentVersion:
    """The version of an address; raise `NotFound`."""
    version = db.session.get(InstrumentVersion, version_id)
    if version is None or version.survey.code != survey:
        raise NotFound(
            f"Khảo sát “{survey}” không có phiên bản này.", "Xem các phiên bản ở trang của khảo sát."
        )
    return version


def previous_version(version: InstrumentVersion) -> InstrumentVersion | None:
    """The version of the same survey that was brought in before this one."""
    query = select(InstrumentVersion).where(
        InstrumentVersion.survey_id == version.survey_id, InstrumentVersion.id < version.id
    )
    return db.session.scalars(query.order_by(InstrumentVersion.id.desc()).limit(1)).first()


@dataclass(frozen=True)
class Use:
    """What holds a version as it is: the rounds that ask it, and how many responses were given to it."""

    rounds: Sequence[Round]
    responses: int

    def __bool__(self) -> bool:
        return bool(self.rounds or self.responses)


def use_of(version: InstrumentVersion) -> Use:
    """The use of a version; previews are no use."""
    rounds = select(Round).where(Round.instrument_version_id == version.id, FIELDED).order_by(Round.id.desc())
    responses = select(func.count()).select_from(Response).join(Response.round)
    found = responses.where(Response.instrument_version_id == version.id, FIELDED)
    return Use(db.session.scalars(rounds).all(), db.session.scalar(found) or 0)


def remove_version(version: InstrumentVersion) -> bool:
    """Delete a version that nothing uses, with its preview; a survey goes with its last version.

    Returns whether the survey is left. Raises `Conflict` for a version in use.
    """
    survey = version.survey
    if use_of(version):
        raise _in_use(version)
    record(
        "questionnaire.remove", f"survey:{survey.code}", {"version": version.version, "hash": version.hash}
    )
    try:
        _delete(version)
        return not _delete_empty(survey)
    except IntegrityError as error:  # a round was made of it meanwhile
        db.session.rollback()
        raise _in_use(version) from error


def _in_use(version: InstrumentVersion) -> Conflict:
    return Conflict(
        f"Phiên bản {version.version} đã được dùng nên được giữ nguyên.",
        "Muốn sửa phiếu, tải lên một phiên bản mới.",
    )


def _delete(version: InstrumentVersion) -> None:
    if preview := preview_of(version):
        db.session.execute(delete(Response).where(Response.round_id == preview.id))
        db.session.execute(delete(Round).where(Round.id == preview.id))
    db.session.execute(delete(InstrumentVersion).where(InstrumentVersion.id == version.id))
    db.session.expire_all()


def _delete_empty(survey: Survey) -> bool:
    """Delete a survey without versions; its rounds would have one."""
    if survey.versions:
        return False
    db.session.execute(delete(Survey).where(Survey.id == survey.id))
    return True
