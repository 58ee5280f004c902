"""Answers that grow page by page on the web, until they are handed in."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from survey.cases.models import Case, Disposition
from survey.cases.service import new_code, set_disposition, tidy_code
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.instrument import Page, check
from survey.intake.models import Mode, Response, ResponseEvent, ResponseStatus, Source
from survey.intake.service import AnswersRefused, claim, consented, content_hash
from survey.rounds.models import Round
from survey.rounds.service import SurveyClosed, instrument_of


def start(round_: Round, *, case: Case | None = None, language: str = "vi") -> Response:
    """A new draft, or for a case the draft it has; refuses a closed round or an answered case."""
    if not round_.is_open:
        raise SurveyClosed("Hiện không nhận câu trả lời cho khảo sát này.", "Cảm ơn bạn đã quan tâm.")
    if case is not None:
        db.session.refresh(case, with_for_update=True)
        if found := _draft_of(case):
            return found
    draft = Response(
        id=uuid.uuid4(),
        round=round_,
        instrument_version=round_.instrument_version,
        case=case,
        instance_id=f"uuid:{uuid.uuid4()}",
        mode=Mode.WEB,
        source=Source.SAMPLE if case else Source.OPT_IN,
        status=ResponseStatus.DRAFT,
        answers=_known_from(round_, case),
        resume_code=new_code(),
        language=language,
    )
    db.session.add(draft)
    db.session.flush()
    _event(draft, "started")
    return draft


def _draft_of(case: Case) -> Response | None:
    if case.disposition == Disposition.COMPLETE:
        raise Conflict("Phiếu của thư mời này đã được gửi.", "Cảm ơn bạn, bạn không cần làm gì thêm.")
    return db.session.scalar(
        select(Response).where(Response.case_id == case.id, Response.status == ResponseStatus.DRAFT)
    )


def _known_from(round_: Round, case: Case | None) -> dict[str, Any]:
    """What the link already tells: the variable named in design.yaml holds the case's code."""
    variable = round_.instrument_version.design.get("case_variable")
    return {variable: case.code} if case and variable else {}


def draft_of_code(code: str) -> Response:
    """The draft that a typed resume code opens; raise `NotFound`."""
    draft = db.session.scalar(
        select(Response).where(
            Response.resume_code == tidy_code(code), Response.status == ResponseStatus.DRAFT
        )
    )
    if draft is None:
        raise NotFound(f"Không có phiếu đang làm dở với mã “{code}”.", "Kiểm tra lại 8 ký tự của mã.")
    return draft


def find_draft(response_id: uuid.UUID) -> Response:
    """The response of a page's address; raise `NotFound`."""
    draft = db.session.get(Response, response_id)
    if draft is None:
        raise NotFound("Không tìm thấy phiếu này.", "Mở lại khảo sát từ liên kết ban đầu.")
    return draft


def save_page(draft: Response, page: Page, answers: dict[str, Any], revision: int) -> tuple[Any, ...]:
    """Keep what one page says and return its faults; valid answers are kept even beside faulty ones.

    `answers` holds the page's variables; a variable that is absent was cleared. A `revision` older than the
    draft's means that another tab saved meanwhile: `Conflict`, nothing is overwritten.
    """
    if draft.status != ResponseStatus.DRAFT:
        raise Conflict("Phiếu này đã được gửi.", "Cảm ơn bạn, bạn không cần làm gì thêm.")
    if revision != draft.revision:
        raise Conflict(
            "Phiếu này vừa được sửa ở một cửa sổ khác.", "Tải lại trang để thấy bản mới nhất rồi tiếp tục."
        )
    instrument = instrument_of(draft.instrument_version)
    own = {question.variable for question in page.questions}
    merged = {name: value for name, value in draft.answers.items() if name not in own} | answers
    checked = check(instrument, merged, page=page)
    faulty = {fault.variable for fault in checked.faults}
    draft.answers = {name: value for name, value in merged.items() if name not in faulty}
    draft.page = page.id
    _event(draft, "page", {"page": page.id, "faults": sorted(faulty)})
    return checked.faults


def finish(draft: Response) -> None:
    """Hand the draft in: judged whole, once. A second press finds it complete and changes nothing."""
    db.session.refresh(draft, with_for_update=True)
    if draft.status == ResponseStatus.COMPLETE:
        return
    if not draft.round.is_open:
        raise SurveyClosed(
            "Đợt khảo sát này đã kết thúc trước khi phiếu được gửi.", "Phiếu của bạn không được tính."
        )
    instrument = instrument_of(draft.instrument_version)
    checked = check(instrument, draft.answers)
    if checked.faults:
        raise AnswersRefused(instrument, checked.faults, draft.language)
    if draft.case is not None:
        db.session.refresh(draft.case, with_for_update=True)
        claim(draft.case, consented(draft.round, checked.answers))
    draft.answers = checked.answers
    draft.content_hash = content_hash(checked.answers)
    draft.status, draft.submitted_at = ResponseStatus.COMPLETE, datetime.now(UTC)
    _event(draft, "submitted")


def refuse(case: Case) -> None:
    """The invited person does not wish to answer: recorded, so that nobody asks again."""
    db.session.refresh(case, with_for_update=True)
    if case.disposition != Disposition.COMPLETE:
        set_disposition(case, Disposition.REFUSAL)


def receipt_code(draft: Response) -> str:
    """What the respondent keeps: the resume code serves as the receipt."""
    return draft.resume_code or draft.instance_id


def _event(draft: Response, kind: str, detail: dict[str, Any] | None = None) -> None:
    db.session.add(ResponseEvent(response_id=draft.id, kind=kind, detail=detail or {}))
