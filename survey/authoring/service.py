"""One version of a questionnaire: found, and what stands before it."""

from sqlalchemy import select

from survey.errors import NotFound
from survey.extensions import db
from survey.rounds.models import InstrumentVersion


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
