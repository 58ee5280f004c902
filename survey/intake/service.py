"""Take answers in: the same rules, the same trail and the same transaction for every channel."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from survey.cases.models import Case, Disposition
from survey.cases.service import new_code, set_disposition
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.instrument import AnswerFault, Instrument, check
from survey.instrument.faults import shorten
from survey.intake.consents import consent_columns
from survey.intake.models import Attachment, Mode, Response, ResponseEvent, ResponseStatus, Source
from survey.intake.statements import KEEP
from survey.rounds.models import InstrumentVersion, Round, RoundStatus
from survey.rounds.service import SurveyClosed, instrument_of

MOST_FAULTS_SHOWN = 20


class AnswersRefused(Fault):
    """Some answers break the questionnaire's rules; `faults` name each with its question."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Một số câu trả lời chưa hợp lệ"

    def __init__(self, instrument: Instrument, faults: tuple[AnswerFault, ...], language: str = "vi") -> None:
        self.faults = faults
        lines = [_line(fault, language) for fault in faults[:MOST_FAULTS_SHOWN]]
        if len(faults) > len(lines):
            lines.append(f"và {len(faults) - len(lines)} câu nữa")
        super().__init__(
            sentence("; ".join(lines)), "Sửa các câu này rồi gửi lại; câu trả lời vẫn còn trên máy của bạn."
        )


def _line(fault: AnswerFault, language: str) -> str:
    """The question, in which instance of its repeats, and what to do; ends without a full stop."""
    place = "".join(f" (số {position + 1})" for position in fault.index)
    return f"{shorten(fault.variable)}{place}: {fault.message(language).rstrip().removesuffix('.')}"


def sentence(text: str) -> str:
    """The text with a full stop, unless it ends as a sentence does."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


class DifferentContent(Conflict):
    """The instanceID is known with other content: refuse rather than overwrite."""


@dataclass(frozen=True)
class Upload:
    """A file that came with a response."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Arrival:
    """What a channel hands in; `version` if not the round's own, `replaces` the instanceID it corrects."""

    instance_id: str
    answers: dict[str, Any]
    mode: Mode
    case: Case | None = None
    version: InstrumentVersion | None = None
    replaces: str = ""
    uploads: tuple[Upload, ...] = ()
    language: str = "vi"
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """What the channel answers with: the response, whether it was there already, and what became of it.

    `withdrawn`: its person took the answers back, so nothing was kept. `code` is for the person.
    """

    response_id: uuid.UUID
    repeated: bool
    late: bool = False
    consent: bool = True
    withdrawn: bool = False
    code: str = ""


def submit(round_: Round, arrival: Arrival) -> Receipt:
    """Judge and keep a complete response, once however often it is sent; the caller commits.

    Raises `SurveyClosed`, `AnswersRefused`, or `DifferentContent` when the same instanceID came before with
    other answers. An identical resend returns the first receipt, also after the round has closed. What comes
    after the close is kept as late: a phone without a network may have had it for weeks. Of a record without
    consent nothing is kept but that.
    """
    instrument = instrument_of(arrival.version or round_.instrument_version)
    digest = content_hash(arrival.answers)
    checked = check(instrument, arrival.answers, first_load=False)
    consent = consented(round_, checked.answers)
    if not consent:
        arrival = replace(arrival, uploads=())
    # Most submissions are new and good: only a refusal, or the unique key, makes us look for an earlier one.
    if (not round_.is_open or checked.faults) and (known := _known(round_, arrival, digest)):
        receipt = _repeated(known, arrival)
    elif checked.faults:
        raise AnswersRefused(instrument, checked.faults, arrival.language)
    else:
        _refuse_closed(round_, arrival)
        receipt = _keep(round_, arrival, kept_of(round_, checked.answers), digest)
    return replace(receipt, consent=consent)


