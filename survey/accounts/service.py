"""Sign-in, roles and the audit trail."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import session
from flask_login import current_user, login_required, login_user
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role, User
from survey.errors import Conflict, Fault, Refused
from survey.extensions import db, login_manager

P = ParamSpec("P")
R = TypeVar("R")

SHORTEST_PASSWORD = 14  # TCVN 14423: at least 14 characters where there is no second factor
MOST_FAILURES = 5
LOCK = timedelta(minutes=15)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")

# Who may do what. Administrators manage people; they do not thereby sign figures.
ALLOWED: dict[str, frozenset[Role]] = {
    "manage": frozenset({Role.MANAGER, Role.ADMIN}),
    "review": frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN}),
    "weight": frozenset({Role.STATISTICIAN}),
    "publish": frozenset({Role.STATISTICIAN}),
    "keep_values": frozenset(
        {Role.STATISTICIAN, Role.MANAGER}
    ),  # enters what agencies report, on their behalf
    "deliver": frozenset({Role.STATISTICIAN}),
    "connect": frozenset(
        {Role.ADMIN}
    ),  # tokens of agencies' clients and addresses that packages are pushed to
    "triage": frozenset({Role.CASEWORKER, Role.MANAGER, Role.ADMIN}),
    "see_contacts": frozenset({Role.CASEWORKER}),  # who answers citizens needs them, nobody else
    "see_process": frozenset({Role.STATISTICIAN, Role.MANAGER, Role.ADMIN}),
}

ROLE_NAMES = {
    Role.ENUMERATOR: "điều tra viên",
    Role.SUPERVISOR: "giám sát viên",
    Role.CASEWORKER: "cán bộ xử lý ý kiến",
    Role.MANAGER: "quản lý khảo sát",
    Role.STATISTICIAN: "thống kê viên",
    Role.ADMIN: "quản trị hệ thống",
}

_hasher = PasswordHasher()
# Checked when the user name is unknown, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash("nobody")


SEAL = "seal"


class SignInFailed(Fault):
    title = "Chưa đăng nhập được"


class BadPassword(Fault):
    title = "Mật khẩu mới chưa dùng được"


def add_user(username: str, full_name: str, role: Role, password: str) -> User:
    """Make a member of staff; raise `Fault` for a bad name or short password, `Conflict` for a taken name."""
    username = free_username(username)
    _check_strength(username, password)
    user = User(username=username, full_name=full_name, role=role, password_hash=_hasher.hash(password))
    db.session.add(user)
    db.session.flush()
    record("user.add", f"user:{username}", {"role": role})
    return user


def free_username(username: str) -> str:
    """The name as it is kept; raise `Fault` for one that cannot be used, `Conflict` for a taken one."""
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise Fault(
            f"Tên đăng nhập {username!r} không dùng được.",
            "Dùng 2–64 chữ thường không dấu, chữ số và . _ @ -",
        )
    if db.session.scalar(select(User).where(User.username == username)):
        raise Conflict(f"Tên đăng nhập {username} đã có.", "Chọn tên khác.")
    return username


def _check_strength(username: str, password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise BadPassword("Mật khẩu quá ngắn.", f"Dùng ít nhất {SHORTEST_PASSWORD} ký tự.")
    if username in password.lower():
        raise BadPassword("Mật khẩu chứa tên đăng nhập.", "Chọn mật khẩu không có tên đăng nhập.")


def change_password(user: User, current: str, new: str, now: datetime | None = None) -> None:
    """Replace one's own password; every other session of this person ends.

    Raises `SignInFailed` for a wrong current password, which counts towards the lock, and `BadPassword`.
    """
    now = now or datetime.now(UTC)
    db.session.refresh(user, with_for_update=True)
    _refuse_locked(user, now)
    if not _password_matches(user, current):
        _count_failure(user, now)
        raise SignInFailed("Mật khẩu hiện tại không đúng.", "Kiểm tra phím Caps Lock và thử lại.")
    _check_strength(user.username, new)
    if new == current:
        raise BadPassword("Mật khẩu mới trùng với mật khẩu hiện tại.", "Chọn mật khẩu khác.")
    user.password_hash, user.failed_sign_ins = _hasher.hash(new), 0
    record("user.change_password", f"user:{user.username}", user=user)
    db.session.commit()


def start_session(user: User) -> None:
    """Sign the person in on this browser, in a session of its own."""
    session.clear()
    login_user(user)
    session[SEAL] = _seal(user)


def _seal(user: User) -> str:
    """Ties a session to the password it was opened with: a new password ends the sessions of the old one."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:32]


def sign_in(username: str, password: str, now: datetime | None = None) -> User:
    """The user of this name and password, or `SignInFailed`; five failures lock for 15 minutes."""
    now = now or datetime.now(UTC)
    user = db.session.scalar(select(User).where(User.username == username.strip().lower()).with_for_update())
    if user:
        _refuse_locked(user, now)
    if not _password_matches(user, password) or not user or not user.active:
        _count_failure(user, now)
        raise SignInFailed("Tên đăng nhập hoặc mật khẩu không đúng.", "Kiểm tra phím Caps Lock và thử lại.")
    user.failed_sign_ins, user.locked_until = 0, None
    record("user.sign_in", f"user:{user.username}", user=user)
    db.session.commit()
    return user


def _refuse_locked(user: User, now: datetime) -> None:
    if user.locked_until and user.locked_until > now:
        raise SignInFailed("Tài khoản tạm khóa sau nhiều lần nhập sai.", "Thử lại sau 15 phút.")


def _password_matches(user: User | None, password: str) -> bool:
    try:
        return _hasher.verify(user.password_hash if user else _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _count_failure(user: User | None, now: datetime) -> None:
    if user:
        user.failed_sign_ins += 1
        if user.failed_sign_ins >= MOST_FAILURES:
            user.failed_sign_ins, user.locked_until = 0, now + LOCK
    db.session.commit()


def may(user: Any, deed: str) -> bool:
    """Whether this user's role allows the deed, one of the keys of `ALLOWED`."""
    return bool(user and user.is_authenticated and user.role in ALLOWED[deed])


def require(user: User | None, deed: str) -> User:
    """The user, if allowed; raise `Refused` otherwise."""
    if user is None or not may(user, deed):
        roles = ", ".join(ROLE_NAMES[role] for role in Role if role in ALLOWED[deed])
        raise Refused("Vai trò của bạn không được phép làm việc này.", f"Việc này cần vai trò: {roles}.")
    return user


def allowed_to(deed: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a view: signed in, and with a role that allows the deed."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        @login_required
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require(current_user, deed)
            return view(*args, **kwargs)

        return guarded

    return decorate


def record(action: str, subject: str, detail: dict[str, Any] | None = None, user: User | None = None) -> None:
    """Add to the audit trail, within the caller's transaction."""
    if user is None and current_user and current_user.is_authenticated:
        user = current_user
    db.session.add(
        AuditEvent(action=action, subject=subject, detail=detail or {}, user_id=user.id if user else None)
    )


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(user_id: str) -> User | None:
    user = db.session.get(User, int(user_id)) if user_id.isdigit() else None
    return user if user and user.active and session.get(SEAL) == _seal(user) else None
