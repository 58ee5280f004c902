"""Static files, the icon and the rules for search engines."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import field_survey


@pytest.mark.parametrize(
    ("path", "media_type", "holds"),
    [("/favicon.ico", "image/svg+xml", "<svg"), ("/robots.txt", "text/plain", "Disallow: /k/")],
)
def test_what_is_asked_for_by_name_is_there_and_may_be_kept(
    client: FlaskClient, path: str, media_type: str, holds: str
) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.mimetype) == (200, media_type)
    assert holds in reply.text
    assert reply.headers["Cache-Control"] == "public, max-age=86400"


def test_nothing_that_a_search_engine_may_visit_is_private(client: FlaskClient) -> None:
    barred = [line.removeprefix("Disallow: ") for line in client.get("/robots.txt").text.splitlines()[1:]]
    assert {"/s/", "/k/", "/openrosa/", "/manage/", "/process/"} <= set(barred)
    assert not any("/chi-tieu/KH54-37".startswith(path) for path in barred)


def test_static_files_are_kept_for_a_year_and_forms_not_at_all(app: Flask, client: FlaskClient) -> None:
    field_survey(app)
    page = client.get("/s/ict-ho-gia-dinh")
    assert page.headers["Cache-Control"] == "no-store"
    address = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    with client.get(address) as sheet:
        assert "immutable" in sheet.headers["Cache-Control"]
