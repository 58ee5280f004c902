"""The sign-in form."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    username = StringField(
        "Tên đăng nhập",
        [InputRequired("Nhập tên đăng nhập"), Length(max=64, message="Nhập tối đa 64 ký tự")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Mật khẩu",
        [InputRequired("Nhập mật khẩu"), Length(max=1000, message="Mật khẩu quá dài")],
        render_kw={"autocomplete": "current-password"},
    )
