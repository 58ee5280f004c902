"""Four eyes on every figure: one statistician puts a run forward, another signs it, at once or for a later hour."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired, Optional

from survey import formats
from survey.accounts.models import User
from survey.accounts.service import allowed_to
from survey.disseminate import preview, revision, service
from survey.disseminate.models import Release
from survey.disseminate.wording import domain_name
from survey.errors import NotFound
from survey.extensions import db
from survey.process.figures import indicator_tables
from survey.process.models import Run
from survey.process.service import find_run
from survey.signoff import service as signoff
from survey.signoff.forms import TEXT, EmbargoForm, ReasonForm, WithdrawForm
from survey.signoff.models import SignOffStatus

signing = Blueprint("signing", __name__, url_prefix="/ky")
# The desk's templates stand on a lower floor and may not import this one: they ask by these names.
signing.add_app_template_global(preview.targets_of, "targets_of")
signing.add_app_template_global(preview.verdicts_of, "verdicts_of")
signing.add_app_template_global(preview.last_release, "last_release")
signing.add_app_template_global(service.find_release, "release_of")
signing.add_app_template_global(domain_name, "domain_name")

Page = str | Response | tuple[str, int]
UNPROCESSABLE = 422


class CheckedForm(FlaskForm):
    """Putting forward and signing: each says by a tick what was looked at."""

    checked = BooleanField(
        "Tôi đã xem trọng số, ước lượng và sai số, và thấy công bố được.",
        [InputRequired("Đánh dấu là bạn đã kiểm tra")],
    )


class ProposeForm(CheckedForm):
    """Who changes published figures says why, for everybody to read."""

    revision_note = TextAreaField(
        "Ghi chú sửa số liệu (công khai)",
        [Optional(), TEXT],
        description="Số nào thay đổi và vì sao. Người đọc thấy ghi chú này cạnh số mới và số cũ.",
        render_kw={"rows": 3},
    )


class SignForm(CheckedForm, EmbargoForm):
    """Signing an older run than the one that is public takes a second tick, about nothing else."""

    supersede_newer = BooleanField("Thay số liệu mới hơn đang công bố bằng số liệu của lượt cũ này.")


@dataclass(frozen=True)
class Step:
    """A step back: its own page with what it does, the form it needs, and the deed."""

    title: str
    says: str
    button: str
    form: type[FlaskForm]
    do: Callable[[Release, User, FlaskForm], bool]
    done: str


STEPS = {
    "tra-lai": Step(
        "Trả lại lượt {run}",
        "Đề nghị công bố trở về bản nháp. Lý do ghi vào nhật ký và hiện ở trang của lượt; sửa xong có thể đề nghị lại.",
        "Trả lại",
        ReasonForm,
        lambda release, user, form: signoff.send_back(release, user, form.reason.data),
        "Đã trả lại. Lý do hiện ở trang này.",
    ),
    "huy-lich": Step(
        "Hủy lịch công bố lượt {run}",
        "Số liệu không được công bố vào giờ đã hẹn. Đề nghị vẫn còn: ký lại với giờ khác, hoặc trả lại để sửa.",
        "Hủy lịch công bố",
        ReasonForm,
        lambda release, user, form: signoff.put_off(release, user, form.reason.data),
        "Đã hủy lịch công bố. Lượt này chờ ký lại.",
    ),
    "rut-lai": Step(
        "Rút lại số liệu của lượt {run}",
        "Số liệu biến mất ngay khỏi trang công khai, tệp và API; địa chỉ cũ ghi là đã rút lại, lúc nào và vì sao."
        " Không hoàn tác được: số thay thế cần một lượt mới và hai người ký.",
        "Rút lại số liệu",
        WithdrawForm,
        lambda release, user, form: service.withdraw(
            release, user, form.reason.data, form.public_note.data
        ),
        "Đã rút lại số liệu của lượt này.",
    ),
}  # fmt: skip


@signing.get("/")
@allowed_to("see_process")
def start() -> str:
    """What waits to be checked, for a second signature or for its hour, what was published, what taken back."""
    return render_template(
        "signing/start.html",
        to_check=preview.runs_to_check(),
        releases={status.value: preview.releases(status) for status in SignOffStatus},
        now=datetime.now(UTC),
    )


@signing.get("/luot/<int:run_id>")
@allowed_to("see_process")
def run_page(run_id: int) -> str:
    """The figures of one run as they would be published, and what this person may do about them."""
    return _run_page(find_run(run_id))


def _run_page(run: Run, form: FlaskForm | None = None) -> str:
    release = service.find_release(run)
    waits = release is not None and release.status == SignOffStatus.CHECKED
    wanted = SignForm if waits else ProposeForm  # somebody else's step may have come before a sent form
    if not isinstance(form, wanted):
        form = wanted(formdata=None, revision_note=release.revision_note if release else "")
    return render_template(
        "signing/run.html",
        run=run,
        form=form,
        release=release,
        tables=indicator_tables(run, preview.targets_of(run)),
        verdicts=preview.verdicts_of(run),
        lines=preview.lines_held_against(run),
        checks=preview.checks_of(run),
        last=preview.last_release(run.round),
        newer=service.newer_published(run),
        changes=_changes(run, release),
        synthetic=run.round.is_synthetic,
        now=datetime.now(UTC),
    )


def _changes(run: Run, release: Release | None) -> list[revision.Change]:
    public = release is not None and release.published_at is not None
    return [] if public else revision.changes(run)


@signing.post("/luot/<int:run_id>/de-nghi")
@allowed_to("publish")
def propose(run_id: int) -> Page:
    """The first pair of eyes: put the run forward."""
    form, run = ProposeForm(), find_run(run_id)
    if not form.validate_on_submit():
        return _run_page(run, form), UNPROCESSABLE
    try:
        service.propose(run, _person(), form.revision_note.data or "")
    except revision.NoteMissing as fault:
        db.session.rollback()
        form.revision_note.errors = [f"{fault.message} Ghi số nào thay đổi và vì sao"]
        return _run_page(find_run(run_id), form), UNPROCESSABLE
    except service.AlreadySigned as fault:
        return _again(run_id, fault)
    db.session.commit()
    flash("Đã đề nghị công bố. Cần một thống kê viên khác kiểm tra và ký.", "success")
    return _to(run_id)


@signing.post("/luot/<int:run_id>/cong-bo")
@allowed_to("publish")
def publish(run_id: int) -> Page:
    """The second pair of eyes: sign, and the figures are public, now or at the hour that was chosen."""
    form, run = SignForm(), find_run(run_id)
    if not form.validate_on_submit():
        return _run_page(run, form), UNPROCESSABLE
    release, until = _release(run), form.embargo_until
    try:
        count = len(
            service.publish(
                release, _person(), supersede_newer=bool(form.supersede_newer.data), embargo_until=until
            )
        )
    except service.NewerPublished as fault:
        db.session.rollback()
        form.supersede_newer.errors = [str(fault)]
        return _run_page(find_run(run_id), form), UNPROCESSABLE
    except signoff.HourPassed as fault:
        db.session.rollback()
        form.embargo_time.errors = [str(fault)]
        return _run_page(find_run(run_id), form), UNPROCESSABLE
    except service.AlreadySigned as fault:
        return _again(run_id, fault)
    db.session.commit()
    said = f"công bố lúc {formats.datetime(until)}" if until else f"{count} số liệu được công bố"
    flash(f"Đã ký: {said}.", "success")
    return _to(run_id)


@signing.get("/luot/<int:run_id>/<any('tra-lai', 'huy-lich', 'rut-lai'):step>")
@allowed_to("publish")
def step_page(run_id: int, step: str) -> str:
    """What a step back does, and the words it needs."""
    return _step_page(find_run(run_id), step, STEPS[step].form())


def _step_page(run: Run, step: str, form: FlaskForm) -> str:
    return render_template(
        "signing/step.html", run=run, step=STEPS[step], name=step, form=form, release=_release(run)
    )


@signing.post("/luot/<int:run_id>/<any('tra-lai', 'huy-lich', 'rut-lai'):step>")
@allowed_to("publish")
def take_step(run_id: int, step: str) -> Page:
    """Send back, cancel an embargo, or withdraw."""
    chosen, run = STEPS[step], find_run(run_id)
    form = chosen.form()
    if not form.validate_on_submit():
        return _step_page(run, step, form), UNPROCESSABLE
    chosen.do(_release(run), _person(), form)
    db.session.commit()
    flash(chosen.done, "success")
    return _to(run_id)


@signing.get("/luot/<int:run_id>/nhat-ky")
@allowed_to("see_process")
def trail(run_id: int) -> str:
    """The audit trail of one run's way to the public: who, when, what."""
    run = find_run(run_id)
    return render_template("signing/trail.html", run=run, release=_release(run), deeds=preview.trail_of(run))


def _release(run: Run) -> Release:
    release = service.find_release(run)
    if release is None:
        raise NotFound(f"Lượt {run.id} chưa được đề nghị công bố.", "Một thống kê viên đề nghị trước.")
    return release


def _again(run_id: int, fault: service.AlreadySigned) -> Response:
    """A double press is told that it is done; anybody else, who was first."""
    db.session.rollback()
    if not fault.by_same:
        raise fault
    flash(f"{fault.message} Không cần làm lại.", "warning")
    return _to(run_id)


def _person() -> User:
    user: User = current_user._get_current_object()
    return user


def _to(run_id: int) -> Response:
    return redirect(url_for("signing.run_page", run_id=run_id), code=303)
