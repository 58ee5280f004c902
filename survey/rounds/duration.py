"""How long a questionnaire takes, as pages and letters say it."""

from survey.instrument import Instrument
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of

SECONDS_A_QUESTION = 18


def count_asked(instrument: Instrument) -> int:
    """How many questions a person may meet; notes and what is recorded unseen do not count."""
    return sum(
        1 for question in instrument.questions.values() if not question.is_silent and question.type != "note"
    )


def minutes(version: InstrumentVersion) -> int | str:
    """design.yaml's own word (`about: {minutes:}`), or a number by the questions."""
    said: int | str | None = (version.design.get("about") or {}).get("minutes")
    return said or max(1, round(count_asked(instrument_of(version)) * SECONDS_A_QUESTION / 60))
