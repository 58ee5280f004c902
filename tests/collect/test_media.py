"""Pictures and recordings of a questionnaire: found by their version, kept for long, harmless."""

from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.collect.files import media_address
from survey.extensions import db
from survey.rounds.models import InstrumentVersion
from tests.factories import field_survey

FORM = """
| survey   |                             |         |       |              |              |
|          | type                        | name    | label | media::image | media::audio |
|          | select_one ways             | way     | Cách  | nhà ở.png    | hoi.mp3      |
|          | select_one_from_file xa.csv | xa      | Xã    | ve.svg       |              |
| choices  |                             |         |       |              |              |
|          | list_name                   | name    | label | media::image |              |
|          | ways                        | a       | A     | nhà ở.png    |              |
| settings |                             |         |       |              |              |
|          | form_id                     | version |       |              |              |
|          | hinh                        | 1/a b%  |       |              |              |
"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
MP3 = b"ID3" + bytes(range(256)) * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script>' + b"<g/>" * 500 + b"</svg>"
FILES = {"nhà ở.png": PNG, "hoi.mp3": MP3, "ve.svg": SVG, "xa.csv": b"name,label\n1,A\n"}


@pytest.fixture
def addresses(app: Flask, tmp_path: Path) -> dict[str, str]:
    """The address of each file, and of one that is not there."""
    (tmp_path / "media").mkdir()
    for name, content in FILES.items():
        (tmp_path / "media" / name).write_bytes(content)
    field_survey(app, FORM, folder=tmp_path)
    with app.test_request_context():
        (version,) = db.session.query(InstrumentVersion)
        return {name: media_address(version, name) for name in (*FILES, "khong.png")}


def test_a_picture_is_served_by_its_version_and_kept_for_a_year(
    client: FlaskClient, addresses: dict[str, str]
) -> None:
    reply = client.get(addresses["nhà ở.png"])
    assert (reply.data, reply.mimetype) == (PNG, "image/png")
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in reply.headers
    again = client.get(addresses["nhà ở.png"], headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-9", 206, MP3[:10]),
        ("bytes=100-", 206, MP3[100:]),
        ("bytes=-5", 206, MP3[-5:]),
        ("bytes=999999-", 416, None),
        ("bytes=5-2", 416, None),
        ("nonsense", 416, None),
    ],
)
def test_a_player_gets_the_part_it_asks_for(
    client: FlaskClient, addresses: dict[str, str], asked: str, status: int, content: bytes | None
) -> None:
    headers = {"Range": asked, "Accept-Encoding": "gzip"}
    reply = client.get(addresses["hoi.mp3"], headers=headers)
    assert reply.status_code == status
    assert content is None or (reply.data, reply.mimetype) == (content, "audio/mpeg")
    assert client.head(addresses["hoi.mp3"]).headers["Accept-Ranges"] == "bytes"


def test_a_drawing_cannot_run_scripts(client: FlaskClient, addresses: dict[str, str]) -> None:
    reply = client.get(addresses["ve.svg"])
    assert (reply.data, reply.mimetype) == (SVG, "image/svg+xml")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "allow-scripts" not in policy
    part = client.get(addresses["ve.svg"], headers={"Range": "bytes=0-1999", "Accept-Encoding": "gzip"})
    assert (part.status_code, part.data) == (206, SVG[:2000])


def test_lists_and_what_is_not_there_have_no_address_to_open(
    client: FlaskClient, addresses: dict[str, str]
) -> None:
    assert addresses["khong.png"] == ""
    assert client.get(addresses["xa.csv"]).status_code == 404
    folder = addresses["ve.svg"].rpartition("/")[0]
    for wrong in ("khong.png", "..%2f..%2fve.svg", quote("nhà") + ".png", "%00.png", "x" * 400 + ".png"):
        reply = client.get(f"{folder}/{wrong}")
        assert reply.status_code == 404, wrong
        assert "max-age" not in reply.headers.get("Cache-Control", ""), wrong
    for key in ("%25" * 16, "_" * 16, "0" * 16, folder.rpartition("/")[2][:8]):
        assert client.get(f"/s/hinh/tep/{key}/ve.svg").status_code == 404
    assert client.get(addresses["ve.svg"].replace("/s/hinh/", "/s/khac/")).status_code == 404
