"""Forms of the invitations' pages."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from survey.invitations.audience import Way
from survey.invitations.texts import LONGEST

TELEPHONE = Regexp(r"^[0-9+().\- ]{6,60}$", message="Nhập số điện thoại, ví dụ 0270 3823 456")
WEB_ADDRESS = Regexp(r"^https?://[^\s\x00-\x1f<>\"]+$", message="Nhập địa chỉ bắt đầu bằng https://")
WAYS = [
    SelectChoice(Way.EMAIL_FIRST, "E-mail nếu có, nếu không thì SMS"),
    SelectChoice(Way.EMAIL, "Chỉ e-mail"),
    SelectChoice(Way.SMS, "Chỉ SMS"),
]
REPLACE, REVOKE, STOP = "replace", "revoke", "stop"


class DayField(DateField):
    """A day as the browser's calendar sends it or as people type it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read 2026-12-15 and 15/12/2026; say in Vietnamese what to enter."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Nhập ngày dạng 15/12/2026") from None


class DaysField(IntegerField):
    """A number of days."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Say in Vietnamese what to enter."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Nhập số từ 1 đến 60") from None


class PlanForm(FlaskForm):
    """Until when links work, and what letters say."""

    links_end = DayField(
        "Ngày cuối liên kết còn dùng được",
        [Optional()],
        format=["%Y-%m-%d", "%d/%m/%Y"],
        description="Để trống: đến khi đóng đợt. Hết ngày này, liên kết báo đã hết hạn.",
    )
    telephone = StringField(
        "Điện thoại giải đáp",
        [Optional(), TELEPHONE],
        description="In trên thư, áp phích và trang báo lỗi liên kết.",
    )
    privacy_address = StringField(
        "Địa chỉ thông báo quyền riêng tư",
        [Optional(), WEB_ADDRESS, Length(max=300, message="Nhập tối đa 300 ký tự")],
        description="Để trống: trang /quyen-rieng-tu của khảo sát.",
    )
    reminder_gap = DaysField(
        "Số ngày giữa hai tin cho một người",
        [InputRequired("Nhập số ngày"), NumberRange(1, 60, "Nhập số từ 1 đến 60")],
    )


class ContactsForm(FlaskForm):
    """A table of contacts."""

    file = FileField(
        "Tệp liên hệ",
        [FileRequired("Chọn tệp CSV hoặc Excel")],
        description="Cột code (mã phiếu) hoặc unit (mã đơn vị), và phone, email. CSV (UTF-8) hoặc .xlsx.",
        render_kw={"accept": ".csv,.txt,.xlsx"},
    )
    take_good = BooleanField("Nhận các dòng đúng, bỏ qua các dòng lỗi")


class ConfirmForm(FlaskForm):
    """A deed that cannot be undone."""

    sure = BooleanField(
        "Tôi hiểu việc này không hoàn lại được", [InputRequired("Đánh dấu ô này để xác nhận")]
    )


class TextForm(FlaskForm):
    """The text of one message."""

    subject = StringField("Tiêu đề thư", [Optional(), Length(max=150, message="Nhập tối đa 150 ký tự")])
    text = TextAreaField(
        "Nội dung",
        [InputRequired("Nhập nội dung"), Length(max=LONGEST, message=f"Nhập tối đa {LONGEST} ký tự")],
        description="{link}: liên kết riêng (bắt buộc). {title}: tên khảo sát. {deadline}: hạn trả lời.",
    )
    plain = BooleanField("Gửi không dấu (rẻ hơn, khó đọc hơn)")


class SendForm(FlaskForm):
    """By which channel."""

    way = SelectField("Gửi qua", choices=WAYS, default=Way.EMAIL_FIRST)


class LettersForm(FlaskForm):
    """Which letters."""

    stratum = SelectField("Tầng", [Optional()])
    commune = SelectField("Xã, phường", [Optional()])
    unanswered = BooleanField("Chỉ phiếu chưa trả lời")


class PosterForm(FlaskForm):
    """Which posters."""

    size = SelectField("Khổ giấy", choices=[SelectChoice("a4", "A4"), SelectChoice("a3", "A3")])
    by_commune = BooleanField("Mỗi xã, phường một trang có tên")


class LinkForm(FlaskForm):
    """What to do about one case's link."""

    code = StringField(
        "Mã phiếu hoặc mã đơn vị",
        [InputRequired("Nhập mã phiếu"), Length(max=64, message="Nhập tối đa 64 ký tự")],
        render_kw={"autocapitalize": "characters", "spellcheck": "false", "autocomplete": "off"},
    )
    deed = RadioField(
        "Việc cần làm",
        [InputRequired("Chọn việc cần làm")],
        choices=[
            SelectChoice(REPLACE, "Thu hồi liên kết cũ, cấp liên kết mới"),
            SelectChoice(REVOKE, "Thu hồi liên kết, không cấp lại"),
            SelectChoice(STOP, "Ghi nhận yêu cầu không gửi tin nữa"),
        ],
    )
