"""The desk of administrative values: entry with its paper, signatures, a file with its preview."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from survey.accounts.models import Role
from survey.extensions import db
from survey.registry.values.models import AdministrativeValue, ValueImport
from tests.known import load_areas, load_registry
from tests.registry.test_importing import GOOD
from tests.staff import read, send, signed_in, words

DESK = "/process/danh-muc"
PDF = b"%PDF-1.7\nvan ban"
CELLS = {
    "period": "2025",
    "value": "62",
    "source_number": "12/BC-SCT",
    "source_date": "10/01/2026",
    "agency": "so-cong-thuong",
    "note": "<script>alert(1)</script>",
}


@pytest.fixture
def here(app: Flask) -> Flask:
    """The loaded service without a context: two people's requests must not share one."""
    with app.app_context():
        load_registry()
        load_areas()
        db.session.commit()
    return app


@pytest.fixture
def lan(here: Flask) -> FlaskClient:
    return signed_in(here, "lan", Role.STATISTICIAN)


@pytest.fixture
def minh(here: Flask) -> FlaskClient:
    return signed_in(here, "minh", Role.STATISTICIAN)


def pdf(content: bytes = PDF, name: str = "bao-cao.pdf") -> FileStorage:
    return FileStorage(io.BytesIO(content), name)


def entered(browser: FlaskClient, **cells: object) -> TestResponse:
    return send(browser, f"{DESK}/KH54-13/nhap", **{**CELLS, "paper": pdf(), **cells})


def only_value(app: Flask) -> AdministrativeValue:
    with app.app_context():
        return db.session.scalars(select(AdministrativeValue)).one()


def test_from_entry_to_the_public(here: Flask, lan: FlaskClient, minh: FlaskClient) -> None:
    answer = entered(lan)
    assert answer.status_code == 303, answer.text
    address = answer.headers["Location"]
    assert "<script>alert" not in lan.get(address).text
    assert send(lan, address, f"{address}/de-nghi").status_code == 303
    assert "người đề nghị" not in words(read(minh, address)), "the second person may sign"
    assert "nhờ một thống kê viên khác" in words(read(lan, address))
    refused = send(lan, f"{DESK}/KH54-15/nhap", f"{address}/ky")
    assert refused.status_code == 403
    assert send(minh, address, f"{address}/ky").status_code == 303
    assert only_value(here).current
    public = minh.get("/chi-tieu/KH54-13").text
    assert "12/BC-SCT" in public and "<script>alert" not in public
    again = send(minh, f"{DESK}/KH54-15/nhap", f"{address}/ky")
    assert again.status_code == 303, "the same person's second press changes nothing"


def test_a_wrong_entry_comes_back_whole_with_its_faults(lan: FlaskClient) -> None:
    answer = entered(lan, value="-5", source_date="hôm qua", paper=pdf(b""))
    assert answer.status_code == 422
    assert "ngoài giới hạn" in answer.text and "không phải ngày" in answer.text
    assert 'value="12/BC-SCT"' in answer.text


def test_the_document_must_be_attached_and_be_a_document(lan: FlaskClient) -> None:
    missing = send(lan, f"{DESK}/KH54-13/nhap", **CELLS)
    assert missing.status_code == 422 and "Chọn tệp văn bản" in missing.text
    page = entered(lan, paper=pdf(b"<html><script>", "a.html"))
    assert page.status_code == 422 and "không phải PDF" in page.text


def test_the_attached_document_is_a_download_for_staff_only(here: Flask, lan: FlaskClient) -> None:
    address = entered(lan, paper=pdf(name="../../báo cáo.pdf")).headers["Location"]
    file = lan.get(f"{address}/van-ban")
    assert file.data == PDF
    assert (
        "attachment" in file.headers["Content-Disposition"]
        and ".." not in file.headers["Content-Disposition"]
    )
    assert here.test_client().get(f"{address}/van-ban").status_code == 302


def test_warnings_are_to_be_looked_at_before_keeping(lan: FlaskClient) -> None:
    early = {"period": "2026", "source_date": "10/06/2026"}
    answer = entered(lan, **early)
    assert answer.status_code == 422 and "Cần xem lại" in answer.text
    assert entered(lan, **early, looked_at="y").status_code == 303


