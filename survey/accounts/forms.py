"""The forms of signing in and of one's own account."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from survey.accounts.service import SHORTEST_PASSWORD

LONGEST_PASSWORD = 1000
CURRENT = {"autocomplete": "current-password"}
NEW = {"autocomplete": "new-password"}


class SignInForm(FlaskForm):
    username = StringField(
        "Tên đăng nhập",
        [InputRequired("Nhập tên đăng nhập"), Length(max=64, message="Nhập tên đăng nhập tối đa 64 ký tự")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Mật khẩu",
        [InputRequired("Nhập mật khẩu"), Length(max=LONGEST_PASSWORD, message="Mật khẩu quá dài")],
        render_kw=CURRENT,
    )


class PasswordForm(FlaskForm):
    current = PasswordField("Mật khẩu hiện tại", [InputRequired("Nhập mật khẩu hiện tại")], render_kw=CURRENT)
    new = PasswordField(
        "Mật khẩu mới",
        [
            InputRequired("Nhập mật khẩu mới"),
            Length(SHORTEST_PASSWORD, LONGEST_PASSWORD, f"Dùng từ {SHORTEST_PASSWORD} ký tự trở lên"),
        ],
        description=f"Ít nhất {SHORTEST_PASSWORD} ký tự. Một câu dài dễ nhớ tốt hơn một từ khó.",
        render_kw=NEW,
    )
    again = PasswordField(
        "Nhập lại mật khẩu mới",
        [InputRequired("Nhập lại mật khẩu mới"), EqualTo("new", "Hai lần nhập mật khẩu mới khác nhau")],
        render_kw=NEW,
    )
