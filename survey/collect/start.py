"""What a person is told before the first question."""

from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup

from survey.collect.speech import spoken, told
from survey.instrument import Instrument
from survey.rounds.models import Round
from survey.rounds.service import instrument_of

SECONDS_A_QUESTION = 18


@dataclass(frozen=True)
class About:
    """The survey in words: title, how long it takes, and pairs of heading and text."""

    title: Markup
    lead: Markup
    facts: tuple[tuple[Markup, Markup], ...]


def chosen_language(round_: Round) -> str:
    """The language asked for by `lang`, if the questionnaire has it; else the questionnaire's own."""
    instrument = instrument_of(round_.instrument_version)
    wanted = request.values.get("lang", "")
    return wanted if wanted in instrument.languages else instrument.default_language


def about(round_: Round, language: str) -> About:
    """What it is for, how long it takes, who asks, and that it is confidential and voluntary.

    design.yaml may say it in the survey's own words, by language: `about: {asked_by:, purpose:, minutes:}`.
    """
    design = round_.instrument_version.design
    own: dict[str, Any] = design.get("about") or {}
    facts = (
        ("who_asks", _asked_by(round_, own, language)),
        ("who_answers", told(design.get("population"), language)),
        ("purpose", told(own.get("purpose"), language) or spoken("purpose_says", language)),
        ("confidential", spoken("confidential_says", language)),
        ("voluntary", spoken("voluntary_says", language)),
    )
    return About(
        told(round_.title, language),
        _how_long(instrument_of(round_.instrument_version), own, language),
        tuple((spoken(key, language), text) for key, text in facts if text),
    )


def _asked_by(round_: Round, own: dict[str, Any], language: str) -> Markup:
    asked_by = told(own.get("asked_by"), language) or spoken("asked_by", language)
    if round_.decision_number:
        return spoken("by_decision", language, asked_by=asked_by, number=round_.decision_number)
    return asked_by


def _how_long(instrument: Instrument, own: dict[str, Any], language: str) -> Markup:
    asked = sum(1 for q in instrument.questions.values() if not q.is_silent and q.type != "note")
    minutes = own.get("minutes") or max(1, round(asked * SECONDS_A_QUESTION / 60))
    return spoken("minutes", language, minutes=minutes, questions=asked)
