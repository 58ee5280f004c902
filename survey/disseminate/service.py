"""Sign-off by two people, and the observations that come out of it."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from survey import formats
from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.disseminate.models import Observation, Release, ReleaseStatus, Verdict
from survey.errors import Conflict, Fault, NotFound, Refused
from survey.extensions import db
from survey.intake.withdrawal import deidentify
from survey.process.models import Estimate, Run, RunStatus
from survey.process.recipe import read_recipe
from survey.process.recipes.lineage import totals_used
from survey.process.units import unit_of
from survey.registry.models import Indicator
from survey.rounds.models import Purpose

NORMAL, LOW_RELIABILITY, NOT_PUBLISHED = "A", "U", "L"
FREE = "F"
OBS_STATUS = {"good": NORMAL, "caution": LOW_RELIABILITY, "unpublishable": NOT_PUBLISHED}


def propose(run: Run, user: User) -> Release:
    """A statistician has checked a finished run and puts it forward for publication."""
    require(user, "publish")
    if run.status != RunStatus.DONE:
        raise Fault(
            f"Lượt {run.id} chưa có ước lượng (trạng thái {run.status}).", "Đợi lượt xử lý xong rồi đề nghị."
        )
    if run.round.purpose == Purpose.TEST:
        raise Fault("Đợt thử nghiệm không được công bố.", "Mở một đợt chính thức hoặc trình diễn.")
    if db.session.scalar(select(Release).where(Release.run_id == run.id)):
        raise Conflict(f"Lượt {run.id} đã được đề nghị công bố.", "Xem ở trang của lượt này.")
    release = Release(run_id=run.id, proposed_by_id=user.id, status=ReleaseStatus.CHECKED)
    db.session.add(release)
    db.session.flush()
    record("release.propose", f"run:{run.id}", user=user)
    return release


class NewerPublished(Conflict):
    """What is public now comes from a newer run than the one to be published."""

    title = "Số liệu đang công bố mới hơn lượt này"


def publish(
    release: Release, user: User, now: datetime | None = None, *, supersede_newer: bool = False
) -> list[Observation]:
    """A second statistician signs: the run's estimates become observations and supersede earlier ones.

    From then on no answer that came before can be withdrawn. Raises `Refused` when the one who proposed signs
    too, `Conflict` when it is published already or its run was cancelled, `Fault` before the last day of
    withdrawing, and `NewerPublished` when it would supersede a newer run's figures and `supersede_newer` does
    not say so.
    """
    require(user, "publish")
    release = db.session.get_one(Release, release.id, with_for_update=True, populate_existing=True)
    if release.status != ReleaseStatus.CHECKED:
        raise Conflict(_already(release), "Xem ở trang của lượt này; không cần ký lại.")
    if release.proposed_by_id == user.id:
        raise Refused(
            "Người đề nghị không được tự ký công bố.", "Nhờ một thống kê viên khác kiểm tra và ký (bốn mắt)."
        )
    db.session.refresh(
        release.run.round.survey, with_for_update=True
    )  # two releases must not both be current
    newer = newer_published(release.run)
    if newer is not None and not supersede_newer:
        raise NewerPublished(
            f"Số liệu đang công bố là của lượt {newer.run_id}, mới hơn lượt {release.run_id}.",
            "Công bố lượt mới nhất; hoặc, nếu đúng là muốn lấy lại số cũ, xác nhận riêng việc thay số mới"
            " (ô đánh dấu thứ hai ở trang ký, --supersede-newer ở dòng lệnh).",
        )
    deidentify(release.run.round)
    db.session.refresh(release.run, ["status", "message"])
    if release.run.status != RunStatus.DONE:
        raise Conflict(f"Lượt {release.run_id} đã bị hủy. {release.run.message}", "Đề nghị một lượt mới.")
    release.status, release.published_by_id = ReleaseStatus.PUBLISHED, user.id
    release.published_at = now or datetime.now(UTC)
    observations = list(_observations(release, user))
    _supersede(release.run)
    db.session.add_all(observations)
    detail = {"observations": len(observations), "superseded_newer_run": newer.run_id if newer else None}
    record("release.publish", f"run:{release.run_id}", detail, user=user)
    return observations


def _already(release: Release) -> str:
    """What has become of a release that waits for nobody."""
    if release.published_by is None or release.status == ReleaseStatus.WITHDRAWN:
        return f"Lượt {release.run_id} đã được rút lại: {release.reason}."
    return (
        f"Lượt {release.run_id} đã công bố lúc {formats.datetime(release.published_at)}:"
        f" {release.proposed_by.full_name} đề nghị, {release.published_by.full_name} ký."
    )


def newer_published(run: Run) -> Release | None:
    """The release of a newer run whose figures this run's would replace; None if there is none."""
    query = (
        select(Release)
        .join(Observation, Observation.release_id == Release.id)
        .where(*_replaced_by(run), Release.run_id > run.id)
    )
    return db.session.scalars(query.order_by(Release.run_id.desc())).first()


