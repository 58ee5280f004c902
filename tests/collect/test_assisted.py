"""One helper, many neighbours, one phone: who helped is kept, and nobody sees the answers of another."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page, sync_playwright
from sqlalchemy import select, update

from survey.config import Settings
from survey.extensions import db
from survey.intake.helping import SILENCE, count_help, revoke_team
from survey.intake.models import HelperTeam, HelpSession
from survey.process.tables import ROOT, collect_tables
from survey.rounds.models import Round
from tests.collect.consenting import CONSENTING, DESIGN, SECRET, answer, responses
from tests.collect.helpers import helper, team_code
from tests.collect.test_browser import CHROMIUM, PHONE
from tests.collect.visitor import Visitor
from tests.factories import Fielded, field_survey
from tests.live import serving

ASKS = "Nhập mã để mở phiếu này"


@pytest.fixture
def garden(app: Flask, tmp_path: Path) -> Fielded:
    return field_survey(app, CONSENTING, folder=tmp_path, units=2, design=DESIGN)


@pytest.fixture
def phone(app: Flask, garden: Fielded) -> Visitor:
    """A phone on which a helper has signed in."""
    return helper(app)


def begin(phone: Visitor, **entered: str) -> Visitor:
    """The next neighbour's first page."""
    return phone.open("/ho-tro/garden").press(**entered)


def hand_on(phone: Visitor) -> Visitor:
    """Tap the bar."""
    return phone.submit(phone.form("/ho-tro/xong"), {}, {})


def silent(app: Flask) -> None:
    """Eleven minutes go by."""
    with app.app_context():
        past = datetime.now(UTC) - SILENCE - timedelta(minutes=1)
        db.session.execute(update(HelpSession).values(seen_at=past))
        db.session.commit()


def test_who_helped_is_kept(app: Flask, garden: Fielded, phone: Visitor) -> None:
    code = next(iter(garden.cases))
    begin(phone, case_code=f"{code[:4]}-{code[4:].lower()}")
    answer(phone)
    hand_on(phone)
    begin(phone)
    answer(phone, garden="mít")
    assert [(response.assisted, response.source) for response in responses(app)] == [
        (True, "sample"),
        (True, "opt_in"),
    ]
    with app.app_context():
        round_ = db.session.get_one(Round, garden.round_id)
        (line,) = count_help(round_)
        assert (line.team, line.helper, line.complete, line.unfinished) == (
            "Tổ ấp Phú Thạnh",
            "Chị Sáu",
            2,
            0,
        )
        with db.engine.connect() as connection:
            assert list(collect_tables(connection, round_)[ROOT]["assisted"]) == ["yes"]


def test_a_neighbour_may_wish_the_helper_not_to_be_named(app: Flask, garden: Fielded, phone: Visitor) -> None:
    begin(phone, unnamed="y")
    answer(phone)
    (response,) = responses(app)
    assert (response.assisted, response.help_id) == (True, None)
    with app.app_context():
        (line,) = count_help(db.session.get_one(Round, garden.round_id))
        assert (line.helper, line.complete) == ("", 1)


def test_answers_without_help_say_so(app: Flask, garden: Fielded) -> None:
    answer(Visitor(app.test_client()).open(f"/k/{next(iter(garden.cases.values()))}").press())
    with app.app_context(), db.engine.connect() as connection:
        tables = collect_tables(connection, db.session.get_one(Round, garden.round_id))
        assert list(tables[ROOT]["assisted"]) == ["no"]


def test_the_neighbour_is_asked_for_consent(app: Flask, phone: Visitor) -> None:
    phone.open("/ho-tro/garden")
    assert "tự quyết định có đồng ý hay không" in phone.text
    phone.press()
    assert "consent" in phone.asked
    phone.press(consent="no").press()
    (response,) = responses(app)
    assert (response.consent_given, response.answers) == (False, {"consent": "no"})


def test_the_bar_is_on_every_page(phone: Visitor) -> None:
    def bar() -> str:
        return " ".join(phone.document.xpath("string(//aside[contains(@class, 'help-bar')])").split())

    begin(phone)
    assert "Chị Sáu, Tổ ấp Phú Thạnh" in bar()
    root = phone.address.partition("/trang/")[0]
    for address in (phone.address, f"{root}/tam-dung", f"{root}/xem-lai", "/rut-lai", "/quyen-rieng-tu"):
        phone.open(address)
        assert "Xong, đưa máy cho người khác" in bar(), address
    answer(phone.open(root))
    assert "Xong, đưa máy cho người khác" in bar()


