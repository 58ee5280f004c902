"""`/dbi` as people meet it: in, answered, the result, back with a code, compared; and what is refused."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.extensions import db
from survey.intake import drafts
from survey.intake.models import Response
from survey.rounds.models import InstrumentVersion, Purpose, Round
from survey.rounds.service import close_round
from tests.assessment.firms import Firm, answers_of, field_dbi, hand_in, kept
from tests.collect.visitor import Visitor
from tests.factories import field_survey
from tests.page import page

Made = Callable[..., Firm]
HOSTILE = [
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "=1+1",
    "\u202egnp",
    "\x00",
    "x" * 100_000,
    "%00",
    "{{7*7}}",
]


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


def answered(visitor: Visitor, answers: dict[str, Any]) -> Visitor:
    """Press on through the questionnaire's pages to the thanks page."""
    for _ in range(40):
        if visitor.document.xpath("//@data-receipt"):
            return visitor
        visitor.press(**{name: str(answers[name]) for name in visitor.asked if name in answers})
    raise AssertionError(f"no thanks page: {visitor.address} {visitor.faults}")


def test_from_the_start_page_through_the_questionnaire_to_the_result(
    app: Flask, fielded: int, visitor: Visitor
) -> None:
    visitor.open("/dbi")
    assert "Không phải thanh tra" in visitor.text and "Khoảng 20 phút" in visitor.text
    visitor.press()
    assert visitor.address.startswith("/s/dbi-dnnvv/")
    answered(visitor, answers_of(3))
    receipt = visitor.document.xpath("string(//@data-receipt)")
    (result,) = visitor.document.xpath("//a[starts-with(@href, '/dbi/ket-qua/')]/@href")
    visitor.open(result)
    assert visitor.document.xpath("string(//@data-level)") == "3"
    assert "192 trên 320 điểm" in visitor.text
    assert visitor.document.xpath("string(//@data-receipt)") == receipt  # the code to come back with
    assert "Chưa đủ 10 doanh nghiệp khác" in visitor.text
    assert "ĐỢT THỬ" in " ".join(visitor.document.text_content().split())


def test_a_result_says_where_each_pillar_stands_and_what_would_lift_it(firm: Made, visitor: Visitor) -> None:
    visitor.open(firm(2, dbi_14="20").address)
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in visitor.document.xpath("//table[@class='pillars']//tbody/tr")]  # fmt: skip
    assert rows[0] == ["Trải nghiệm số cho khách hàng", "2", "26/65", "40,0\xa0%".replace("\xa0", " ")]
    assert rows[1][:3] == ["Chiến lược số", "4", "20/25"]
    assert "Chiến lược số: từ mức 4 lên mức 5, thêm 1 điểm, 1 bước" in visitor.text
    assert "25 – Thực hiện và đánh giá hằng năm" in visitor.text
    assert "chưa được cơ quan có thẩm quyền duyệt" in visitor.text
    # 26 of 65 points are 40 %: one more is level 3
    assert "Trải nghiệm số cho khách hàng: từ mức 2 lên mức 3, thêm 1 điểm, 1 bước" in visitor.text
    assert "cần trên 128 điểm (hiện 138) và ít nhất 4 trụ cột từ mức 3 trở lên (hiện 1)" in visitor.text
    # every other pillar lacks one point: the first three of them are as near as any
    assert (
        "Gần nhất là: Trải nghiệm số cho khách hàng (còn 1 bước); Hạ tầng và công nghệ số (còn 1 bước); Vận hành (còn 1 bước)."
        in visitor.text
    )


def test_the_radar_is_one_picture_with_words_and_the_table_says_the_same(
    firm: Made, client: FlaskClient
) -> None:
    own = firm(2)
    for _ in range(10):
        firm(4)
    document = page(client.get(f"{own.address}?lang=en").text)
    (svg,) = document.xpath("//figure[@class='radar']/svg")
    assert svg.get("role") == "img" and svg.findtext("desc", "").startswith("Level 2 of 5: Beginning.")
    assert "Customers 80.0%" in svg.findtext("desc", "")
    assert not document.xpath("//figure//@style | //figure//script | //figure//@id")
    told = " ".join(document.xpath("string(//main)").split())
    assert "the median of 10 other participants" in told and "no sample of all enterprises" in told
    assert "same Main economic activity: Wholesale, retail and repair of vehicles" in told
    assert document.xpath("count(//table[@class='pillars']//tbody/tr[td[4] = '80.0%'])") == 6


