"""Page by page: show, take, save, and lead on."""

import uuid
from http import HTTPStatus

from flask import jsonify, redirect, render_template, request

from survey.collect.addresses import (
    DraftClosed,
    address_of,
    banners,
    draft_address,
    language_of,
    languages_of,
    mode,
    open_draft,
    to,
    to_thanks,
)
from survey.collect.autosaving import autosaved
from survey.collect.blueprint import Page, collect
from survey.collect.forms import FOR, GO, PageForm
from survey.collect.review import title
from survey.collect.rights import CodeNeeded
from survey.collect.saving import posted, put_back, save, says_otherwise
from survey.collect.screens import Numbers, Screen, screen_of
from survey.collect.way import first_stop, stop_after, stop_before
from survey.errors import Conflict
from survey.extensions import csrf, db
from survey.intake import drafts, unsaved
from survey.intake.models import Response, ResponseStatus


@collect.get("/s/<survey>/<uuid:response_id>")
def go_on(survey: str, response_id: uuid.UUID) -> Page:
    """Come back to a draft: the first page not yet seen, or the review."""
    draft = open_draft(survey, response_id)
    return to(draft, first_stop(draft))


@collect.route("/s/<survey>/<uuid:response_id>/trang/<path:page_id>", methods=["GET", "POST"])
@collect.route("/s/<survey>/<uuid:response_id>/muc/<numbers:numbers>/<path:page_id>", methods=["GET", "POST"])
@csrf.exempt  # the page checks its token itself, so that what was typed survives a lost session
def page(survey: str, response_id: uuid.UUID, page_id: str, numbers: Numbers = ()) -> Page:
    """One page of questions."""
    try:
        draft = open_draft(survey, response_id, lock=request.method == "POST")
    except (DraftClosed, CodeNeeded) as stopped:
        _keep_what_came_late(screen_of(stopped.draft, page_id, numbers))
        raise
    if draft.status != ResponseStatus.DRAFT:
        return _sent_already(draft, page_id, numbers)
    screen = screen_of(draft, page_id, numbers)
    if not screen.shown():
        return to(draft, first_stop(draft))
    return _shown(screen) if request.method == "GET" else _taken(screen)


def _shown(screen: Screen) -> Page:
    """The page with what was typed there last, if that could not all be saved."""
    kept = unsaved.kept_on(screen.draft, screen.place)
    notice = "more_questions" if "them" in request.args else ""
    if kept is None:
        return _page(screen, screen.form(), notice)
    return _page(*put_back(screen, kept), kept.notice or notice, unsaved.window_of(kept))


def _taken(screen: Screen) -> Page:
    if request.form.get(GO) == "discard":
        unsaved.forget(screen.draft, screen.place)
        db.session.commit()
        return to(screen.draft, screen.stop)
    form = posted(screen)
    if form.is_session_over():
        notice = "session_over_files" if form.brings_files else "session_over"
        return _page(screen, form, notice), HTTPStatus.BAD_REQUEST
    if request.form.get(GO) == "keep":
        return autosaved(screen, form)
    if request.form.get(GO) == "suggest":
        return jsonify(screen.with_entered(form).suggested(request.form.get(FOR, "")))
    if request.form.get(GO) == "look":
        looked = screen.with_entered(form)
        return _page(looked, looked.form())
    return _answered(screen, form)


def _keep_what_came_late(screen: Screen) -> None:
    """The round closed while the page was open, or its person's right ended: what was typed waits with the draft."""
    if request.method == "POST" and screen.draft.status == ResponseStatus.DRAFT:
        form = screen.form()
        form.validate()
        if not form.is_session_over():
            unsaved.keep(screen.draft, screen.place, form.typed(), told=False)
            db.session.commit()


def _sent_already(draft: Response, page_id: str, numbers: Numbers) -> Page:
    """The form was sent from another window: say so to who was still typing something else."""
    if request.method == "POST":
        screen = screen_of(draft, page_id, numbers)
        form = screen.form()
        form.validate()
        if not form.is_session_over() and says_otherwise(screen, form):
            return to_thanks(draft, khac=1)
    return to_thanks(draft)


def _answered(screen: Screen, form: PageForm) -> Page:
    draft, go = screen.draft, request.form.get(GO, "next")
    try:
        opened = save(screen, form)
    except Conflict:
        return _other_tab(draft, screen, form)
    if go.startswith("lang:") and go[5:] in screen.instrument.languages:
        drafts.speak(draft, go[5:])
    if form.errors:
        unsaved.keep(draft, screen.place, form.typed(), told=go == "next")
    else:
        unsaved.forget(draft, screen.place)
    db.session.commit()
    if go.startswith("lang:"):
        return to(draft, screen.stop)
    if go == "pause":
        return redirect(draft_address("collect.paused", draft), 303)
    if go == "back":
        return to(draft, stop_before(draft, screen.stop) or screen.stop)
    if form.errors:
        return to(draft, screen.stop)
    if opened:
        return redirect(address_of(draft, screen.stop, them=1, **mode()), 303)
    if mode() and not screen.page.repeat:
        return to(draft, first_stop(draft))
    return to(draft, stop_after(draft, screen.stop))


def _other_tab(draft: Response, screen: Screen, form: PageForm) -> Page:
    """Another tab saved first: both answers stay in reach, and the person chooses."""
    db.session.rollback()
    unsaved.keep(draft, screen.place, form.typed(), told=True, notice="other_tab")
    db.session.commit()
    return to(draft, screen.stop)


def _page(screen: Screen, form: PageForm, notice: str = "", window: str = "") -> str:
    draft = screen.draft
    place, pages = screen.progress()
    return render_template(
        "collect/page.html",
        lang=draft.language,
        languages=languages_of(draft),
        draft=draft,
        screen=screen,
        title=title(screen),
        form=form,
        place=place,
        pages=pages,
        here=address_of(draft, screen.stop, **mode()),
        has_back=stop_before(draft, screen.stop) is not None,
        reviewing=bool(mode()),
        notice=notice,
        window=window,
        **banners(draft.round),
    )


@collect.get("/s/<survey>/<uuid:response_id>/tam-dung")
def paused(survey: str, response_id: uuid.UUID) -> Page:
    """The code and link with which to go on later."""
    draft = open_draft(survey, response_id)
    return render_template(
        "collect/paused.html",
        lang=language_of(draft),
        languages=languages_of(draft),
        draft=draft,
        **banners(draft.round),
    )
