"""The fields of signing: the hour of publication, and the reasons of those who take something back."""

from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, Optional

from survey.formats import LOCAL_TIME

TEXT = Length(max=1000, message="Nhập tối đa 1.000 ký tự")


class EmbargoForm(FlaskForm):
    """When a signed thing becomes public; both fields empty: at once."""

    embargo_day = DateField("Ngày công bố", [Optional()], description="Để trống thì công bố ngay khi ký.")
    embargo_time = TimeField("Giờ công bố", [Optional()], description="Giờ Việt Nam, ví dụ 08:00.")

    def validate(self, extra_validators: Any = None) -> bool:
        """A day needs its hour and an hour its day."""
        fine = bool(super().validate(extra_validators))
        if self.embargo_day.errors or self.embargo_time.errors:
            return False
        if self.embargo_day.data and not self.embargo_time.data:
            self.embargo_time.errors = ["Nhập giờ công bố của ngày đã chọn"]
        elif self.embargo_time.data and not self.embargo_day.data:
            self.embargo_day.errors = ["Chọn ngày công bố của giờ đã nhập"]
        return fine and not (self.embargo_day.errors or self.embargo_time.errors)

    @property
    def embargo_until(self) -> datetime | None:
        """The instant, of the province's clock; None: at once."""
        if not self.embargo_day.data or not self.embargo_time.data:
            return None
        return datetime.combine(self.embargo_day.data, self.embargo_time.data, LOCAL_TIME)


class ReasonForm(FlaskForm):
    """Sending back, or cancelling an embargo."""

    reason = TextAreaField("Lý do", [InputRequired("Nhập lý do"), TEXT], render_kw={"rows": 2})


class WithdrawForm(FlaskForm):
    """Taking back what is public."""

    reason = TextAreaField(
        "Lý do (nội bộ)",
        [InputRequired("Nhập lý do"), TEXT],
        description="Lưu trong nhật ký, không công bố.",
        render_kw={"rows": 2},
    )
    public_note = TextAreaField(
        "Ghi chú công khai",
        [InputRequired("Nhập ghi chú công khai"), TEXT],
        description="Người đọc thấy ghi chú này ở nơi từng có số liệu: sai ở đâu, khi nào có số thay thế.",
        render_kw={"rows": 3},
    )