def test_a_wider_group_is_said_to_be_wider(firm: Made, visitor: Visitor) -> None:
    own = firm(2)
    for _ in range(10):
        firm(4, sector="industry")
    visitor.open(own.address)
    assert "cùng Quy mô (NĐ 80/2021): Siêu nhỏ" in visitor.text
    assert "Nhóm hẹp hơn chưa có đủ 10" in visitor.text
    assert "cùng Ngành" not in visitor.text


def test_results_are_kept_nowhere_and_found_by_no_search_engine(firm: Made, client: FlaskClient) -> None:
    one, other = firm(2), firm(3)
    for address in (one.address, f"{one.address}/ket-qua.pdf", f"{one.address}/so-sanh/{other.id}"):
        reply = client.get(address)
        assert reply.status_code == 200
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Robots-Tag"] == "noindex"
    start = client.get("/dbi")
    assert "X-Robots-Tag" not in start.headers


def test_a_result_of_a_helped_firm_needs_its_code_on_a_shared_phone(
    app: Flask, firm: Made, client: FlaskClient, visitor: Visitor
) -> None:
    one, other = firm(2), firm(3)
    with app.app_context():
        db.session.get_one(Response, one.id).assisted = True
        db.session.commit()
    for address in (one.address, f"{one.address}/ket-qua.pdf", f"{other.address}/so-sanh/{one.id}"):
        reply = client.get(address)
        assert (reply.status_code, reply.location) == (303, f"/s/dbi-dnnvv/{one.id}/ma")
    assert client.get(other.address).status_code == 200
    visitor.open("/dbi").submit(visitor.form("/dbi/ma"), {"code": one.code}, {})
    assert visitor.address.startswith(one.address)
    assert client.get(f"{one.address}/ket-qua.pdf").status_code == 200


def test_a_code_opens_a_draft_or_a_result_however_it_is_typed(
    app: Flask, fielded: int, firm: Made, visitor: Visitor
) -> None:
    own = firm(2)
    with app.app_context():
        draft = drafts.start(db.session.get_one(Round, fielded))
        db.session.commit()
        resume, begun = draft.resume_code or "", draft.id
    visitor.open("/dbi")
    visitor.submit(visitor.form("/dbi/ma"), {}, {"code": f" {own.code[:4].lower()}-{own.code[4:]} "})
    assert visitor.address == own.address
    visitor.open("/dbi")
    visitor.submit(visitor.form("/dbi/ma"), {}, {"code": resume})
    assert visitor.address.startswith(f"/s/dbi-dnnvv/{begun}/")
    visitor.open(f"/dbi/ket-qua/{begun}")
    assert visitor.address.startswith(f"/s/dbi-dnnvv/{begun}/")


@pytest.mark.parametrize("typed", ["SAIM-AAAA", *HOSTILE])
def test_an_unknown_code_is_said_where_it_was_typed_and_harms_nothing(
    typed: str, fielded: int, visitor: Visitor
) -> None:
    visitor.open("/dbi")
    visitor.submit(visitor.form("/dbi/ma"), {}, {"code": typed})
    assert visitor.address == "/dbi?lang=vi" and visitor.status == 200
    told = visitor.document.xpath("string(//*[@id='code-error'])")
    assert re.search("Không có phiếu nào|Nhập mã gồm", told)
    assert not visitor.document.xpath("//main//script")
    assert not visitor.open("/dbi").document.xpath("//*[@id='code-error']")  # said once


def test_an_empty_code_is_asked_for(fielded: int, visitor: Visitor) -> None:
    visitor.open("/dbi?lang=en")
    visitor.submit(visitor.form("/dbi/ma"), {}, {"code": "  "})
    assert (
        visitor.document.xpath("string(//*[@id='code-error'])") == "Enter the code of 8 letters and digits."
    )


