"""PDFs hold the text they were given, as text, in both scripts; QR codes hold their address."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from survey import printing
from survey.printing.apart import SettingFailed, pdf_apart
from survey.printing.coverage import MISSING, characters

HOSTILE = "#panic() *đậm* $x$ </script> ខេត្តវិញឡុង"
LAYOUT = """
#import "house.typ": *
#show: house.with(title: data.title)
= #data.title
#data.text
#image(bytes(data.qr), format: "svg", alt: "QR", width: 30mm)
"""


@pytest.fixture
def layout(tmp_path, monkeypatch):
    """A layout of the test's own beside the house's."""
    (tmp_path / "house.typ").write_bytes((printing.LAYOUTS / "house.typ").read_bytes())
    (tmp_path / "one.typ").write_text(LAYOUT, encoding="utf-8")
    monkeypatch.setattr(printing, "LAYOUTS", tmp_path)
    return "one"


def made(layout: str, **data: str) -> bytes:
    data = {"title": "Thư mời", "text": HOSTILE, "qr": printing.qr_svg("https://vi.du/k/abc")} | data
    return printing.pdf(layout, data, at=datetime(2026, 11, 22, tzinfo=UTC))


def test_what_people_wrote_is_text_and_never_markup(layout):
    page = pypdfium2.PdfDocument(made(layout))[0].get_textpage().get_text_range()
    for part in ("#panic() *đậm* $x$", "</script>", "Thư mời"):
        assert part in page


def test_what_no_font_can_show_does_not_stop_the_document(layout):
    odd = "−5 trước\x00\x0b\ud800 → \U0001f4a5 漢 \u202esau"
    page = pypdfium2.PdfDocument(made(layout, text=odd))[0].get_textpage().get_text_range()
    assert "–5 trước » " in page
    assert "sau" in page
    assert MISSING in page
    assert "→" not in page


def test_khmer_has_its_own_font(layout):
    document = made(layout)
    assert b"NotoSansKhmer" in document
    assert b"NotoSansKhmer" not in made(layout, text="Không có chữ Khmer")


def test_the_same_data_at_the_same_time_give_the_same_bytes(layout):
    assert made(layout) == made(layout)
    assert made(layout) != made(layout, text="khác")


def test_the_fonts_have_every_letter_of_our_three_languages():
    known = characters(printing.FONTS)
    letters = "ăâđêôơưĂÂĐÊÔƠƯắằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựýỳỷỹỵ“”–…·×÷»"
    assert {letter for letter in letters if ord(letter) not in known} == set()
    assert set(range(0x1780, 0x17DE)) <= known
    assert ord("漢") not in known


def test_a_process_of_its_own_makes_the_same_document():
    data = {"title": "Áp phích", "paper": "a4", "mark": "", "link": "https://vi.du", "telephone": ""}
    words = dict.fromkeys(("asked_by", "call", "how", "minutes", "open", "qr", "title"), HOSTILE)
    block = {"lang": "vi", "questions": "", **words}
    data |= {"qr": printing.qr_svg("https://vi.du"), "places": [""], "blocks": [block]}
    at = datetime(2026, 11, 22, tzinfo=UTC)
    assert pdf_apart("poster", data, at) == printing.pdf("poster", data, at)


def test_a_document_that_cannot_be_set_says_why():
    with pytest.raises(SettingFailed, match="poster"):
        pdf_apart("poster", {"title": "thiếu"})
