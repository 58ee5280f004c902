"""Published figures to report on: by former province too, one met, one undecided, one withheld."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.disseminate.models import Observation
from survey.extensions import db
from tests.disseminate.published import BREAKDOWNS, estimate, indicator, publish
from tests.known import load_areas, load_registry

FORMER = {"label": {"vi": "Tỉnh trước 01/7/2025"}, "areas": "province_old"}
OF_NEW = {"levels": {"adult": {}}, "ref_area": {"code": "86", "kind": "province"}}


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """The service with registry and areas loaded."""
    with app.app_context():
        load_registry()
        load_areas()
        db.session.commit()
        yield app.test_client()
        db.session.remove()


@pytest.fixture
def figures(client, monkeypatch):
    """What is public on 20 November 2026."""
    monkeypatch.setitem(BREAKDOWNS, "former_province", FORMER)
    return publish_figures()


def publish_figures() -> list[Observation]:
    """One figure met, one by former province, one withheld."""
    return publish(
        estimate(80.0),
        *(
            estimate(value, dimension="former_province", level=code)
            for code, value in (("83", 70.0), ("84", 76.0), ("86", 71.0))
        ),
        estimate(31.0, "epayment", std_error=2.0),
        estimate(22.0, "shopping", quality="unpublishable"),
        indicators=[
            indicator(),
            indicator("epayment", registry="KH54-38", label={"vi": "Có tài khoản"}),
            indicator("shopping", registry="KH54-39", label={"vi": "<b>Mua sắm</b> =1+1"}),
        ],
        design=OF_NEW,
        at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
    )
