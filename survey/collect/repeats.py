"""The list of a repeat's instances: add one, change one, take one out, go on."""

import uuid
from http import HTTPStatus

from flask import redirect, render_template, request

from survey.collect import review
from survey.collect.addresses import address_of, banners, languages_of, mode, open_draft, to, to_thanks
from survey.collect.blueprint import Page, collect
from survey.collect.forms import GO, PageForm
from survey.collect.screens import Numbers, Stop, assert_place, from_0
from survey.collect.way import (
    first_stop,
    pages_in,
    repeat_around,
    stop_after,
    stop_before,
    stops,
    unseen_list,
)
from survey.extensions import csrf, db
from survey.instrument import repeat_count
from survey.intake import drafts
from survey.intake.models import Response, ResponseStatus
from survey.rounds.service import instrument_of


@collect.route("/s/<survey>/<uuid:response_id>/danh-sach/<path:repeat>", methods=["GET", "POST"])
@collect.route(
    "/s/<survey>/<uuid:response_id>/danh-sach/<numbers:numbers>/<path:repeat>", methods=["GET", "POST"]
)
@csrf.exempt  # as for a page
def instances(survey: str, response_id: uuid.UUID, repeat: str, numbers: Numbers = ()) -> Page:
    """The instances so far, and what can be done with them."""
    draft = open_draft(survey, response_id, lock=True)
    if draft.status != ResponseStatus.DRAFT:
        return to_thanks(draft)
    listed = Stop(numbers=numbers, repeat=repeat)
    if not _is_open(draft, listed):
        return to(draft, first_stop(draft))
    drafts.resize_repeat(draft, repeat, _wanted(draft, listed), from_0(numbers))
    db.session.commit()
    form = PageForm()
    if request.method == "GET":
        return _list(draft, listed, form)
    form.validate()
    if form.is_session_over():
        return _list(draft, listed, form, notice="session_over"), HTTPStatus.BAD_REQUEST
    return _done(draft, listed, form)


def _is_open(draft: Response, listed: Stop) -> bool:
    """Whether the answers lead to this list; raise `NotFound` where the form has no such list."""
    instrument = instrument_of(draft.instrument_version)
    pages_in(instrument, listed.repeat)
    around = repeat_around(instrument, listed.repeat)
    assert_place(draft, around, listed.numbers)
    return listed in stops(draft, around, listed.numbers, [listed.repeat])


def _wanted(draft: Response, listed: Stop) -> int | None:
    """How many instances the questionnaire asks for; None where people decide."""
    instrument = instrument_of(draft.instrument_version)
    return repeat_count(instrument, listed.repeat, draft.answers, from_0(listed.numbers))


def _done(draft: Response, listed: Stop, form: PageForm) -> Page:
    go = request.form.get(GO, "next")
    if go == "add":
        return redirect(address_of(draft, _added(draft, listed), **mode()), 303)
    if go.startswith("remove:") and go[7:].isdecimal() and len(go) < 14:
        place, revision = int(go[7:]) - 1, form.stated_revision()
        drafts.remove_instance(draft, listed.repeat, place, revision, from_0(listed.numbers))
        db.session.commit()
        return redirect(address_of(draft, listed, **mode()), 303)
    if review.troubles_on(draft, listed.repeat, listed.numbers):
        return redirect(address_of(draft, listed, thieu=1, **mode()), 303)
    if unseen := unseen_list(draft, listed):
        return to(draft, unseen)
    return to(draft, first_stop(draft) if mode() else stop_after(draft, listed))


def _added(draft: Response, listed: Stop) -> Stop:
    """Where a new instance begins: it is made when its first page is saved, or now if it begins with a list."""
    count = len(drafts.instances_of(draft, listed.repeat, from_0(listed.numbers)) or ())
    begins = next(stops(draft, listed.repeat, (*listed.numbers, count + 1)), None)
    if begins is None or begins.repeat:
        drafts.resize_repeat(draft, listed.repeat, count + 1, from_0(listed.numbers))
        db.session.commit()
    return begins or listed


def _list(draft: Response, listed: Stop, form: PageForm, notice: str = "") -> str:
    form.revision.data = draft.revision
    told = "thieu" in request.args and not notice
    before = stop_before(draft, listed)
    return render_template(
        "collect/instances.html",
        lang=draft.language,
        languages=languages_of(draft),
        draft=draft,
        title=review.list_title(draft, listed),
        instances=list(review.instances(draft, listed.repeat, listed.numbers)),
        troubles=review.troubles_on(draft, listed.repeat, listed.numbers) if told else [],
        is_open=_wanted(draft, listed) is None,
        address=lambda stop: address_of(draft, stop, **mode()),
        back=address_of(draft, before, **mode()) if before else "",
        form=form,
        notice=notice,
        **banners(draft.round),
    )
