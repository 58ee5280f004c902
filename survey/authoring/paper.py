"""The paper form of a questionnaire, for places without power or network and for people who want it on paper."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from survey.authoring.paper_blocks import blocks_of
from survey.authoring.paper_order import order_of
from survey.authoring.paper_words import paper_words
from survey.collect.start import facts_of
from survey.collect.words import LANGUAGE_NAMES
from survey.errors import Fault
from survey.instrument import Instrument
from survey.instrument.languages import CODE, code_of, language_names
from survey.printing import pdf

LAYOUT = "paper"


MOST_QUESTIONS = 2_000
"""More would keep a worker busy for longer than a request may take."""


class NoSuchLanguage(Fault):
    title = "Phiếu không có ngôn ngữ này"


class TooLong(Fault):
    title = "Phiếu quá dài để in"


def paper_form(
    instrument: Instrument, language: str, design: Mapping[str, Any] | None = None, at: datetime | None = None
) -> bytes:
    """The form as a PDF (A4), its questions in their order, with codes for data entry beside each choice.

    `design` is the design.yaml of the questionnaire, which says who asks and what for. The same form at the
    same time gives the same bytes. Raises `NoSuchLanguage`, and `TooLong` from 2,000 questions on.
    """
    if language not in instrument.languages:
        raise NoSuchLanguage(
            f"Phiếu {instrument.form_id} không có ngôn ngữ “{language}”.",
            f"Chọn một trong: {', '.join(instrument.languages)}.",
        )
    if len(instrument.questions) > MOST_QUESTIONS:
        raise TooLong(
            f"Phiếu {instrument.form_id} có {len(instrument.questions)} câu, quá {MOST_QUESTIONS} câu của một bản in.",
            "Chia phiếu thành nhiều phần, hoặc dùng bảng mã.",
        )
    return pdf(LAYOUT, paper_data(instrument, language, design or {}), at)


def paper_data(instrument: Instrument, language: str, design: Mapping[str, Any]) -> dict[str, Any]:
    """What the layout draws: words, the facts before the first question, and the blocks."""
    order = order_of(instrument, language)
    words = paper_words(language)
    # The web form's own words speak of "this site".
    about = {"purpose": words["purpose"], **(design.get("about") or {})}
    return {
        "lang": language,
        "title": instrument.title(language) or instrument.form_id,
        "form_id": instrument.form_id,
        "version": words["version"].format(version=instrument.version) if instrument.version else "",
        "language": words["language"].format(language=language_name(instrument, language)),
        "words": dict(words),
        "untranslated": _untranslated(instrument, language, words),
        "facts": [
            (heading.striptags(), text.striptags())
            for heading, text in facts_of({**design, "about": about}, language)
        ],
        "blocks": list(blocks_of(order)),
    }


def _untranslated(instrument: Instrument, language: str, words: Mapping[str, str]) -> str:
    """How many questions fall back to another language, so that nobody takes the form for complete."""
    shown = [q for q in instrument.questions.values() if not q.is_silent and q.label]
    missing = sum(not question.label.by_language.get(language) for question in shown)
    other = language_name(instrument, instrument.default_language)
    return words["untranslated"].format(count=missing, total=len(shown), language=other) if missing else ""


def language_name(instrument: Instrument, language: str) -> str:
    """What the questionnaire calls a language, without its code: "Español" for `Español (es)`."""
    own = {code_of(name): CODE.sub("", name).strip() for name in language_names(instrument.sheets)}
    return LANGUAGE_NAMES.get(language) or own.get(language) or language
