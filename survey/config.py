"""Settings, read once from the environment; nothing else in the service reads `os.environ`."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024
TO_FILE = "file:"
"""Messages are written under KHAOSAT_HOME/outbox."""
PUBLISHER = "Khảo Sát Số, tỉnh Vĩnh Long"
SMS_BODY = '{"to": "{phone}", "text": "{text}", "id": "{id}"}'


class BadSetting(ValueError):
    """An environment variable holds a value the service cannot use."""


@dataclass(frozen=True)
class Settings:
    """What the environment says; every field has a default that works on a fresh checkout."""

    home: Path
    port: int
    database_url: str | None
    files: str
    questionnaires: Path
    migrations: Path = PROJECT / "migrations"
    max_body: int = 20 * MEGABYTE
    workers: int = 2
    threads: int = 8
    starts_per_hour: int = 60
    public_url: str | None = None
    mail_url: str = TO_FILE
    mail_from: str = "khaosat@localhost"
    sms_url: str = TO_FILE
    sms_body: str = SMS_BODY
    sms_headers: Mapping[str, str] = field(default_factory=dict)
    messages_per_minute: int = 60
    delivery_secrets: Mapping[str, str] = field(default_factory=dict)
    remind_to: tuple[str, ...] = ()
    license: str | None = None
    publisher: str = PUBLISHER
    contact: str | None = None

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read KHAOSAT_HOME, KHAOSAT_PORT, DATABASE_URL, KHAOSAT_FILES and friends; raise `BadSetting`."""
        home = Path(os.environ.get("KHAOSAT_HOME") or PROJECT / "var").expanduser().resolve()
        return cls(
            home=home,
            port=_whole_number("KHAOSAT_PORT", 8000, highest=65535),
            database_url=_sqlalchemy_url(os.environ.get("DATABASE_URL")),
            files=os.environ.get("KHAOSAT_FILES") or str(home / "files"),
            questionnaires=Path(os.environ.get("KHAOSAT_QUESTIONNAIRES") or PROJECT / "questionnaires"),
            max_body=_whole_number("KHAOSAT_MAX_BODY_MB", 20, highest=1024) * MEGABYTE,
            workers=_whole_number("KHAOSAT_WORKERS", 2, highest=64),
            threads=_whole_number("KHAOSAT_THREADS", 8, highest=256),
            starts_per_hour=_whole_number("KHAOSAT_STARTS_PER_HOUR", 60, highest=1_000_000),
            public_url=_web_address("KHAOSAT_PUBLIC_URL"),
            **_mail(),
            **_sms(),
            messages_per_minute=_whole_number("KHAOSAT_MESSAGES_PER_MINUTE", 60, highest=6000),
            delivery_secrets=_delivery_secrets(),
            remind_to=_addresses("KHAOSAT_REMIND_TO"),
            license=_license(),
            publisher=os.environ.get("KHAOSAT_PUBLISHER", "").strip() or PUBLISHER,
            contact=_contact(),
        )

    def secret_key(self) -> str:
        """The key that signs sessions and links: made once, kept in the data folder, never in git."""
        path = self.home / "secret_key"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text().strip()

    def flask(self, database_url: str) -> dict[str, object]:
        """The same settings under the names Flask and its extensions know."""
        return {
            "SECRET_KEY": self.secret_key(),
            "SQLALCHEMY_DATABASE_URI": database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {
                "pool_size": self.threads,
                "max_overflow": 4,
                "pool_pre_ping": True,
            },
            "MAX_CONTENT_LENGTH": self.max_body,
            "MAX_FORM_MEMORY_SIZE": 2 * MEGABYTE,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "WTF_CSRF_TIME_LIMIT": None,  # a page left open over lunch must still save
            "KHAOSAT": self,
        }


def _web_address(name: str) -> str | None:
    """An address of the web without the slash at its end."""
    text = os.environ.get(name, "").strip().rstrip("/")
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
        raise BadSetting(f"{name}={text!r}: give an address such as https://khaosat.example.vn")
    return text or None


def _license() -> str | None:
    """The address of the licence under which data are given, as its publisher writes it."""
    text = os.environ.get("KHAOSAT_LICENSE", "").strip()
    if text and not _is_url(text, "http", "https"):
        raise BadSetting(
            f"KHAOSAT_LICENSE={text!r}: give the address of a licence, such as"
            " https://creativecommons.org/licenses/by/4.0/"
        )
    return text or None


