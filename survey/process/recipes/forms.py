"""Forms of the recipe pages."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from survey.process.recipes.reading import LARGEST


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
