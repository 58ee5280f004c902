"""Against machines and misuse, without scripts and without losing anybody's words.

What looks wrong is a code in `suspicions`; such a message waits for a person's judgement. Only sending far too often
is refused, and then what was typed stays.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import func, select

from survey.extensions import db
from survey.text import plain
from survey.voice.lists import blocked_words, rules
from survey.voice.models import VoiceSubmission
from survey.voice.wording import LINK

HOUR = timedelta(hours=1)
SUSPICIONS = {
    "honeypot": "điền cả ô mà người không thấy",
    "no_token": "không mở trang trước khi gửi, hoặc mã của trang bị sửa",
    "too_fast": "gửi nhanh hơn một người đọc kịp",
    "links": "nhiều liên kết",
    "blocked_words": "có từ trong danh sách chặn",
    "same_text": "trùng nội dung với ý kiến khác",
    "same_address": "nhiều ý kiến từ một địa chỉ mạng trong một giờ",
}


@dataclass(frozen=True)
class Opened:
    """When a form was opened and the number that it got; a resend carries the same one."""

    nonce: str
    at: datetime


def keyed(purpose: str, text: str) -> str:
    """A hash that nobody can try out without the service's key: 64 hexadecimal digits."""
    key = f"voice-{purpose}:{current_app.config['SECRET_KEY']}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def opening() -> str:
    """The signed number of a newly opened form."""
    return str(_signer().dumps(secrets.token_hex(16)))


def read_opening(token: str) -> Opened | None:
    """What `opening` gave out; None where it is missing or tampered with."""
    try:
        nonce, at = _signer().loads(token, return_timestamp=True)
    except BadData:
        return None
    return Opened(str(nonce), at)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="voice-form")


def address_hash() -> str:
    """The sender's network address of this day, as a keyed hash."""
    return keyed("address", f"{request.remote_addr} {datetime.now(UTC):%Y-%m-%d}")


def text_hash(text: str) -> str:
    """The same for texts that differ in nothing but capitals, accents and signs."""
    return keyed("text", "".join(letter for letter in plain(text) if letter.isalnum()))


def sent_within_hour(address: str, now: datetime) -> int:
    """How many messages came from an address within the last hour."""
    query = select(func.count()).where(
        VoiceSubmission.address_hash == address, VoiceSubmission.created_at > now - HOUR
    )
    return db.session.scalar(query) or 0


def suspicions(
    text: str, trap: str, opened: Opened | None, address: str | None, now: datetime
) -> Iterator[str]:
    """The codes of what looks wrong about a message."""
    limits = rules()
    if trap:
        yield "honeypot"
    if opened is None:
        yield "no_token"
    elif now - opened.at < timedelta(seconds=limits.fastest_seconds):
        yield "too_fast"
    if len(LINK.findall(text)) > limits.most_links:
        yield "links"
    words = plain(" ".join(text.split()))
    if any(blocked in words for blocked in blocked_words()):
        yield "blocked_words"
    if text and _is_known(text, now):
        yield "same_text"
    if address and sent_within_hour(address, now) >= limits.suspect_per_hour:
        yield "same_address"


def _is_known(text: str, now: datetime) -> bool:
    since = now - timedelta(days=rules().same_text_days)
    query = select(VoiceSubmission.id).where(
        VoiceSubmission.text_hash == text_hash(text), VoiceSubmission.created_at > since
    )
    return db.session.scalar(query.limit(1)) is not None
