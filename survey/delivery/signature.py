"""The service's Ed25519 key: made on first use, kept in the data folder, its public half given to everyone."""

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from survey.errors import Fault

FILE = "delivery_key.pem"
ID_DIGITS = 16


class BadKey(Fault):
    title = "Khóa ký gói số liệu không dùng được"


@dataclass(frozen=True)
class Signer:
    """Signs with the service's key; `key_id` tells keys apart after one was replaced."""

    private: Ed25519PrivateKey

    def sign(self, content: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature (RFC 8032); the same content gives the same signature."""
        return self.private.sign(content)

    @property
    def public_pem(self) -> bytes:
        """The public key as openssl reads it."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def key_id(self) -> str:
        """The beginning of the SHA-256 of the public key (SubjectPublicKeyInfo, DER)."""
        der = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()[:ID_DIGITS]


def signer_of(home: Path) -> Signer:
    """The key in the data folder, made when there is none; raise `BadKey` for a file that is no such key."""
    path = home / FILE
    if not path.exists():
        _make(path)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Signer:
    """Read once, and again after the file was replaced."""
    remedy = f"Khôi phục {path} từ bản sao lưu, hoặc dời tệp đi để hệ thống tạo khóa mới rồi báo các cơ quan."
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadKey(f"Không đọc được khóa ký {path.name}.", remedy) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BadKey(f"{path.name} không phải khóa Ed25519.", remedy)
    return Signer(private)


def _make(path: Path) -> None:
    """Whole or not at all: another process that looks at the same moment finds one key, and the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