def _contact() -> str | None:
    """The mail address to which questions about the data go."""
    text = os.environ.get("KHAOSAT_CONTACT", "").strip()
    local, at, domain = parseaddr(text)[1].rpartition("@")
    if text and not (local and at and domain and text.isprintable()):
        raise BadSetting(f"KHAOSAT_CONTACT={text!r}: give a mail address, such as dulieu@vi-du.vn")
    return parseaddr(text)[1] or None


def _mail() -> dict[str, Any]:
    """KHAOSAT_SMTP_URL and KHAOSAT_MAIL_FROM; a password never stands in a message about them."""
    url = os.environ.get("KHAOSAT_SMTP_URL", "").strip() or TO_FILE
    sender = os.environ.get("KHAOSAT_MAIL_FROM", "").strip()
    if not url.startswith(TO_FILE):
        if not _is_url(url, "smtp", "smtps"):
            raise BadSetting("KHAOSAT_SMTP_URL: give smtp://user:password@host:port or smtps://…")
        local, at, domain = parseaddr(sender)[1].rpartition("@")
        if not (local and at and domain) or not sender.isprintable():
            raise BadSetting("KHAOSAT_MAIL_FROM: give the sender, such as Khảo Sát Số <khaosat@example.vn>")
    return {"mail_url": url, "mail_from": sender or Settings.mail_from}


def _sms() -> dict[str, Any]:
    """KHAOSAT_SMS, and for a gateway KHAOSAT_SMS_BODY and KHAOSAT_SMS_HEADERS (JSON)."""
    url = os.environ.get("KHAOSAT_SMS", "").strip() or TO_FILE
    body = os.environ.get("KHAOSAT_SMS_BODY", "").strip() or SMS_BODY
    headers = _json("KHAOSAT_SMS_HEADERS", os.environ.get("KHAOSAT_SMS_HEADERS", "").strip() or "{}")
    _json("KHAOSAT_SMS_BODY", body)
    if (
        not url.startswith(TO_FILE)
        and not _is_url(url, "https")
        and not (_is_url(url, "http") and _is_here(url))
    ):
        raise BadSetting("KHAOSAT_SMS: give file:folder or the https:// address of a gateway")
    if not all(
        f"{name}{value}".isascii() and f"{name}{value}".isprintable() for name, value in headers.items()
    ):
        raise BadSetting("KHAOSAT_SMS_HEADERS: names and values must be plain ASCII")
    if "{phone}" not in body or "{text}" not in body:
        raise BadSetting("KHAOSAT_SMS_BODY: the template must hold {phone} and {text}")
    return {"sms_url": url, "sms_body": body, "sms_headers": {str(k): str(v) for k, v in headers.items()}}


def _delivery_secrets() -> dict[str, str]:
    """KHAOSAT_DELIVERY_SECRETS: the bearer secret of each agency's endpoint; none is ever told in a message."""
    name = "KHAOSAT_DELIVERY_SECRETS"
    try:
        given = _json(name, os.environ.get(name, "").strip() or "{}")
    except BadSetting:
        raise BadSetting(f'{name}: give a JSON object such as {{"so-khcn": "secret"}}') from None
    for agency, secret in given.items():
        if not isinstance(secret, str) or not secret.isascii() or not secret.isprintable() or " " in secret:
            raise BadSetting(f"{name}: the secret of {agency!r} must be plain ASCII without spaces")
    return given


def _addresses(name: str) -> tuple[str, ...]:
    """Mail addresses between commas."""
    found = tuple(part.strip() for part in os.environ.get(name, "").split(",") if part.strip())
    for address in found:
        local, at, domain = parseaddr(address)[1].rpartition("@")
        if not (local and at and domain) or not address.isascii() or not address.isprintable():
            raise BadSetting(f"{name}={address!r}: give addresses such as thong-ke@example.vn between commas")
    return found


def _json(name: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise BadSetting(f"{name}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadSetting(f"{name}: give a JSON object")
    return value


def _is_url(text: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _whole_number(name: str, default: int, highest: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= highest:
        raise BadSetting(f"{name}={text!r}: give a whole number from 1 to {highest}")
    return int(text)


def _sqlalchemy_url(url: str | None) -> str | None:
    """`postgres://…` as most hosts write it, in the form SQLAlchemy wants for psycopg 3."""
    if not url:
        return None
    scheme, separator, rest = url.partition("://")
    if not separator or not scheme.startswith("postgres"):
        raise BadSetting("DATABASE_URL: only postgresql://user:password@host:port/database is supported")
    return f"postgresql+psycopg://{rest}"
