"""Review, send, thanks."""

import uuid
from http import HTTPStatus

from flask import redirect, render_template, request

from survey.collect.addresses import (
    DraftClosed,
    address_of,
    banners,
    draft_address,
    language_of,
    languages_of,
    open_draft,
    to,
    to_thanks,
)
from survey.collect.blueprint import Page, collect
from survey.collect.forms import PageForm
from survey.collect.review import reviewed, troubles
from survey.collect.screens import REVIEW
from survey.collect.way import first_stop, last_stop, unsaved_stop
from survey.extensions import csrf, db
from survey.intake import drafts, unsaved
from survey.intake.models import Response, ResponseStatus
from survey.intake.service import AnswersRefused, consented


@collect.get("/s/<survey>/<uuid:response_id>/xem-lai")
def review(survey: str, response_id: uuid.UUID) -> Page:
    """All answers on one page, with the way to change them."""
    draft = open_draft(survey, response_id)
    if draft.status != ResponseStatus.DRAFT:
        return to_thanks(draft)
    return _review(draft, notice="changed_elsewhere" if "khac" in request.args else "")


@collect.post("/s/<survey>/<uuid:response_id>/xem-lai")
@csrf.exempt  # as for a page
def send(survey: str, response_id: uuid.UUID) -> Page:
    """Hand the answers in, once; a second tap finds them there."""
    try:
        draft = open_draft(survey, response_id, lock=True)
    except DraftClosed as closed:
        return _sent_late(closed)
    if draft.status != ResponseStatus.DRAFT:
        return to_thanks(draft)
    form = PageForm()
    form.validate()
    if form.is_session_over():
        return _review(draft, notice="session_over"), HTTPStatus.BAD_REQUEST
    if form.stated_revision() != draft.revision:
        return redirect(draft_address("collect.review", draft, khac=1), HTTPStatus.SEE_OTHER)
    if stop := unsaved_stop(draft):
        unsaved.tell(draft)
        db.session.commit()
        return redirect(address_of(draft, stop, sua=1), HTTPStatus.SEE_OTHER)
    try:
        drafts.finish(draft)
    except AnswersRefused:
        db.session.rollback()
        return to(draft, REVIEW)
    db.session.commit()
    return to_thanks(draft)


def _sent_late(closed: DraftClosed) -> Page:
    """All was answered and only the last tap came after the end: kept and marked late; else raise `closed`."""
    form, draft = PageForm(), closed.draft
    form.validate()
    if form.is_session_over() or form.stated_revision() != draft.revision or unsaved_stop(draft):
        raise closed
    try:
        drafts.finish(draft)
    except AnswersRefused:
        raise closed from None
    db.session.commit()
    return to_thanks(draft)


def _review(draft: Response, notice: str = "") -> str:
    form = PageForm()
    form.revision.data = draft.revision
    before = last_stop(draft)
    return render_template(
        "collect/review.html",
        lang=draft.language,
        languages=languages_of(draft),
        draft=draft,
        sections=list(reviewed(draft)),
        troubles=troubles(draft),
        address=lambda stop: address_of(draft, stop, sua=1),
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
    if draft.status == ResponseStatus.WITHDRAWN:
        frame = {"lang": draft.language, "round": draft.round, **banners(draft.round)}
        return render_template("collect/told.html", key="withdrawn_before", **frame)
    outcome = _outcome(draft)
    return render_template(
        "collect/thanks.html",
        lang=language_of(draft),
        languages=languages_of(draft),
        draft=draft,
        heading="thanks_refusal" if outcome == "thanks_refusal" else "thanks",
        outcome=outcome,
        notice="sent_elsewhere" if "khac" in request.args else "",
        receipt=drafts.receipt_code(draft),
        assessed=_assessed(draft),
        may_withdraw=bool(draft.resume_code) and not draft.is_deidentified,
        **banners(draft.round),
    )


def _assessed(draft: Response) -> str:
    """Under which name the answers can be read as a self-assessment; "" where the survey has none."""
    plan = draft.instrument_version.assessment
    return plan.get("address") or draft.round.survey.code if plan else ""


def _outcome(draft: Response) -> str:
    """Which words say what became of the answers."""
    if draft.status == ResponseStatus.LATE:
        return "thanks_late"
    return "thanks" if consented(draft.round, draft.answers) else "thanks_refusal"