def test_two_years_are_compared_by_code_the_earlier_first(app: Flask, fielded: int, visitor: Visitor) -> None:
    before = hand_in(app, fielded, 1)
    own = hand_in(app, field_dbi(app, "r2"), 2, dbi_14="0")
    visitor.open(own.address)
    visitor.submit(visitor.form("so-sanh"), {}, {"code": before.code})
    assert visitor.address == f"{own.address}/so-sanh/{before.id}?lang=vi"
    assert len(visitor.document.xpath("//figure[@class='radar']/svg")) == 2
    rows = [[cell.text_content() for cell in row] for row in visitor.document.xpath("//tbody/tr")]
    assert rows[0] == ["Chung", "1", "2", "Tăng 1", "+54"]
    assert rows[1] == ["Trải nghiệm số cho khách hàng", "1", "2", "Tăng 1", "+13"]
    assert rows[2] == ["Chiến lược số", "1", "0", "Giảm 1", "−5"]
    turned = Visitor(visitor.client).open(f"/dbi/ket-qua/{before.id}/so-sanh/{own.id}")
    assert [[cell.text_content() for cell in row] for row in turned.document.xpath("//tbody/tr")] == rows


def refused(visitor: Visitor, own: Firm, code: str) -> str:
    """What is said beside the field after a code that cannot be compared with."""
    visitor.open(own.address)
    visitor.submit(visitor.form("so-sanh"), {}, {"code": code})
    assert visitor.address == f"{own.address}?lang=vi"
    return str(visitor.document.xpath("string(//*[@id='code-error'])"))


def test_codes_that_cannot_be_compared_are_explained(
    app: Flask, fielded: int, firm: Made, visitor: Visitor
) -> None:
    own = firm(2)
    synthetic = hand_in(app, field_dbi(app, "mo-phong", Purpose.DEMONSTRATION), 3)
    household = field_survey(app)
    with app.app_context():
        draft = drafts.start(db.session.get_one(Round, fielded))
        foreign = drafts.start(db.session.get_one(Round, household.round_id))
        refusal = drafts.start(db.session.get_one(Round, fielded))
        refusal.answers = {"consent": "no"}
        db.session.flush()
        drafts.finish(refusal)
        db.session.commit()
        codes = [one.resume_code or "" for one in (draft, foreign, refusal)]
    unknown = "Không có phiếu nào của bộ tự đánh giá này"
    assert unknown in refused(visitor, own, "SAIM-AAAA")
    assert "chính kết quả đang xem" in refused(visitor, own, own.code)
    assert "chưa được gửi" in refused(visitor, own, codes[0])
    assert unknown in refused(visitor, own, codes[1])  # another survey's code does not even exist here
    assert unknown in refused(visitor, own, codes[2])
    assert "bộ tiêu chí khác hoặc là số liệu mô phỏng" in refused(visitor, own, synthetic.code)
    for typed in HOSTILE:
        assert unknown in refused(visitor, own, typed) or not typed.strip("\x00")


def test_results_of_other_criteria_are_not_compared(app: Flask, firm: Made, visitor: Visitor) -> None:
    own, other = firm(2), firm(3)
    with app.app_context():
        version = db.session.get_one(Response, other.id).instrument_version
        plan = version.assessment
        changed = InstrumentVersion(
            survey=version.survey, form_id=version.form_id, version="1", hash="1" * 64,
            sheets=version.sheets, xml=version.xml, indicators=version.indicators,
            assessment=plan | {"thresholds": [10, 20, 40, 60, 90], "address": ""},
        )  # fmt: skip
        db.session.add(changed)
        db.session.get_one(Response, other.id).instrument_version = changed
        db.session.commit()
    assert "bộ tiêu chí khác" in refused(visitor, own, other.code)
    reply = visitor.client.get(f"{own.address}/so-sanh/{other.id}")
    assert reply.status_code == 409 and "hai bộ tiêu chí khác nhau" in reply.text


