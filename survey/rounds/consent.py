"""What a person reads before agreeing to answer: by questionnaire version and language, under its hash."""

import hashlib
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert

from survey.extensions import db
from survey.instrument import Instrument
from survey.rounds.models import ConsentText, InstrumentVersion
from survey.text import in_language

UNDETERMINED = "und"
"""BCP 47's code for a language that is not known: a device does not tell in which one it showed the form."""
BETWEEN = "\n\n"


@dataclass(frozen=True)
class Consent:
    """A consent text as it was read; `text` is empty where a questionnaire asks for none."""

    language: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def consent_of(version: InstrumentVersion, instrument: Instrument, language: str) -> Consent:
    """The text in a language: design.yaml's `consent`, then the consent question with the notes on its page.

    Without a known language it is the texts of all languages, one after the other.
    """
    known = instrument.languages or ("vi",)
    if language == UNDETERMINED:
        return Consent(
            language, BETWEEN.join(filter(None, (_text(version, instrument, each) for each in known)))
        )
    return Consent(language, _text(version, instrument, language))


def _text(version: InstrumentVersion, instrument: Instrument, language: str) -> str:
    own = in_language(version.design.get("consent"), language)
    return BETWEEN.join(filter(None, (own.strip(), *_page_texts(version, instrument, language))))


def _page_texts(version: InstrumentVersion, instrument: Instrument, language: str) -> list[str]:
    variable = consent_variable(version)
    for page in instrument.pages:
        if any(question.variable == variable for question in page.questions):
            read = [item for item in page.questions if item.type == "note" or item.variable == variable]
            return [text(language).strip() for item in read for text in (item.label, item.hint)]
    return []


def consent_variable(version: InstrumentVersion) -> str:
    """The question by which people agree, as design.yaml names it; "" where there is none."""
    return str(version.design.get("consent_variable", ""))


def keep_consent_texts(version: InstrumentVersion, instrument: Instrument) -> None:
    """Keep a version's texts of all languages, so that the hash beside an answer can be read for good."""
    for language in (*(instrument.languages or ("vi",)), UNDETERMINED):
        consent = consent_of(version, instrument, language)
        if consent.text:
            row = {"instrument_version_id": version.id, "language": language, "hash": consent.hash}
            statement = insert(ConsentText).values({**row, "text": consent.text})
            db.session.execute(statement.on_conflict_do_nothing())
