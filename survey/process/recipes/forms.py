"""Forms of the recipe pages."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional

from survey.process.recipes.models import ControlStatus
from survey.process.recipes.numerals import EXAMPLES, PLAIN, VIETNAMESE
from survey.process.recipes.population import BASES
from survey.process.recipes.reading import LARGEST

NUMBER_FORMS = [
    SelectChoice("", "tự nhận ra; hỏi lại nếu có hai cách hiểu"),
    SelectChoice(VIETNAMESE, f"Việt Nam: {EXAMPLES[VIETNAMESE]}"),
    SelectChoice(PLAIN, f"quốc tế: {EXAMPLES[PLAIN]} hoặc 1234567.5"),
]
STATUSES = [
    SelectChoice(ControlStatus.OFFICIAL, "số chính thức của cơ quan thống kê"),
    SelectChoice(ControlStatus.TEST, "số thử nghiệm, chỉ để chạy thử"),
]
CHOOSE = SelectChoice("", "– chọn –")


def one_line(_: FlaskForm, field: StringField) -> None:
    """No control characters: the database keeps no NUL, and a page shows no line within a line."""
    if field.data and not field.data.isprintable():
        raise ValidationError("Gõ lại trên một dòng, không có ký tự điều khiển")


class RecipeForm(FlaskForm):
    text = TextAreaField(
        "Phương án (YAML)",
        description="Các mục levels, quality, deff, control_sets. Thụt dòng bằng dấu cách.",
        render_kw={"rows": 24, "spellcheck": "false", "autocapitalize": "none", "class": "code"},
    )
    file = FileField(
        "Hoặc tải tệp .yaml lên",
        description="Có tệp thì nội dung tệp thay cho ô trên.",
        render_kw={"accept": ".yaml,.yml,.txt"},
    )
    note = StringField(
        "Thay đổi gì, vì sao",
        [
            InputRequired("Nhập một câu về thay đổi này"),
            Length(max=500, message="Nhập tối đa 500 ký tự"),
            one_line,
        ],
        description="Ví dụ: gộp hai nhóm tuổi cuối vì nhóm 60+ ở thành thị chỉ có 4 phiếu.",
    )
    based_on = HiddenField()
    seen = HiddenField()

    @property
    def written(self) -> str:
        """The text as typed, or the file's where one was chosen; undecodable bytes are told by the reader."""
        chosen = self.file.data
        if chosen and chosen.filename:
            # one byte over the limit is enough for the reader to say so
            content: bytes = chosen.read(LARGEST + 1)
            return content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
        return (self.text.data or "").replace("\r\n", "\n")


class ControlsForm(FlaskForm):
    file = FileField(
        "Tệp tổng thể",
        [FileRequired("Chọn tệp")],
        description="CSV hoặc .xlsx có ba cột margin, level, total; mỗi dòng một tổng.",
        render_kw={"accept": ".csv,.xlsx,.txt"},
    )
    stands_for = SelectField("Thay cho tệp nào của phiếu", [InputRequired("Chọn tệp của phiếu")])
    source = StringField(
        "Nguồn",
        [InputRequired("Nhập nguồn"), Length(max=500, message="Nhập tối đa 500 ký tự"), one_line],
        description="Ai công bố, văn bản hay bảng nào. Ví dụ: Thống kê tỉnh, công văn 123/TK-DS ngày 05/11/2026.",
    )
    reference_date = DateField("Ngày mà số liệu nói về", [InputRequired("Chọn ngày")])
    population_base = SelectField(
        "Đếm theo dân số nào",
        [InputRequired("Chọn dân số")],
        choices=[CHOOSE, *(SelectChoice(base, words) for base, words in BASES.items())],
        description="Nhân khẩu đăng ký và dân số thường trú là hai con số khác nhau, không thay nhau được.",
    )
    population = SelectField("Đếm những ai", [InputRequired("Chọn đếm những ai")])
    status = SelectField("Loại số liệu", [InputRequired("Chọn loại số liệu")], choices=[CHOOSE, *STATUSES])
    numbers = SelectField("Cách viết số trong tệp", [Optional()], choices=NUMBER_FORMS)


class AcceptForm(FlaskForm):
    sure = BooleanField("Tôi đã đối chiếu: chênh lệch lớn này là đúng, cùng một dân số")
