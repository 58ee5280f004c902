"""Who reaches which page: every page for staff against every role."""

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter

from survey.accounts.models import Role
from tests.factories import field_survey
from tests.page import page
from tests.staff import send, signed_in

DESK = {Role.STATISTICIAN, Role.MANAGER, Role.ADMIN}
MANAGERS = {Role.MANAGER, Role.ADMIN}
REVIEWERS = {Role.SUPERVISOR, *MANAGERS}
STATISTICIANS = {Role.STATISTICIAN}
ROUND = "mau/r1"
FORM = """
| survey   |            |      |       |
|          | type       | name | label |
|          | integer    | age  | Tuổi  |
| settings |            |      |       |
|          | form_title | form_id | version |
|          | Mẫu        | mau  | 1     |
"""

PAGES = {
    "/process/": DESK,
    f"/process/{ROUND}": DESK,
    "/process/cong-viec": DESK,
    "/process/bao-cao/": DESK,
    "/process/danh-muc": DESK,
    f"/process/{ROUND}/phuong-an": DESK,
    "/ky/": DESK,
    "/gui-so-lieu/": DESK,
    "/gui-so-lieu/ma-truy-cap": {Role.ADMIN},
    "/lich": DESK,
    "/vi-du-lieu/": DESK,
    "/manage/": MANAGERS,
    "/manage/upload": MANAGERS,
    "/manage/mau": MANAGERS,
    f"/manage/{ROUND}": MANAGERS,
    "/y-kien-xu-ly/": {Role.CASEWORKER, *MANAGERS},
    f"/manage/{ROUND}/bien-nhan": REVIEWERS,
    f"/manage/{ROUND}/moi": MANAGERS,
    f"/manage/{ROUND}/moi/cai-dat": MANAGERS,
    f"/manage/{ROUND}/moi/lien-he": MANAGERS,
    f"/manage/{ROUND}/moi/noi-dung": MANAGERS,
    f"/manage/{ROUND}/moi/gui/reminder": MANAGERS,
    f"/manage/{ROUND}/moi/thu": MANAGERS,
    "/tai-khoan": set(Role),
}
# A deed allowed to a role may still meet a rule (404: no such run), but never 403.
DEEDS = {
    f"/process/{ROUND}/runs": STATISTICIANS,
    "/process/run/1/cancel": STATISTICIANS,
    "/process/run/1/retry": STATISTICIANS,
    "/ky/luot/1/de-nghi": STATISTICIANS,
    "/ky/luot/1/cong-bo": STATISTICIANS,
    "/ky/luot/1/rut-lai": STATISTICIANS,
    "/gui-so-lieu/co-quan/so-khcn/gui/that": STATISTICIANS,
    "/gui-so-lieu/co-quan/so-khcn/dung": STATISTICIANS,
    "/gui-so-lieu/co-quan/so-khcn/dia-chi": {Role.ADMIN},
    "/gui-so-lieu/co-quan/so-khcn/dia-chi/bo": {Role.ADMIN},
    "/gui-so-lieu/lan-gui/1/gui-lai": STATISTICIANS,
    "/gui-so-lieu/lan-gui/1/xac-nhan": STATISTICIANS,
    "/gui-so-lieu/lan-gui/1/dinh-chinh": STATISTICIANS,
    "/gui-so-lieu/dinh-chinh/1": STATISTICIANS,
    "/gui-so-lieu/ma-truy-cap": {Role.ADMIN},
    "/gui-so-lieu/ma-truy-cap/1/thu-hoi": {Role.ADMIN},
    "/vi-du-lieu/luot/1/adult": STATISTICIANS,
    **dict.fromkeys(
        (f"/vi-du-lieu/ban/1/{deed}" for deed in ("de-nghi", "ky", "tra-lai", "rut-lai", "xoa")),
        STATISTICIANS,
    ),
    f"/manage/{ROUND}/open": MANAGERS,
    f"/manage/{ROUND}/close": MANAGERS,
    f"/manage/{ROUND}/rut-lai": MANAGERS,
    f"/manage/{ROUND}/to-ho-tro": MANAGERS,
    f"/manage/{ROUND}/to-ho-tro/1/thu-hoi": MANAGERS,
    f"/manage/{ROUND}/invitations.csv": MANAGERS,
    "/y-kien-xu-ly/xuat": {Role.CASEWORKER, *MANAGERS},
    "/y-kien-xu-ly/1/tra-loi": {Role.CASEWORKER, *MANAGERS},
    f"/manage/{ROUND}/moi/lien-ket": MANAGERS,
    f"/manage/{ROUND}/moi/lien-he/xoa": MANAGERS,
    f"/manage/{ROUND}/moi/huy-tin": MANAGERS,
    f"/manage/{ROUND}/moi/tin-loi": MANAGERS,
    f"/manage/{ROUND}/moi/ap-phich": MANAGERS,
    f"/manage/{ROUND}/moi/thu/1/xoa": MANAGERS,
}


