"""A person takes answers back: what was kept of them is erased, and no late copy brings them in again.

Possible until they are de-identified (`Round.deidentify_at`): from then on no code leads to them, and figures
that count them may be public. No figure of a round is signed before that.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from blinker import Namespace
from sqlalchemy import delete, or_, select, update

from survey import formats
from survey.accounts.service import record
from survey.cases.models import Case, Disposition
from survey.cases.service import case_of_code, set_disposition, tidy_code
from survey.errors import Fault, NotFound
from survey.extensions import db
from survey.intake.models import (
    Attachment,
    Response,
    ResponseEvent,
    ResponseStatus,
    ResponseTrace,
    UnsavedPage,
)
from survey.rounds.models import Round

LONGEST_CODE = 40
withdrawn = Namespace().signal("withdrawn")
"""Sent with the round, in the transaction of a withdrawal: who keeps copies of answers erases them too."""


class TooLate(Fault):
    """The round is de-identified."""

    status = HTTPStatus.CONFLICT
    title = "Không rút lại được nữa"

    def __init__(self, round_: Round) -> None:
        super().__init__(
            "Câu trả lời của đợt này đã được khử định danh.", "Không còn cách tìm ra phiếu nào là của ai."
        )
        self.round = round_


@dataclass(frozen=True)
class ReceiptLine:
    """One response of a case: its receipt code, and what became of it."""

    code: str
    status: str


def response_of_receipt(code: str) -> Response:
    """The response of a typed receipt code; raise `NotFound`."""
    found = db.session.scalar(select(Response).where(Response.resume_code == tidy_code(code[:LONGEST_CODE])))
    if found is None:
        raise NotFound("Không có phiếu nào với mã này.", "Kiểm tra lại 8 ký tự của mã biên nhận.")
    return found


def withdraw(response: Response) -> int:
    """Erase a response with every earlier, later and unfinished version of it; the caller commits.

    Returns how many were erased: 0 where that was done before. All responses of a case go, or a late one could
    be taken in in its place. The case becomes a refusal (AAPOR 2.11): the unit is eligible, was reached, and
    says explicitly that its answers are not to be used; AAPOR has no code of its own for taking a finished
    interview back, and counting it as complete would overstate the response rate. Raises `TooLate`.
    """
    round_, case = response.round, response.case
    db.session.refresh(round_, with_for_update={"read": True})  # no signing may come in between
    if response.is_deidentified:
        raise TooLate(round_)
    _locked_versions(response)
    if case is not None:
        db.session.refresh(case, with_for_update=True)
    versions = _locked_versions(response)  # whoever waited for the case finds what came in meanwhile
    erased = [
        each for each in versions if not (each.status == ResponseStatus.WITHDRAWN or each.is_deidentified)
    ]
    for each in erased:
        _erase(each)
    if erased:
        if case is not None and all(each.status != ResponseStatus.COMPLETE for each in versions):
            set_disposition(case, Disposition.REFUSAL)
        record("response.withdraw", f"round:{round_.survey.code}/{round_.code}", {"versions": len(erased)})
        db.session.flush()
        withdrawn.send(round_)
    return len(erased)


def _locked_versions(response: Response) -> list[Response]:
    same = Response.instance_id.in_(_corrections(response))
    if response.case_id is not None:
        same = or_(same, Response.case_id == response.case_id)
    query = select(Response).where(Response.round_id == response.round_id, same).order_by(Response.id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(locked))


def _corrections(response: Response) -> set[str]:
    """The instanceIDs of what a response corrects and of what corrects it, however often."""
    by = ResponseEvent.detail["by"].as_string()
    query = (
        select(Response.instance_id, by)
        .join(Response, Response.id == ResponseEvent.response_id)
        .where(Response.round_id == response.round_id, ResponseEvent.kind == "replaced")
    )
    found, grown = set[str](), {response.instance_id}
    while grown != found:
        found = grown
        linked = query.where(or_(Response.instance_id.in_(found), by.in_(found)))
        grown = found.union(*db.session.execute(linked).all())
    return found


def _erase(response: Response) -> None:
    """Nothing that was answered stays: also the pages seen and the files' names tell something of it."""
    for kept_elsewhere in (Attachment, UnsavedPage, ResponseEvent, ResponseTrace):
        db.session.execute(delete(kept_elsewhere).where(kept_elsewhere.response_id == response.id))
    detail = {"status": response.status, "mode": response.mode}
    response.answers, response.content_hash, response.page = {}, None, None
    response.status = ResponseStatus.WITHDRAWN
    db.session.add(ResponseEvent(response_id=response.id, kind="withdrawn", detail=detail))


def deidentify(round_: Round) -> None:
    """Figures of the round are being signed: from now on no code leads to an answer that came before.

    Raises `Fault` before the day that people were promised. The caller commits.
    """
    db.session.refresh(round_, with_for_update=True)
    if until := round_.withdraw_until:
        raise Fault(
            f"Người trả lời còn rút lại được câu trả lời đến hết ngày {formats.date(until)}.",
            "Ký số liệu sau ngày đó.",
        )
    round_.deidentify_at = datetime.now(UTC)
    db.session.execute(
        update(Response)
        .where(Response.round_id == round_.id, Response.status != ResponseStatus.DRAFT)
        .values(resume_code=None)
        .execution_options(synchronize_session=False)
    )


def receipts_of(round_: Round, case_code: str) -> list[ReceiptLine]:
    """The receipt codes of a case, for a person who lost theirs; raise `NotFound` for a wrong case code."""
    case: Case = case_of_code(round_, case_code)
    query = select(Response.resume_code, Response.status).where(
        Response.case_id == case.id, Response.resume_code.is_not(None)
    )
    return [
        ReceiptLine(code, status) for code, status in db.session.execute(query.order_by(Response.started_at))
    ]
