"""Who agreed to answer, having read which text: kept with each response, and counted."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from survey.extensions import db
from survey.intake.models import Mode, Response, ResponseStatus
from survey.rounds.consent import UNDETERMINED, Consent, consent_of, consent_variable
from survey.rounds.models import ConsentText, InstrumentVersion, Round
from survey.rounds.service import instrument_of


@dataclass(frozen=True)
class ConsentCount:
    """How many people read one text in one mode, and how many of them agreed; `text` as it was read."""

    version: str
    language: str
    hash: str
    mode: str
    text: str
    agreed: int
    refused: int


def consent_columns(version: InstrumentVersion, mode: Mode, language: str, given: bool) -> dict[str, Any]:
    """What is kept with a response of the consent given now; without a text, that there was none to read."""
    read = _read(version, mode, language)
    if not read.text:
        return dict.fromkeys(("consent_hash", "consent_language", "consent_given", "consented_at"))
    return {
        "consent_hash": read.hash,
        "consent_language": read.language,
        "consent_given": given,
        "consented_at": datetime.now(UTC),
    }


def _read(version: InstrumentVersion, mode: Mode, language: str) -> Consent:
    """A device hands in answers without telling in which language it showed the form."""
    return consent_of(version, instrument_of(version), UNDETERMINED if mode == Mode.OPENROSA else language)


def keep_consent(draft: Response, given: bool) -> None:
    """The person has just agreed, or not, having read the text in the draft's language."""
    kept = consent_columns(draft.instrument_version, Mode.WEB, draft.language, given)
    for column, value in kept.items():
        setattr(draft, column, value)


def is_asked_by_a_question(version: InstrumentVersion) -> bool:
    """Whether people agree by answering a question; else by starting, below the text on the first page."""
    return consent_variable(version) in instrument_of(version).questions


def count_consents(round_: Round) -> list[ConsentCount]:
    """The texts that a round's respondents read, the most read first; drafts do not count."""
    agreed = func.count().filter(Response.consent_given)
    columns = (Response.consent_language, Response.consent_hash, Response.mode)
    query = (
        select(InstrumentVersion.version, *columns, func.max(ConsentText.text), agreed, func.count())
        .join(InstrumentVersion, InstrumentVersion.id == Response.instrument_version_id)
        .outerjoin(
            ConsentText,
            (ConsentText.instrument_version_id == Response.instrument_version_id)
            & (ConsentText.hash == Response.consent_hash)
            & (ConsentText.language == Response.consent_language),
        )
        .where(Response.round_id == round_.id, Response.consent_hash.is_not(None))
        .where(Response.status.in_((ResponseStatus.COMPLETE, ResponseStatus.LATE)))
        .group_by(InstrumentVersion.version, *columns)
        .order_by(func.count().desc(), *columns)
    )
    return [
        ConsentCount(version, language, hash_, mode, text or "", yes, total - yes)
        for version, language, hash_, mode, text, yes, total in db.session.execute(query)
    ]
