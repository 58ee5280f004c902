"""Which report a reader asks for."""

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectChoice, SelectField
from wtforms.validators import InputRequired, NumberRange

from survey.reports.service import FIRST_YEAR


class ReportForm(FlaskForm):
    """The year of the figures, the day as which they are told, and the language."""

    class Meta:
        csrf = False  # asking changes nothing, and the address can be passed on

    year = IntegerField(
        "Năm số liệu",
        [InputRequired("Ghi năm, ví dụ 2026."), NumberRange(FIRST_YEAR, 2100, "Ghi năm, ví dụ 2026.")],
    )
    day = DateField("Theo số liệu công bố đến hết ngày", [InputRequired("Chọn một ngày.")])
    lang = SelectField("Ngôn ngữ", choices=[SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")])
