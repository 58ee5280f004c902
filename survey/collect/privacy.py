"""The privacy notice: what holds for every survey, and for one survey with the dates of its round."""

from typing import Any

from flask import render_template
from sqlalchemy import select

from survey import formats
from survey.collect.addresses import banners
from survey.collect.blueprint import Page, collect
from survey.collect.start import asked_by, withdraw_until
from survey.collect.topics import tell
from survey.collect.withdrawal import LANGUAGES, page_language
from survey.collect.words import say
from survey.errors import NotFound
from survey.extensions import db
from survey.rounds.models import Purpose, Round, RoundStatus
from survey.rounds.service import FIELDED, find_survey
from survey.text import in_language

Pairs = list[tuple[str, str]]
GENERAL = ("legal_basis", "kept", "access", "retention", "withdraw", "voluntary", "contact")


@collect.get("/quyen-rieng-tu")
def privacy() -> Page:
    """What holds for every survey, and which are asking now."""
    language = page_language()
    query = select(Round).where(
        Round.status == RoundStatus.OPEN, Round.purpose != Purpose.VERIFICATION, FIELDED
    )
    surveys = {
        round_.survey.code: in_language(round_.title, language) for round_ in db.session.scalars(query)
    }
    return render_template(
        "collect/privacy.html",
        lang=language,
        languages=LANGUAGES,
        facts=_general(GENERAL, {}, language),
        surveys=sorted(surveys.items(), key=lambda pair: pair[1]),
    )


@collect.get("/quyen-rieng-tu/<survey>")
def survey_privacy(survey: str) -> Page:
    """One survey's notice; of its rounds the open one, else the latest."""
    language, round_ = page_language(), _round_of(survey)
    return render_template(
        "collect/privacy.html",
        lang=language,
        languages=LANGUAGES,
        round=round_,
        title=in_language(round_.title, language),
        facts=notice(round_, language),
        **banners(round_),
    )


def _round_of(survey: str) -> Round:
    query = select(Round).where(
        Round.survey_id == find_survey(survey).id,
        Round.status != RoundStatus.DRAFT,
        Round.purpose != Purpose.VERIFICATION,
        FIELDED,
    )
    found = db.session.scalars(query.order_by(Round.status != RoundStatus.OPEN, Round.id.desc())).first()
    if found is None:
        raise NotFound("Khảo sát này chưa hỏi ai.", "Xem thông báo chung ở /quyen-rieng-tu.")
    return found


def notice(round_: Round, language: str) -> Pairs:
    """Headings with texts; design.yaml's `about` and `privacy` say what is the survey's own."""
    design = round_.instrument_version.design
    own: dict[str, Any] = design.get("privacy") or {}
    about: dict[str, Any] = design.get("about") or {}
    texts = {
        "asked_by": asked_by(about, language, round_.decision_number),
        "round": _dates(round_, language),
        "purpose": in_language(about.get("purpose"), language) or say("purpose_says", language),
        "withdraw": _withdrawal(round_, language),
    }
    if round_.decision_number:
        own = own | {"legal_basis": _legal_basis(round_, own, language)}
    pairs = _general(GENERAL, own | {"withdraw": texts.pop("withdraw")}, language)
    consent = in_language(design.get("consent"), language)
    first = [(tell(f"privacy_{key}", language), text) for key, text in texts.items()]
    return [*first, *([(tell("consent", language), consent)] if consent else []), *pairs]


def _general(keys: tuple[str, ...], own: dict[str, Any], language: str) -> Pairs:
    return [
        (
            tell(f"privacy_{key}", language),
            in_language(own.get(key), language) or tell(f"privacy_{key}_says", language),
        )
        for key in keys
    ]


def _legal_basis(round_: Round, own: dict[str, Any], language: str) -> str:
    laws = in_language(own.get("legal_basis"), language) or tell("privacy_legal_basis_says", language)
    return f"{laws} {tell('privacy_decision', language, number=round_.decision_number)}"


def _dates(round_: Round, language: str) -> str:
    since = formats.date(round_.opened_at, language)
    if round_.closed_at is None:
        return tell("privacy_open_since", language, date=since)
    return tell("privacy_closed_on", language, since=since, date=formats.date(round_.closed_at, language))


def _withdrawal(round_: Round, language: str) -> str:
    """The day, and what is past already where figures were signed before."""
    told = withdraw_until(round_, language)
    if round_.deidentify_at is None or round_.withdraw_until:
        return told
    return f"{tell('privacy_past', language, date=formats.datetime(round_.deidentify_at, language))} {told}"