def test_addresses_that_were_tampered_with_lead_nowhere(app: Flask, firm: Made, client: FlaskClient) -> None:
    own = firm(2)
    household = field_survey(app)
    with app.app_context():
        foreign = drafts.start(db.session.get_one(Round, household.round_id)).id
        db.session.commit()
    turned = f"/dbi/ket-qua/{uuid.UUID(int=own.id.int ^ 1)}"
    wrong = (
        turned,
        f"{turned}/ket-qua.pdf",
        f"{own.address}/so-sanh/{uuid.uuid4()}",
        f"/dbi/ket-qua/{foreign}",
        f"/dbi/ket-qua/{foreign}/ket-qua.pdf",
        f"{own.address}/so-sanh/{foreign}",
        f"{own.address[:-1]}",
        "/dbi/ket-qua/1",
        f"/tu-danh-gia/ict-ho-gia-dinh/ket-qua/{foreign}",
        f"/tu-danh-gia/khong-co/ket-qua/{own.id}",
        "/tu-danh-gia/ict-ho-gia-dinh",
        "/tu-danh-gia/<script>",
        "/tu-danh-gia/%00",
    )
    assert {address: client.get(address).status_code for address in wrong} == dict.fromkeys(wrong, 404)
    assert client.get(f"{own.address}/so-sanh/{own.id}").status_code == 409


def test_who_did_not_consent_has_no_result_and_is_offered_none(
    app: Flask, fielded: int, visitor: Visitor
) -> None:
    visitor.open("/dbi").press()
    answered(visitor, {"consent": "no"})
    assert not visitor.document.xpath("//a[contains(@href, 'ket-qua')]")
    (response_id,) = re.findall(r"/s/dbi-dnnvv/([^/]+)/", visitor.address)
    reply = visitor.client.get(f"/dbi/ket-qua/{response_id}")
    assert reply.status_code == 404 and "không có câu trả lời nào để chấm điểm" in reply.text


def test_without_an_open_round_codes_still_work(
    app: Flask, fielded: int, firm: Made, visitor: Visitor
) -> None:
    own = firm(2)
    with app.app_context():
        close_round(db.session.get_one(Round, fielded))
        db.session.commit()
    visitor.open("/dbi")
    assert "Hiện chưa nhận phiếu mới" in visitor.text
    assert not visitor.document.xpath("//form[@data-next]")
    visitor.submit(visitor.form("/dbi/ma"), {}, {"code": own.code})
    assert visitor.address == own.address


def test_reloading_where_a_code_was_posted_leads_back(firm: Made, client: FlaskClient) -> None:
    own = firm(2)
    assert client.get("/dbi/ma").headers["Location"] == "/dbi#code"
    assert client.get(f"{own.address}/so-sanh").headers["Location"] == f"{own.address}#code"


def test_the_other_address_of_the_dbi_is_one_and_the_same(firm: Made, client: FlaskClient) -> None:
    assert client.get("/tu-danh-gia/dbi").headers["Location"].endswith("/dbi")
    assert client.get("/tu-danh-gia/dbi-dnnvv").status_code == 200
    assert client.get("/").text.count('href="/dbi"') == 1


def test_both_languages_and_no_other(firm: Made, client: FlaskClient) -> None:
    own = firm(2)
    assert "Self-assessment of digital transformation" in client.get("/dbi?lang=en").text
    assert page(client.get(f"{own.address}?lang=en").text).get("lang") == "en"
    for lang in ("km", "xx", "<b>", "../"):
        assert page(client.get(f"{own.address}?lang={lang}").text).get("lang") == "vi"


def test_nothing_is_stored_by_looking(app: Flask, firm: Made, client: FlaskClient) -> None:
    own = firm(2)
    before = kept(app, own)
    client.get(own.address)
    client.get(f"{own.address}/ket-qua.pdf")
    assert kept(app, own) == before


def test_synthetic_results_say_so(app: Flask, client: FlaskClient) -> None:
    own = hand_in(app, field_dbi(app, "mo-phong", Purpose.DEMONSTRATION), 3)
    for address in ("/dbi", own.address):
        assert "SỐ LIỆU MÔ PHỎNG" in client.get(address).text
