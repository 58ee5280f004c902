"""The managers' letters and posters: a few at once, many as a file that a worker makes."""

from dataclasses import asdict

from flask import Response, flash, send_file
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect
from wtforms import SelectChoice

from survey.accounts.service import allowed_to, record
from survey.extensions import db
from survey.formats import number
from survey.invitations import batches, letters
from survey.invitations.forms import LettersForm, PosterForm
from survey.invitations.models import BatchStatus
from survey.manage.invitation_jobs import enqueue_letters
from survey.manage.invitations import Page, invitations, lead_to, settings, show, site_address, subject_of
from survey.rounds.models import Round
from survey.rounds.service import find_round

DIRECT = 100
"""Letters that are made while the person waits; more go to a worker."""
__all__ = ["invitations"]  # with the routes of this module


@invitations.route("/thu", methods=["GET", "POST"])
@allowed_to("manage")
def letter_files(survey: str, code: str) -> Page:
    """Letters: a few at once, many by a worker."""
    round_ = find_round(survey, code)
    form = _letters_form(round_)
    if not form.validate_on_submit():
        return _letters_page(round_, form)
    scope = letters.Scope(form.stratum.data or "", form.commune.data or "", form.unanswered.data)
    count = letters.count_letters(round_, scope)
    if not count:
        form.stratum.errors = ["Không có phiếu nào thuộc lựa chọn này. Chọn tầng hoặc xã khác."]
        return _letters_page(round_, form)
    if count <= DIRECT:
        return _letters_now(round_, scope)
    batch = batches.request_batch(round_, scope, site_address(), current_user._get_current_object())
    db.session.commit()
    enqueue_letters(batch.id)
    flash(f"Đang tạo {number(count)} thư. Tải trang này lại để xem tiến độ.", "success")
    return lead_to("letter_files", round_)


def _letters_now(round_: Round, scope: letters.Scope) -> Response:
    cases = db.session.scalars(scope.query(round_)).all()
    content = letters.letters(round_, cases, site_address())
    record("letters.print", subject_of(round_), {"letters": len(cases), "scope": asdict(scope)})
    db.session.commit()
    return _pdf(content, f"thu-moi-{round_.survey.code}-{round_.code}.pdf")


def _letters_form(round_: Round) -> LettersForm:
    strata, communes = letters.places_of(round_)
    form = LettersForm()
    form.stratum.choices = [SelectChoice("", "Tất cả"), *(SelectChoice(name, name) for name in strata)]
    form.commune.choices = [SelectChoice("", "Tất cả"), *(SelectChoice(*pair) for pair in communes)]
    return form


def _letters_page(round_: Round, form: LettersForm, poster: PosterForm | None = None) -> Page:
    everybody = letters.Scope()
    return show(
        "letters",
        round_,
        form,
        poster=poster or PosterForm(formdata=None),
        found=batches.batches_of(round_),
        scope_of=lambda batch: letters.Scope(**batch.scope).words(),
        moving=(BatchStatus.QUEUED, BatchStatus.RUNNING),
        count=letters.count_letters(round_, everybody),
        direct=DIRECT,
        part=batches.PART,
    )


@invitations.get("/thu/<int:batch_id>")
@allowed_to("manage")
def letter_file(survey: str, code: str, batch_id: int) -> Response:
    """A finished file; who fetched it is recorded, since its links let answer for others."""
    round_ = find_round(survey, code)
    batch = batches.find_batch(round_, batch_id)
    path = batches.file_of(batch, settings().files)
    record("letters.download", subject_of(round_), {"batch": batch.id})
    db.session.commit()
    name = f"thu-moi-{round_.survey.code}-{round_.code}-{batch.id}{path.suffix}"
    return _private(send_file(path.resolve(), as_attachment=True, download_name=name, max_age=0))


@invitations.post("/thu/<int:batch_id>/xoa")
@allowed_to("manage")
def delete_file(survey: str, code: str, batch_id: int) -> Redirect:
    """Delete a finished file."""
    round_ = find_round(survey, code)
    batch = batches.find_batch(round_, batch_id)
    batches.delete_batch(batch, "Đã xóa theo yêu cầu.", settings().files)
    db.session.commit()
    flash(f"Đã xóa tệp {batch.id}.", "success")
    return lead_to("letter_files", round_)


@invitations.post("/ap-phich")
@allowed_to("manage")
def posters(survey: str, code: str) -> Page:
    """Posters with the open link."""
    round_ = find_round(survey, code)
    form = PosterForm()
    if not form.validate_on_submit():
        return _letters_page(round_, _letters_form(round_), form)
    communes = [code for code, _ in letters.places_of(round_)[1]] if form.by_commune.data else []
    content = letters.poster(round_, site_address(), size=form.size.data, communes=communes)
    record("posters.print", subject_of(round_), {"pages": max(1, len(communes)), "size": form.size.data})
    db.session.commit()
    return _pdf(content, f"ap-phich-{round_.survey.code}-{form.size.data}.pdf")


def _pdf(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return _private(Response(content, mimetype="application/pdf", headers=headers))


def _private(reply: Response) -> Response:
    reply.headers["Cache-Control"] = "no-store"
    return reply
