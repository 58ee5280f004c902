"""Review, send, thanks."""

import uuid
from http import HTTPStatus

from flask import render_template

from survey.collect.addresses import address_of, banners, open_draft, to, to_thanks
from survey.collect.blueprint import Page, collect
from survey.collect.forms import PageForm
from survey.collect.review import sections, troubles
from survey.collect.screens import Stop, first_stop, last_stop
from survey.extensions import csrf, db
from survey.intake import drafts
from survey.intake.models import Response, ResponseStatus
from survey.intake.service import AnswersRefused
from survey.rounds.service import instrument_of


@collect.get("/s/<survey>/<uuid:response_id>/xem-lai")
def review(survey: str, response_id: uuid.UUID) -> Page:
    """All answers on one page, with the way to change them."""
    draft = open_draft(survey, response_id)
    return to_thanks(draft) if draft.status != ResponseStatus.DRAFT else _review(draft)


@collect.post("/s/<survey>/<uuid:response_id>/xem-lai")
@csrf.exempt  # as for a page
def send(survey: str, response_id: uuid.UUID) -> Page:
    """Hand the answers in, once; a second tap finds them there."""
    draft = open_draft(survey, response_id, lock=True)
    if draft.status != ResponseStatus.DRAFT:
        return to_thanks(draft)
    form = PageForm()
    form.validate()
    if form.is_session_over():
        return _review(draft, notice="session_over"), HTTPStatus.BAD_REQUEST
    if form.stated_revision() != draft.revision:
        return _review(draft, notice="changed_elsewhere"), HTTPStatus.CONFLICT
    try:
        drafts.finish(draft)
    except AnswersRefused:
        return _review(draft), HTTPStatus.UNPROCESSABLE_ENTITY
    db.session.commit()
    return to_thanks(draft)


def _review(draft: Response, notice: str = "") -> str:
    form = PageForm()
    form.revision.data = draft.revision
    before = last_stop(draft)
    return render_template(
        "collect/review.html",
        lang=draft.language,
        languages=instrument_of(draft.instrument_version).languages,
        draft=draft,
        sections=list(sections(draft)),
        troubles=troubles(draft),
        address=lambda screen: address_of(draft, Stop(screen.page.id, screen.number), sua=1),
        back=address_of(draft, before) if before else "",
        form=form,
        notice=notice,
        **banners(draft.round),
    )


@collect.get("/s/<survey>/<uuid:response_id>/cam-on")
def thanks(survey: str, response_id: uuid.UUID) -> Page:
    """The receipt: shown only for what the database holds as handed in."""
    draft = open_draft(survey, response_id)
    if draft.status == ResponseStatus.DRAFT:
        return to(draft, first_stop(draft))
    return render_template(
        "collect/thanks.html",
        lang=draft.language,
        draft=draft,
        receipt=drafts.receipt_code(draft),
        **banners(draft.round),
    )
