"""The registry: 198 lines, with owners that change over time."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey.disseminate.models import Verdict
from survey.disseminate.service import verdict
from survey.errors import NotFound
from survey.extensions import db
from survey.registry.models import Indicator, IndicatorOwner
from survey.registry.service import find_indicator, load_registry, owners_on, search


@pytest.fixture
def registry(app: Flask) -> Flask:
    with app.app_context():
        load_registry()
        db.session.commit()
    return app


def test_all_lines_are_loaded_once(registry: Flask) -> None:
    with registry.app_context():
        owners = db.session.scalar(select(func.count()).select_from(IndicatorOwner))
        assert load_registry() == 198
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(Indicator)) == 198
        assert db.session.scalar(select(func.count()).select_from(IndicatorOwner)) == owners


def owners(code: str, day: date) -> list[str]:
    return [owner.agency.code for owner in owners_on(find_indicator(code), day)]


def test_statistics_office_owns_the_share_of_grdp_under_its_name_of_the_day(registry: Flask) -> None:
    with registry.app_context():
        assert owners("KH54-01", date(2024, 1, 1)) == ["cuc-thong-ke-vl"]
        assert owners("KH54-01", date(2026, 1, 1)) == ["thong-ke-tinh"]


def test_nobody_owned_a_line_before_its_document(registry: Flask) -> None:
    with registry.app_context():
        assert owners("KH54-38", date(2020, 1, 1)) == []


def test_abolished_districts_own_nothing_any_more(registry: Flask) -> None:
    with registry.app_context():
        assert "ubnd-huyen" in owners("KH54-37", date(2024, 1, 1))
        assert owners("KH54-37", date(2026, 1, 1)) == ["ubnd-xa", "dn-vien-thong"]


def test_search_needs_no_diacritics(registry: Flask) -> None:
    with registry.app_context():
        assert "KH54-37" in [line.code for line in search("dien thoai thong minh")]
        assert [line.code for line in search("điện thoại thông minh")] == [
            line.code for line in search("DIEN THOAI THONG MINH")
        ]
        assert {"%" in line.search_name for line in search("%")} == {True}
        assert search("_") == []


def test_unknown_line_is_named(registry: Flask) -> None:
    with registry.app_context(), pytest.raises(NotFound, match="KH99-99"):
        find_indicator("KH99-99")


@pytest.mark.parametrize(
    ("op", "low", "high", "expected"),
    [
        (">=", 75.0, 80.0, Verdict.MET),
        (">=", 74.9, 80.0, Verdict.UNDECIDED),
        (">=", 60.0, 75.0, Verdict.UNDECIDED),
        (">=", 60.0, 74.9, Verdict.NOT_MET),
        (">", 75.0, 80.0, Verdict.UNDECIDED),
        (">", 75.1, 80.0, Verdict.MET),
        ("<=", 70.0, 75.0, Verdict.MET),
        ("<=", 75.1, 80.0, Verdict.NOT_MET),
        ("<=", 74.0, 76.0, Verdict.UNDECIDED),
        ("tăng", 60.0, 70.0, None),
    ],
)
def test_verdict_takes_the_whole_interval(op: str, low: float, high: float, expected: Verdict | None) -> None:
    assert verdict(low, high, Indicator(target_op=op, target_value=75.0)) == expected
