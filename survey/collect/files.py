"""Pictures, recordings and films of a questionnaire, as pages show and play them."""

from io import BytesIO

from flask import send_file, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response as Reply

from survey.collect.blueprint import collect
from survey.errors import NotFound
from survey.extensions import db, limiter
from survey.instrument.filetypes import type_of
from survey.rounds.files import content_of
from survey.rounds.models import InstrumentFile, InstrumentVersion, Survey

A_YEAR = 31_536_000
KEY_LENGTH = 16
DRAWING = "image/svg+xml"
# A drawing may carry scripts: alone in a window it is a picture and nothing else.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def media_address(version: InstrumentVersion, file_name: str) -> str:
    """The address of a file that a version's labels or choices show; "" where the version has no such file.

    It carries the version's hash: what stands there never changes.
    """
    if not any(file.name == file_name for file in version.files):
        return ""
    return url_for("collect.media", survey=version.survey.code, key=key_of(version), file_name=file_name)


def key_of(version: InstrumentVersion) -> str:
    """What names a version in an address: the beginning of its hash, as versions' own names may hold anything."""
    return version.hash[:KEY_LENGTH]


@collect.get("/s/<survey>/tep/<key>/<file_name>")
@limiter.exempt
def media(survey: str, key: str, file_name: str) -> Reply:
    """A file of a version, whole or the part that a player asks for."""
    file = _find(survey, key, file_name)
    reply = send_file(
        BytesIO(content_of(file.sha256)),
        mimetype=file.media_type,
        conditional=True,
        etag=file.sha256,
        max_age=A_YEAR,
    )
    reply.cache_control.immutable = True
    reply.headers["X-Content-Type-Options"] = "nosniff"
    if file.media_type == DRAWING:
        reply.headers["Content-Security-Policy"] = SANDBOX
    return reply


def _find(survey: str, key: str, file_name: str) -> InstrumentFile:
    kind = type_of(file_name)
    found = db.session.scalar(
        select(InstrumentFile)
        .join(InstrumentVersion, InstrumentVersion.id == InstrumentFile.instrument_version_id)
        .join(Survey, Survey.id == InstrumentVersion.survey_id)
        .where(
            Survey.code == survey,
            InstrumentVersion.hash.startswith(key, autoescape=True),
            InstrumentFile.name == file_name,
        )
        .options(joinedload(InstrumentFile.stored))
    )
    if kind is None or not kind.is_shown or len(key) != KEY_LENGTH or found is None:
        raise NotFound(f"Phiếu này không có tệp “{file_name}”.", "Mở lại khảo sát từ liên kết ban đầu.")
    return found