@pytest.mark.parametrize("role", Role)
def test_a_role_sees_its_pages_and_no_others(app: Flask, tmp_path: Path, role: Role) -> None:
    field_survey(app, FORM, folder=tmp_path)
    browser = signed_in(app, "lan", role)
    for address, roles in PAGES.items():
        answer = browser.get(address)
        assert answer.status_code == (200 if role in roles else 403), address
        page(answer.text)


@pytest.mark.parametrize("role", Role)
def test_a_role_does_its_deeds_and_no_others(app: Flask, tmp_path: Path, role: Role) -> None:
    field_survey(app, FORM, folder=tmp_path)
    browser = signed_in(app, "lan", role)
    for address, roles in DEEDS.items():
        answer = send(browser, "/tai-khoan", address)
        assert (answer.status_code == 403) == (role not in roles), f"{address}: {answer.status}"


def test_a_stranger_is_asked_to_sign_in(app: Flask, tmp_path: Path) -> None:
    field_survey(app, FORM, folder=tmp_path)
    browser = app.test_client()
    for address in PAGES:
        assert browser.get(address).location.startswith("/dang-nhap?next="), address


@pytest.mark.parametrize("address", DEEDS)
def test_no_deed_without_the_token_of_the_page(app: Flask, tmp_path: Path, address: str) -> None:
    field_survey(app, FORM, folder=tmp_path)
    for username, role in (("lan", Role.STATISTICIAN), ("quan", Role.MANAGER)):
        browser = signed_in(app, username, role)
        answer = browser.post(address)
        assert answer.status_code == 400
        assert "Trang đã mở quá lâu" in answer.text


def test_the_refusal_names_the_role_that_is_needed(app: Flask) -> None:
    answer = signed_in(app, "lan", Role.ENUMERATOR).get("/manage/")
    assert "quản lý khảo sát, quản trị hệ thống" in answer.text


def test_every_page_for_staff_is_in_the_table(app: Flask) -> None:
    """A new page must say here who may see it."""
    rooms = (
        "process.",
        "manage.",
        "invitations.",
        "signing.",
        "voice_desk.",
        "accounts.account",
        "delivery.",
        "calendar.",
        "microdata_desk.",
        "accounts.account",
    )
    known = {
        "process.run_page",
        "process.affected_file",
        "signing.run_page",
        "signing.step_page",
        "signing.trail",
        "delivery.agency_page",
        "delivery.delivery_page",
        "delivery.package",
        "delivery.correction_page",
        "voice_desk.message",
        "voice_desk.photo",
        "voice_desk.place",
        "invitations.letter_file",
        "microdata_desk.plan_page",
        "microdata_desk.release_page",
        "microdata_desk.file",
    }  # need a run, a message or a file: tests/process, disseminate, voice, invitations, microdata
    with app.test_request_context():
        adapter = app.create_url_adapter(None) or app.url_map.bind("localhost")
        for address in PAGES:
            known.add(adapter.match(address, method="GET")[0])
        for address in DEEDS:
            known.add(adapter.match(address, method="POST")[0])
    staff = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith(rooms)}
    assert staff == known - {"reports.start", "administrative.start", "recipes.versions"}


DESKS = ("/process/", "/ky/", "/manage/", "/gui-so-lieu/", "/lich", "/vi-du-lieu/", "/y-kien-xu-ly/")


def example(converter: BaseConverter) -> object:
    """A value that fits a part of an address."""
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return 1 if isinstance(converter, IntegerConverter) else "x"


def test_no_address_of_a_desk_opens_for_a_stranger_or_an_enumerator(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is added under a desk's address: a stranger is sent to sign in, an enumerator refused."""
    stranger, enumerator = app.test_client(), signed_in(app, "hoa", Role.ENUMERATOR)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(DESKS)]
    assert len(rules) > 80
    for rule in rules:
        values = {name: example(kind) for name, kind in rule._converters.items()}
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            met = stranger.open(address, method=method)
            assert met.status_code in (302, 303) and "/dang-nhap" in met.location, (method, address)
            assert enumerator.open(address, method=method).status_code == 403, (method, address)