def test_a_draft_is_edited_and_a_public_value_revised_with_a_note(
    here: Flask, lan: FlaskClient, minh: FlaskClient
) -> None:
    address = entered(lan).headers["Location"]
    form = f"{address}/sua"
    revision = only_value(here).revision
    assert send(lan, form, **{**CELLS, "value": "63", "revision": revision}).status_code == 303
    stale = send(lan, form, **{**CELLS, "value": "64", "revision": revision})
    assert stale.status_code == 409
    send(lan, address, f"{address}/de-nghi")
    send(minh, address, f"{address}/ky")
    silent = send(lan, form, **{**CELLS, "value": "65"}, paper=pdf())
    assert silent.status_code == 422 and "Nhập ghi chú công khai" in silent.text
    told = send(lan, form, **{**CELLS, "value": "65"}, paper=pdf(), revision_note="Sót hai cơ sở")
    assert told.status_code == 303 and told.headers["Location"] != address


def test_sending_back_withdrawing_and_putting_off_need_reasons(lan: FlaskClient, minh: FlaskClient) -> None:
    address = entered(lan).headers["Location"]
    send(lan, address, f"{address}/de-nghi")
    assert send(minh, address, f"{address}/tra-lai", reason="").status_code == 422
    assert send(minh, address, f"{address}/tra-lai", reason="Sai kỳ").status_code == 303
    assert "Sai kỳ" in words(read(lan, address))
    send(lan, address, f"{address}/de-nghi")
    past = send(minh, address, f"{address}/ky", embargo_day="2020-01-01", embargo_time="08:00")
    assert past.status_code == 422 and "đã qua" in past.text
    later = {"embargo_day": "2099-01-01", "embargo_time": "08:00"}
    assert send(minh, address, f"{address}/ky", **later).status_code == 303
    assert "12/BC-SCT" not in minh.get("/chi-tieu/KH54-13").text
    assert send(minh, address, f"{address}/huy-lich", reason="Đổi giờ").status_code == 303
    assert send(minh, address, f"{address}/ky").status_code == 303
    assert send(minh, address, f"{address}/rut", reason="Sai", public_note="").status_code == 422
    assert send(minh, address, f"{address}/rut", reason="Sai", public_note="Nhầm kỳ").status_code == 303
    assert "Nhầm kỳ" in minh.get("/chi-tieu/KH54-13").text


def test_a_line_that_surveys_measure_takes_no_value(lan: FlaskClient) -> None:
    answer = lan.get(f"{DESK}/KH54-37/nhap")
    assert answer.status_code == 400 and "đo bằng khảo sát" in answer.text
    assert "đo bằng khảo sát" in words(read(lan, f"{DESK}/KH54-37"))


def test_a_file_is_looked_at_and_taken(here: Flask, lan: FlaskClient) -> None:
    answer = send(lan, f"{DESK}/nhap-tep", file=FileStorage(io.BytesIO(GOOD.encode()), "a.csv"), paper=pdf())
    preview = answer.headers["Location"]
    assert "Dòng đúng" in words(read(lan, preview))
    assert send(lan, preview, f"{preview}/nhan").status_code == 303
    with here.app_context():
        assert len(list(db.session.scalars(select(AdministrativeValue)))) == 2
    assert send(lan, f"{DESK}/nhap-tep", f"{preview}/nhan").status_code == 409
    assert "Tệp đã nhập" in words(read(lan, preview))


def test_a_faulty_file_shows_row_column_fault_and_remedy(here: Flask, lan: FlaskClient) -> None:
    text = GOOD + "KH54-99,2025,1,,,1,10/01/2026,,\n"
    answer = send(lan, f"{DESK}/nhap-tep", file=FileStorage(io.BytesIO(text.encode()), "a.csv"), paper=pdf())
    preview = answer.headers["Location"]
    page = words(read(lan, preview))
    assert "Danh mục không có chỉ tiêu KH54-99" in page and "mã chỉ tiêu" in page
    assert send(lan, preview, f"{preview}/bo").status_code == 303
    with here.app_context():
        assert db.session.scalars(select(ValueImport)).one().status == "dropped"
    bad = send(lan, f"{DESK}/nhap-tep", file=FileStorage(io.BytesIO(b"\xff\xfe\x00"), "a.csv"), paper=pdf())
    assert bad.status_code == 422


def test_the_desk_lists_lines_and_who_is_missing(here: Flask, lan: FlaskClient) -> None:
    page = words(read(lan, DESK))
    assert "104 chỉ tiêu" in page and "không có cơ quan kế thừa" in page
    assert lan.get(f"{DESK}/nhap-tep/mau.csv").data.startswith(b"\xef\xbb\xbf")
    quan = signed_in(here, "quan", Role.MANAGER)
    assert "Nhập từ tệp" in words(read(quan, DESK))
    assert signed_in(here, "dtv", Role.ENUMERATOR).get(DESK).status_code == 403
    assert here.test_client().get(DESK).status_code == 302
