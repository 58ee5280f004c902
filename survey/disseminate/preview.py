"""What signing a run would publish: targets, verdicts, and what a signer should know first."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from survey.disseminate.models import Release, Verdict
from survey.disseminate.service import verdict
from survey.extensions import db
from survey.intake.models import Response, ResponseStatus, Source
from survey.process.models import Run, RunStatus
from survey.process.recipe import BadRecipe
from survey.process.service import latest_run, recipe_of, recipe_used
from survey.registry.models import Indicator
from survey.rounds.models import Purpose, Round
from survey.signoff.models import SignOffStatus

UNCOMMITTED = "+changes"


@dataclass(frozen=True)
class Check:
    """One thing to look at before signing; `passed` False warns and does not forbid."""

    passed: bool
    text: str


def lines_held_against(run: Run) -> dict[str, Indicator]:
    """The registry line of each of the run's indicators that is held against its target."""
    wanted = {row.code: row.registry for row in recipe_used(run).indicators if row.held_against_target}
    query = select(Indicator).where(Indicator.code.in_([code for code in wanted.values() if code]))
    lines = {line.code: line for line in db.session.scalars(query)}
    return {code: lines[registry] for code, registry in wanted.items() if registry in lines}


def targets_of(run: Run) -> dict[str, float]:
    """The targets of a run's indicators, where the registry gives a single number."""
    lines = lines_held_against(run)
    return {code: line.target_value for code, line in lines.items() if line.target_value is not None}


def verdicts_of(run: Run) -> dict[str, Verdict]:
    """Met, not met or undecided, for each indicator that has a target and may be published."""
    lines = lines_held_against(run)
    judged = (
        (row.indicator, verdict(row.ci_low, row.ci_high, lines[row.indicator]))
        for row in run.estimates
        if row.dimension is None and row.indicator in lines and row.quality != "unpublishable"
    )
    return {code: found for code, found in judged if found is not None}


def checks_of(run: Run) -> list[Check]:
    """What to look at before a run is signed."""
    return list(_checks(run))


def _checks(run: Run) -> Iterator[Check]:
    newest = latest_run(run.round, RunStatus.DONE)
    newer = newest is not None and newest.id > run.id
    yield Check(
        not newer,
        f"Có lượt mới hơn: lượt {newest.id}." if newest and newer else "Đây là lượt mới nhất của đợt.",
    )
    late = _answers_after(run)
    yield Check(not late, f"{late} phiếu đến sau khi chụp dữ liệu, không có trong lượt này." if late else
                "Mọi phiếu hoàn thành đều có trong lượt này.")  # fmt: skip
    same = _is_still_the_plan(run)
    yield Check(
        same, "Phương án xử lý không đổi từ khi tính." if same else "Phương án xử lý đã đổi sau khi tính."
    )
    clean = UNCOMMITTED not in run.code_version
    yield Check(clean, "Phiên bản chương trình tra lại được." if clean else
                "Chương trình có thay đổi chưa lưu vào git: khó tính lại đúng con số.")  # fmt: skip
    withheld = sum(row.quality == "unpublishable" for row in run.estimates)
    yield Check(
        True, f"{len(run.estimates)} ước lượng, {withheld} không đủ chính xác nên giá trị không công bố."
    )
    wrong = sum(rule["failed"] for rule in run.edits if rule["severity"] == "error")
    if run.edits:
        yield Check(not wrong, f"{wrong} lần phiếu sai quy tắc kiểm tra mức lỗi; các phiếu vẫn được tính." if wrong
                    else f"Không phiếu nào sai quy tắc mức lỗi ({len(run.edits)} quy tắc).")  # fmt: skip
    if run.round.purpose == Purpose.TEST:
        yield Check(False, "Đây là đợt thử nghiệm.")
    if run.round.is_open:
        yield Check(False, "Đợt còn đang mở, phiếu còn có thể đến thêm.")


def _is_still_the_plan(run: Run) -> bool:
    try:
        return recipe_of(run.round).hash == run.recipe_hash
    except BadRecipe:
        return False


def _answers_after(run: Run) -> int:
    if run.snapshot is None:
        return 0
    query = select(func.count()).select_from(Response).where(
        Response.round_id == run.round_id,
        Response.status == ResponseStatus.COMPLETE,
        Response.source == Source.SAMPLE,
        Response.submitted_at > run.snapshot.taken_at,
    )  # fmt: skip
    return db.session.scalar(query) or 0


def releases(status: SignOffStatus) -> list[Release]:
    """Releases in a state, newest first; a run that was cancelled after it was put forward waits for nobody."""
    query = select(Release).join(Run).where(Release.status == status, Run.status == RunStatus.DONE)
    return list(db.session.scalars(query.order_by(Release.id.desc())))


def runs_to_check() -> list[Run]:
    """The newest finished run of each round, where nobody has put it forward yet."""
    newest = select(func.max(Run.id)).where(Run.status == RunStatus.DONE).group_by(Run.round_id)
    query = (
        select(Run)
        .outerjoin(Release, Release.run_id == Run.id)
        .where(Run.id.in_(newest), Release.id.is_(None))
    )
    return list(db.session.scalars(query.order_by(Run.id.desc())))


def last_release(round_: Round) -> Release | None:
    """The newest published release of a round."""
    query = (
        select(Release).join(Run).where(Run.round_id == round_.id, Release.status == SignOffStatus.PUBLISHED)
    )
    return db.session.scalars(query.order_by(Release.published_at.desc())).first()
