"""What a page weighs on a 3G phone: HTML and all it loads, compressed."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.collect.every_type import EVERY_TYPE
from tests.collect.test_journey import ANSWERS, _entry
from tests.collect.visitor import Visitor
from tests.factories import field_survey

FIRST_LOAD, LATER_LOAD, MOST_REQUESTS = 30_000, 10_000, 4


def packed(content: bytes) -> int:
    """Bytes after gzip, as a server in front sends them."""
    return len(gzip.compress(content, 6))


def content(client: FlaskClient, address: str) -> bytes:
    """A static file's bytes."""
    with client.get(address) as reply:
        return reply.data


def loads(text: str) -> set[str]:
    """The addresses of what a page brings with it."""
    return set(re.findall(r'(?:src|<link rel="(?:icon|stylesheet)" href)="([^"]+)"', text))


def test_the_first_page_is_light_and_later_pages_lighter(app: Flask, client: FlaskClient) -> None:
    field_survey(app)
    first = client.get("/s/ict-ho-gia-dinh")
    loaded = loads(first.text)
    files = [content(client, address) for address in loaded]
    assert 1 + len(files) <= MOST_REQUESTS
    assert packed(first.data) + sum(map(packed, files)) <= FIRST_LOAD
    assert not re.search(r"https?://(?!www\.w3\.org)", first.text), "nothing comes from another host"
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh").press()
    while "/xem-lai" not in visitor.address:
        assert_light(client, visitor.address, loaded)
        visitor.press(**{name: _entry(visitor, name, ANSWERS) for name in visitor.asked})
    assert_light(client, visitor.address, loaded)
    assert_light(client, visitor.address.replace("/xem-lai", "/tam-dung"), loaded)
    visitor.press()
    assert visitor.document.xpath("//@data-receipt")
    assert_light(client, visitor.address, loaded)


def assert_light(client: FlaskClient, address: str, loaded: set[str]) -> None:
    """A later page is under its limit with what it loads beside what the phone has kept from the first page."""
    reply = client.get(address)
    new = [content(client, file) for file in loads(reply.text) - loaded]
    assert reply.status_code == 200
    assert packed(reply.data) + sum(map(packed, new)) <= LATER_LOAD, address


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_with_every_type_of_question_messages_and_lists_are_light(
    app: Flask, client: FlaskClient, tmp_path: Path, lang: str
) -> None:
    field_survey(app, EVERY_TYPE, folder=tmp_path)
    visitor = Visitor(client).open(f"/s/types?lang={lang}")
    loaded = loads(client.get(visitor.address).text)
    visitor.press()
    assert_light(client, visitor.address, loaded)
    visitor.press(staff="x", area="x", born="x", place="x")
    assert len(visitor.faults) >= 5
    assert_light(client, visitor.address, loaded)
    visitor.press(staff="2", area="", born="", place="", best="sr").press()
    for number in range(30):
        visitor.press("add").press(name=f"Người thứ {number}")
    assert_light(client, visitor.address, loaded)
    visitor.press()
    assert "/xem-lai" in visitor.address
    assert_light(client, visitor.address, loaded)
