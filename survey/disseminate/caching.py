"""Public pages change when figures are published: until then browsers and proxies are told "unchanged".

Whoever asks without a session gets the page that this process has drawn before.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from http import HTTPStatus
from threading import Lock
from typing import ParamSpec

from flask import Response, make_response, request, session
from sqlalchemy import func, select
from werkzeug.http import is_resource_modified

from survey.disseminate.models import Observation, Release, Reproduction
from survey.extensions import db
from survey.process.service import code_version
from survey.registry.models import Indicator
from survey.registry.values.service import values_stamp

P = ParamSpec("P")
FRESH_SECONDS = 60
LARGEST_PART = 20  # no page takes more than a twentieth of the room
STAMPS: list[Callable[[], object]] = []
"""What else pages depend on: rooms above this one add theirs."""


def revalidated(view: Callable[P, object]) -> Callable[P, Response]:
    """Answer 304 without drawing the page when neither figures, code, day nor the reader's cookie changed."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        etag, changed = _stamp()
        if not is_resource_modified(request.environ, etag=etag, last_modified=changed):
            return _marked(Response(status=304), etag, changed)
        response = PAGES.find(etag) or make_response(view(*args, **kwargs))
        if "session" not in request.cookies and not session.modified:  # a form's token is one reader's own
            PAGES.keep(etag, response)
        return _marked(response, etag, changed)

    return answer


class Pages:
    """The pages drawn last, up to a number of bytes a process; the one not asked for longest goes first."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[list[tuple[str, str]], bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def find(self, etag: str) -> Response | None:
        """The page of this tag, if it was kept."""
        with self._lock:
            if etag not in self._kept:
                return None
            self._kept.move_to_end(etag)
            headers, body = self._kept[etag]
        return Response(body, headers=headers)

    def keep(self, etag: str, response: Response) -> None:
        """Keep a whole page; not one that is answered otherwise, sets a cookie or is large."""
        if response.status_code != HTTPStatus.OK or response.is_streamed or "Set-Cookie" in response.headers:
            return
        body = response.get_data()
        with self._lock:
            if etag in self._kept or len(body) > self.most_bytes // LARGEST_PART:
                return
            self._kept[etag] = response.headers.to_wsgi_list(), body
            self._bytes += len(body)
            while self._bytes > self.most_bytes:
                self._bytes -= len(self._kept.popitem(last=False)[1][1])


PAGES = Pages(most_bytes=32 * 1024 * 1024)


def _stamp() -> tuple[str, datetime]:
    """What every page depends on, as an entity tag, and the time of the last publication."""
    stamp = (*figures_stamp(), *values_stamp())
    others = [each() for each in STAMPS]
    lines = db.session.execute(select(func.count(Indicator.id), func.max(Indicator.id))).one()
    cookie = request.cookies.get("session", "")  # messages to a signed-in reader stand on the page
    accept = request.headers.get("Accept", "")  # some addresses answer in several formats
    asked = (request.url_root, request.full_path)
    parts = (*stamp, *lines, *others, code_version(), date.today(), asked, cookie, accept)
    etag = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    times = (at for at in stamp if isinstance(at, datetime))
    return etag, max(times, default=datetime(2026, 1, 1, tzinfo=UTC))


Stamp = tuple[int, int | None, datetime | None, datetime | None, datetime | None]


def figures_stamp() -> Stamp:
    """What tells one state of the published figures from another: count, newest number, and when figures were last
    published, withdrawn (also such as were current no more) and computed again.
    """
    query = select(
        func.count().filter(Observation.current),
        func.max(Observation.id),
        func.max(Observation.published_at),
        select(func.max(Release.withdrawn_at)).scalar_subquery(),
        select(func.max(Reproduction.checked_at)).scalar_subquery(),
    )
    count, newest, published, withdrawn, checked = db.session.execute(query).one()
    return count, newest, published, withdrawn, checked


def _marked(response: Response, etag: str, changed: datetime) -> Response:
    response.set_etag(etag)
    response.last_modified = changed
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_SECONDS
    response.vary.add("Cookie")
    return response
