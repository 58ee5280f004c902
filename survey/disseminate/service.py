"""Sign-off by two people, at once or after an embargo, and the observations that come out of it."""

import logging
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from survey.accounts.models import User
from survey.accounts.service import require
from survey.disseminate import revision
from survey.disseminate.models import Observation, Release, Verdict
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.intake.withdrawal import deidentify
from survey.process.models import Estimate, Run, RunStatus
from survey.process.recipe import read_recipe
from survey.process.units import unit_of
from survey.registry.models import Indicator
from survey.rounds.models import Purpose
from survey.signoff import service as signoff
from survey.signoff.models import SignOffStatus

log = logging.getLogger(__name__)

NORMAL, LOW_RELIABILITY, NOT_PUBLISHED = "A", "U", "L"
FREE = "F"
OBS_STATUS = {"good": NORMAL, "caution": LOW_RELIABILITY, "unpublishable": NOT_PUBLISHED}


class NewerPublished(Conflict):
    """What is public now comes from a newer run than the one to be published."""

    title = "Số liệu đang công bố mới hơn lượt này"


def propose(run: Run, user: User, revision_note: str = "") -> Release:
    """A statistician has checked a finished run and puts it forward for publication; also after it was sent back.

    Raises `revision.NoteMissing` when the run changes published figures and `revision_note` does not say why.
    """
    require(user, "publish")
    db.session.refresh(
        run, with_for_update=True
    )  # whoever comes second at the same moment finds it put forward
    if run.status != RunStatus.DONE:
        raise Fault(
            f"Lượt {run.id} chưa có ước lượng (trạng thái {run.status}).", "Đợi lượt xử lý xong rồi đề nghị."
        )
    if run.round.purpose == Purpose.TEST:
        raise Fault("Đợt thử nghiệm không được công bố.", "Mở một đợt chính thức hoặc trình diễn.")
    release = find_release(run) or Release(run_id=run.id, run=run)
    if release.status not in (None, SignOffStatus.DRAFT):
        raise AlreadySigned(release, user)
    release.revision_note = revision.checked_note(run, revision_note)
    db.session.add(release)
    signoff.propose(release, user)
    return release


class AlreadySigned(Conflict):
    """It was put forward or signed before; `by_same` when it was the same person, as by a double press."""

    def __init__(self, release: Release, user: User) -> None:
        gone = release.status == SignOffStatus.WITHDRAWN
        super().__init__(
            signoff.told(release),
            "Tính một lượt mới rồi đề nghị." if gone else "Xem ở trang của lượt này; không cần làm lại.",
        )
        doer = release.proposed_by_id if release.status == SignOffStatus.CHECKED else release.approved_by_id
        self.by_same = doer == user.id


def publish(
    release: Release,
    user: User,
    now: datetime | None = None,
    *,
    supersede_newer: bool = False,
    embargo_until: datetime | None = None,
) -> list[Observation]:
    """A second statistician signs: at once, or at `embargo_until`, the run's estimates become observations.

    From then on no answer that came before can be withdrawn. Returns the observations; none before the embargo
    ends (`publish_due`). Raises `Refused` when the one who proposed signs too, `AlreadySigned`, `Conflict` when
    its run was cancelled, `Fault` before the last day of withdrawing, and `NewerPublished` when it would supersede
    a newer run's figures and `supersede_newer` does not say so. Whatever is raised, nothing is signed.
    """
    with db.session.begin_nested():
        if not _sign(release, user, embargo_until, now):
            raise AlreadySigned(release, user)
        _lock_survey(release)
        release.supersede_newer = supersede_newer
        deidentify(release.run.round)
        _refuse_unfit(release)
        return [] if embargo_until else _make_public(release, now)


def _sign(release: Release, user: User, embargo_until: datetime | None, now: datetime | None) -> bool:
    signoff.lock(release)
    if release.status in (SignOffStatus.APPROVED, SignOffStatus.PUBLISHED, SignOffStatus.WITHDRAWN):
        return False
    return signoff.approve(release, user, embargo_until, now)


