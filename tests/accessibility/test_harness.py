"""The judge itself: a page with faults is found out."""

import pytest

from tests.accessibility.browser import Shown

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FAULTY = """<!doctype html><html lang="vi"><head><title>Thử</title></head><body><main><h1>Thử</h1>
<p style="color:#999;background:#fff">Nhạt</p><input name="a"><img src="data:,"><p style="width:500px">Rộng</p></main></body></html>"""


def test_faults_are_found(shown: Shown) -> None:
    shown.open_text(FAULTY)
    found = {fault.split(": ")[1] for fault in shown.faults()}
    assert {"color-contrast", "label", "image-alt"} <= found
    assert shown.width() > 320
