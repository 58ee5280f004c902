"""The list of a repeat's instances: add one, change one, take one out, go on."""

import uuid
from http import HTTPStatus

from flask import redirect, render_template, request

from survey.collect.addresses import address_of, banners, mode, open_draft, to, to_thanks
from survey.collect.blueprint import Page, collect
from survey.collect.forms import GO, PageForm
from survey.collect.review import sections, troubles
from survey.collect.screens import Stop, first_page_of, first_stop, stop_after_repeat
from survey.extensions import csrf, db
from survey.instrument import path, repeat_count
from survey.intake import drafts
from survey.intake.models import Response, ResponseStatus
from survey.rounds.service import instrument_of


@collect.route("/s/<survey>/<uuid:response_id>/danh-sach/<path:repeat>", methods=["GET", "POST"])
@csrf.exempt  # as for a page
def instances(survey: str, response_id: uuid.UUID, repeat: str) -> Page:
    """The instances so far, and what can be done with them."""
    draft = open_draft(survey, response_id, lock=True)
    if draft.status != ResponseStatus.DRAFT:
        return to_thanks(draft)
    first = first_page_of(instrument_of(draft.instrument_version), repeat)
    if first not in path(instrument_of(draft.instrument_version), draft.answers):
        return to(draft, first_stop(draft))
    drafts.resize_repeat(
        draft, repeat, repeat_count(instrument_of(draft.instrument_version), repeat, draft.answers)
    )
    db.session.commit()
    form = PageForm()
    if request.method == "GET":
        return _list(draft, repeat, form)
    form.validate()
    if form.is_session_over():
        return _list(draft, repeat, form, notice="session_over"), HTTPStatus.BAD_REQUEST
    return _done(draft, repeat, form)


def _done(draft: Response, repeat: str, form: PageForm) -> Page:
    go = request.form.get(GO, "next")
    count = len(draft.answers.get(repeat) or ())
    if go == "add":
        first = first_page_of(instrument_of(draft.instrument_version), repeat)
        return redirect(address_of(draft, Stop(first.id, count + 1), **mode()), 303)
    if go.startswith("remove:") and go[7:].isdigit():
        drafts.remove_instance(draft, repeat, int(go[7:]) - 1, form.stated_revision())
        db.session.commit()
        return redirect(address_of(draft, Stop(repeat=repeat), **mode()), 303)
    if any(trouble.screen.page.repeat == repeat for trouble in troubles(draft)):
        return redirect(address_of(draft, Stop(repeat=repeat), thieu=1, **mode()), 303)
    return to(draft, first_stop(draft) if mode() else stop_after_repeat(draft, repeat))


def _list(draft: Response, repeat: str, form: PageForm, notice: str = "") -> str:
    instrument = instrument_of(draft.instrument_version)
    form.revision.data = draft.revision
    told = "thieu" in request.args and not notice
    found = [section for section in sections(draft) if section.screen.page.repeat == repeat]
    return render_template(
        "collect/instances.html",
        lang=draft.language,
        languages=instrument.languages,
        draft=draft,
        title=first_page_of(instrument, repeat).title(draft.language),
        sections=found,
        troubles=[t for t in troubles(draft) if t.screen.page.repeat == repeat] if told else [],
        is_open=repeat_count(instrument, repeat, draft.answers) is None,
        address=lambda screen: address_of(draft, Stop(screen.page.id, screen.number), **mode()),
        form=form,
        notice=notice,
        **banners(draft.round),
    )
