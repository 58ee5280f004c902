"""Settings, read once from the environment; nothing else in the service reads `os.environ`."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024


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
