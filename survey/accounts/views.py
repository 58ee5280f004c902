"""Sign in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required, login_user, logout_user
from werkzeug.wrappers import Response

from survey.accounts import service
from survey.accounts.forms import SignInForm
from survey.extensions import db, limiter, login_manager

accounts = Blueprint("accounts", __name__)
login_manager.login_view = "accounts.sign_in"
login_manager.login_message = "Đăng nhập để tiếp tục."


@accounts.route("/dang-nhap", methods=["GET", "POST"])
@limiter.limit("30 per minute", methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """The sign-in page; after it, back to where the person wanted to go."""
    if current_user.is_authenticated:
        return redirect(_wanted())
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form)
    try:
        login_user(service.sign_in(form.username.data or "", form.password.data or ""))
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
    flash("Bạn đã đăng xuất.")
    return redirect(url_for("accounts.sign_in"))


def _wanted() -> str:
    """The page asked for before signing in: a path of ours only, never another host."""
    target = request.args.get("next", "")
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\")):
        return url_for("process.start")
    return target
