"""What holds for every answer on its way out: what its page may do, compressed, and told even to who sends too much."""

import gzip
from http import HTTPStatus

from flask import Flask, Response, abort, request

PACKED_TYPES = frozenset(
    {"text/html", "text/css", "text/csv", "text/xml", "text/plain", "text/javascript"}
    | {"application/json", "image/svg+xml"}
)
WORTH_PACKING = 1_000
LARGEST_PACKED = 2_000_000
DISCARDED_AT_MOST = 200 * 1024 * 1024
CHUNK = 64 * 1024

# What a page runs, shows and sends to is ours. `data:` and `blob:` are pictures and recordings that it made itself.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "style-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
PROTECTION = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(self)",
}
OPENER_POLICY = "Cross-Origin-Opener-Policy"


def register(app: Flask) -> None:
    """Attach to the application."""
    app.before_request(refuse_nul)
    app.after_request(protect)
    app.after_request(pack)
    app.after_request(read_to_the_end)


def refuse_nul() -> None:
    """No address of ours holds a NUL character, and the database cannot be asked for one."""
    if "\0" in request.path or any("\0" in text for pair in request.args.items(multi=True) for text in pair):
        abort(HTTPStatus.NOT_FOUND)


def protect(reply: Response) -> Response:
    """What the browser shall refuse to do with an answer; a room may have set something stricter."""
    for name, value in PROTECTION.items():
        reply.headers.setdefault(name, value)
    if request.is_secure:  # elsewhere browsers do not heed it, and complain
        reply.headers.setdefault(OPENER_POLICY, "same-origin")
    return reply


def pack(reply: Response) -> Response:
    """Gzip text for those who take it: a page of 8 kB is 2 kB on a 3G phone.

    Session cookies are SameSite=Lax, so another site cannot have a page with its token sent and weigh it
    (the BREACH attack).
    """
    size = reply.content_length or 0
    if (
        reply.mimetype not in PACKED_TYPES
        or reply.status_code == HTTPStatus.PARTIAL_CONTENT
        or reply.content_encoding
        or not WORTH_PACKING <= size <= LARGEST_PACKED
        or "gzip" not in request.accept_encodings
    ):
        return reply
    reply.direct_passthrough = False  # a static file is read here instead of by the server
    reply.set_data(gzip.compress(reply.get_data(), 6, mtime=0))
    reply.content_encoding = "gzip"
    reply.vary.add("Accept-Encoding")
    etag, _ = reply.get_etag()
    if etag:
        reply.set_etag(etag, weak=True)
    return reply


def read_to_the_end(reply: Response) -> Response:
    """Take the rest of a body that is over the limit off the line, unkept.

    A phone that is still sending when the connection closes reports a broken line, not our message.
    """
    if reply.status_code == 413:
        rest, taken = request.environ["wsgi.input"], 0
        while taken < DISCARDED_AT_MOST and (chunk := rest.read(CHUNK)):
            taken += len(chunk)
    return reply
