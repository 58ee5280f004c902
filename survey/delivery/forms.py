"""Forms of the delivery pages."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length

from survey.delivery.models import Delivery, Form
from survey.delivery.note import domain_of
from survey.delivery.tokens import SCOPES
from survey.registry.models import Agency

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
ACCEPT, REJECT = "accept", "reject"
WHOLE = 0
"""Choice of "the delivery as a whole" among its figures."""


def cleaned(text: str | None) -> str:
    """Without control characters, which no letter has and the database does not take, and blanks at the ends."""
    return CONTROLS.sub("", text or "").strip()


def _line(label: str, *checks: Any, longest: int = 200, **more: Any) -> StringField:
    limit = Length(max=longest, message=f"Nhập tối đa {longest} ký tự")
    return StringField(label, [*checks, limit], filters=[cleaned], **more)


def _text(label: str, *checks: Any, longest: int = 4000, **more: Any) -> TextAreaField:
    limit = Length(max=longest, message=f"Nhập tối đa {longest} ký tự")
    return TextAreaField(label, [*checks, limit], filters=[cleaned], render_kw={"rows": 4}, **more)


class AcknowledgeForm(FlaskForm):
    """What an agency's letter says when it has received a package."""

    by = _line("Người xác nhận", DataRequired("Nhập người xác nhận"), description="Họ tên, đơn vị.")
    reference = _line("Số văn bản", longest=100, description="Nếu có, ví dụ 15/TKT-TH.")
    note = _text("Ghi chú", longest=2000)


class CorrectionForm(FlaskForm):
    """What an agency's letter says is wrong."""

    figure = SelectField("Số liệu", coerce=int)
    text = _text("Nội dung đề nghị đính chính", DataRequired("Nhập nội dung đề nghị"))
    by = _line("Người đề nghị", DataRequired("Nhập người đề nghị"), description="Họ tên, đơn vị.")
    reference = _line("Số văn bản", longest=100)

    def of(self, delivery: Delivery) -> "CorrectionForm":
        """The form with the figures of a delivery to choose from."""
        named = [(line.observation_id, figure_name(line.observation)) for line in delivery.lines]
        self.figure.choices = [SelectChoice(WHOLE, "Cả gói"), *(SelectChoice(*one) for one in named)]
        return self


def figure_name(figure: Any) -> str:
    """`KH54-37, 2026, Giới tính: Nam`."""
    parts = (figure.registry_code or figure.indicator, figure.time_period, domain_of(figure))
    return ", ".join(part for part in parts if part)


class AnswerForm(FlaskForm):
    """A statistician's answer to a request for correction."""

    decision = RadioField(
        "Quyết định",
        [InputRequired("Chọn chấp nhận hay không")],
        choices=[
            SelectChoice(ACCEPT, "Chấp nhận: cần tính và công bố bản sửa"),
            SelectChoice(REJECT, "Không chấp nhận"),
        ],
    )
    answer = _text("Lý do", DataRequired("Nhập lý do"), description="Cơ quan gửi yêu cầu đọc được.")


class TokenForm(FlaskForm):
    """A key for an agency's client."""

    agency = SelectField("Cơ quan", [InputRequired("Chọn cơ quan")])
    name = _line(
        "Cấp cho", DataRequired("Nhập tên hệ thống"), description="Hệ thống dùng mã này, ví dụ LGSP tỉnh."
    )
    scopes = SelectMultipleField(
        "Được làm gì",
        [InputRequired("Chọn ít nhất một quyền")],
        choices=[SelectChoice(scope, words.capitalize()) for scope, words in SCOPES.items()],
        default=list(SCOPES),
    )
    days = SelectField(
        "Thời hạn",
        coerce=int,
        choices=[SelectChoice(days, f"{days} ngày") for days in (30, 90, 180, 365, 730)],
        default=365,
    )

    def among(self, agencies: list[Agency]) -> "TokenForm":
        """The form with the agencies to choose from."""
        named = (SelectChoice(agency.code, agency.name) for agency in agencies)
        self.agency.choices = [SelectChoice("", "Chọn cơ quan"), *named]
        return self


class EndpointForm(FlaskForm):
    """Where an agency takes packages."""

    url = _line(
        "Địa chỉ nhận",
        DataRequired("Nhập địa chỉ nhận"),
        longest=500,
        description="Ví dụ https://lgsp.vinhlong.gov.vn/so-lieu. Mã bí mật để trong KHAOSAT_DELIVERY_SECRETS.",
        render_kw={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"},
    )
    form = RadioField(
        "Gửi dạng",
        [InputRequired("Chọn dạng gửi")],
        choices=[SelectChoice(Form.ZIP, "Tệp ZIP"), SelectChoice(Form.JSON, "JSON, gói ZIP nằm trong")],
        default=Form.ZIP,
    )
    allow_private = BooleanField("Cho phép mạng nội bộ (máy nhận nằm trong mạng của tỉnh).")
    takes_synthetic = BooleanField("Đây là hệ thống thử nghiệm: nhận cả số liệu mô phỏng.")


class DeliverForm(FlaskForm):
    """Packing and sending: a tick says that the list was looked at."""

    checked = BooleanField(
        "Tôi đã xem danh sách và muốn gửi. Gói đã gửi không sửa được, chỉ gửi gói tiếp theo.",
        [InputRequired("Đánh dấu là bạn đã xem danh sách")],
    )
