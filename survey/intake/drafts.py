"""Answers that grow page by page on the web, until they are handed in."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from survey.cases.models import Case, Disposition
from survey.cases.service import case_of_code, new_code, set_disposition, tidy_code
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.instrument import AnswerFault, Instrument, Page, check, starting_answers
from survey.intake import duplicates, unsaved
from survey.intake.consents import is_asked_by_a_question, keep_consent
from survey.intake.instances import instance_at, levels, placed
from survey.intake.models import Attachment, Mode, Response, ResponseEvent, ResponseStatus, Source
from survey.intake.service import AnswersRefused, Upload, claim, consented, content_hash, kept_of
from survey.rounds.consent import consent_variable
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
        answers=_first_answers(round_, case),
        resume_code=new_code(),
        language=language,
    )
    if not is_asked_by_a_question(round_.instrument_version):
        keep_consent(draft, given=True)
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


METADATA: dict[str, Callable[[datetime], str]] = {
    "start": datetime.isoformat,
    "today": lambda moment: moment.date().isoformat(),
}


def _first_answers(round_: Round, case: Case | None) -> dict[str, Any]:
    """Defaults, and what is known already: the moment, and the case's code by the name in design.yaml."""
    instrument = instrument_of(round_.instrument_version)
    now = datetime.now().astimezone()
    known: dict[str, Any] = {
        name: METADATA[question.type](now)
        for name, question in instrument.questions.items()
        if question.type in METADATA and not question.level
    }
    if case and (variable := case_variable(round_)):
        known[variable] = case.code
    return starting_answers(instrument, known, now=now)


def case_variable(round_: Round) -> str:
    """The variable that holds the case's code, as design.yaml names it; "" where there is none."""
    return str(round_.instrument_version.design.get("case_variable", ""))


def unanswered_case(draft: Response, code: str) -> Case:
    """The case whose code was typed on the open page; raise `NotFound` or `Conflict`."""
    case = case_of_code(draft.round, code)
    if case.disposition == Disposition.COMPLETE:
        raise Conflict("Mã phiếu này đã có câu trả lời.", "Kiểm tra lại mã, hoặc để trống.")
    return case


def link_case(draft: Response, case: Case) -> None:
    """Tie a draft of the open page to a case."""
    draft.case, draft.source = case, Source.SAMPLE
    draft.answers = draft.answers | {case_variable(draft.round): case.code}


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


def find_draft(response_id: uuid.UUID, *, lock: bool = False) -> Response:
    """The response of a page's address, locked against a second tap if asked; raise `NotFound`."""
    query = select(Response).where(Response.id == response_id, Response.mode == Mode.WEB)
    query = query.options(joinedload(Response.round), joinedload(Response.instrument_version))
    draft = db.session.scalar(query.with_for_update(of=Response) if lock else query)
    if draft is None:
        raise NotFound("Không tìm thấy phiếu này.", "Mở lại khảo sát từ liên kết ban đầu.")
    return draft


def speak(draft: Response, language: str) -> None:
    """Go on in another language; that is no change of the answers, so the draft's revision stays."""
    db.session.execute(update(Response).where(Response.id == draft.id).values(language=language))
    set_committed_value(draft, "language", language)


def save_page(
    draft: Response, page: Page, answers: Mapping[str, Any], revision: int, index: tuple[int, ...] = ()
) -> tuple[AnswerFault, ...]:
    """Keep what one page says and return its faults; valid answers are kept even beside faulty ones.

    `answers` holds what was asked, None where it was left empty; `index` the repeat instance from 0. A
    `revision` older than the draft's means that another tab saved meanwhile: `Conflict`, nothing is
    overwritten, unless the draft already says the same (a second tap).
    """
    if draft.status != ResponseStatus.DRAFT:
        raise Conflict("Phiếu này đã được gửi.", "Cảm ơn bạn, bạn không cần làm gì thêm.")
    faults = page_faults(draft, page, answers, index)
    faulty = {fault.variable for fault in faults}
    kept = {name: None if name in faulty else value for name, value in answers.items()}
    document = placed(draft.answers, _levels(draft, page.repeat), kept, index)
    if revision != draft.revision:
        if document == draft.answers:
            return faults
        raise Conflict(
            "Phiếu này vừa được sửa ở một cửa sổ khác.", "Xem lại hai câu trả lời rồi chọn câu đúng."
        )
    draft.answers, draft.page = document, page.id
    if answers.get(variable := consent_variable(draft.instrument_version)) and variable not in faulty:
        keep_consent(draft, consented(draft.round, document))
    _event(draft, "page", {"page": page.id, "faults": sorted(faulty)})
    return faults


def page_faults(
    draft: Response, page: Page, answers: Mapping[str, Any], index: tuple[int, ...] = ()
) -> tuple[AnswerFault, ...]:
    """What would be wrong with a page if it said this; nothing is kept."""
    document = placed(draft.answers, _levels(draft, page.repeat), answers, index)
    checked = check(instrument_of(draft.instrument_version), document, page=page)
    return tuple(fault for fault in checked.faults if fault.index == index)


