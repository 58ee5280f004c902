"""Taking answers back: everything is erased, nothing brings it back, and the words are plain."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from survey.cases.models import Case
from survey.extensions import db
from survey.intake.late import admit
from survey.intake.models import Response, ResponseEvent, ResponseTrace
from survey.rounds.models import Round
from survey.rounds.service import close_round, open_round
from tests.collect.consenting import CONSENTING, DESIGN, SECRET, answer, responses, tables_that_hold
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey
from tests.openrosa.device import Device, instance_id, message


@pytest.fixture
def garden(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, CONSENTING, folder=tmp_path, units=2, design=DESIGN)


@pytest.fixture
def visitor(garden: Fielded, client: FlaskClient) -> Visitor:
    return Visitor(client)


@pytest.fixture
def device(garden: Fielded, app: Flask) -> Device:
    return Device(app.test_client(), garden)


def ask(visitor: Visitor, code: str) -> Visitor:
    """Type a code on the withdrawal page."""
    return visitor.open("/rut-lai").press(code=code)


def withdraw(visitor: Visitor, code: str) -> Visitor:
    """The whole way, from the code to the page that says it is done."""
    return ask(visitor, code).press()


def change_round(app: Flask, garden: Fielded, change: Any) -> None:
    """Do something to the round."""
    with app.app_context():
        change(db.session.get_one(Round, garden.round_id))
        db.session.commit()


def case_of(app: Flask, code: str) -> Case:
    """A case by its code."""
    with app.app_context():
        return db.session.scalars(select(Case).where(Case.code == code)).one()


def events(app: Flask) -> list[tuple[str, dict[str, Any]]]:
    """The trail of all responses."""
    with app.app_context():
        query = select(ResponseEvent.kind, ResponseEvent.detail).order_by(ResponseEvent.id)
        return [(kind, detail) for kind, detail in db.session.execute(query)]


def traces(app: Flask) -> int:
    """How many digests are kept to find forms that were sent twice."""
    with app.app_context():
        return db.session.query(ResponseTrace).count()


def test_no_byte_of_an_answer_remains(app: Flask, visitor: Visitor) -> None:
    visitor.open("/s/garden").press().press(consent="yes")
    other_tab = Visitor(visitor.client).open(visitor.address)
    visitor.press(garden=SECRET)
    photo = (BytesIO(b"\xff\xd8\xff" + SECRET.encode()), "vuon.jpg", "image/jpeg")
    visitor.press(photo=photo)
    other_tab.press(garden=f"{SECRET} và mít")
    assert set(tables_that_hold(app, SECRET)) == {"response", "attachment", "unsaved_page"}
    assert "garden" in str(events(app))
    assert traces(app) > 0
    code = responses(app)[0].resume_code
    withdraw(visitor, str(code))
    assert visitor.h1 == "Câu trả lời đã được xóa"
    assert tables_that_hold(app, SECRET) == []
    assert traces(app) == 0, "digests of answers and devices tell something of them too"
    assert tables_that_hold(app, "vuon") == []
    assert events(app) == [("withdrawn", {"status": "draft", "mode": "web"})]
    (response,) = responses(app)
    assert (response.status, response.answers, response.content_hash) == ("withdrawn", {}, None)


def test_what_will_happen_is_said_before(visitor: Visitor) -> None:
    code = answer(visitor.open("/s/garden").press())
    ask(visitor, f"{code[:4].lower()}-{code[4:]} ")
    assert code not in visitor.address
    assert "Không khôi phục được" in visitor.text
    assert "Phiếu mời này" not in visitor.text, "nobody invited this person"
    visitor.submit(visitor.form(), {}, {}).open("/rut-lai/xong")
    assert visitor.h1 == "Câu trả lời đã được xóa"


def test_from_the_thanks_page_the_code_is_filled_in(app: Flask, visitor: Visitor) -> None:
    answer(visitor.open("/s/garden").press())
    assert "đến khi số liệu của đợt khảo sát được ký công bố" in visitor.text
    thanks = visitor.address
    visitor.submit(visitor.form("rut-lai"), {}, {}).press()
    assert visitor.h1 == "Câu trả lời đã được xóa"
    assert visitor.open(thanks).h1 == "Phiếu này đã được rút lại từ trước"
    assert visitor.open(thanks.replace("/cam-on", "/xem-lai")).h1 == "Phiếu này đã được rút lại từ trước"


def test_keeping_the_answers_after_all(app: Flask, visitor: Visitor) -> None:
    code = answer(visitor.open("/s/garden").press())
    ask(visitor, code)
    visitor.client.post("/rut-lai/thoi", data=dict(visitor.form().form_values()))
    assert visitor.open("/rut-lai/xac-nhan").address.startswith("/rut-lai?")
    assert responses(app)[0].status == "complete"


def test_twice_is_kind(app: Flask, visitor: Visitor) -> None:
    code = answer(visitor.open("/s/garden").press())
    other = Visitor(app.test_client())
    ask(other, code)
    withdraw(visitor, code)
    assert other.press().h1 == "Câu trả lời đã được xóa"
    assert ask(visitor, code).h1 == "Phiếu này đã được rút lại từ trước"
    assert len(events(app)) == 1


@pytest.mark.parametrize(
    "code", ["", "SAIM-AAAA", "'; DROP TABLE response; --", "\u202eABCD\x00\x07", "9" * 1000]
)
def test_a_wrong_code_says_nothing_of_others(visitor: Visitor, code: str) -> None:
    ask(visitor, code)
    assert visitor.status == 200
    assert len(visitor.faults) == 1
    assert "/rut-lai" in visitor.address
    assert visitor.open("/rut-lai").faults == [], "the message is shown once"


def test_guessing_is_limited(visitor: Visitor) -> None:
    form = dict(visitor.open("/rut-lai").form().form_values())
    statuses = {visitor.client.post("/rut-lai", data=form).status_code for _ in range(61)}
    assert statuses == {303, 429}


def test_nobody_gets_to_the_question_without_a_code(visitor: Visitor) -> None:
    for address in ("/rut-lai/xac-nhan", "/rut-lai/xong"):
        assert visitor.open(address).h1 == "Rút lại câu trả lời"


def test_a_case_becomes_a_refusal_and_may_change_its_mind(
    app: Flask, garden: Fielded, visitor: Visitor
) -> None:
    code, token = next(iter(garden.cases.items()))
    receipt = answer(visitor.open(f"/k/{token}").press())
    assert case_of(app, code).disposition == "1.1"
    ask(visitor, receipt)
    assert "Phiếu mời này được ghi là từ chối" in visitor.text
    visitor.press()
    assert case_of(app, code).disposition == "2.11"
    answer(visitor.open(f"/k/{token}").press(), garden="mít")
    assert case_of(app, code).disposition == "1.1"
    assert sorted(response.status for response in responses(app)) == ["complete", "withdrawn"]


def test_a_late_resend_of_a_device_keeps_nothing(
    app: Flask, garden: Fielded, device: Device, visitor: Visitor
) -> None:
    code = next(iter(garden.cases))
    answers = {"case_code": code, "consent": "yes", "garden": SECRET, "photo": "vuon.jpg"}
    record = device.record(answers, name := instance_id())
    first = device.send(record)
    assert first.status_code == 201
    receipt = message(first).partition("Mã biên nhận: ")[2][:9]
    withdraw(visitor, receipt)
    again = device.send(record, {"vuon.jpg": SECRET.encode()})
    assert (again.status_code, "đã rút lại" in message(again)) == (202, True)
    other = device.send(device.record(answers | {"garden": f"{SECRET} khác"}, name))
    correction = device.send(device.record(answers, replaces=name))
    assert (other.status_code, correction.status_code) == (202, 202)
    assert tables_that_hold(app, SECRET) == []
    assert [response.status for response in responses(app)] == ["withdrawn"]
    assert case_of(app, code).disposition == "2.11"


def test_a_late_resend_after_the_close_keeps_nothing_either(
    app: Flask, garden: Fielded, device: Device, visitor: Visitor
) -> None:
    record = device.record({"consent": "yes", "garden": SECRET})
    receipt = message(device.send(record)).partition("Mã biên nhận: ")[2][:9]
    withdraw(visitor, receipt)
    change_round(app, garden, close_round)
    assert device.send(record).status_code == 202
    change_round(app, garden, lambda round_: (open_round(round_), admit(round_)))
    assert tables_that_hold(app, SECRET) == []


def test_corrections_go_with_what_they_corrected(app: Flask, device: Device, visitor: Visitor) -> None:
    first, second = instance_id(), instance_id()
    receipt = message(device.send(device.record({"consent": "yes", "garden": SECRET}, first)))[-200:]
    answers = {"consent": "yes", "garden": f"{SECRET}, mít"}
    device.send(device.record(answers, second, replaces=first))
    device.send(device.record(answers | {"garden": f"{SECRET}, ổi"}, replaces=second))
    device.send(device.record({"consent": "yes", "garden": "xoài"}))
    withdraw(visitor, receipt.partition("Mã biên nhận: ")[2][:9])
    assert tables_that_hold(app, SECRET) == []
    assert sorted(response.status for response in responses(app)) == ["complete", *["withdrawn"] * 3]


def test_a_late_twin_of_the_case_goes_too(
    app: Flask, garden: Fielded, device: Device, visitor: Visitor
) -> None:
    code, token = next(iter(garden.cases.items()))
    receipt = answer(visitor.open(f"/k/{token}").press(), garden="mít")
    change_round(app, garden, close_round)
    assert (
        device.send(device.record({"case_code": code, "consent": "yes", "garden": SECRET})).status_code == 201
    )
    withdraw(visitor, receipt)
    change_round(app, garden, lambda round_: (open_round(round_), admit(round_)))
    assert {response.status for response in responses(app)} == {"withdrawn"}
    assert tables_that_hold(app, SECRET) == []


def deidentify(round_: Round) -> None:
    """The promised day has just gone by."""
    round_.deidentify_at = datetime.now(UTC)


def test_after_deidentification_it_is_refused_in_plain_words(
    app: Flask, garden: Fielded, visitor: Visitor
) -> None:
    code = answer(visitor.open("/s/garden").press())
    thanks = visitor.address
    ask(visitor, code)
    change_round(app, garden, deidentify)
    assert "đã được khử định danh ngày" in visitor.press().text
    assert visitor.status == 409
    assert responses(app)[0].status == "complete"
    assert "Rút lại" not in visitor.open(thanks).text


def test_what_comes_after_deidentification_can_be_withdrawn(
    app: Flask, garden: Fielded, visitor: Visitor
) -> None:
    change_round(app, garden, deidentify)
    withdraw(visitor, answer(visitor.open("/s/garden").press()))
    assert responses(app)[0].status == "withdrawn"


def test_the_day_is_told(app: Flask, garden: Fielded, visitor: Visitor) -> None:
    change_round(
        app, garden, lambda round_: setattr(round_, "deidentify_at", datetime(2036, 11, 30, 17, tzinfo=UTC))
    )
    answer(visitor.open("/s/garden").press())
    assert "đến hết ngày 30/11/2036" in visitor.text


def test_the_question_waits_a_quarter_of_an_hour(visitor: Visitor) -> None:
    code = answer(visitor.open("/s/garden").press())
    ask(visitor, code)
    with visitor.client.session_transaction() as session:
        session["withdrawing"] = {
            **session["withdrawing"],
            "at": (datetime.now(UTC) - timedelta(minutes=16)).timestamp(),
        }
    assert visitor.open("/rut-lai/xac-nhan").h1 == "Rút lại câu trả lời"


def test_in_english(visitor: Visitor) -> None:
    code = answer(visitor.open("/s/garden?lang=en").press())
    visitor.open("/rut-lai?lang=en").press(code=code)
    assert visitor.document.get("lang") == "en"
    assert visitor.press().h1 == "Your answers are erased"


def test_the_database_keeps_no_answers_under_that_status(app: Flask, visitor: Visitor) -> None:
    answer(visitor.open("/s/garden").press())
    with app.app_context():
        response = db.session.scalars(select(Response)).one()
        response.status = "withdrawn"
        with pytest.raises(IntegrityError, match="withdrawn_has_no_answers"):
            db.session.commit()
