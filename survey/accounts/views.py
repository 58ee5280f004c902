"""Sign in and out, and the page of one's own account."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required, logout_user
from werkzeug.wrappers import Response

from survey.accounts import service
from survey.accounts.forms import PasswordForm, SignInForm
from survey.accounts.models import Role
from survey.extensions import db, limiter, login_manager

accounts = Blueprint("accounts", __name__)
accounts.add_app_template_global(service.may, "may")
accounts.add_app_template_global(service.ROLE_NAMES, "ROLE_NAMES")
login_manager.login_view = "accounts.sign_in"
login_manager.login_message = "Đăng nhập để tiếp tục."

# Where each role works; the others have only their account here.
DESKS = {
    Role.STATISTICIAN: "process.start",
    Role.CASEWORKER: "voice_desk.queue",
    Role.MANAGER: "manage.start",
    Role.ADMIN: "manage.start",
}


@accounts.route("/dang-nhap", methods=["GET", "POST"])
@limiter.limit("30 per minute", methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """The sign-in page; after it, back to where the person wanted to go."""
    if current_user.is_authenticated:
        return redirect(_wanted())
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200
    try:
        service.start_session(service.sign_in(form.username.data or "", form.password.data or ""))
    except service.SignInFailed as fault:
        form.password.errors = [str(fault)]
        return render_template("accounts/sign_in.html", form=form), 403
    return redirect(_wanted())


@accounts.post("/dang-xuat")
@login_required
def sign_out() -> Response:
    """End the session."""
    service.record("user.sign_out", f"user:{current_user.username}")
    db.session.commit()
    logout_user()
    flash("Bạn đã đăng xuất.", "success")
    return redirect(url_for("accounts.sign_in"))


@accounts.route("/tai-khoan", methods=["GET", "POST"])
@login_required
@limiter.limit("30 per minute", methods=["POST"])
def account() -> str | Response | tuple[str, int]:
    """Who one is to the service, and a new password."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/account.html", form=form), 422 if form.errors else 200
    try:
        service.change_password(current_user, form.current.data or "", form.new.data or "")
    except service.SignInFailed as fault:
        form.current.errors = [str(fault)]
    except service.BadPassword as fault:
        form.new.errors = [str(fault)]
    else:
        service.start_session(current_user._get_current_object())
        flash("Đã đổi mật khẩu. Các thiết bị khác phải đăng nhập lại.", "success")
        return redirect(url_for("accounts.account"))
    return render_template("accounts/account.html", form=form), 403


def _wanted() -> str:
    """The page asked for before signing in: a path of ours only, never another host."""
    target = request.args.get("next", "")
    parts = urlsplit(target)
    elsewhere = parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\"))
    if elsewhere or not target.isprintable():
        return url_for(DESKS.get(current_user.role, "accounts.account"))
    return target
