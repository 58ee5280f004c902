"""Static files under addresses that change with their content, so that a phone fetches each of them once.

And the two files that browsers and search engines ask for by name.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

from survey.extensions import limiter

A_YEAR, A_DAY = 31_536_000, 86_400
# Figures may be found by anyone; forms, invitations and desks are for those who were given their address.
NOT_INDEXED = (
    "/s/",
    "/k/",
    "/openrosa/",
    "/field/",
    "/manage/",
    "/process/",
    "/ky/",
    "/y-kien-xu-ly/",
    "/metrics",
)
ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in NOT_INDEXED)


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

    @limiter.exempt
    def icon() -> Response:
        """What browsers ask for without being told to; pages name the same picture."""
        return _kept_a_day((folder / "favicon.svg").read_bytes(), "image/svg+xml")

    @limiter.exempt
    def robots() -> Response:
        """What search engines leave alone."""
        return _kept_a_day(ROBOTS.encode(), "text/plain")

    app.url_defaults(add_version)
    app.after_request(keep)
    app.add_url_rule("/favicon.ico", view_func=icon)
    app.add_url_rule("/robots.txt", view_func=robots)


def _kept_a_day(content: bytes, mimetype: str) -> Response:
    return Response(content, mimetype=mimetype, headers={"Cache-Control": f"public, max-age={A_DAY}"})


@lru_cache(maxsize=64)
def _hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else None
