"""The fields with which staff enter, attach and take in administrative values."""

from dataclasses import asdict
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from survey.registry.values.checks import Entry
from survey.registry.values.models import SourcePaper

PAPER_HINT = "PDF, ảnh, Word hoặc Excel, tối đa 10 MB. Chỉ cán bộ xem được."


class EntryForm(FlaskForm):
    """One value as the agency's document tells it."""

    period = StringField("Kỳ", description="Ghi 2026, 2026-Q3, 2026-S1 (6 tháng đầu năm) hoặc 2026-09.")
    area = StringField("Địa bàn", description="Tên hoặc mã. Để trống: tỉnh Vĩnh Long của kỳ đó.")
    value = StringField("Giá trị")
    numerator = StringField("Tử số", description="Số đếm; cùng mẫu số cho ra tỷ lệ.")
    denominator = StringField("Mẫu số")
    text = StringField("Nội dung bằng chữ", description="Chỉ khi văn bản không nêu con số.")
    source_number = StringField(
        "Số văn bản", description="Số, ký hiệu của văn bản có số liệu, ví dụ 123/BC-SCT."
    )
    source_date = StringField("Ngày văn bản", description="Ngày ký, ví dụ 22/11/2026.")
    agency = SelectField(
        "Cơ quan cung cấp", validate_choice=False, description="Cơ quan chủ trì chỉ tiêu vào ngày văn bản."
    )
    note = TextAreaField("Ghi chú", description="Mọi người đều đọc được.", render_kw={"rows": 2})
    revision_note = TextAreaField(
        "Ghi chú sửa đổi",
        description="Mọi người đều đọc được: số cũ sai ở đâu, vì sao sửa.",
        render_kw={"rows": 2},
    )
    paper = FileField("Văn bản đính kèm", description=PAPER_HINT)
    looked_at = BooleanField("Tôi đã đối chiếu những điểm cần xem lại với văn bản.")
    revision = HiddenField()

    def entry(self, line: str) -> Entry:
        """What was typed."""
        typed = {name: (self[name].data or "") for name in asdict(Entry()) if name != "line"}
        return Entry(line=line, **typed)

    def fill(self, entry: Entry) -> None:
        """Show an entry to be changed."""
        for name, text in asdict(entry).items():
            if name != "line":
                self[name].data = text

    def mark(self, column: str, message: str) -> None:
        """Put a message at the field that it is about."""
        field: Any = self._fields.get(column, self.period)
        field.errors = [*field.errors, message]

    def needs_paper(self, kept: SourcePaper | None) -> bool:
        """Whether nothing is attached, neither now nor before; says so at the field."""
        if self.paper.data or kept is not None:
            return False
        self.paper.errors = ["Chọn tệp văn bản của cơ quan"]
        return True


class UploadForm(FlaskForm):
    """A file of values with the document that they come from."""

    file = FileField(
        "Tệp số liệu", [FileRequired("Chọn tệp CSV hoặc Excel")], description="CSV hoặc .xlsx, theo tệp mẫu."
    )
    paper = FileField(
        "Văn bản đính kèm", [FileRequired("Chọn tệp văn bản của cơ quan")], description=PAPER_HINT
    )


class TakeForm(FlaskForm):
    """Taking a file in, after its warnings were read."""

    looked_at = BooleanField("Tôi đã đối chiếu những điểm cần xem lại với văn bản.")
