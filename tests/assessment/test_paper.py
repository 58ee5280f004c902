"""The PDF of a result: the same words and levels as the page, in both languages."""

from collections.abc import Callable

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.rounds.models import Purpose
from tests.assessment.firms import Firm, field_dbi, hand_in

Made = Callable[..., Firm]


def read(content: bytes) -> str:
    """All words of a PDF."""
    with pypdfium2.PdfDocument(content) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def test_the_result_on_paper(firm: Made, client: FlaskClient) -> None:
    own = firm(2, dbi_14="20")
    for _ in range(10):
        firm(4)
    reply = client.get(f"{own.address}/ket-qua.pdf")
    assert reply.content_type == "application/pdf"
    assert f"dbi-{own.code}.pdf" in reply.headers["Content-Disposition"]
    told = read(reply.data)
    for part in (
        "Mức 2 trên 5: Bắt đầu",
        "138 trên 320 điểm",
        "26/65",
        "trung vị của 10 doanh nghiệp khác",
        "Chiến lược số: từ mức 4 lên mức 5",
        "chưa được cơ quan có thẩm quyền duyệt",
        f"{own.code[:4]}-{own.code[4:]}",
        "http://localhost/dbi",
        "Quyết định 1970/QĐ-BTTTT",
        "ĐỢT THỬ",
    ):
        assert part in told, part


@pytest.mark.parametrize(
    ("lang", "part"), [("en", "Level 0 of 5: Not started"), ("vi", "Mức 0 trên 5: Chưa khởi động")]
)
def test_in_the_language_that_is_asked_for(lang: str, part: str, firm: Made, client: FlaskClient) -> None:
    assert part in read(client.get(f"{firm(0).address}/ket-qua.pdf?lang={lang}").data)


def test_the_same_result_gives_the_same_file(firm: Made, client: FlaskClient) -> None:
    address = f"{firm(5).address}/ket-qua.pdf"
    assert client.get(address).data == client.get(address).data
    assert "mức cao nhất" in read(client.get(address).data)


def test_a_synthetic_result_says_so(app: Flask, client: FlaskClient) -> None:
    own = hand_in(app, field_dbi(app, "mo-phong", Purpose.DEMONSTRATION), 3)
    assert "SỐ LIỆU MÔ PHỎNG" in read(client.get(f"{own.address}/ket-qua.pdf").data)
