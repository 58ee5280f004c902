"""Static files under addresses that change with their content, so that a phone fetches each of them once."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

A_YEAR = 31_536_000


def register(app: Flask) -> None:
    """Add `?v=<hash>` to static addresses, and let those that carry it be kept for a year."""
    folder = Path(app.static_folder or "")

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values["v"] = _hash(folder / values["filename"])

    def keep(reply: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and reply.status_code == 200:
            reply.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        return reply

    app.url_defaults(add_version)
    app.after_request(keep)


@lru_cache(maxsize=64)
def _hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else None
