"""Digests and encodings."""

from __future__ import annotations

import base64
import binascii
import hashlib

from survey.instrument.faults import EvaluationError
from survey.instrument.functions.registry import function
from survey.instrument.values import Value, string

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


@function("digest", 2, 3, gives="string")
def digest(value: Value, algorithm: Value, encoding: Value = "base64") -> str:
    """The digest of the UTF-8 text, in base64 (or hex)."""
    name = ALGORITHMS.get(string(algorithm))
    if name is None:
        raise EvaluationError(
            f"digest: unknown algorithm {string(algorithm)!r}; use one of {', '.join(ALGORITHMS)}"
        )
    summary = hashlib.new(name, string(value).encode(), usedforsecurity=False).digest()
    return summary.hex() if string(encoding) == "hex" else base64.b64encode(summary).decode()


@function("base64-decode", 1, gives="string")
def base64_decode(value: Value) -> str:
    try:
        return base64.b64decode(string(value), validate=True).decode(errors="replace")
    except binascii.Error:
        return ""
