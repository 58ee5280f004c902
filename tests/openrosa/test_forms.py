"""Form list, form and manifest, as ODK Collect and Enketo read them."""

from email.utils import parsedate_to_datetime
from hashlib import md5
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from survey.extensions import db
from survey.rounds.models import Round
from survey.rounds.service import close_round
from tests.factories import field_survey
from tests.openrosa.device import Device, message, texts

SHOPS = """
| survey   |            |           |                |
|          | type       | name      | label          |
|          | text       | shop_name | Tên cửa hàng & "số" <1> |
| settings |            |           |                |
|          | form_title | form_id   | version        |
|          | Hộ & chợ <mới> | ho-kinh-doanh | 2026010101 |
"""


@pytest.fixture
def shops(app: Flask, client: FlaskClient, tmp_path: Path) -> Device:
    return Device(client, field_survey(app, SHOPS, folder=tmp_path))


def test_the_form_list_names_the_form_with_the_hash_of_the_bytes_served(shops: Device) -> None:
    listed = shops.client.get(f"{shops.root}/formList", headers={"X-OpenRosa-Version": "1.0"})
    assert listed.status_code == 200
    assert listed.content_type.startswith("text/xml")
    assert texts(listed, "/list:xforms/list:xform/list:formID") == ["ho-kinh-doanh"]
    assert texts(listed, "//list:name") == ["Hộ & chợ <mới>"]
    assert texts(listed, "//list:version") == ["2026010101"]
    (address,) = texts(listed, "//list:downloadUrl")
    assert address == f"http://localhost{shops.root}/forms/ho-kinh-doanh/form.xml"
    form = shops.client.get(address)
    assert form.content_type.startswith("text/xml")
    assert texts(listed, "//list:hash") == [f"md5:{md5(form.data).hexdigest()}"]
    assert etree.fromstring(form.data).xpath("//*[local-name()='data']/@id") == ["ho-kinh-doanh"]


def test_the_manifest_of_a_form_without_media_is_empty(shops: Device) -> None:
    listed = shops.client.get(f"{shops.root}/formList")
    (address,) = texts(listed, "//list:manifestUrl")
    manifest = shops.client.get(address)
    assert manifest.status_code == 200
    assert texts(manifest, "/manifest:manifest") == [""]
    assert texts(manifest, "//manifest:mediaFile") == []


def test_the_manifest_lists_files_with_their_hashes(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    form = """
    | survey |                                |         |       |               |
    |        | type                           | name    | label | choice_filter |
    |        | select_one_from_file khom.csv  | khom    | Khóm  |               |
    | settings |          |         |  |  |
    |        | form_id    | version |  |  |
    |        | khom       | 1       |  |  |
    """
    folder = tmp_path / "questionnaires" / "khom"
    folder.mkdir(parents=True)
    (folder / "khom.csv").write_text("name,label\n1,Khóm 1\n")
    device = Device(client, field_survey(app, form, folder=folder))
    (folder / "khom.csv").unlink()  # what was loaded is frozen: the folder is not read again
    manifest = client.get(f"{device.root}/forms/khom/manifest")
    assert texts(manifest, "//manifest:filename") == ["khom.csv"]
    (address,) = texts(manifest, "//manifest:downloadUrl")
    assert address == f"http://localhost{device.root}/forms/khom/files/khom.csv"
    content = client.get(address).data
    assert content.decode() == "name,label\n1,Khóm 1\n"
    assert texts(manifest, "//manifest:hash") == [f"md5:{md5(content).hexdigest()}"]


def test_enketo_asks_for_one_form_by_its_id(shops: Device) -> None:
    assert len(texts(shops.client.get(f"{shops.root}/formList?formID=ho-kinh-doanh"), "//list:xform")) == 1
    other = shops.client.get(f"{shops.root}/formList?formID=khac")
    assert other.status_code == 200
    assert texts(other, "//list:xform") == []


def test_addresses_follow_the_proxy_in_front(shops: Device) -> None:
    behind = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "khaosat.vinhlong.example"}
    listed = shops.client.get(f"{shops.root}/formList", headers=behind)
    assert texts(listed, "//list:downloadUrl")[0].startswith("https://khaosat.vinhlong.example/openrosa/")
    head = shops.client.head(f"{shops.root}/submission", headers=behind)
    assert head.headers["Location"] == f"https://khaosat.vinhlong.example{shops.root}/submission"


def test_a_closed_round_lists_nothing_but_its_form_can_still_be_read(app: Flask, shops: Device) -> None:
    with app.app_context():
        close_round(db.session.get_one(Round, shops.fielded.round_id))
        db.session.commit()
    assert texts(shops.client.get(f"{shops.root}/formList"), "//list:xform") == []
    assert shops.client.get(f"{shops.root}/forms/ho-kinh-doanh/form.xml").status_code == 200


def test_head_submission_says_204_and_where_to_send(shops: Device) -> None:
    head = shops.client.head(f"{shops.root}/submission?deviceID=collect%3Aabc")
    assert head.status_code == 204
    assert head.headers["Location"] == f"http://localhost{shops.root}/submission"
    assert head.data == b""


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "{root}/formList", 200),
        ("HEAD", "{root}/submission", 204),
        ("GET", "{root}/forms/khac/form.xml", 404),
        ("GET", "{root}/nowhere", 404),
        ("GET", "{root}/submission", 405),
        ("POST", "{root}/submission", 400),
        ("GET", "/openrosa/khong-co/formList", 404),
        ("POST", "/openrosa/khong-co/submission", 404),
        ("GET", "/openrosa/", 404),
    ],
)
def test_every_answer_carries_the_headers(shops: Device, method: str, path: str, status: int) -> None:
    reply = shops.client.open(path.format(root=shops.root), method=method)
    assert reply.status_code == status
    assert reply.headers["X-OpenRosa-Version"] == "1.0"
    assert int(reply.headers["X-OpenRosa-Accept-Content-Length"]) == 2 * 1024 * 1024
    assert parsedate_to_datetime(reply.headers["Date"])
    if status >= 400:
        assert reply.content_type.startswith("text/xml")
        assert len(message(reply)) > 10
