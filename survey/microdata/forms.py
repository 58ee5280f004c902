"""The form of a release: each variable's place in it, the thresholds, and who may take the files."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange

from survey.microdata.candidates import KIND_NAMES, Candidates
from survey.microdata.plan import ACCESS, DESIGNS, OTHER, REPLICATES, ROLES, SMALLEST_K, TERMS, Chosen, Plan
from survey.microdata.recodes import LONGEST


class VariableForm(Form):
    """One variable: whether it is released, as what, and recoded how."""

    name = HiddenField()
    take = BooleanField("Phát hành")
    role = SelectField("Vai trò", choices=[SelectChoice(*one) for one in ROLES.items()], default=OTHER)
    recode = StringField("Gộp mã", [Length(max=LONGEST, message=f"Tối đa {LONGEST} ký tự")], default="")


class PlanForm(FlaskForm):
    """What the file holds and how safe it has to be."""

    variables = FieldList(FormField(VariableForm))
    k = IntegerField(
        "k: mỗi tổ hợp khóa có ít nhất bấy nhiêu dòng",
        [InputRequired("Nhập k"), NumberRange(SMALLEST_K, 100, f"Nhập số từ {SMALLEST_K} đến 100")],
        default=SMALLEST_K,
    )
    l = IntegerField(  # noqa: E741  the literature's name
        "l: mỗi tổ hợp khóa có ít nhất bấy nhiêu giá trị nhạy cảm khác nhau",
        [InputRequired("Nhập l"), NumberRange(1, 20, "Nhập số từ 1 đến 20")],
        default=2,
        description="Chỉ xét khi có biến nhạy cảm.",
    )
    suppress = BooleanField("Được xóa trắng từng giá trị khóa của những dòng còn lộ", default=True)
    design = RadioField(
        "Thiết kế mẫu trong tệp", choices=[SelectChoice(*one) for one in DESIGNS.items()], default=REPLICATES
    )
    access = RadioField("Ai được tải", choices=[SelectChoice(*one) for one in ACCESS.items()], default=TERMS)

    def plan(self, level: str) -> Plan:
        """The plan that was filled in."""
        chosen = tuple(
            Chosen(
                str(entry.form.name.data),
                str(entry.form.role.data),
                str(entry.form.recode.data or "").strip(),
            )
            for entry in self.variables
            if entry.form.take.data
        )
        return Plan(
            level=level,
            variables=chosen,
            k=int(self.k.data or 0),
            l=int(self.l.data or 0),
            design=str(self.design.data),
            access=str(self.access.data),
            suppress=bool(self.suppress.data),
        )


def filled(plan: Plan, offered: Candidates) -> PlanForm:
    """The form as a plan fills it in; variables that the plan leaves out stand unticked."""
    taken = {one.name: one for one in plan.variables}
    rows = []
    for candidate in offered.variables:
        one = taken.get(candidate.name, Chosen(candidate.name))
        rows.append(
            {"name": one.name, "take": candidate.name in taken, "role": one.role, "recode": one.recode}
        )
    thresholds = {name: getattr(plan, name) for name in ("k", "l", "suppress", "design", "access")}
    return PlanForm(data={"variables": rows, **thresholds})


def described(form: PlanForm, offered: Candidates) -> Sequence[tuple[VariableForm, str, str]]:
    """Each row of the form with the variable's label and kind; rows of unknown variables are left out."""
    known = {one.name: one for one in offered.variables}
    rows = ((entry.form, known.get(str(entry.form.name.data))) for entry in form.variables)
    return [(row, one.label, KIND_NAMES[one.kind]) for row, one in rows if one is not None]


class AgreeForm(FlaskForm):
    """The terms of use."""

    agreed = BooleanField("Tôi đồng ý với các điều khoản này.", [InputRequired("Đánh dấu nếu bạn đồng ý")])