def publish_due(now: datetime | None = None) -> list[Release]:
    """Publish every release whose embargo has passed, each in a transaction of its own; return those published.

    One that may not be published any more, such as when a newer run was meanwhile, is put off with the reason: it
    waits for a person again, and nothing is public by accident.
    """
    done = []
    for release in signoff.due(Release, now):
        try:
            if _publish_one(release, now):
                done.append(release)
            db.session.commit()
        except Fault as fault:
            db.session.rollback()
            log.warning("release of run %s is put off: %s", release.run_id, fault)
            with suppress(Conflict):  # somebody decided about it in the meantime
                signoff.put_off(release, None, str(fault))
            db.session.commit()
    return done


def _publish_one(release: Release, now: datetime | None) -> bool:
    signoff.lock(release)
    if release.status != SignOffStatus.APPROVED:
        return False  # another worker was first, or it was put off
    _lock_survey(release)
    _refuse_unfit(release)
    _make_public(release, now)
    return True


def withdraw(release: Release, user: User, reason: str, public_note: str) -> bool:
    """Take published figures back: they are current no more, and their addresses say when and why.

    One statistician is enough; what replaces them needs two. False when the same person just did it.
    """
    if not signoff.withdraw(release, user, reason, public_note):
        return False
    _lock_survey(release)
    gone = update(Observation).where(Observation.release_id == release.id).values(current=False)
    db.session.execute(gone)
    return True


def _lock_survey(release: Release) -> None:
    """Two releases of a survey must not both become current."""
    db.session.refresh(release.run.round.survey, with_for_update=True)


def _refuse_unfit(release: Release) -> None:
    """What forbids publishing a signed run, at signing and again when its hour has come."""
    newer = newer_published(release.run)
    if newer is not None and not release.supersede_newer:
        raise NewerPublished(
            f"Số liệu đang công bố là của lượt {newer.run_id}, mới hơn lượt {release.run_id}.",
            "Công bố lượt mới nhất; hoặc, nếu đúng là muốn lấy lại số cũ, xác nhận riêng việc thay số mới"
            " (ô đánh dấu thứ hai ở trang ký, --supersede-newer ở dòng lệnh).",
        )
    db.session.refresh(release.run, ["status", "message"])
    if release.run.status != RunStatus.DONE:
        raise Conflict(f"Lượt {release.run_id} đã bị hủy. {release.run.message}", "Đề nghị một lượt mới.")
    revision.checked_note(release.run, release.revision_note)


def _make_public(release: Release, now: datetime | None) -> list[Observation]:
    newer = newer_published(release.run)
    before = revision.figures_before(release.run)
    observations = list(_observations(release))
    for observation in observations:
        revision.follow(observation, before)
    detail = {
        "observations": len(observations),
        "superseded_newer_run": newer.run_id if newer else None,
        "revised": sum(bool(observation.revised) for observation in observations),
    }
    signoff.publish(release, now, detail)
    _supersede(release.run)
    for observation in observations:
        observation.published_at = release.published_at
    db.session.add_all(observations)
    return observations


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
    return (*revision.same_figures(run), Observation.current)


def _supersede(run: Run) -> None:
    """Earlier figures of the same survey and period stay in the database, but are no longer current."""
    db.session.execute(update(Observation).where(*_replaced_by(run)).values(current=False))


def _observations(release: Release) -> Any:
    run = release.run
    recipe = read_recipe(run.recipe["indicators"], run.recipe["design"], run.recipe["controls"])
    definitions = {indicator.code: indicator for indicator in recipe.indicators}
    lines = {line.code: line for line in db.session.scalars(select(Indicator))}
    lineage = lineage_of(release)
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


def lineage_of(release: Release) -> dict[str, Any]:
    """Everything needed to find and recompute the figure."""
    run = release.run
    version = run.round.instrument_version
    proposer, signer = release.proposed_by, release.approved_by
    assert run.snapshot is not None
    assert proposer is not None
    assert signer is not None
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
        "code_version": run.code_version,
        "run": run.id,
        "proposed_by": proposer.full_name,
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
