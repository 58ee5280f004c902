"""Public pages change when figures are published: until then browsers and proxies are told "unchanged"."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import ParamSpec

from flask import Response, make_response, request
from sqlalchemy import func, select
from werkzeug.http import is_resource_modified

from survey.disseminate.models import Observation, Release
from survey.extensions import db
from survey.process.service import code_version

P = ParamSpec("P")
FRESH_SECONDS = 60
STAMPS: list[Callable[[], object]] = []
"""What else pages depend on: rooms above this one add theirs."""


def revalidated(view: Callable[P, object]) -> Callable[P, Response]:
    """Answer 304 without drawing the page when neither figures, code, day nor the reader's cookie changed."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        etag, changed = _stamp()
        if not is_resource_modified(request.environ, etag=etag, last_modified=changed):
            return _marked(Response(status=304), etag, changed)
        return _marked(make_response(view(*args, **kwargs)), etag, changed)

    return answer


def _stamp() -> tuple[str, datetime]:
    """What every page depends on, as an entity tag, and the time of the last publication."""
    stamp = figures_stamp()
    session = request.cookies.get("session", "")  # messages to a signed-in reader stand on the page
    accept = request.headers.get("Accept", "")  # some addresses answer in several formats
    others = [each() for each in STAMPS]
    parts = (*stamp, *others, code_version(), date.today(), request.full_path, session, accept)
    etag = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    return etag, max((at for at in stamp[2:] if at), default=datetime(2026, 1, 1, tzinfo=UTC))


def figures_stamp() -> tuple[int, int | None, datetime | None, datetime | None]:
    """What tells one state of the published figures from another: count, newest number, last publication and
    last withdrawal, which may be of figures that were current no more.
    """
    query = select(
        func.count().filter(Observation.current),
        func.max(Observation.id),
        func.max(Observation.published_at),
        select(func.max(Release.withdrawn_at)).scalar_subquery(),
    )
    count, newest, published, withdrawn = db.session.execute(query).one()
    return count, newest, published, withdrawn


def _marked(response: Response, etag: str, changed: datetime) -> Response:
    response.set_etag(etag)
    response.last_modified = changed
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_SECONDS
    response.vary.add("Cookie")
    return response