def _refuse_closed(round_: Round, arrival: Arrival) -> None:
    """A round that never opened takes nothing; one that closed takes new records as late, but no corrections."""
    if round_.status == RoundStatus.DRAFT:
        raise SurveyClosed(
            "Đợt khảo sát này chưa mở.", "Giữ phiếu trên máy, gửi lại khi người quản lý đã mở đợt."
        )
    if not round_.is_open and arrival.replaces:
        raise SurveyClosed(
            "Đợt khảo sát này đã kết thúc nên không nhận bản sửa; bản gốc vẫn được giữ nguyên.",
            "Giữ bản sửa trên máy. Nếu cần sửa, nhờ người quản lý mở lại đợt rồi gửi lại.",
        )


def _repeated(known: uuid.UUID, arrival: Arrival) -> Receipt:
    """A resend may bring files that the first one did not; of what was withdrawn nothing comes back."""
    status, code = db.session.execute(
        select(Response.status, Response.resume_code).where(Response.id == known)
    ).one()
    if status == ResponseStatus.WITHDRAWN:
        return Receipt(known, repeated=True, withdrawn=True)
    _add_uploads(known, arrival.uploads)
    return Receipt(known, repeated=True, late=status == ResponseStatus.LATE, code=code or "")


def content_hash(answers: dict[str, Any]) -> str:
    """SHA-256 of an answer document, independent of the order of its keys."""
    text = json.dumps(answers, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _known(round_: Round, arrival: Arrival, digest: str) -> uuid.UUID | None:
    row = db.session.execute(
        select(Response.id, Response.content_hash, Response.status).where(
            Response.round_id == round_.id, Response.instance_id == arrival.instance_id
        )
    ).first()
    if row is None:
        return None
    if row.content_hash != digest and row.status != ResponseStatus.WITHDRAWN:
        raise DifferentContent(
            "Phiếu này đã được gửi trước đó với nội dung khác.",
            "Bản gửi trước được giữ nguyên. Nếu cần sửa, dùng chức năng sửa phiếu đã gửi.",
        )
    return uuid.UUID(str(row.id))


def _keep(round_: Round, arrival: Arrival, answers: dict[str, Any], digest: str) -> Receipt:
    if arrival.case is not None:
        db.session.refresh(arrival.case, with_for_update=True)
    replaced = _lock_replaced(round_, arrival) if arrival.replaces else None
    # Whoever waited for a lock may be the twin of a submission that got in meanwhile.
    if (arrival.case or replaced) and (known := _known(round_, arrival, digest)):
        return _repeated(known, arrival)
    if replaced is not None:
        if replaced.status == ResponseStatus.WITHDRAWN:
            return _repeated(replaced.id, arrival)
        _retire(replaced, arrival)
    if arrival.case is not None and round_.is_open:
        consent = consented(round_, answers)
        _record_outcome(arrival.case, consent) if replaced else claim(arrival.case, consent)
    code = new_code()
    response_id = _insert(round_, arrival, answers, {"content_hash": digest, "resume_code": code})
    if response_id is None:
        known = _known(round_, arrival, digest)
        assert known is not None
        return _repeated(known, arrival)
    _add_uploads(response_id, arrival.uploads)
    return Receipt(response_id, repeated=False, late=not round_.is_open, code=code)


def _insert(
    round_: Round, arrival: Arrival, answers: dict[str, Any], marks: dict[str, str]
) -> uuid.UUID | None:
    """The id of the new row, or None: of two copies that race, the unique key lets one in."""
    version, given = arrival.version or round_.instrument_version, consented(round_, answers)
    row = {
        **marks,
        **consent_columns(version, arrival.mode, arrival.language, given),
        "id": uuid.uuid4(),
        "round_id": round_.id,
        "instrument_version_id": version.id,
        "case_id": arrival.case.id if arrival.case else None,
        "instance_id": arrival.instance_id,
        "mode": arrival.mode,
        "source": Source.SAMPLE if arrival.case or arrival.mode == Mode.IMPORT else Source.OPT_IN,
        "status": ResponseStatus.COMPLETE if round_.is_open else ResponseStatus.LATE,
        "answers": answers,
        "language": arrival.language,
        "revision": 1,
        "submitted_at": datetime.now(UTC),
    }
    detail = arrival.detail if round_.is_open else {**arrival.detail, "late": True}
    found = db.session.execute(KEEP, {**row, "event": "submitted", "detail": detail}).scalar()
    return None if found is None else uuid.UUID(str(found))


def _lock_replaced(round_: Round, arrival: Arrival) -> Response:
    """The response that this one corrects, locked; raise `Conflict` where there is none to correct."""
    old = db.session.scalar(
        select(Response)
        .where(Response.round_id == round_.id, Response.instance_id == arrival.replaces)
        .with_for_update()
    )
    if old is None or old.status == ResponseStatus.DRAFT:
        raise Conflict("Không tìm thấy phiếu gốc cần sửa.", "Gửi phiếu gốc trước, rồi gửi bản sửa.")
    if old.case_id != (arrival.case.id if arrival.case else None):
        raise Conflict("Bản sửa mang mã phiếu khác với phiếu gốc.", "Giữ nguyên mã phiếu khi sửa.")
    return old


def _retire(old: Response, arrival: Arrival) -> None:
    """Keep the corrected response beside its correction; a response is corrected once."""
    if old.status == ResponseStatus.REPLACED:
        raise Conflict("Phiếu này đã được sửa trước đó.", "Mở bản mới nhất rồi sửa lại.")
    old.status = ResponseStatus.REPLACED
    db.session.add(ResponseEvent(response_id=old.id, kind="replaced", detail={"by": arrival.instance_id}))
    db.session.flush()


def kept_of(round_: Round, answers: dict[str, Any]) -> dict[str, Any]:
    """What may be kept of answers: all of them, or without consent only the refusal and whose it is."""
    if consented(round_, answers):
        return answers
    design = round_.instrument_version.design
    kept = (design.get("consent_variable", ""), design.get("case_variable", ""))
    return {name: answers[name] for name in kept if name in answers}


def consented(round_: Round, answers: dict[str, Any]) -> bool:
    """False when the question that design.yaml names as `consent_variable` was answered with no."""
    return answers.get(round_.instrument_version.design.get("consent_variable", "")) != "no"


def claim(case: Case, consent: bool = True) -> None:
    """Mark a locked case complete, or refused without consent; refuse a second complete response for it.

    Who refused first and answered later has answered: the refusal's empty response is replaced.
    """
    if case.disposition == Disposition.COMPLETE:
        raise Conflict(
            f"Mã phiếu {case.code} đã có câu trả lời.",
            "Mỗi mã chỉ trả lời một lần. Kiểm tra lại mã, hoặc báo người giám sát.",
        )
    if case.disposition == Disposition.REFUSAL:
        db.session.execute(
            update(Response)
            .where(Response.case_id == case.id, Response.status == ResponseStatus.COMPLETE)
            .values(status=ResponseStatus.REPLACED)
            .execution_options(synchronize_session=False)
        )
    _record_outcome(case, consent)


def _record_outcome(case: Case, consent: bool) -> None:
    set_disposition(case, Disposition.COMPLETE if consent else Disposition.REFUSAL)


def _add_uploads(response_id: uuid.UUID, uploads: tuple[Upload, ...]) -> None:
    for upload in uploads:
        digest = hashlib.sha256(upload.content).hexdigest()
        statement = insert(Attachment).values(
            response_id=response_id,
            file_name=upload.file_name,
            media_type=upload.media_type,
            sha256=digest,
            content=upload.content,
        )
        statement = statement.on_conflict_do_nothing(index_elements=["response_id", "file_name"])
        if db.session.execute(statement.returning(Attachment.id)).scalar() is None:
            _refuse_other_file(response_id, upload, digest)


def _refuse_other_file(response_id: uuid.UUID, upload: Upload, digest: str) -> None:
    query = select(Attachment.sha256).where(
        Attachment.response_id == response_id, Attachment.file_name == upload.file_name
    )
    if db.session.scalar(query) != digest:
        raise DifferentContent(
            f"Tệp {upload.file_name} của phiếu này đã được gửi trước đó với nội dung khác.",
            "Bản gửi trước được giữ nguyên. Đổi tên tệp, hoặc sửa phiếu rồi gửi lại.",
        )