def test_after_the_tap_every_address_asks_for_the_code(app: Flask, phone: Visitor) -> None:
    begin(phone).press(consent="yes").press(garden=SECRET)
    root = phone.address.rpartition("/trang/")[0]
    hand_on(phone)
    assert phone.h1 == "Mời người tiếp theo"
    assert SECRET not in phone.document.text_content()
    for page in ("", "/trang/garden", "/trang/first", "/xem-lai", "/tam-dung", "/cam-on"):
        reply = phone.client.get(f"{root}{page}")
        assert (reply.status_code, SECRET in reply.text) == (303, False), page
        assert reply.headers["Cache-Control"] == "no-store"
    assert phone.open(root).h1 == ASKS
    assert SECRET not in phone.document.text_content()
    code = responses(app)[0].resume_code
    assert phone.press(code="SAIM-AAAA").faults == ["Mã này không mở được phiếu. Kiểm tra lại 8 ký tự."]
    phone.press(code=code).open(f"{root}/trang/garden")
    assert phone.value("garden") == SECRET


def test_the_code_of_an_unfinished_form_is_shown_until_it_is_written_down(app: Flask, phone: Visitor) -> None:
    hand_on(begin(phone))
    code = responses(app)[0].resume_code
    assert phone.document.xpath("//@data-code") == [code]
    phone.submit(phone.form("quen-ma"), {}, {})
    assert not phone.document.xpath("//@data-code")
    begin(phone)
    answer(phone)
    hand_on(phone)
    assert not phone.document.xpath("//@data-code"), "a form that was sent has its receipt"


def test_a_completed_form_cannot_be_read_by_the_helper(app: Flask, phone: Visitor) -> None:
    begin(phone)
    answer(phone)
    thanks = phone.address
    assert SECRET not in phone.document.text_content()
    for page in ("/xem-lai", "/trang/garden", ""):
        phone.open(thanks.replace("/cam-on", page))
        assert (phone.h1, SECRET in phone.document.text_content()) == ("Cảm ơn ông/bà", False)
    hand_on(phone)
    assert phone.open(thanks).h1 == ASKS, "the receipt is the neighbour's"


def test_the_next_neighbour_takes_the_place_of_one_who_just_left(phone: Visitor) -> None:
    begin(phone).press(consent="yes").press(garden=SECRET)
    former = phone.address
    begin(phone)
    assert phone.open(former).h1 == ASKS


def test_after_ten_silent_minutes_nothing_is_shown_and_what_was_typed_waits(
    app: Flask, phone: Visitor
) -> None:
    begin(phone).press(consent="yes")
    page = phone.address
    silent(app)
    phone.press(garden=SECRET)
    assert phone.h1 == ASKS
    assert SECRET not in phone.document.text_content()
    phone.press(code=responses(app)[0].resume_code)
    assert (phone.address, phone.value("garden")) == (page, SECRET)


def test_a_sign_of_life_holds_the_page(app: Flask, phone: Visitor) -> None:
    begin(phone)
    with app.app_context():
        db.session.execute(update(HelpSession).values(seen_at=datetime.now(UTC) - timedelta(minutes=9)))
        db.session.commit()
    assert phone.client.get("/ho-tro/con-day").status_code == 204
    with app.app_context():
        assert db.session.scalars(select(HelpSession.seen_at)).one() > datetime.now(UTC) - timedelta(
            minutes=1
        )


def test_at_home_the_code_opens_the_form_on_another_phone(app: Flask, phone: Visitor) -> None:
    begin(phone).press(consent="yes")
    page = phone.address
    home = Visitor(app.test_client()).open(page)
    assert home.h1 == ASKS
    home.press(code=responses(app)[0].resume_code)
    assert home.address == page
    other = Visitor(app.test_client()).open("/s/garden")
    other.submit(other.form("tiep-tuc"), {}, {"code": responses(app)[0].resume_code})
    assert other.address == page


def test_a_form_begun_at_home_goes_on_with_help(app: Flask, phone: Visitor) -> None:
    home = Visitor(app.test_client()).open("/s/garden").press().press(consent="yes")
    phone.open("/ho-tro/garden")
    phone.submit(phone.form("tiep-tuc"), {}, {"code": responses(app)[0].resume_code})
    assert phone.address == home.address
    assert responses(app)[0].help_id is not None


def test_an_invitation_alone_does_not_show_what_was_begun(
    app: Flask, garden: Fielded, phone: Visitor
) -> None:
    code, token = next(iter(garden.cases.items()))
    Visitor(app.test_client()).open(f"/k/{token}").press().press(consent="yes").press(garden=SECRET)
    begin(phone, case_code=code)
    assert "đang làm dở" in phone.faults[0]
    assert phone.address.startswith("/ho-tro/garden")


@pytest.mark.parametrize("typed", ["SAIM-AAAA", "'; --", "\u202e", "x" * 500])
def test_wrong_invitations_are_told(phone: Visitor, typed: str) -> None:
    begin(phone, case_code=typed)
    assert "Không có mã phiếu này" in phone.faults[0]


def test_an_answered_invitation_is_told(garden: Fielded, phone: Visitor) -> None:
    code = next(iter(garden.cases))
    answer(begin(phone, case_code=code))
    hand_on(phone)
    begin(phone, case_code=code)
    assert "đã có câu trả lời" in phone.faults[0]


