"""The desks: sign-in, account, process, signing, manage: nothing that axe finds, and nothing wider than 320 px."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from werkzeug.datastructures import FileStorage

from survey.accounts.models import Role
from survey.cases.models import Case
from survey.disseminate import service as dissemination
from survey.extensions import db
from survey.invitations.models import Contact, LetterBatch, Message
from survey.process import queue, service
from survey.rounds.models import Round
from tests.accessibility.browser import Shown, showing
from tests.authoring.forms import HOUSEHOLD, brought_in
from tests.collect.visitor import Visitor
from tests.disseminate.published import estimate, make_run
from tests.factories import field_survey
from tests.known import load_registry
from tests.process import test_change as change
from tests.process import test_small_area as small_area
from tests.process import test_volunteers as volunteers
from tests.process.conftest import HandMade, field
from tests.process.hand_made import DESIGN_WEIGHT, NONRESPONSE, WITHIN
from tests.staff import read, send, signed_in, statistician, token

__all__ = ["field"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def assert_right(browser: Browser, client: FlaskClient, *addresses: str) -> None:
    """Each page has no fault and fits."""
    with showing(browser, client) as shown:
        for address in addresses:
            shown.open(address)
            assert_shown_right(shown, address)


def assert_shown_right(shown: Shown, address: str) -> None:
    """The page in the window has no fault and fits."""
    assert shown.faults() == [], address
    assert shown.width() <= 320, address


def test_signing_in_and_ones_account(app: Flask, client: FlaskClient, browser: Browser, shown: Shown) -> None:
    assert_right(browser, client, "/dang-nhap")
    shown.open_text(send(client, "/dang-nhap", username="lan", password="không đúng").text)
    assert_shown_right(shown, "refused")
    assert_right(browser, signed_in(app, "quan", Role.MANAGER), "/tai-khoan", "/process/")


def test_the_statisticians_desk(app: Flask, field: Callable[..., HandMade], browser: Browser) -> None:
    fielded, lan = field(DESIGN_WEIGHT, NONRESPONSE, WITHIN), signed_in(app, "lan", Role.STATISTICIAN)
    with app.app_context():
        run = service.request_run(db.session.get_one(Round, fielded.round_id), statistician("minh"))
        db.session.commit()
        run_id = run.id
    assert_right(browser, lan, f"/process/run/{run_id}", "/process/cong-viec")  # waiting
    with app.app_context():
        queue.cancel(service.find_run(run_id))
        db.session.commit()
    assert_right(browser, lan, f"/process/run/{run_id}", "/process/cong-viec")  # stopped
    with app.app_context():
        queue.retry(service.find_run(run_id), statistician("nam"))
        db.session.commit()
        service.execute(run_id)
    assert_right(browser, lan, "/process/cong-viec")  # empty
    assert_right(browser, lan, "/process/", fielded.address, f"/process/run/{run_id}")
    assert_right(browser, signed_in(app, "quan", Role.MANAGER), "/manage/", "/manage/tinh-tay/r1")


def test_the_table_of_estimates_and_the_named_methods(
    app: Flask, field: Callable[..., HandMade], browser: Browser
) -> None:
    """With changes from the last round, areas, and volunteers."""
    with app.app_context():
        load_registry()
        first = db.session.get_one(Round, field(DESIGN_WEIGHT, cv_publish=0.5).round_id)
        change.run_of(first, "minh")
        run = change.run_of(change.later_round(first), "nam")
        made = [
            small_area.result(small_area.sample(1)[1]),
            volunteers.result(*volunteers.sources(1), combine="inverse_mse", doubly_robust=True),
        ]
        for result in made:
            result.run_id = run.id
        db.session.add_all(made)
        db.session.commit()
        page = f"/process/run/{run.id}"
    pages = [f"{page}/uoc-luong?sap=-value", f"{page}/uoc-luong?chat-luong=caution"]
    lan = signed_in(app, "lan", Role.STATISTICIAN)
    assert_right(browser, lan, page, *pages, f"{page}/vung-nho", f"{page}/tu-nguyen")


def test_the_signing_desk(app: Flask, browser: Browser) -> None:
    with app.app_context():
        load_registry()
        run = make_run(estimate(80.0), estimate(82.0, dimension="sex", level="male"))
        db.session.commit()
        page = f"/ky/luot/{run.id}"
    lan, minh = signed_in(app, "lan", Role.STATISTICIAN), signed_in(app, "minh", Role.STATISTICIAN)
    assert_right(browser, lan, "/ky/", page)
    send(lan, page, f"{page}/de-nghi", checked="y")
    assert_right(browser, lan, page)
    assert_right(browser, minh, "/ky/", page, f"{page}/tra-lai")
    hour = {"embargo_day": "2031-12-05", "embargo_time": "08:00"}
    send(minh, page, f"{page}/cong-bo", checked="y", **hour)
    assert_right(browser, minh, "/ky/", page, f"{page}/huy-lich")
    send(minh, f"{page}/huy-lich", reason="Chờ họp")
    send(minh, page, f"{page}/cong-bo", checked="y")
    assert_right(browser, minh, "/ky/", page, f"{page}/rut-lai", f"{page}/nhat-ky")
    send(minh, f"{page}/rut-lai", reason="Sai", public_note="Có lỗi, sẽ công bố lại.")
    assert_right(browser, minh, "/ky/", page)


def test_the_signing_desk_by_keyboard_and_with_something_wrong(app: Flask, browser: Browser) -> None:
    with app.app_context():
        run = make_run(estimate(80.0))
        dissemination.propose(run, statistician("lan"))
        db.session.commit()
        page = f"/ky/luot/{run.id}"
    minh = signed_in(app, "minh", Role.STATISTICIAN)
    with showing(browser, minh) as shown:
        shown.open_text(send(minh, page, f"{page}/cong-bo", embargo_day="2031-12-05").text)
        assert_shown_right(shown, page)
        window = shown.open(f"{page}/tra-lai")
        window.locator("#main").focus()
        reached = []
        for _ in range(3):
            window.keyboard.press("Tab")
            reached.append(
                window.evaluate("document.activeElement.textContent || document.activeElement.name")
            )
        assert [text.strip() for text in reached] == ["reason", "Trả lại", "Không, quay lại"]


def test_the_managers_desk(app: Flask, browser: Browser) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    assert_right(browser, quan, "/manage/", "/manage/upload")
    field_survey(app, units=12)
    survey = "/manage/ict-ho-gia-dinh"
    assert_right(browser, quan, "/manage/", survey, f"{survey}/r1")


def test_messages_on_the_managers_desk(app: Flask, browser: Browser, shown: Shown) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    field_survey(app)
    survey = "/manage/ict-ho-gia-dinh"
    for address in (survey, "/manage/upload"):
        answer = send(quan, address)
        assert answer.status_code == 422
        shown.open_text(answer.text)
        assert_shown_right(shown, address)


def test_the_pages_of_a_version(app: Flask, browser: Browser, shown: Shown, tmp_path: Path) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    second = HOUSEHOLD.replace("| ho-net | 1 ", "| ho-net | 2 ").replace("| Tuổi ", "| Bao nhiêu tuổi ")
    _, version = brought_in(app, tmp_path, HOUSEHOLD, second)
    assert_right(browser, quan, version, f"{version}/xem-thu", f"{version}/xoa")
    send(quan, f"{version}/xem-thu")
    (address,) = set(read(quan, f"{version}/xem-thu").xpath("//iframe/@src"))
    Visitor(app.test_client()).open(address).press().press(size="1", net="yes")
    assert_right(browser, quan, f"{version}/xem-thu", address)
    faulty = HOUSEHOLD.replace("${net} = 'no'", "${nett} = 'no'").encode()
    sent = {"csrf_token": token(quan, "/manage/upload"), "file": (io.BytesIO(faulty), "phieu.md")}
    answer = quan.post("/manage/upload", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    shown.open_text(answer.text)
    assert_shown_right(shown, "faults")


def test_the_pages_of_invitations(app: Flask, browser: Browser, shown: Shown) -> None:
    quan = signed_in(app, "quan", Role.MANAGER)
    field_survey(app, units=12)
    desk = "/manage/ict-ho-gia-dinh/r1/moi"
    with app.app_context():
        cases = db.session.query(Case).order_by(Case.unit).limit(3).all()
        for number, case in enumerate(cases):
            db.session.add(Contact(case_id=case.id, email=f"nguoi{number}@vi-du.vn"))
        waiting = {"round_id": cases[0].round_id, "channel": "email", "kind": "invitation", "language": "vi"}
        waiting |= {"subject": "", "text": "{link}", "site": ""}
        db.session.add(Message(case_id=cases[0].id, state="failed", attempts=6, last_error="452", **waiting))
        db.session.add(
            LetterBatch(round_id=cases[0].round_id, scope={}, site="", status="running", progress=0.4)
        )
        db.session.add(
            LetterBatch(round_id=cases[0].round_id, scope={}, site="", status="done", size=5_000_000)
        )
        db.session.commit()
    pages = ("", "/cai-dat", "/lien-he", "/noi-dung?kenh=sms", "/gui/reminder", "/gui/invitation", "/thu")
    assert_right(browser, quan, *(f"{desk}{page}" for page in pages))
    file = FileStorage(io.BytesIO(b"unit,phone\nu9999,1\n"), "lien-he.csv")
    shown.open_text(send(quan, f"{desk}/lien-he", file=file).text)
    assert_shown_right(shown, "faulty rows")
    shown.open_text(send(quan, desk, f"{desk}/lien-ket", code="", deed="").text)
    assert_shown_right(shown, "wrong code")
