"""Files of letters: asked for on the page, made in parts, fetched, and deleted again."""

import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from survey.accounts.models import User
from survey.accounts.service import record
from survey.cases.models import Case
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.invitations.letters import Progress, Scope, count_letters, letters
from survey.invitations.models import BatchStatus, LetterBatch, RevokedLink
from survey.rounds.models import Round

PART = 500
"""Letters in one PDF: a part is set in half a gigabyte of memory, and print shops ask for parts of that size."""
KEPT = timedelta(days=30)
TOO_OLD = "Đã xóa sau 30 ngày."
REVOKED = "Đã xóa vì một liên kết trong tệp bị thu hồi. Tạo lại để in bản mới."


class FileGone(Fault):
    title = "Tệp không còn"


def request_batch(round_: Round, scope: Scope, site: str, person: User | None) -> LetterBatch:
    """Ask for a file of letters; the caller commits, then hands it to the workers."""
    batch = LetterBatch(
        round_id=round_.id,
        scope=scope.as_dict(),
        site=site,
        letters=count_letters(round_, scope),
        requested_by_id=person.id if person else None,
    )
    db.session.add(batch)
    db.session.flush()
    record(
        "letters.request",
        f"round:{round_.survey.code}/{round_.code}",
        {"batch": batch.id, "letters": batch.letters, "scope": scope.as_dict()},
    )
    return batch


def make_batch(batch_id: int, files: str, progress: Progress | None = None) -> None:
    """Make a batch's file, from the start if a worker died over it; a batch that is done stays as it is."""
    batch = db.session.get(LetterBatch, batch_id)
    if batch is None or batch.status not in (BatchStatus.QUEUED, BatchStatus.RUNNING):
        return
    started = datetime.now(UTC)

    def tell(share: float, message: str) -> None:
        batch.status, batch.progress, batch.message = BatchStatus.RUNNING, share, message
        db.session.commit()
        if progress:
            progress(share, message)

    try:
        path = path_of(batch, files)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_letters(batch.round, Scope(**batch.scope), batch.site, path, tell)
    except (Fault, OSError) as fault:
        db.session.rollback()
        batch.status, batch.message = BatchStatus.FAILED, str(fault)[:500]
        batch.finished_at = datetime.now(UTC)
        db.session.commit()
        return
    batch.status, batch.progress, batch.message = BatchStatus.DONE, 1.0, ""
    batch.size, batch.finished_at = path.stat().st_size, datetime.now(UTC)
    db.session.commit()
    if _revoked_since(batch.round, started):
        delete_batch(batch, REVOKED, files)
        db.session.commit()


def write_letters(round_: Round, scope: Scope, site: str, path: Path, tell: Progress) -> int:
    """Write the letters to `path`: a PDF, or for more than `PART` letters a ZIP of PDFs; return how many.

    A file is there whole or not at all, and nobody else on the machine can read it.
    """
    query = scope.query(round_)
    ids = db.session.scalars(query.with_only_columns(Case.id)).all()
    temporary = path.with_suffix(".part")
    temporary.touch(mode=0o600)
    temporary.chmod(0o600)

    def part_from(start: int) -> bytes:
        part = query.where(Case.id.in_(ids[start : start + PART])).options(joinedload(Case.area))
        return letters(round_, db.session.scalars(part).all(), site)

    if path.suffix == ".zip":
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as packed:
            for start in range(0, len(ids), PART):
                end = min(start + PART, len(ids))
                packed.writestr(f"thu-{start + 1:05}-{end:05}.pdf", part_from(start))
                tell(min(0.99, end / len(ids)), f"{end} thư")
    else:
        temporary.write_bytes(part_from(0))
    temporary.replace(path)
    return len(ids)


def path_of(batch: LetterBatch, files: str) -> Path:
    """Where a batch's file is kept."""
    ending = "zip" if batch.letters > PART else "pdf"
    return Path(files) / "letters" / f"{batch.id}.{ending}"


def file_of(batch: LetterBatch, files: str) -> Path:
    """A finished batch's file; raise `FileGone`."""
    path = path_of(batch, files)
    if batch.status != BatchStatus.DONE or not path.exists():
        raise FileGone(batch.message or "Tệp thư này chưa có hoặc đã bị xóa.", "Tạo lại tệp thư.")
    return path


def find_batch(round_: Round, batch_id: int) -> LetterBatch:
    """A batch of a round; raise `NotFound`."""
    batch = db.session.get(LetterBatch, batch_id)
    if batch is None or batch.round_id != round_.id:
        raise NotFound("Không có tệp thư này.", "Xem danh sách ở trang thư mời.")
    return batch


def batches_of(round_: Round) -> Sequence[LetterBatch]:
    """A round's batches, newest first."""
    query = select(LetterBatch).where(LetterBatch.round_id == round_.id).order_by(LetterBatch.id.desc())
    return db.session.scalars(query.options(joinedload(LetterBatch.requested_by)).limit(30)).all()


def forgotten_batches(before: datetime) -> Sequence[int]:
    """Batches that wait since before: their web process may have died before it queued them."""
    query = select(LetterBatch.id).where(
        LetterBatch.status == BatchStatus.QUEUED, LetterBatch.requested_at < before
    )
    return db.session.scalars(query).all()


def delete_stale(round_: Round, files: str) -> int:
    """Delete a round's files of letters after a link in it was revoked; return how many there were."""
    done = select(LetterBatch).where(
        LetterBatch.round_id == round_.id, LetterBatch.status == BatchStatus.DONE
    )
    found = db.session.scalars(done).all()
    for batch in found:
        delete_batch(batch, REVOKED, files)
    return len(found)


def delete_old(files: str, now: datetime | None = None) -> int:
    """Delete files of letters after 30 days; return how many there were."""
    before = (now or datetime.now(UTC)) - KEPT
    done = select(LetterBatch).where(LetterBatch.status == BatchStatus.DONE, LetterBatch.finished_at < before)
    found = db.session.scalars(done).all()
    for batch in found:
        delete_batch(batch, TOO_OLD, files)
    return len(found)


def delete_batch(batch: LetterBatch, why: str, files: str) -> None:
    """Delete a batch's file; its line stays and says why. The caller commits."""
    path_of(batch, files).unlink(missing_ok=True)
    batch.status, batch.message = BatchStatus.DELETED, why
    record("letters.delete", f"round:{batch.round.survey.code}/{batch.round.code}", {"batch": batch.id})


def _revoked_since(round_: Round, since: datetime) -> bool:
    query = select(RevokedLink.token).join(Case, Case.id == RevokedLink.case_id)
    found = query.where(Case.round_id == round_.id, RevokedLink.revoked_at >= since).limit(1)
    return db.session.scalar(found) is not None
