"""`khaosat weight`, `estimate`, `publish` and `export`: from responses to signed figures."""

from pathlib import Path

import click
from sqlalchemy import select

from survey.accounts.models import User
from survey.commands.running import console, in_app, progress_bar
from survey.disseminate import export as exports
from survey.disseminate import reproduction
from survey.disseminate import service as dissemination
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.process import service as processing
from survey.process.models import Run, RunStatus
from survey.rounds.models import Round
from survey.rounds.service import find_round, find_survey
from survey.signoff.models import SignOffStatus

SURVEY = click.argument("survey")
ROUND = click.option("--round", "code", help="Round of the survey; default: the latest.")


@click.command()
@SURVEY
@ROUND
@click.option("--as", "username", required=True, help="User name of the statistician who does it.")
@in_app
def weight(survey: str, code: str | None, username: str) -> None:
    """Take a snapshot of a round's responses and compute its weights.

    \b
    Example:
      khaosat weight ict-ho-gia-dinh --as lan
    """
    run = processing.request_run(find_round(survey, code), find_user(username))
    db.session.commit()
    weigh(run)


@click.command()
@SURVEY
@ROUND
@in_app
def estimate(survey: str, code: str | None) -> None:
    """Estimate every indicator of the round's latest weighted run.

    \b
    Example:
      khaosat estimate ict-ho-gia-dinh
    """
    round_ = find_round(survey, code)
    run = processing.latest_run(round_, RunStatus.WEIGHTED)
    if run is None:
        raise Fault(
            f"{survey}/{round_.code}: chưa có lượt nào đã tính trọng số.", "Chạy `khaosat weight` trước."
        )
    reckon(run)


@click.command()
@SURVEY
@ROUND
@click.option("--checked-by", required=True, help="User name of the statistician who checked the estimates.")
@click.option("--signed-by", required=True, help="User name of a second statistician, who signs.")
@click.option("--run", "number", type=click.IntRange(1), help="Run to publish; default: the latest.")
@click.option("--supersede-newer", is_flag=True, help="Replace figures of a newer run that are public now.")
@click.option("--revision-note", default="", help="Public: what changes in published figures, and why.")
@in_app
def publish(
    survey: str,
    code: str | None,
    checked_by: str,
    signed_by: str,
    number: int | None,
    supersede_newer: bool,
    revision_note: str,
) -> None:
    """Publish the round's latest estimates, or those of one run; it takes two people.

    \b
    Example:
      khaosat publish ict-ho-gia-dinh --checked-by lan --signed-by minh
      khaosat publish ict-ho-gia-dinh --run 3 --supersede-newer --checked-by lan --signed-by minh
    """
    run = _finished_run(find_round(survey, code), number)
    checker, signer = find_user(checked_by), find_user(signed_by)
    sign(run, checker, signer, supersede_newer=supersede_newer, revision_note=revision_note)


def _finished_run(round_: Round, number: int | None) -> Run:
    """The run of this number, or the round's latest with estimates; raise `Fault` for another round's."""
    if number is None:
        run = processing.latest_run(round_, RunStatus.DONE)
    else:
        run = processing.find_run(number)
        if run.round_id != round_.id:
            raise Fault(
                f"Lượt {number} là của {_name(run.round)}, không phải của {_name(round_)}.",
                "Sửa số lượt, hoặc chọn đợt bằng --round.",
            )
    if run is None:
        raise Fault(
            f"{_name(round_)}: chưa có ước lượng.", "Chạy `khaosat weight` và `khaosat estimate` trước."
        )
    return run


@click.command()
@click.option("--survey", help="Only this survey; default: all.")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("export"))
@in_app
def export(survey: str | None, folder: Path) -> None:
    """Write the published observations as CSV, XLSX and SDMX-CSV, each figure with its lineage.

    \b
    Example:
      khaosat export --survey ict-ho-gia-dinh --to export
    """
    published = dissemination.current(find_survey(survey).code if survey else None)
    if not published:
        raise Fault("Chưa có số liệu công bố để xuất.", "Ký công bố trước: khaosat publish.")
    try:
        paths = exports.write_files(published, folder)
    except OSError as error:
        raise Fault(
            f"Không ghi được vào {folder}: {error.strerror}.", "Chọn thư mục khác bằng --to."
        ) from error
    for path in paths:
        console.print(str(path))


@click.command()
@click.argument("observation")
@in_app
def reproduce(observation: str) -> None:
    """Compute a published figure again from its snapshot and compare it with what was published.

    OBSERVATION is a figure's number (of its page's or the export's lineage) or an indicator's code, which stands
    for all its current figures. Exits with 1 when a figure does not come out the same to 12 digits.

    \b
    Example:
      khaosat reproduce KH54-37
      khaosat reproduce 1234
    """
    with progress_bar("Reproduce") as tell:
        compared = reproduction.reproduce(reproduction.find_published(observation), tell)
    for one in compared:
        console.print(f"  {_told(one)}")
    apart = [one for one in compared if not one.agrees]
    if apart:
        raise Fault(
            f"{len(apart)} trong {len(compared)} số tính lại khác số đã công bố.",
            "So mã phiên bản phần mềm trong nguồn gốc của số liệu với phiên bản đang chạy, rồi báo người phụ trách.",
        )
    console.print(f"{len(compared)} figures, each the same as published (to {reproduction.TOLERANCE:g}).")


def _told(one: reproduction.Comparison) -> str:
    figure = one.observation
    where = f"{figure.dimension}={figure.level}" if figure.dimension else "total"
    value = "–" if figure.obs_value is None else f"{figure.obs_value!r} (se {figure.std_error!r})"
    return f"{figure.id} {figure.indicator} {where}: {value} n {figure.n}, difference {one.difference:.1e}"


def weigh(run: Run) -> None:
    with progress_bar(f"Weight {_name(run.round)}") as tell:
        processing.weight(run.id, tell)
    for step in run.log:
        console.print(
            f"  {step['level']}, {step['step']}: n {step['n']}, sum {step['sum']:,.0f},"
            f" Kish deff {step['kish_deff']:.3f}"
        )


def reckon(run: Run) -> None:
    with progress_bar(f"Estimate {_name(run.round)}") as tell:
        processing.estimate(run.id, tell)
    console.print(f"  {len(run.estimates)} estimates (run {run.id}).")


def sign(
    run: Run, checker: User, signer: User, *, supersede_newer: bool = False, revision_note: str = ""
) -> None:
    release = dissemination.find_release(run)
    if release is None or release.status == SignOffStatus.DRAFT:
        release = dissemination.propose(run, checker, revision_note)
    count = len(dissemination.publish(release, signer, supersede_newer=supersede_newer))
    db.session.commit()
    console.print(f"{_name(run.round)}: {count} observations published.")


def find_user(username: str) -> User:
    user = db.session.scalar(select(User).where(User.username == username.lower()))
    if user is None:
        raise NotFound(f"Không có người dùng {username}.", "Thêm bằng `khaosat user add`.")
    return user


def _name(round_: Round) -> str:
    return f"{round_.survey.code}/{round_.code}"
