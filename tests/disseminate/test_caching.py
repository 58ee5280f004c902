"""Pages kept by the process: the same to whoever asks, never those of a signed-in reader, never too many."""

import pytest
from flask import Flask, Response

from survey.disseminate import caching, pages
from survey.disseminate.caching import Pages
from tests.disseminate.published import estimate, publish


@pytest.fixture
def counted(monkeypatch):
    """How often the front page's figures were gathered."""
    calls = []
    gather = pages.provincial
    monkeypatch.setattr(pages, "provincial", lambda: calls.append(1) or gather())
    return calls


def test_a_page_is_drawn_once_until_the_next_publication(client, counted):
    publish()
    first = client.get("/")
    again = client.get("/")
    assert len(counted) == 1
    assert (again.data, again.status, again.headers["Content-Type"]) == (
        first.data,
        first.status,
        first.headers["Content-Type"],
    )
    publish(estimate(50.0), time_period="2027")
    assert client.get("/").data != first.data and len(counted) == 2


def test_packed_and_plain_are_the_same_page(client, counted):
    import gzip

    publish()
    plain = client.get("/")
    packed = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.data) == plain.data
    assert len(counted) == 1


def test_pages_of_a_session_are_not_kept(client, counted):
    publish()
    client.set_cookie("session", "somebody")
    client.get("/")
    client.get("/")
    assert len(counted) == 2


def test_a_page_that_is_not_found_is_not_kept(client):
    publish()
    for _ in range(2):
        assert client.get("/chi-tieu/khong-co").status_code == 404


def test_the_oldest_page_goes_when_there_is_no_room():
    kept = Pages(most_bytes=100 * caching.LARGEST_PART)
    with Flask("t").test_request_context():
        for number in range(25):
            kept.keep(str(number), Response(b"x" * 100))
        kept.keep("large", Response(b"x" * 101))
        found = [number for number in range(25) if kept.find(str(number))]
        assert found == list(range(5, 25)) and kept.find("large") is None
        kept.keep("5", Response(b"y" * 100))
        assert kept.find("5").data == b"x" * 100  # the same tag is the same page
