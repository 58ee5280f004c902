"""Who may fetch which report, and what the page says to a clumsy address."""

import pytest

from survey.accounts.models import Role
from tests.page import page
from tests.staff import signed_in

QUALITY = "/chat-luong/ict-ho-gia-dinh/2026.pdf"


@pytest.fixture
def desk(app, client):
    """A statistician's browser."""
    return signed_in(app, "hoa", Role.STATISTICIAN)


def test_everybody_reads_the_quality_report(client, figures):
    reply = client.get(QUALITY)
    assert reply.status_code == 200 and reply.data.startswith(b"%PDF")
    assert reply.headers["ETag"]
    assert "bao-cao-chat-luong-ict-ho-gia-dinh-2026" in reply.headers["Content-Disposition"]
    assert QUALITY in client.get("/du-lieu").text


def test_other_reports_are_for_staff(app, figures):
    stranger = app.test_client()
    for address in ("/process/bao-cao/", "/process/bao-cao/nam/2026.pdf"):
        assert "/dang-nhap" in stranger.get(address).headers["Location"]


def test_the_page_leads_to_every_file_of_the_choice(desk, figures):
    shown = page(desk.get("/process/bao-cao/?year=2026&day=2026-11-21&lang=en").text)
    links = shown.xpath("//main//a[@download]/@href")
    assert len(links) == 7 and all("day=2026-11-21" in link and "lang=en" in link for link in links)
    for link in links:
        reply = desk.get(link)
        assert reply.status_code == 200 and reply.headers["Cache-Control"] == "no-store", link


def test_the_page_is_there_before_anything_is_published(desk):
    assert "Chưa có số liệu công bố" in page(desk.get("/process/bao-cao/").text).text_content()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("nam/2026.pdf?day=hom-qua", "Ghi ngày dạng"),
        ("nam/2026.exe", "Không có báo cáo"),
        ("nam/2026.pdf?lang=xx", "Có: vi, en"),
        ("nam/1990.pdf", "Chọn năm từ"),
        ("nam/2026.pdf?day=2999-01-01", "chưa tới"),
        ("chat-luong/2026.pdf?survey=%3Cscript%3E", "Chọn năm hoặc khảo sát khác"),
    ],
)
def test_a_clumsy_address_is_answered_with_the_remedy(desk, figures, asked, said):
    reply = desk.get(f"/process/bao-cao/{asked}")
    assert reply.status_code in (400, 404, 422) and said in reply.text and "<script>" not in reply.text


def test_a_year_that_is_none_is_said_beside_its_field(desk, figures):
    shown = page(desk.get("/process/bao-cao/?year=hai&day=2026-11-21&lang=vi").text)
    assert "Ghi năm, ví dụ 2026." in shown.text_content()
