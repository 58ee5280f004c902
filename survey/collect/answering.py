"""Page by page: show, take, save, and lead on."""

import uuid
from http import HTTPStatus

from flask import redirect, render_template, request

from survey.collect.addresses import address_of, banners, draft_address, mode, open_draft, to, to_thanks
from survey.collect.blueprint import Page, collect
from survey.collect.forms import GO, PageForm
from survey.collect.review import title
from survey.collect.screens import Screen, Stop, first_stop, save, screen_of, stop_after, stop_before
from survey.errors import Conflict
from survey.extensions import csrf, db
from survey.intake import drafts
from survey.intake.models import Response, ResponseStatus


@collect.get("/s/<survey>/<uuid:response_id>")
def go_on(survey: str, response_id: uuid.UUID) -> Page:
    """Come back to a draft: the first page not yet seen, or the review."""
    draft = open_draft(survey, response_id)
    return to(draft, first_stop(draft))


@collect.route("/s/<survey>/<uuid:response_id>/trang/<path:page_id>", methods=["GET", "POST"])
@collect.route("/s/<survey>/<uuid:response_id>/muc/<int:number>/<path:page_id>", methods=["GET", "POST"])
@csrf.exempt  # the page checks its token itself, so that what was typed survives a lost session
def page(survey: str, response_id: uuid.UUID, page_id: str, number: int | None = None) -> Page:
    """One page of questions."""
    draft = open_draft(survey, response_id, lock=request.method == "POST")
    if draft.status != ResponseStatus.DRAFT:
        return to_thanks(draft)
    screen = screen_of(draft, page_id, number)
    if not screen.shown():
        return to(draft, first_stop(draft))
    form = screen.form()
    if request.method == "GET":
        return _page(screen, form, notice="more_questions" if "them" in request.args else "")
    form.validate()
    if form.is_session_over():
        return _page(screen, form, notice="session_over"), HTTPStatus.BAD_REQUEST
    return _answered(screen, form)


def _answered(screen: Screen, form: PageForm) -> Page:
    draft, go = screen.draft, request.form.get(GO, "next")
    try:
        opened = save(screen, form)
    except Conflict:
        return _other_tab(draft, screen)
    if go.startswith("lang:") and go[5:] in screen.instrument.languages:
        draft.language = go[5:]
    db.session.commit()
    if go.startswith("lang:"):
        return redirect(address_of(draft, Stop(screen.page.id, screen.number)), 303)
    if go == "pause":
        return redirect(draft_address("collect.paused", draft), 303)
    if go == "back":
        return to(draft, stop_before(screen) or Stop(screen.page.id, screen.number))
    if form.errors:
        form.revision.data = draft.revision
        return _page(screen, form), HTTPStatus.UNPROCESSABLE_ENTITY
    if opened:
        return redirect(address_of(draft, Stop(screen.page.id, screen.number), them=1, **mode()), 303)
    if mode() and not screen.page.repeat:
        return to(draft, first_stop(draft))
    return to(draft, stop_after(screen))


def _other_tab(draft: Response, screen: Screen) -> Page:
    """Another tab saved first: both answers stay in reach, and the person chooses."""
    db.session.rollback()
    screen = Screen(drafts.find_draft(draft.id), screen.page, screen.number)
    form = screen.form()
    form.validate()
    form.revision.data = screen.draft.revision
    return _page(screen, form, notice="other_tab"), HTTPStatus.CONFLICT


def _page(screen: Screen, form: PageForm, notice: str = "") -> str:
    draft = screen.draft
    place, pages = screen.progress()
    return render_template(
        "collect/page.html",
        lang=draft.language,
        languages=screen.instrument.languages,
        draft=draft,
        screen=screen,
        title=title(screen),
        form=form,
        place=place,
        pages=pages,
        here=address_of(draft, Stop(screen.page.id, screen.number), **mode()),
        has_back=stop_before(screen) is not None,
        reviewing=bool(mode()),
        notice=notice,
        **banners(draft.round),
    )


@collect.get("/s/<survey>/<uuid:response_id>/tam-dung")
def paused(survey: str, response_id: uuid.UUID) -> Page:
    """The code and link with which to go on later."""
    draft = open_draft(survey, response_id)
    return render_template("collect/paused.html", lang=draft.language, draft=draft, **banners(draft.round))
