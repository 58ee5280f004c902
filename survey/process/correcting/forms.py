"""Forms of the pages where answers are corrected; the fields for answers are made from their questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from survey.editing.models import LONGEST_EXPRESSION, LONGEST_NOTE, Reason
from survey.editing.places import Place, digest
from survey.instrument import Instrument, Question, TypeFault, choices_for, coerce
from survey.process.correcting.lines import words_for

MOST_OFFERED = 1000
SEVERAL = ("select_multiple", "rank")
TOO_LONG = f"Nhập tối đa {LONGEST_NOTE} ký tự"
REASONS = {
    Reason.RECONTACT: "Đã hỏi lại người trả lời",
    Reason.DOCUMENT: "Theo giấy tờ hoặc ghi chú của điều tra viên",
    Reason.TYPING: "Ghi nhầm, gõ nhầm",
    Reason.UNIT: "Nhầm đơn vị đo",
    Reason.CONSISTENCY: "Suy ra chắc chắn từ các câu trả lời khác",
    Reason.UNUSABLE: "Không dùng được nên bỏ trống",
    Reason.OTHER: "Lý do khác (ghi rõ)",
}


class ReasonForm(FlaskForm):
    """Why something is corrected."""

    reason = SelectField(
        "Lý do",
        [InputRequired("Chọn lý do sửa")],
        choices=[SelectChoice("", "Chọn lý do"), *(SelectChoice(k, words) for k, words in REASONS.items())],
    )
    note = TextAreaField(
        "Ghi chú",
        [Length(max=LONGEST_NOTE, message=TOO_LONG)],
        description="Bắt buộc nếu chọn lý do khác. Không ghi tên hay số điện thoại.",
        render_kw={"rows": 2},
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Another reason has to be told."""
        good = bool(super().validate(extra_validators))
        if self.reason.data == Reason.OTHER and not (self.note.data or "").strip():
            self.note.errors = [*self.note.errors, "Ghi rõ lý do"]
            return False
        return good


class AnswerForm(ReasonForm):
    """New answers to one or more questions of a record; made by `answer_form`."""

    consent = BooleanField("Tôi đã xem những gì thay đổi theo và vẫn sửa.")


class RuleForm(ReasonForm):
    """A correction of all records that break a rule."""

    variable = SelectField("Sửa biến", [InputRequired("Chọn biến cần sửa")])
    expression = TextAreaField(
        "Thành",
        [
            InputRequired("Ghi giá trị hoặc biểu thức"),
            Length(max=LONGEST_EXPRESSION - 250, message="Viết biểu thức ngắn hơn"),
        ],
        description="Giá trị trong dấu nháy như 'no', số, '' để bỏ trống, hoặc biểu thức như ${household_size} - 1.",
        render_kw={"rows": 2, "spellcheck": "false", "autocapitalize": "none"},
    )
    mark = HiddenField()


class FilterForm(FlaskForm):
    """Which records are listed."""

    class Meta:
        csrf = False

    rule = SelectField("Quy tắc", name="quy-tac")
    severity = SelectField(
        "Mức",
        name="muc",
        choices=[
            SelectChoice("", "Mọi mức"),
            SelectChoice("error", "Lỗi"),
            SelectChoice("warning", "Xem lại"),
        ],
    )
    stratum = SelectField("Tầng", name="tang")
    area = SelectField("Xã, phường", name="xa")
    words = StringField("Mã phiếu", [Length(max=40)], name="tim", description="Một phần của mã cũng được.")


@dataclass(frozen=True)
class Asked:
    """A place with its question, the value in use, and a value to start the field from."""

    place: Place
    question: Question
    now: Any
    start: Any


def answer_form(instrument: Instrument, answers: Mapping[str, Any], asked: Sequence[Asked]) -> AnswerForm:
    """A form with a field `value<n>` and its marks `place<n>` and `seen<n>` for each place."""
    fields: dict[str, Any] = {}
    for number, each in enumerate(asked):
        fields[f"value{number}"] = _field(instrument, answers, each)
        fields[f"place{number}"] = HiddenField(default=str(each.place))
        fields[f"seen{number}"] = HiddenField(default=digest(each.now))
    return type("AnswerFormOfRecord", (AnswerForm,), fields)()  # type: ignore[no-any-return]


def _field(instrument: Instrument, answers: Mapping[str, Any], asked: Asked) -> Field:
    question, start = asked.question, asked.start
    label = question.label("vi") or question.name
    now = f"Đang dùng: {words_for(instrument, question.variable, asked.now)}."
    offered = _offered(instrument, answers, asked)
    if question.type in SEVERAL and offered:
        chosen = start if isinstance(start, list) else str(start or "").split()
        return SelectMultipleField(
            label,
            choices=offered,
            default=chosen,
            validate_choice=False,
            description=f"{now} Không chọn gì là bỏ trống.",
        )
    if offered:
        empty = SelectChoice("", "(bỏ trống)")
        return SelectField(
            label, choices=[empty, *offered], default=start or "", validate_choice=False, description=now
        )
    hint = f"{now} Để trống nếu muốn bỏ trống."
    text = "" if start is None else " ".join(start) if isinstance(start, list) else _typed(start)
    long = question.type == "text" and (len(text) > 60 or "multiline" in question.appearance)
    return (TextAreaField if long else StringField)(label, default=text, description=hint)


def _typed(value: Any) -> str:
    """A number as people type it here, with a decimal comma; anything else as it is."""
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def _offered(instrument: Instrument, answers: Mapping[str, Any], asked: Asked) -> list[SelectChoice]:
    if not asked.question.type.startswith("select") and asked.question.type != "rank":
        return []
    try:
        choices = choices_for(instrument, asked.place.variable, answers, asked.place.index)
    except Exception:  # a filter that cannot run for these answers: the code is typed, and judged as always
        choices = ()
    if len(choices) > MOST_OFFERED:
        return []
    return [SelectChoice(choice.name, choice.label("vi") or choice.name) for choice in choices]


def entered(form: AnswerForm, asked: Sequence[Asked]) -> dict[Place, Any] | None:
    """The values that were entered, as they are stored; None where one does not fit, and its field says why."""
    values: dict[Place, Any] = {}
    for number, each in enumerate(asked):
        field = form[f"value{number}"]
        try:
            values[each.place] = coerce(each.question, field.data or "")
        except TypeFault as fault:
            field.errors = [*field.errors, fault.message("vi")]
    return values if len(values) == len(asked) else None
