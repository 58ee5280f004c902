"""What a page weighs on a 3G phone: HTML and all it loads, compressed."""

import gzip
import re

from flask import Flask
from flask.testing import FlaskClient

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


def test_the_first_page_is_light_and_later_pages_lighter(app: Flask, client: FlaskClient) -> None:
    field_survey(app)
    first = client.get("/s/ict-ho-gia-dinh")
    loaded = set(re.findall(r'(?:src|<link rel="(?:icon|stylesheet)" href)="([^"]+)"', first.text))
    files = [content(client, address) for address in loaded]
    assert 1 + len(files) <= MOST_REQUESTS
    assert packed(first.data) + sum(map(packed, files)) <= FIRST_LOAD
    assert not re.search(r"https?://(?!www\.w3\.org)", first.text), "nothing comes from another host"
    visitor = Visitor(client).open("/s/ict-ho-gia-dinh").press()
    while "/xem-lai" not in visitor.address:
        assert packed(client.get(visitor.address).data) <= LATER_LOAD, visitor.address
        visitor.press(**{name: _entry(visitor, name, ANSWERS) for name in visitor.asked})
    assert packed(client.get(visitor.address).data) <= LATER_LOAD
