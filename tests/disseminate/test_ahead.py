"""Charts wait in the folder before anybody opens the page, drawn by the real queue."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.disseminate import ahead, drawing
from survey.process import jobs
from tests.disseminate.published import estimate, indicator, publish
from tests.process.conftest import queue_tables, work_off  # noqa: F401


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for drawings, and nothing in memory."""
    before = drawing.SHELF.folder
    drawing.SHELF.forget()
    drawing.keep_in(tmp_path)
    yield tmp_path
    drawing.keep_in(before)
    drawing.SHELF.forget()


def by_sex() -> None:
    publish(estimate(), *(estimate(50.0, dimension="sex", level=sex) for sex in ("male", "female")))


def test_after_publication_the_page_opens_without_drawing(
    app: Flask,
    client: FlaskClient,
    folder: Path,
    work_off: Callable[[], None],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_sex()
    ahead.ask_for_drawings()
    work_off()
    assert len(list(folder.glob("*.svg"))) == 2  # a narrow one and a wide one
    drawing.SHELF.forget()  # the web server is another process

    def no_engine(*_: object) -> str:
        raise AssertionError("the page draws for itself")

    monkeypatch.setattr(drawing, "_render", no_engine)
    assert client.get("/chi-tieu/smartphone-use").status_code == 200


def test_drawings_are_asked_for_once_a_publication(
    app: Flask,
    client: FlaskClient,
    folder: Path,
    work_off: Callable[[], None],  # noqa: F811
) -> None:
    by_sex()
    assert ahead.ask_for_drawings() == 1
    assert ahead.ask_for_drawings() == 0
    publish(estimate(code="cashless"), indicators=[indicator("cashless", registry=None)], survey="khac")
    assert ahead.ask_for_drawings() == 2
    assert len(list(folder.glob("asked-*"))) == 1


def test_a_run_goes_before_drawings(
    app: Flask,
    client: FlaskClient,
    folder: Path,
    work_off: Callable[[], None],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    monkeypatch.setattr(ahead, "draw", lambda code: done.append(code))
    monkeypatch.setattr(jobs.service, "execute", lambda run_id: done.append(f"run {run_id}"))
    by_sex()
    ahead.ask_for_drawings()
    jobs.enqueue_run(7)
    work_off()
    assert done == ["run 7", "smartphone-use"]
