"""Microdata releases: made from a published run, signed by a second person, listed for the public, taken back."""

from collections.abc import Sequence
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.disseminate.models import Release
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.microdata import making
from survey.microdata.making import Bench
from survey.microdata.models import MicrodataFile, MicrodataRelease
from survey.microdata.plan import Plan, checked
from survey.process.folders import present
from survey.process.models import Run, RunStatus
from survey.process.service import LARGEST_ID
from survey.rounds.models import Purpose, Round, Survey
from survey.signoff import service as signoff
from survey.signoff.models import SignOffStatus

DEED = "publish"
MEDIA_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".dta": "application/x-stata-dta",
    ".sav": "application/x-spss-sav",
    ".xml": "application/xml",
    ".pdf": "application/pdf",
    ".md": "text/markdown; charset=utf-8",
    ".R": "text/plain; charset=utf-8",
    ".py": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
}


def published_runs() -> list[Run]:
    """Runs whose figures are public now, newest first: microdata are released from no other."""
    query = (
        select(Run)
        .join(Release, Release.run_id == Run.id)
        .join(Round, Round.id == Run.round_id)
        .where(Release.status == SignOffStatus.PUBLISHED, Run.status == RunStatus.DONE)
        .where(Round.purpose != Purpose.VERIFICATION)
    )
    return list(db.session.scalars(query.order_by(Run.id.desc())))


def bench_of(run: Run, level: str) -> Bench:
    """What may be released of a run's level; raise `Conflict` for a run that is not public."""
    if run not in published_runs():
        raise Conflict(
            f"Lượt {run.id} không phải lượt đang công bố.", "Vi dữ liệu chỉ làm từ lượt đã ký công bố."
        )
    return making.bench_of(run, level)


def make(bench: Bench, plan: Plan, user: User) -> MicrodataRelease:
    """A draft of the next version with all its files; raises `BadPlan`, `BadRecode`, `NotAnonymous`.

    The caller commits. Files that a failed transaction leaves behind are in no list and overwritten by nobody.
    """
    require(user, DEED)
    plan = checked(plan, bench.offered)
    done = making.made(bench, plan)
    db.session.refresh(bench.run.round, with_for_update=True)  # two makers must not take the same number
    version = _next_version(bench)
    release = MicrodataRelease(
        round=bench.run.round,
        run=bench.run,
        level=bench.level.name,
        version=version,
        access=plan.access,
        plan=plan.as_mapping(),
        report=done.report.report.as_mapping(),
        facts={},
        folder="",
        made_by_id=user.id,
    )
    db.session.add(release)
    db.session.flush()
    folder = _folder() / f"{release.id}-{making.file_stem(bench.run, bench.level.name, version)}"
    paths, facts = making.write(bench, plan, done, version, folder)
    release.folder, release.facts = str(folder), facts
    release.files = [_file(path) for path in paths]
    detail = {"rows": facts["rows"], "k": plan.k, "l": plan.l, "access": plan.access}
    record("microdata.make", release.sign_off_subject, detail, user=user)
    return release


def _next_version(bench: Bench) -> int:
    query = select(func.max(MicrodataRelease.version)).where(
        MicrodataRelease.round_id == bench.run.round_id, MicrodataRelease.level == bench.level.name
    )
    return (db.session.scalar(query) or 0) + 1


def _file(path: Path) -> MicrodataFile:
    return MicrodataFile(
        name=path.name,
        media_type=MEDIA_TYPES[path.suffix],
        size=path.stat().st_size,
        sha256=making.sha256_of(path),
    )


def _folder() -> Path:
    return Path(current_app.config["KHAOSAT"].files) / "microdata"


def propose(release: MicrodataRelease, user: User) -> None:
    """Put a draft forward."""
    signoff.propose(release, user)


def sign(release: MicrodataRelease, user: User) -> None:
    """The second signature: public at once. Raises `Conflict` when the run's figures are public no more."""
    if release.run not in published_runs():
        raise Conflict(
            f"Số liệu của lượt {release.run_id} không còn công bố.",
            "Làm vi dữ liệu mới từ lượt đang công bố.",
        )
    signoff.approve(release, user)
    signoff.publish(release, detail={"files": len(release.files)})


def drop(release: MicrodataRelease, user: User) -> None:
    """Delete a draft that nobody has put forward; its number is free again."""
    require(user, DEED)
    signoff.lock(release)
    if release.status != SignOffStatus.DRAFT:
        raise Conflict(signoff.told(release), "Chỉ xóa được bản nháp.")
    record("microdata.drop", release.sign_off_subject, {"version": release.version}, user=user)
    db.session.delete(release)


def find_release(release_id: int) -> MicrodataRelease:
    """The release of this number, whatever its state; raise `NotFound`."""
    found = db.session.get(MicrodataRelease, release_id) if release_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"Không có bản vi dữ liệu {release_id}.", "Xem danh sách ở trang vi dữ liệu.")
    return found


def all_releases() -> list[MicrodataRelease]:
    """Every release, newest first."""
    return list(db.session.scalars(select(MicrodataRelease).order_by(MicrodataRelease.id.desc())))


PUBLIC_STATES = (SignOffStatus.PUBLISHED, SignOffStatus.WITHDRAWN)


def public_releases(survey: str) -> list[MicrodataRelease]:
    """A survey's releases that are or were public, newest version first; raise `NotFound` for no survey."""
    if db.session.scalar(select(Survey.id).where(Survey.code == survey)) is None:
        raise NotFound(f"Không có khảo sát “{survey[:64]}”.", "Xem danh sách ở trang dữ liệu.")
    query = select(MicrodataRelease).join(Round).join(Survey)
    query = query.where(Survey.code == survey, MicrodataRelease.status.in_(PUBLIC_STATES))
    order = (Round.time_period.desc(), MicrodataRelease.level, MicrodataRelease.version.desc())
    return list(db.session.scalars(query.order_by(*order)))


def find_public(survey: str, release_id: int) -> MicrodataRelease:
    """A release that is or was public; raise `NotFound`."""
    found = next((one for one in public_releases(survey) if one.id == release_id), None)
    if found is None:
        raise NotFound("Không có bản vi dữ liệu này.", "Xem danh sách ở trang vi dữ liệu của khảo sát.")
    return found


def find_file(release: MicrodataRelease, name: str) -> Path:
    """A file of a release, as it was written; raise `NotFound`, and `Fault` where it was changed since."""
    found = next((file for file in release.files if file.name == name), None)
    path = present(release.folder) / name if found else None
    if found is None or path is None or not path.is_file():
        raise NotFound(f"Bản này không có tệp {name[:100]!r}.", "Chọn một tệp ở trang của bản vi dữ liệu.")
    if path.stat().st_size != found.size:
        raise Fault("Tệp này đã bị thay đổi sau khi phát hành.", "Báo nơi công bố.")
    return path


def is_newest(release: MicrodataRelease, others: Sequence[MicrodataRelease]) -> bool:
    """Whether no later version of the same period and level is public."""
    same = [
        one.version
        for one in others
        if (one.round_id, one.level) == (release.round_id, release.level)
        and one.status == SignOffStatus.PUBLISHED
    ]
    return release.version == max(same, default=release.version)


def agree(release: MicrodataRelease) -> None:
    """Somebody agreed to the terms of use; who it was is not asked."""
    record("microdata.agree", release.sign_off_subject)
