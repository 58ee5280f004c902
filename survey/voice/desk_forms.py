"""The forms of those who work on messages."""

from typing import Any

from wtforms import BooleanField, Form, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from survey.voice.forms import offered
from survey.voice.lists import fields, offices
from survey.voice.models import Kind, Status, VoiceSubmission
from survey.voice.queue import FIRST_TAB, TABS, Filters
from survey.voice.triage import CHOOSABLE, STATUS_NAMES, caseworkers
from survey.voice.wording import clean, masked, one_line
from survey.voice.words import say

LONGEST = 10_000


def _tidy(text: str | None) -> str:
    return clean(text or "").strip()


def _line(text: str | None) -> str:
    return one_line(text or "")[:200]


def _long(label: str, required: str = "", rows: int = 4, description: str = "") -> TextAreaField:
    needed = [DataRequired(required)] if required else [Optional()]
    limit = Length(max=LONGEST, message="Viết ngắn lại, tối đa 10.000 ký tự")
    return TextAreaField(
        label, [*needed, limit], filters=[_tidy], render_kw={"rows": rows}, description=description
    )


class FilterForm(Form):
    """The filters over the queue, in the address."""

    tab = SelectField(
        "Danh sách", choices=offered((tab, name) for tab, (name, _) in TABS.items()), default=FIRST_TAB
    )
    status = SelectField("Tình trạng", choices=offered([("", "Mọi tình trạng"), *STATUS_NAMES.items()]))
    kind = SelectField(
        "Loại", choices=offered([("", "Mọi loại"), *((kind, say(f"kind_{kind}", "vi")) for kind in Kind)])
    )
    field = SelectField("Lĩnh vực")
    office = SelectField("Cơ quan")
    commune = StringField("Xã, phường", filters=[_line], render_kw={"autocomplete": "off"})
    words = StringField("Từ trong nội dung, hoặc số", filters=[_line], render_kw={"autocomplete": "off"})
    overdue = BooleanField("Chỉ ý kiến quá hạn")
    mine = BooleanField("Chỉ việc của tôi")

    def __init__(self, asked: Any) -> None:
        super().__init__(asked)
        named = ((f.code, f.name()) for f in fields().values())
        self.field.choices = offered([("", "Mọi lĩnh vực"), *named])
        self.office.choices = offered([("", "Mọi cơ quan"), *offices().items()])

    def filters(self, area_id: int | None) -> Filters:
        """What to show; what is no choice means any."""
        return Filters(
            tab=self.tab.data if self.tab.data in TABS else FIRST_TAB,
            status=self.status.data if self.status.data in set(Status) else "",
            field=self.field.data if self.field.data in fields() else "",
            kind=self.kind.data if self.kind.data in set(Kind) else "",
            office=self.office.data if self.office.data in offices() else "",
            area_id=area_id,
            overdue=bool(self.overdue.data),
            mine=bool(self.mine.data),
            words=self.words.data or "",
        )


class AssignForm(Form):
    office = SelectField("Cơ quan")
    assignee = SelectField("Người xử lý")

    def __init__(self, asked: Any = None, submission: VoiceSubmission | None = None) -> None:
        given = {"office": submission.office or "", "assignee": str(submission.assignee_id or "")}
        super().__init__(asked, data=given)
        self.office.choices = offered([("", "Chưa giao"), *offices().items()])
        people = [(str(person.id), person.full_name) for person in caseworkers()]
        self.assignee.choices = offered([("", "Chưa giao"), *people])


class StatusForm(Form):
    status = SelectField("Tình trạng mới", choices=offered((s, STATUS_NAMES[s]) for s in CHOOSABLE))
    says = _long(
        "Lời nhắn cho người gửi", rows=2, description="Không bắt buộc. Người gửi thấy ở trang tra cứu."
    )

    def __init__(self, asked: Any = None, submission: VoiceSubmission | None = None) -> None:
        super().__init__(asked, data={"status": submission.status} if submission else None)


class NoteForm(Form):
    note = _long("Ghi chú nội bộ", "Viết ghi chú", 2, "Chỉ cán bộ thấy; không bao giờ công bố.")

    def __init__(self, asked: Any = None, submission: VoiceSubmission | None = None) -> None:
        super().__init__(asked)


class AnswerForm(Form):
    answer = _long("Trả lời người gửi", "Viết câu trả lời", 5, "Người gửi thấy ngay ở trang tra cứu.")

    def __init__(self, asked: Any = None, submission: VoiceSubmission | None = None) -> None:
        super().__init__(asked)


class MergeForm(Form):
    original = StringField(
        "Gộp vào ý kiến số",
        [DataRequired("Nhập số của ý kiến gốc")],
        filters=[_line],
        description="Khi nhiều người nói về cùng một việc. Ví dụ: YK-00012.",
        render_kw={"class": "short", "autocomplete": "off"},
    )

    def __init__(self, asked: Any = None, submission: VoiceSubmission | None = None) -> None:
        super().__init__(asked)


class PublishForm(Form):
    public_text = _long(
        "Nội dung được công bố",
        "Viết nội dung được công bố",
        5,
        "Số điện thoại, email, biển số đã được che bằng […]. Đọc kỹ và bỏ cả tên, địa chỉ, chi tiết nhận ra người.",
    )
    public_answer = _long(
        "Câu trả lời được công bố", rows=4, description="Để trống nếu không công bố câu trả lời."
    )

    def __init__(
        self, asked: Any = None, submission: VoiceSubmission | None = None, answer: str = ""
    ) -> None:
        given = {}
        if submission:
            given = {
                "public_text": submission.public_text or masked(submission.text),
                "public_answer": masked(answer)
                if submission.public_text is None
                else submission.public_answer,
            }
        super().__init__(asked, data=given)


class EmptyForm(Form):
    """A button that needs nothing else."""

    def __init__(self, asked: Any = None, submission: VoiceSubmission | None = None) -> None:
        super().__init__(asked)
