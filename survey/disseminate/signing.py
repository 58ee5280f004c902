"""Four eyes on every figure: one statistician puts a run forward, another signs it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import InputRequired

from survey.accounts.service import allowed_to
from survey.disseminate import preview, service
from survey.errors import NotFound
from survey.extensions import db
from survey.process.figures import indicator_tables
from survey.process.models import Run
from survey.process.service import find_run
from survey.signoff.models import SignOffStatus

signing = Blueprint("signing", __name__, url_prefix="/ky")
# The desk's templates stand on a lower floor and may not import this one: they ask by these names.
signing.add_app_template_global(preview.targets_of, "targets_of")
signing.add_app_template_global(preview.last_release, "last_release")
signing.add_app_template_global(service.find_release, "release_of")

Page = str | Response | tuple[str, int]
UNPROCESSABLE = 422


class CheckedForm(FlaskForm):
    """Putting forward and signing: each says by a tick what was looked at."""

    checked = BooleanField(
        "Tôi đã xem trọng số, ước lượng và sai số, và thấy công bố được.",
        [InputRequired("Đánh dấu là bạn đã kiểm tra")],
    )


class SignForm(CheckedForm):
    """Signing an older run than the one that is public takes a second tick, about nothing else."""

    supersede_newer = BooleanField("Thay số liệu mới hơn đang công bố bằng số liệu của lượt cũ này.")


@signing.get("/")
@allowed_to("see_process")
def start() -> str:
    """What waits to be checked, what waits for a second signature, what was published."""
    return render_template(
        "signing/start.html",
        to_check=preview.runs_to_check(),
        to_sign=preview.releases(SignOffStatus.CHECKED),
        published=preview.releases(SignOffStatus.PUBLISHED),
    )


@signing.get("/luot/<int:run_id>")
@allowed_to("see_process")
def run_page(run_id: int) -> str:
    """The figures of one run as they would be published, and what this person may do about them."""
    return _run_page(find_run(run_id), SignForm())


def _run_page(run: Run, form: CheckedForm) -> str:
    return render_template(
        "signing/run.html",
        run=run,
        form=form,
        release=service.find_release(run),
        tables=indicator_tables(run, preview.targets_of(run)),
        verdicts=preview.verdicts_of(run),
        lines=preview.lines_held_against(run),
        checks=preview.checks_of(run),
        last=preview.last_release(run.round),
        newer=service.newer_published(run),
        synthetic=run.round.is_synthetic,
    )


@signing.post("/luot/<int:run_id>/de-nghi")
@allowed_to("publish")
def propose(run_id: int) -> Page:
    """The first pair of eyes: put the run forward."""
    form, run = CheckedForm(), find_run(run_id)
    if not form.validate_on_submit():
        return _run_page(run, form), UNPROCESSABLE
    db.session.refresh(
        run, with_for_update=True
    )  # whoever comes second at the same moment finds it put forward
    service.propose(run, current_user._get_current_object())
    db.session.commit()
    flash("Đã đề nghị công bố. Cần một thống kê viên khác kiểm tra và ký.", "success")
    return redirect(url_for("signing.run_page", run_id=run_id), code=303)


@signing.post("/luot/<int:run_id>/cong-bo")
@allowed_to("publish")
def publish(run_id: int) -> Page:
    """The second pair of eyes: sign, and the figures are public."""
    form, run = SignForm(), find_run(run_id)
    if not form.validate_on_submit():
        return _run_page(run, form), UNPROCESSABLE
    release = service.find_release(run)
    if release is None:
        raise NotFound(f"Lượt {run_id} chưa được đề nghị công bố.", "Một thống kê viên đề nghị trước.")
    signer = current_user._get_current_object()
    try:
        count = len(service.publish(release, signer, supersede_newer=bool(form.supersede_newer.data)))
    except service.NewerPublished as fault:
        db.session.rollback()
        form.supersede_newer.errors = [str(fault)]
        return _run_page(find_run(run_id), form), UNPROCESSABLE
    db.session.commit()
    flash(f"Đã ký: {count} số liệu được công bố.", "success")
    return redirect(url_for("signing.run_page", run_id=run_id), code=303)
