"""What staff do with a message. Every deed states the revision it saw; who comes second is told."""

from datetime import UTC, datetime

from sqlalchemy import select

from survey.accounts.models import User
from survey.accounts.service import may, record
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.voice.lists import fields, offices
from survey.voice.models import EventKind, Screening, Status, VoicePhoto, VoiceSubmission
from survey.voice.service import happened
from survey.voice.wording import personal_data

STATUS_NAMES = {
    Status.NEW: "Mới",
    Status.ACCEPTED: "Đã tiếp nhận",
    Status.IN_PROGRESS: "Đang xử lý",
    Status.REFERRED: "Chuyển cơ quan khác",
    Status.ANSWERED: "Đã trả lời",
    Status.CLOSED: "Đóng",
    Status.WITHDRAWN: "Người gửi đã rút",
}
# Withdrawing is the sender's alone, answering happens by an answer.
CHOOSABLE = (Status.ACCEPTED, Status.IN_PROGRESS, Status.REFERRED, Status.CLOSED)


class PersonalData(Fault):
    title = "Chưa công bố được"


def find(submission_id: int) -> VoiceSubmission:
    """The message of a number; raise `NotFound`."""
    found = db.session.get(VoiceSubmission, submission_id)
    if found is None:
        raise NotFound(f"Không có ý kiến số {submission_id}.", "Tìm lại trong danh sách.")
    return found


def take(submission_id: int, revision: int) -> VoiceSubmission:
    """The message, locked for one deed; raise `Conflict` if somebody did something since it was seen."""
    found = find(submission_id)
    db.session.refresh(found, with_for_update={"of": VoiceSubmission})
    if found.revision != revision:
        raise Conflict(
            "Người khác vừa xử lý ý kiến này.", "Xem phần diễn biến ở dưới rồi làm lại nếu vẫn cần."
        )
    if found.status == Status.WITHDRAWN:
        raise Conflict("Người gửi đã rút ý kiến này.", "Không cần làm gì thêm.")
    return found


def _done(submission: VoiceSubmission, user: User, kind: EventKind, text: str = "", **detail: object) -> None:
    """Keep a deed: in the message's own history, and in the audit trail without words."""
    submission.touched_at = datetime.now(UTC)
    happened(submission, kind, text, user_id=user.id, **detail)
    record(f"voice.{kind}", f"voice:{submission.id}", dict(detail), user=user)


def assign(submission: VoiceSubmission, user: User, office: str, assignee_id: int | None) -> None:
    """Hand a message to an office and, within it, to a person."""
    if office and office not in offices():
        raise Fault("Không có cơ quan này.", "Chọn cơ quan trong danh sách.")
    if assignee_id is not None and assignee_id not in {person.id for person in caseworkers()}:
        raise Fault("Người này không xử lý ý kiến.", "Chọn người trong danh sách.")
    submission.office, submission.assignee_id = office or None, assignee_id
    _done(submission, user, EventKind.ASSIGNED, office=office, assignee=assignee_id)
    if submission.status == Status.NEW:
        set_status(submission, user, Status.ACCEPTED)


def caseworkers() -> list[User]:
    """The people to whom a message may be given."""
    people = db.session.scalars(select(User).where(User.active).order_by(User.full_name))
    return [person for person in people if may(person, "triage")]


def set_status(submission: VoiceSubmission, user: User, status: Status, says: str = "") -> None:
    """Change how far it is; `says` is shown to the sender. Opening a closed one again undoes the closing."""
    if status not in CHOOSABLE:
        raise Fault("Không đặt được tình trạng này.", "Chọn tình trạng trong danh sách.")
    submission.status = status
    submission.closed_at = datetime.now(UTC) if status == Status.CLOSED else None
    _done(submission, user, EventKind.STATUS, says, status=status)


def note(submission: VoiceSubmission, user: User, text: str) -> None:
    """Something for colleagues only."""
    _done(submission, user, EventKind.NOTE, text)


def answer(submission: VoiceSubmission, user: User, text: str) -> None:
    """Answer the sender on the page of their code."""
    submission.status = Status.ANSWERED
    submission.answered_at = submission.answered_at or datetime.now(UTC)
    submission.closed_at = None
    _done(submission, user, EventKind.ANSWER, text)


def merge(submission: VoiceSubmission, user: User, number: str) -> None:
    """Join a message with an earlier one about the same matter: one answer serves both."""
    digits = "".join(letter for letter in number if letter.isdigit())
    original = db.session.get(VoiceSubmission, int(digits)) if digits and len(digits) < 9 else None
    if original is None or original.status == Status.WITHDRAWN or original.id == submission.id:
        raise Fault(f"Không gộp được vào “{number}”.", "Nhập số của một ý kiến khác, ví dụ YK-00012.")
    if original.duplicate_of_id is not None:
        raise Fault(f"{original.number} đã được gộp vào ý kiến khác.", "Gộp vào ý kiến gốc đó.")
    if db.session.scalar(select(VoiceSubmission.id).where(VoiceSubmission.duplicate_of_id == submission.id)):
        raise Fault("Có ý kiến khác đã gộp vào ý kiến này.", "Gộp theo chiều ngược lại.")
    submission.duplicate_of_id = original.id
    submission.status, submission.closed_at = Status.CLOSED, datetime.now(UTC)
    _done(submission, user, EventKind.MERGED, original=original.id)


def unmerge(submission: VoiceSubmission, user: User) -> None:
    """Undo `merge`."""
    submission.duplicate_of_id = None
    submission.status, submission.closed_at = Status.ACCEPTED, None
    _done(submission, user, EventKind.UNMERGED)


def screen(submission: VoiceSubmission, user: User, screening: Screening) -> None:
    """Judge whether it is spam or abuse; judging again undoes it."""
    submission.screening = screening
    if screening == Screening.SPAM:
        submission.public_text = submission.public_answer = submission.published_at = None
    _done(submission, user, EventKind.SCREENED, screening=screening)


def publish(submission: VoiceSubmission, user: User, text: str, answer_text: str) -> None:
    """Put a text before the public; raise `PersonalData` where it still names somebody's number or address."""
    if submission.screening != Screening.CLEAR:
        raise Fault("Ý kiến này chưa được xác nhận là hợp lệ.", "Bấm “Không phải thư rác” trước.")
    if found := personal_data(text) + personal_data(answer_text):
        raise PersonalData(
            f"Còn thông tin cá nhân: {'; '.join(found[:5])}.", "Xóa hoặc che những chỗ này rồi công bố."
        )
    submission.public_text, submission.public_answer = text, answer_text or None
    submission.published_at = datetime.now(UTC)
    _done(submission, user, EventKind.PUBLISHED)


def unpublish(submission: VoiceSubmission, user: User) -> None:
    """Take it back from the public page at once."""
    submission.public_text = submission.public_answer = submission.published_at = None
    _done(submission, user, EventKind.UNPUBLISHED)


def find_photo(submission_id: int, photo_id: int) -> VoicePhoto:
    """A photo of this message; raise `NotFound`."""
    photo = db.session.get(VoicePhoto, photo_id)
    if photo is None or photo.submission_id != submission_id:
        raise NotFound("Không có ảnh này.", "Mở lại trang của ý kiến.")
    return photo


def field_name(code: str) -> str:
    """A field in words, also one that was taken out of the list since."""
    return fields()[code].name() if code in fields() else code
