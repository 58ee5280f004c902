"""What a person is told before the first question."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from markupsafe import Markup

from survey import formats
from survey.collect.speech import spoken, told
from survey.collect.topics import TOPICS, spoken_topic
from survey.rounds.duration import count_asked, minutes
from survey.rounds.models import InstrumentVersion, Round
from survey.rounds.service import instrument_of


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
    return About(
        told(round_.title, language),
        _how_long(round_.instrument_version, language),
        (
            *facts_of(design, language, round_.decision_number),
            (spoken_topic("change_of_mind", language), withdraw_until(round_, language)),
        ),
    )


def facts_of(
    design: Mapping[str, Any], language: str, decision_number: str | None = None
) -> tuple[tuple[Markup, Markup], ...]:
    """Who asks, of whom, what for, and that it is confidential and voluntary, each with its heading."""
    own: dict[str, Any] = design.get("about") or {}
    facts = (
        ("who_asks", asked_by(own, language, decision_number)),
        ("who_answers", told(design.get("population"), language)),
        ("purpose", told(own.get("purpose"), language) or spoken("purpose_says", language)),
        ("confidential", spoken("confidential_says", language)),
        ("voluntary", spoken("voluntary_says", language)),
        ("consent", told(design.get("consent"), language)),
    )
    return tuple((_heading(key, language), text) for key, text in facts if text)


def _heading(key: str, language: str) -> Markup:
    return spoken_topic(key, language) if key in TOPICS else spoken(key, language)


def withdraw_until(round_: Round, language: str) -> Markup:
    """Until when answers of a round can be withdrawn, in words."""
    day = round_.withdraw_until
    if day is None:
        return spoken_topic("until_signed", language)
    return spoken_topic("until_day", language, date=formats.date(day, language))


def asked_by(own: dict[str, Any], language: str, decision_number: str | None) -> Markup:
    """Who asks, with the decision by which they do; `own` is design.yaml's `about`."""
    asked_by = told(own.get("asked_by"), language) or spoken("asked_by", language)
    if decision_number:
        return spoken("by_decision", language, asked_by=asked_by, number=decision_number)
    return asked_by


def _how_long(version: InstrumentVersion, language: str) -> Markup:
    asked = count_asked(instrument_of(version))
    return spoken("minutes", language, minutes=minutes(version), questions=asked)
