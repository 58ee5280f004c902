"""Corrections: made with a reason, kept beside what was collected, undone one by one or batch by batch."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.editing.models import (
    LONGEST_EXPRESSION,
    LONGEST_NOTE,
    Correction,
    CorrectionBatch,
    Kind,
    Reason,
)
from survey.editing.places import Place, is_same, value_at, with_values
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.intake.models import Response, ResponseStatus, Source
from survey.rounds.models import Round

DEED = "weight"
LARGEST_ID = 2**31 - 1
LOOK_AGAIN = "Mở lại phiếu để thấy giá trị mới nhất rồi sửa lại nếu còn cần."


class BadCorrection(Fault):
    title = "Chưa sửa được"


@dataclass(frozen=True)
class Grounds:
    """Why answers are corrected, and how the corrections came about."""

    reason: str
    note: str = ""
    kind: Kind = Kind.MANUAL
    rule: str | None = None
    expression: str = ""

    def __post_init__(self) -> None:
        if self.reason not in list(Reason):
            raise BadCorrection("Chưa chọn lý do sửa.", "Chọn một lý do trong danh sách.")
        if self.reason == Reason.OTHER and not self.note.strip():
            raise BadCorrection("Lý do khác nhưng chưa ghi là gì.", "Ghi rõ lý do.")
        for text, longest in ((self.note, LONGEST_NOTE), (self.expression, LONGEST_EXPRESSION)):
            if len(text) > longest or "\x00" in text:
                raise BadCorrection(
                    f"Lý do hoặc biểu thức dài quá {longest} ký tự, hoặc có ký tự không lưu được.",
                    "Viết ngắn lại.",
                )


@dataclass(frozen=True)
class Change:
    """The new value of one place; `seen` is the value in use that whoever changes it had before their eyes."""

    place: Place
    seen: Any
    new: Any
    follows: bool = False


@dataclass(frozen=True)
class Edited:
    """A response's answers as collected and as used, with the corrections that make the difference."""

    response: Response
    collected: Mapping[str, Any]
    used: Mapping[str, Any]
    corrections: Mapping[Place, Correction] = field(default_factory=dict)


def find_response(round_: Round, response_id: str) -> Response:
    """A response of the round's sample data; raise `NotFound`, also for what was withdrawn."""
    try:
        found = db.session.get(Response, uuid.UUID(response_id))
    except ValueError:
        found = None
    if found is None or found.round_id != round_.id or not is_data(found):
        raise NotFound(
            "Không có phiếu này trong dữ liệu của đợt.",
            "Phiếu có thể đã được rút lại hoặc thay bằng bản mới; xem danh sách phiếu.",
        )
    return found


def is_data(response: Response) -> bool:
    """Whether a response counts: complete and of the sample."""
    return response.status == ResponseStatus.COMPLETE and response.source == Source.SAMPLE


def place_of(correction: Correction) -> Place:
    """Where a correction applies."""
    return Place(correction.level, correction.instance, correction.variable)


def is_stale(correction: Correction) -> bool:
    """Whether what it corrected is no longer what was collected: then it is not applied."""
    response = correction.response
    return not is_data(response) or not is_same(
        value_at(response.answers, place_of(correction)), correction.old_value
    )


def edited(responses: Sequence[Response]) -> list[Edited]:
    """Responses as they are used: with their active corrections that are not stale."""
    active = _active([response.id for response in responses])
    return [_edited(response, active.get(response.id, ())) for response in responses]


def _edited(response: Response, corrections: Iterable[Correction]) -> Edited:
    standing = {
        place_of(each): each
        for each in corrections
        if is_same(value_at(response.answers, place_of(each)), each.old_value)
    }
    used = with_values(response.answers, {place: each.new_value for place, each in standing.items()})
    return Edited(response, response.answers, used, standing)


def _active(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Correction]]:
    found = defaultdict[uuid.UUID, list[Correction]](list)
    query = select(Correction).where(Correction.response_id.in_(ids), Correction.reverted_at.is_(None))
    for correction in db.session.scalars(query.order_by(Correction.id)):
        found[correction.response_id].append(correction)
    return found


def correct(
    round_: Round, changes: Mapping[uuid.UUID, Sequence[Change]], grounds: Grounds, user: User
) -> CorrectionBatch:
    """Keep changes of one or more responses as one batch; the caller commits.

    A change back to what was collected undoes the correction there. Raises `Refused`, `BadCorrection` when
    nothing changes, and `Conflict` when a response was withdrawn or replaced meanwhile, or a value is no longer
    the one that was seen: then nothing of the batch is kept.
    """
    require(user, DEED)
    batch = CorrectionBatch(
        round_id=round_.id,
        kind=grounds.kind,
        reason=grounds.reason,
        note=grounds.note.strip(),
        rule=grounds.rule,
        expression=grounds.expression,
        made_by_id=user.id,
    )
    kept = 0
    try:
        with db.session.begin_nested():
            locked = _locked(round_, list(changes))
            db.session.add(batch)
            db.session.flush()
            for state in edited(locked):
                kept += _keep(batch, state, changes[state.response.id], user)
            db.session.flush()
    except IntegrityError as error:
        if "uq_correction_active" in str(error.orig):
            raise _taken() from error
        raise
    if not kept:
        db.session.delete(batch)
        raise BadCorrection("Giá trị mới trùng với giá trị đang dùng.", "Nhập giá trị khác.")
    detail = {
        "kind": batch.kind,
        "reason": batch.reason,
        "rule": batch.rule,
        "values": kept,
        "records": len(locked),
    }
    record("correction.make", f"correction_batch:{batch.id}", detail, user=user)
    return batch


