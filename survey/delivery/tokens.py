"""Tokens of agencies' clients: shown once, kept as a hash, narrow, dated, revocable."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from sqlalchemy import select

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.delivery.models import Token
from survey.errors import Conflict, Fault, NotFound, Refused
from survey.extensions import db
from survey.registry.models import Agency

PREFIX = "kss_"
"""Lets secret scanners know one."""
SECRET_BYTES = 32
READ, ACKNOWLEDGE, CORRECT = "deliveries:read", "deliveries:acknowledge", "corrections:write"
SCOPES: Mapping[str, str] = {
    READ: "xem danh sách và tải gói số liệu",
    ACKNOWLEDGE: "xác nhận đã nhận",
    CORRECT: "gửi yêu cầu đính chính",
}
LONGEST_DAYS = 730
USE_NOTED_EVERY = timedelta(minutes=1)


class NoToken(Fault):
    """The request has no token that holds; the answer does not say which of the reasons it is."""

    status = HTTPStatus.UNAUTHORIZED
    title = "Cần mã truy cập"


class NotAllowed(Refused):
    title = "Mã truy cập không đủ quyền"


def make_token(
    agency: Agency,
    name: str,
    scopes: Sequence[str],
    days: int,
    user: User | None,
    now: datetime | None = None,
) -> tuple[Token, str]:
    """A new token and its secret, which is nowhere else; the caller commits.

    Raises `Fault` for an unknown scope, none, an empty name, or more than two years.
    """
    user = require(user, "connect")
    now = now or datetime.now(UTC)
    if not name.strip() or not scopes or set(scopes) - set(SCOPES):
        raise Fault("Mã truy cập cần một tên và ít nhất một quyền.", f"Quyền: {', '.join(SCOPES)}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise Fault(f"Thời hạn {days} ngày không dùng được.", f"Chọn từ 1 đến {LONGEST_DAYS} ngày.")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = Token(
        agency=agency,
        name=name.strip()[:200],
        secret_hash=_hash(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        made_by=user,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(token)
    db.session.flush()
    record("token.add", f"token:{token.id}", {"agency": agency.code, "scopes": token.scopes}, user=user)
    return token, secret


def _hash(secret: str) -> str:
    """A secret of 256 random bits needs no slow hash: nobody can try them through."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def holder_of(authorization: str | None, scope: str, now: datetime | None = None) -> Token:
    """The token of an `Authorization: Bearer …` header.

    Raises `NoToken` where none holds, `NotAllowed` where it is not for this; notes its use about once a minute.
    """
    now = now or datetime.now(UTC)
    scheme, _, secret = (authorization or "").strip().partition(" ")
    found = None
    if scheme.lower() == "bearer" and secret:
        found = db.session.scalar(select(Token).where(Token.secret_hash == _hash(secret.strip())))
    if found is None or not is_valid(found, now):
        raise NoToken(
            "Không có mã truy cập, hoặc mã sai, hết hạn hay đã thu hồi.",
            "Gửi tiêu đề Authorization: Bearer <mã>; xin mã mới ở người quản trị hệ thống.",
        )
    if scope not in found.scopes:
        raise NotAllowed(f"Mã này không có quyền {scope}.", "Xin người quản trị cấp mã có quyền đó.")
    if found.last_used_at is None or now - found.last_used_at >= USE_NOTED_EVERY:
        found.last_used_at = now
        db.session.commit()
    return found


def is_valid(token: Token, now: datetime | None = None) -> bool:
    """Neither revoked nor past its day."""
    return token.revoked_at is None and (now or datetime.now(UTC)) < token.expires_at


def revoke(token_id: int, user: User | None, now: datetime | None = None) -> Token:
    """Make a token useless from now on; raise `NotFound`, or `Conflict` when it is revoked already."""
    user = require(user, "connect")
    token = db.session.get(Token, token_id, with_for_update=True) if token_id < 2**31 else None
    if token is None:
        raise NotFound(f"Không có mã truy cập số {token_id}.", "Xem danh sách mã truy cập.")
    if token.revoked_at is not None:
        raise Conflict("Mã truy cập này đã thu hồi.", "Không cần làm gì thêm.")
    token.revoked_at = now or datetime.now(UTC)
    record("token.revoke", f"token:{token.id}", user=user)
    return token


def tokens() -> list[Token]:
    """All tokens, those that hold first, then newest first."""
    now = datetime.now(UTC)
    found = db.session.scalars(select(Token).order_by(Token.id.desc()))
    return sorted(found, key=lambda token: not is_valid(token, now))