def test_signing_in_needs_a_code_that_holds_and_a_name(app: Flask, garden: Fielded) -> None:
    code, phone = team_code(app), Visitor(app.test_client()).open("/ho-tro")
    assert len(phone.press(code="SAIM-AAAA", helper=" \x00 ").faults) == 2
    phone.press(code=f"{code[:4]} {code[4:]}".lower(), helper="<b>Sáu</b> \u202e" + "x" * 500)
    assert phone.h1 == "Chọn khảo sát"
    assert "<b>" in phone.document.xpath("string(//aside)"), "shown as it was typed"
    with app.app_context():
        team = db.session.scalars(select(HelperTeam)).one()
        revoke_team(team.id)
        db.session.commit()
    assert phone.open("/ho-tro").h1 == "Hỗ trợ người dân trả lời"
    assert phone.press(code=code, helper="Sáu").faults


def test_a_revoked_team_sees_nothing_more(app: Flask, phone: Visitor) -> None:
    begin(phone).press(consent="yes")
    page = phone.address
    with app.app_context():
        db.session.execute(update(HelperTeam).values(revoked_at=datetime.now(UTC)))
        db.session.commit()
    assert phone.open(page).h1 == ASKS
    assert not phone.document.xpath("//aside[contains(@class, 'help-bar')]")


def test_a_shift_ends(app: Flask, phone: Visitor) -> None:
    with app.app_context():
        db.session.execute(update(HelpSession).values(started_at=datetime.now(UTC) - timedelta(hours=13)))
        db.session.commit()
    assert phone.open("/ho-tro/garden").h1 == "Hỗ trợ người dân trả lời"


def test_the_helper_gives_the_phone_back(phone: Visitor) -> None:
    phone.submit(phone.form("ket-thuc"), {}, {})
    assert phone.h1 == "Hỗ trợ người dân trả lời"
    assert phone.open("/ho-tro/garden").h1 == "Hỗ trợ người dân trả lời"


def test_an_address_of_nobody(phone: Visitor) -> None:
    address = f"/s/garden/{uuid.uuid4()}"
    assert phone.client.get(f"{address}/trang/first").status_code == 404
    assert phone.open(f"{address}/ma").press(code="SAIM-AAAA").faults


def back(page: Page) -> None:
    """The browser's Back, pressed again where it was refused: between two pages there is none to go back from."""
    for attempt in range(10):
        try:
            page.go_back()
            return
        except Error as refused:
            if "Not attached" not in str(refused) or attempt == 9:
                raise
            page.wait_for_timeout(200)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_two_neighbours_and_the_button_that_goes_back(
    app: Flask, garden: Fielded, database_url: str, settings: Settings, script: bool
) -> None:
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed: apt-get install chromium")
    code = team_code(app)
    with sync_playwright() as playwright, serving(database_url, settings.home) as (base, _):
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(viewport=PHONE, java_script_enabled=script, locale="vi-VN").new_page()  # type: ignore[arg-type]
        page.goto(f"{base}/ho-tro")
        page.get_by_label("Mã tổ").fill(code)
        page.get_by_label("Tên của bạn").fill("Chị Sáu")
        page.get_by_role("button", name="Bắt đầu hỗ trợ").click()
        page.get_by_role("link", name="garden").or_(page.locator("main li a").first).first.click()
        page.get_by_role("button", name="Bắt đầu", exact=True).click()
        page.get_by_text("Có", exact=True).click()
        page.get_by_role("button", name="Tiếp tục", exact=True).click()
        page.get_by_label("Vườn trồng gì?").fill(SECRET)
        former = page.url
        page.get_by_role("button", name="Tiếp tục", exact=True).click()
        back(page)
        assert page.get_by_label("Vườn trồng gì?").input_value() == SECRET, "the person may go back"
        page.get_by_role("button", name="Xong, đưa máy cho người khác").click()
        page.wait_for_url("**/ho-tro/tiep-theo*")
        page.get_by_role("button", name="Đã ghi, xóa mã").click()
        for _ in range(4):
            back(page)
            page.wait_for_load_state()
            assert SECRET not in page.content(), page.url
            assert page.locator("input[name=garden]").count() == 0, page.url
        page.goto(former)
        assert page.locator("h1").inner_text() == ASKS
        page.goto(f"{base}/ho-tro/garden")
        page.get_by_role("button", name="Bắt đầu", exact=True).click()
        page.get_by_text("Có", exact=True).click()
        page.get_by_role("button", name="Tiếp tục", exact=True).click()
        assert page.get_by_label("Vườn trồng gì?").input_value() == ""
        assert page.url != former
        if script:
            page.clock.install()
            page.reload()
            page.clock.fast_forward("09:10")
            assert "sẽ được xóa sau 1 phút" in page.get_by_role("alert").inner_text()
            page.keyboard.press("Shift")
            page.clock.fast_forward("09:10")
            assert "/trang/" in page.url, "whoever touches the page stays"
            page.clock.fast_forward("01:00")
            page.wait_for_url("**/ho-tro/tiep-theo*")
        browser.close()
    assert len(responses(app)) == 2