def _locked(round_: Round, ids: list[uuid.UUID]) -> list[Response]:
    """The responses, locked in one order so that two batches cannot wait for each other."""
    query = select(Response).where(Response.id.in_(ids), Response.round_id == round_.id).order_by(Response.id)
    locked = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    if len(locked) < len(ids) or not all(is_data(response) for response in locked):
        raise Conflict(
            "Có phiếu vừa được rút lại hoặc thay bằng bản mới nên không sửa được nữa.",
            "Không có giá trị nào được sửa. Mở lại danh sách phiếu rồi làm lại.",
        )
    return list(locked)


def _keep(batch: CorrectionBatch, state: Edited, changes: Sequence[Change], user: User) -> int:
    """How many values of a response have changed."""
    kept = 0
    for change in changes:
        if not is_same(value_at(state.used, change.place), change.seen):
            raise _taken()
        if is_same(change.seen, change.new):
            continue
        kept += 1
        if (earlier := state.corrections.get(change.place)) or (earlier := _stale_there(state, change.place)):
            _revert(earlier, user)
            db.session.flush()  # the place is free before the next correction takes it
        old = value_at(state.collected, change.place)
        if not is_same(old, change.new):
            db.session.add(_correction(batch, state.response, change, old))
    return kept


def _stale_there(state: Edited, place: Place) -> Correction | None:
    """An active correction that no longer applies and stands in the way of a new one."""
    found = _active([state.response.id]).get(state.response.id, ())
    return next((each for each in found if place_of(each) == place), None)


def _correction(batch: CorrectionBatch, response: Response, change: Change, old: Any) -> Correction:
    place = change.place
    return Correction(
        batch_id=batch.id,
        round_id=batch.round_id,
        response_id=response.id,
        level=place.level,
        instance=place.instance,
        variable=place.variable,
        old_value=old,
        new_value=change.new,
        follows=change.follows,
    )


def _taken() -> Conflict:
    return Conflict("Giá trị này vừa được người khác sửa; bản sửa của bạn chưa được lưu.", LOOK_AGAIN)


def find_correction(round_: Round, correction_id: int) -> Correction:
    """The correction of this number; raise `NotFound`."""
    found = db.session.get(Correction, correction_id) if correction_id <= LARGEST_ID else None
    if found is None or found.round_id != round_.id:
        raise NotFound("Không có bản sửa này.", "Xem danh sách các bản sửa của đợt.")
    return found


def find_batch(round_: Round, batch_id: int) -> CorrectionBatch:
    """The batch of this number; raise `NotFound`."""
    found = db.session.get(CorrectionBatch, batch_id) if batch_id <= LARGEST_ID else None
    if found is None or found.round_id != round_.id:
        raise NotFound("Không có lần sửa này.", "Xem danh sách các bản sửa của đợt.")
    return found


def revert(corrections: Sequence[Correction], user: User) -> int:
    """Use again what was collected; the trail stays. The caller commits.

    What followed from a correction in the same response goes with it. Raises `Refused`, and `Conflict` where
    everything was undone before.
    """
    require(user, DEED)
    ids = [correction.id for correction in _with_followers(corrections)]
    query = select(Correction).where(Correction.id.in_(ids)).order_by(Correction.id)
    locked = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    standing = [each for each in locked if each.reverted_at is None]
    if not standing:
        raise Conflict("Bản sửa này đã được hoàn tác.", "Không cần làm gì thêm.")
    for correction in standing:
        _revert(correction, user)
    detail = {"values": len(standing)}
    record("correction.revert", f"correction_batch:{standing[0].batch_id}", detail, user=user)
    db.session.flush()
    return len(standing)


def _with_followers(corrections: Sequence[Correction]) -> list[Correction]:
    """A value that the questionnaire changed with another one makes no sense without it."""
    leading = {(each.batch_id, each.response_id) for each in corrections if not each.follows}
    batches = {batch_id for batch_id, _ in leading}
    query = select(Correction).where(Correction.batch_id.in_(batches), Correction.follows)
    followers = [e for e in db.session.scalars(query) if (e.batch_id, e.response_id) in leading]
    return list({each.id: each for each in (*corrections, *followers)}.values())


def _revert(correction: Correction, user: User) -> None:
    correction.reverted_at, correction.reverted_by_id = datetime.now(UTC), user.id