def _replaced_by(run: Run) -> tuple[ColumnElement[bool], ...]:
    """Conditions of the observations that a run's figures replace: same survey, same period, current."""
    return (
        Observation.survey == run.round.survey.code,
        Observation.time_period == run.round.time_period,
        Observation.current,
    )


def _supersede(run: Run) -> None:
    """Earlier figures of the same survey and period stay in the database, but are no longer current."""
    db.session.execute(update(Observation).where(*_replaced_by(run)).values(current=False))


def _observations(release: Release, user: User) -> Any:
    run = release.run
    recipe = read_recipe(run.recipe["indicators"], run.recipe["design"], run.recipe["controls"])
    definitions = {indicator.code: indicator for indicator in recipe.indicators}
    lines = {line.code: line for line in db.session.scalars(select(Indicator))}
    lineage = lineage_of(release, user)
    for estimate in run.estimates:
        defined = definitions[estimate.indicator]
        line = lines.get(defined.registry or "")
        target = line if line and defined.held_against_target and estimate.dimension is None else None
        yield _observation(estimate, release, recipe.ref_area, defined.definition, line, target, lineage)


def _observation(
    estimate: Estimate,
    release: Release,
    ref_area: str,
    definition: dict[str, Any],
    line: Indicator | None,
    target: Indicator | None,
    lineage: dict[str, Any],
) -> Observation:
    round_ = release.run.round
    status = OBS_STATUS[estimate.quality]
    shown = status != NOT_PUBLISHED
    return Observation(
        release=release,
        survey=round_.survey.code,
        indicator=estimate.indicator,
        registry_code=line.code if line else None,
        ref_area=ref_area,
        time_period=round_.time_period,
        dimension=estimate.dimension,
        level=estimate.level,
        unit_measure=unit_of(definition).code,
        obs_value=estimate.value if shown else None,
        std_error=estimate.std_error if shown else None,
        ci_low=estimate.ci_low if shown else None,
        ci_high=estimate.ci_high if shown else None,
        cv=estimate.cv if shown else None,
        df=estimate.df,
        deff=estimate.deff if shown else None,
        n=estimate.n,
        obs_status=status,
        conf_status=FREE,
        target=target.target_value if target else None,
        target_op=target.target_op if target else None,
        verdict=verdict(estimate.ci_low, estimate.ci_high, target) if target and shown else None,
        is_synthetic=round_.is_synthetic,
        purpose=round_.purpose,
        definition=definition,
        lineage=lineage,
    )


def verdict(low: float, high: float, line: Indicator) -> Verdict | None:
    """Met or not met when the whole interval lies on one side of the target, else undecided.

    None for lines without a single number to reach. A target of 100 with `=` can only be failed or undecided.
    """
    if line.target_value is None or line.target_op not in (">=", ">", "=", "<="):
        return None
    target = line.target_value
    if line.target_op == "<=":
        return Verdict.MET if high <= target else Verdict.NOT_MET if low > target else Verdict.UNDECIDED
    if low > target or (line.target_op == ">=" and low >= target):
        return Verdict.MET
    return Verdict.NOT_MET if high < target else Verdict.UNDECIDED


def lineage_of(release: Release, signer: User) -> dict[str, Any]:
    """Everything needed to find and recompute the figure."""
    run = release.run
    version = run.round.instrument_version
    assert run.snapshot is not None
    return {
        "survey": run.round.survey.code,
        "round": run.round.code,
        "purpose": run.round.purpose,
        "instrument": {"form_id": version.form_id, "version": version.version, "hash": version.hash},
        "snapshot": {
            "hash": run.snapshot.hash,
            "rows": run.snapshot.rows,
            "taken_at": run.snapshot.taken_at.isoformat(),
        },
        "recipe_hash": run.recipe_hash,
        "recipe": run.recipe_number,
        "controls": [asdict(used) for used in totals_used(run.recipe.get("controls", ()))],
        "code_version": run.code_version,
        "run": run.id,
        "proposed_by": release.proposed_by.full_name,
        "published_by": signer.full_name,
    }


def find_release(run: Run) -> Release | None:
    """The run's release, if it was proposed."""
    return db.session.scalar(select(Release).where(Release.run_id == run.id))


def current(survey: str | None = None, **filters: Any) -> list[Observation]:
    """Current observations in the order of the estimates; filter by any column, such as `indicator`."""
    query = select(Observation).where(Observation.current).order_by(Observation.id)
    if survey:
        query = query.where(Observation.survey == survey)
    return list(db.session.scalars(query.filter_by(**filters)))


def find_figures(code: str) -> list[Observation]:
    """The current observations of an indicator, by its code or its registry line; raise `NotFound`."""
    found = current(indicator=code) or current(registry_code=code)
    if not found:
        raise NotFound(
            f"Chưa có số liệu công bố cho chỉ tiêu {code}.", "Xem danh mục các chỉ tiêu đã công bố."
        )
    return found
