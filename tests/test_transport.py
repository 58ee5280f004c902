"""Answers on their way out: compressed for those who ask, complete for who sent too much."""

import gzip
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import field_survey

GZIP = {"Accept-Encoding": "gzip"}


def test_pages_and_stylesheets_are_compressed_for_those_who_take_it(app: Flask, client: FlaskClient) -> None:
    field_survey(app)
    for address in ("/s/ict-ho-gia-dinh", "/static/khaosat.css"):
        with client.get(address, headers=GZIP) as packed, client.get(address) as plain:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert "Accept-Encoding" in packed.headers["Vary"]
            assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data) / 2
            assert "Content-Encoding" not in plain.headers
            if address.startswith("/static"):
                assert gzip.decompress(packed.data) == plain.data


def test_a_compressed_file_that_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    with client.get("/static/khaosat.css", headers=GZIP) as first:
        etag = first.headers["ETag"]
    with client.get("/static/khaosat.css", headers=GZIP | {"If-None-Match": etag}) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_a_body_over_the_limit_is_read_to_its_end_before_the_answer(app: Flask, client: FlaskClient) -> None:
    fielded = field_survey(app)
    body = BytesIO(b"x" * (app.config["MAX_CONTENT_LENGTH"] + 1))
    reply = client.post(
        f"/openrosa/{fielded.project_token}/submission",
        input_stream=body,
        content_length=len(body.getvalue()),
        content_type="text/xml",
    )
    assert reply.status_code == 413
    assert body.read() == b""


def test_every_answer_says_what_its_page_may_do(app: Flask, client: FlaskClient) -> None:
    field_survey(app)
    for address in ("/", "/s/ict-ho-gia-dinh", "/static/khaosat.css", "/khong-co", "/readyz", "/favicon.ico"):
        with client.get(address) as reply:
            policy = dict(part.split(" ", 1) for part in reply.headers["Content-Security-Policy"].split("; "))
            assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
            assert policy["object-src"] == policy["base-uri"] == "'none'"
            assert policy["frame-ancestors"] == policy["form-action"] == "'self'"
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert "camera=(self)" in reply.headers["Permissions-Policy"]


def test_windows_are_kept_apart_where_browsers_heed_it(client: FlaskClient) -> None:
    header = "Cross-Origin-Opener-Policy"
    assert header not in client.get("/readyz").headers
    assert client.get("/readyz", base_url="https://khaosat.test").headers[header] == "same-origin"
