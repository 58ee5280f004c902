"""Forms of the survey managers."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from survey.rounds.models import Purpose

CODE = Regexp(r"^[a-z0-9][a-z0-9-]{1,62}$", message="Dùng 2–63 chữ thường không dấu, chữ số và dấu gạch nối")
# SDMX time periods: year, half year, quarter, month.
PERIOD = Regexp(
    r"^\d{4}(-(S[12]|Q[1-4]|(0[1-9]|1[0-2])))?$", message="Nhập dạng 2026, 2026-S1, 2026-Q4 hoặc 2026-09"
)
PURPOSES = [
    SelectChoice(Purpose.PRODUCTION, "Chính thức: cần số quyết định và phương án điều tra"),
    SelectChoice(Purpose.TEST, "Thử nghiệm: không công bố"),
    SelectChoice(Purpose.DEMONSTRATION, "Trình diễn: người trả lời mô phỏng"),
    SelectChoice(Purpose.VERIFICATION, "Kiểm chứng: số liệu thật đã công bố ở nơi khác"),
]


class UploadForm(FlaskForm):
    file = FileField(
        "Tệp XLSForm",
        [FileRequired("Chọn tệp XLSForm")],
        description="Tệp .xlsx, .xls, .csv hoặc .md với các trang survey, choices, settings. Phiếu có ảnh, âm thanh "
        "hay danh sách CSV: nén phiếu cùng thư mục media thành một tệp .zip.",
        render_kw={"accept": ".xlsx,.xlsm,.xls,.csv,.md,.zip"},
    )
    code = StringField(
        "Mã khảo sát",
        [Optional(), CODE],
        description="Để trống thì lấy form_id trong trang settings. Nhập mã đang có để thêm phiên bản mới.",
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )


class RoundForm(FlaskForm):
    version = SelectField("Phiên bản phiếu hỏi", [InputRequired("Chọn phiên bản")], coerce=int)
    code = StringField(
        "Mã đợt", [InputRequired("Nhập mã đợt"), CODE], description="Ví dụ: 2026 hoặc thu-nghiem-1.",
        render_kw={"autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip
    title = StringField("Tên đợt", [Optional(), Length(max=200, message="Nhập tối đa 200 ký tự")])
    purpose = SelectField("Mục đích", [InputRequired("Chọn mục đích")], choices=PURPOSES)
    time_period = StringField(
        "Kỳ số liệu", [InputRequired("Nhập kỳ số liệu"), PERIOD], description="Ví dụ: 2026 hoặc 2026-Q4."
    )


class GateForm(FlaskForm):
    decision_number = StringField(
        "Số quyết định",
        [Optional(), Length(max=100, message="Nhập tối đa 100 ký tự")],
        description="Quyết định điều tra của cấp có thẩm quyền, ví dụ 123/QĐ-CTK.",
    )
    survey_plan = TextAreaField(
        "Phương án điều tra",
        [Optional(), Length(max=500, message="Nhập tối đa 500 ký tự")],
        description="Địa chỉ hoặc số hiệu văn bản phương án đã được duyệt.",
        render_kw={"rows": 2},
    )


class WithdrawalForm(FlaskForm):
    last_day = DateField(
        "Ngày cuối cùng rút lại được",
        [InputRequired("Chọn ngày cuối cùng mà người trả lời còn rút lại được")],
        description="Ngày này được ghi cho người trả lời biết. Số liệu của đợt chỉ ký được sau ngày đó.",
    )


class ReceiptForm(FlaskForm):
    case_code = StringField(
        "Mã phiếu",
        [InputRequired("Nhập mã phiếu 8 ký tự"), Length(max=40, message="Mã phiếu có 8 ký tự")],
        description="8 ký tự trên thư mời hoặc trong danh sách của điều tra viên.",
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class TeamForm(FlaskForm):
    team = StringField(
        "Tên tổ",
        [InputRequired("Nhập tên tổ"), Length(max=200, message="Nhập tối đa 200 ký tự")],
        description="Ví dụ: Tổ công nghệ số cộng đồng ấp Phú Thạnh.",
    )
    valid_to = DateField(
        "Dùng đến hết ngày",
        [InputRequired("Chọn ngày cuối cùng mà mã còn dùng được")],
    )