def instances_of(draft: Response, repeat: str, around: tuple[int, ...] = ()) -> list[dict[str, Any]] | None:
    """The instances of a repeat so far; None while nobody has seen their list.

    `around` says in which instance of the repeats around it, from 0.
    """
    rows = instance_at(draft.answers, _levels(draft, repeat), around).get(repeat)
    return None if rows is None else list(rows)


def remove_instance(
    draft: Response, repeat: str, position: int, revision: int, around: tuple[int, ...] = ()
) -> None:
    """Take one instance of a repeat out again; raise `Conflict` if another tab saved meanwhile."""
    if revision != draft.revision or draft.status != ResponseStatus.DRAFT:
        raise Conflict("Phiếu này vừa được sửa ở một cửa sổ khác.", "Tải lại trang rồi thử lại.")
    rows = instances_of(draft, repeat, around) or []
    del rows[position : position + 1]
    instrument = instrument_of(draft.instrument_version)
    pages = [page.id for page in instrument.pages if repeat in levels(instrument, page.repeat)]
    unsaved.forget_instance(draft, pages, tuple(place + 1 for place in (*around, position)))
    draft.answers = placed(draft.answers, _levels(draft, repeat), {repeat: rows}, around)
    _event(draft, "removed", {"repeat": repeat})


def resize_repeat(draft: Response, repeat: str, count: int | None, around: tuple[int, ...] = ()) -> None:
    """Bring a repeat to the number of instances that the questionnaire asks for; None leaves it to people.

    From then on the repeat counts as seen, even with no instance.
    """
    found = instances_of(draft, repeat, around)
    rows = found or []
    if count is not None:
        rows = [*rows[:count], *({} for _ in range(count - len(rows)))]
    if rows != found:
        draft.answers = placed(draft.answers, _levels(draft, repeat), {repeat: rows}, around)


def _levels(draft: Response, repeat: str) -> tuple[str, ...]:
    return levels(instrument_of(draft.instrument_version), repeat)


def add_upload(draft: Response, upload: Upload) -> None:
    """Keep a file that belongs to an answer of the draft; the caller gives it a name of its own."""
    db.session.add(
        Attachment(
            response_id=draft.id,
            file_name=upload.file_name,
            media_type=upload.media_type,
            sha256=sha256(upload.content).hexdigest(),
            content=upload.content,
        )
    )


def finish(draft: Response) -> None:
    """Hand the draft in: judged whole, once. A second press finds it handed in and changes nothing.

    After the round closed it is kept as late: no figure counts it before `survey.intake.late.admit` does.
    """
    db.session.refresh(draft, with_for_update={"of": Response})
    if draft.status != ResponseStatus.DRAFT:
        return
    instrument = instrument_of(draft.instrument_version)
    checked = check(instrument, draft.answers | _last_answers(instrument), first_load=False)
    if checked.faults:
        raise AnswersRefused(instrument, checked.faults, draft.language)
    consent = consented(draft.round, checked.answers)
    if draft.case is not None and draft.round.is_open:
        db.session.refresh(draft.case, with_for_update=True)
        claim(draft.case, consent)
    draft.answers = kept_of(draft.round, checked.answers)
    draft.content_hash = content_hash(draft.answers)
    draft.status = ResponseStatus.COMPLETE if draft.round.is_open else ResponseStatus.LATE
    draft.submitted_at = datetime.now(UTC)
    unsaved.forget(draft)
    if not consent:
        db.session.execute(delete(Attachment).where(Attachment.response_id == draft.id))
    _event(draft, "submitted", {} if draft.round.is_open else {"late": True})
    if consent:
        db.session.flush()
        duplicates.flag(draft)


def _last_answers(instrument: Instrument) -> dict[str, str]:
    ends = (name for name, question in instrument.questions.items() if question.type == "end")
    return dict.fromkeys(ends, datetime.now().astimezone().isoformat())


def refuse(case: Case) -> None:
    """The invited person does not wish to answer: recorded, so that nobody asks again; `SurveyClosed` after the end."""
    if not case.round.is_open:
        raise SurveyClosed("Đợt khảo sát này đã kết thúc.", "Cảm ơn bạn đã quan tâm.")
    db.session.refresh(case, with_for_update=True)
    if case.disposition != Disposition.COMPLETE:
        set_disposition(case, Disposition.REFUSAL)


def receipt_code(draft: Response) -> str:
    """What the respondent keeps: the resume code serves as the receipt."""
    return draft.resume_code or draft.instance_id


def _event(draft: Response, kind: str, detail: dict[str, Any] | None = None) -> None:
    db.session.add(ResponseEvent(response_id=draft.id, kind=kind, detail=detail or {}))
