"""A self-assessment: its start, a result with and without peers, two results compared."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.accessibility.browser import Shown
from tests.accessibility.test_citizen import LANGUAGES, assert_right
from tests.assessment.conftest import fielded, firm  # noqa: F401 - fixtures
from tests.assessment.firms import Firm

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@LANGUAGES
def test_start_and_an_unknown_code(app: Flask, shown: Shown, fielded: int, lang: str) -> None:  # noqa: F811
    assert_right(shown, f"/dbi?lang={lang}", lang)
    with shown.client.session_transaction() as session:
        session["wrong_assessment_code"] = ("SAIM-AAAA", "unknown_code")
    window = shown.open(f"/dbi?lang={lang}")
    assert window.locator(".field-error").is_visible()
    assert shown.faults() == []


@LANGUAGES
def test_a_result_without_and_with_peers(shown: Shown, firm: Callable[..., Firm], lang: str) -> None:  # noqa: F811
    own = firm(2, dbi_14="10")
    assert_right(shown, f"{own.address}?lang={lang}", lang)
    for number in range(10):
        firm(3, dbi_15=str(number % 6))
    assert_right(shown, f"{own.address}?lang={lang}", lang)
    assert shown.window.locator(".radar svg[role=img] title").count() == 1
    shown.width(360)
    table = shown.window.locator(".table-scroll", has=shown.window.locator(".pillars"))
    assert table.evaluate("e => e.scrollWidth - e.clientWidth") <= 0  # all columns are seen on a phone


@LANGUAGES
def test_two_results_compared(shown: Shown, firm: Callable[..., Firm], lang: str) -> None:  # noqa: F811
    first, second = firm(1), firm(3, dbi_14="5")
    assert_right(shown, f"{second.address}/so-sanh/{first.id}?lang={lang}", lang)
