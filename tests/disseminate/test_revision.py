"""Published figures that are withdrawn or revised: gone from where figures are, and never without a word."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role, User
from survey.commands.figures import withdraw as withdraw_command
from survey.disseminate import revision, service
from survey.disseminate.caching import figures_stamp
from survey.disseminate.models import Observation, Release
from survey.errors import Conflict
from survey.extensions import db
from survey.process.models import Run
from tests.disseminate.published import another_run, estimate, publish
from tests.page import page
from tests.staff import read as open_as
from tests.staff import send, signed_in, words

Read = Callable[[str], html.HtmlElement]
PAGE, FILE = "/chi-tieu/smartphone-use", "/chi-tieu/smartphone-use/so-lieu.csv"
NOTE = "Quyền số của hai xã bị nhập sai; số mới công bố trong tuần."


def person(username: str) -> User:
    return db.session.scalars(select(User).where(User.username == username)).one()


def first(value: float = 82.9) -> Observation:
    """A published total, with men beside it."""
    return publish(estimate(value), estimate(70.0, dimension="sex", level="male"))[0]


def withdrawn(figure: Observation) -> Observation:
    service.withdraw(figure.release, person("minh"), "Sai quyền số", NOTE)
    db.session.commit()
    return figure


def second(figure: Observation, value: float, note: str = "Sửa quyền số của hai xã.") -> Observation:
    """The same figures once more, from a later run."""
    run = another_run(figure.release.run, estimate(value), estimate(70.0, dimension="sex", level="male"))
    release = service.propose(run, person("lan"), note)
    total, _ = service.publish(release, person("minh"))
    db.session.commit()
    return total


def test_a_withdrawn_figure_is_gone_and_its_addresses_say_so(client: FlaskClient, read: Read) -> None:
    figure = first()
    assert "82,9" in words(read(PAGE))
    before, tag = figures_stamp(), client.get(PAGE).headers["ETag"]
    withdrawn(figure)
    assert figures_stamp() != before
    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 200
    for address in ("/", PAGE, "/chi-tieu/KH54-37", "/du-lieu"):
        assert "82,9" not in words(read(address)), address
    assert NOTE in words(read(PAGE))
    assert NOTE in words(read("/chi-tieu/KH54-37"))
    for address in (FILE, "/du-lieu/ict-ho-gia-dinh/so-lieu.xlsx"):
        reply = client.get(address)
        assert reply.status_code == 410
        assert NOTE in words(page(reply.text))
    number = client.get(f"/so-lieu/{figure.id}")
    assert number.status_code == 410
    assert "82,9" not in number.text
    assert "Chưa có số thay thế" in words(page(number.text))


def test_the_interfaces_keep_when_and_why_and_no_number(client: FlaskClient) -> None:
    figure = withdrawn(first())
    assert client.get("/api/v1/observations").get_json()["total"] == 0
    for answer in (
        client.get(f"/api/v1/observations/{figure.id}").get_json(),
        client.get("/api/v1/observations?current=false").get_json()["items"][0],
        client.get(f"/so-lieu/{figure.id}.json").get_json(),
    ):
        assert answer["withdrawn"]["note"] == NOTE
        assert answer["withdrawn"]["at"]
        assert (answer["obs_value"], answer["ci_low"], answer["current"]) == (None, None, False)


def test_what_replaces_a_withdrawn_figure_is_named_at_its_address(client: FlaskClient, read: Read) -> None:
    old = withdrawn(first())
    new = second(old, 71.0)
    assert new.revised
    told = words(page(client.get(f"/so-lieu/{old.id}").text))
    assert "Số hiện nay: 71,0" in told
    shown = words(read(PAGE))
    assert "đã rút lại" in shown
    assert "82,9" not in shown
    assert client.get(FILE).status_code == 200
    answer = client.get(f"/api/v1/observations/{old.id}").get_json()
    assert answer["replaced_by"] == new.id


def test_replacing_what_was_withdrawn_takes_a_note_even_for_the_same_number(client: FlaskClient) -> None:
    old = withdrawn(first())
    with pytest.raises(revision.NoteMissing, match="thay đổi 2 số đã công bố của kỳ 2026"):
        second(old, 82.9, note=" ")


def test_a_revision_needs_a_public_note(client: FlaskClient) -> None:
    old = first()
    with pytest.raises(revision.NoteMissing, match="thay đổi 1 số đã công bố"):
        second(old, 73.0, note="")


def test_the_same_figures_need_none(client: FlaskClient) -> None:
    old = first()
    new = second(old, old.obs_value or 0.0, note="")
    assert (new.revised, new.replaces_id, old.current) == (False, old.id, False)


def test_a_suppressed_or_dropped_figure_is_a_change(client: FlaskClient) -> None:
    old = first()
    run = another_run(old.release.run, estimate(82.9, quality="unpublishable"))
    assert [(change.before.obs_value, change.after) for change in revision.changes(run)] == [
        (82.9, None),
        (70.0, None),
    ]


def test_old_figures_stay_visible_with_the_note(client: FlaskClient, read: Read) -> None:
    old = first()
    middle = second(old, 73.0, "Thêm 12 phiếu <b>đến muộn</b>.")
    new = second(middle, 74.0, "Sửa mẫu số.")
    shown = read(PAGE)
    rows = [words(row) for row in shown.xpath("//table[caption='Số cũ']/tbody/tr")]
    assert len(rows) == 2
    assert "73,0 %" in rows[0]
    assert "Sửa mẫu số." in rows[0]
    assert "82,9 %" in rows[1]
    assert "Thêm 12 phiếu <b>đến muộn</b>." in rows[1]
    assert "Đây là số cũ. Số hiện nay: 74,0" in words(read(f"/so-lieu/{old.id}"))
    history = client.get(f"/so-lieu/{new.id}.json").get_json()["replaces"]
    assert [(entry["obs_value"], entry["note"]) for entry in history] == [
        (73.0, "Sửa mẫu số."), (82.9, "Thêm 12 phiếu <b>đến muộn</b>."),
    ]  # fmt: skip
    items = client.get("/api/v1/observations?current=false&breakdown=total").get_json()["items"]
    assert [(item["obs_value"], item["revised"], item["replaced_by"]) for item in items] == [
        (82.9, False, middle.id), (73.0, True, new.id), (74.0, True, None),
    ]  # fmt: skip


def test_what_is_not_public_or_gone_already_cannot_be_withdrawn(client: FlaskClient) -> None:
    old = first()
    run = another_run(old.release.run, estimate(73.0))
    release = service.propose(run, person("lan"), "Sửa.")
    with pytest.raises(Conflict, match="đang chờ người thứ hai ký"):
        service.withdraw(release, person("minh"), "x", "y")
    withdrawn(old)
    with pytest.raises(Conflict, match="đã rút lại lúc"):
        service.withdraw(old.release, person("lan"), "x", "y")


def test_the_desk_asks_for_both_texts_and_says_what_it_does(app: Flask) -> None:
    with app.app_context():
        run_id = first().release.run_id
    hoa, address = signed_in(app, "hoa", Role.STATISTICIAN), f"/ky/luot/{run_id}"
    assert "Không hoàn tác được" in words(open_as(hoa, f"{address}/rut-lai"))
    refused = send(hoa, f"{address}/rut-lai", reason="Sai")
    assert refused.status_code == 422
    assert "Nhập ghi chú công khai" in words(page(refused.text))
    for _ in range(2):  # a double press
        assert send(hoa, f"{address}/rut-lai", reason="Sai", public_note=NOTE).status_code == 303
    shown = words(open_as(hoa, address))
    assert "Đã rút lại" in shown
    assert NOTE in shown
    assert "Đã rút lại" in words(open_as(hoa, "/ky/"))
    assert f"ghi chú công khai: {NOTE}" in words(open_as(hoa, f"{address}/nhat-ky"))
    with app.app_context():
        events = db.session.scalars(select(AuditEvent.id).where(AuditEvent.action == "release.withdraw"))
        assert len(events.all()) == 1


def test_the_desk_asks_for_the_note_before_a_revision_is_put_forward(app: Flask) -> None:
    with app.app_context():
        run_id = another_run(first().release.run, estimate(73.0)).id
        db.session.commit()
    hoa, address = signed_in(app, "hoa", Role.STATISTICIAN), f"/ky/luot/{run_id}"
    assert "thay đổi 2 số đã công bố" in words(open_as(hoa, address))
    refused = send(hoa, address, f"{address}/de-nghi", checked="y")
    assert refused.status_code == 422
    assert "Ghi số nào thay đổi và vì sao" in words(page(refused.text))
    taken = send(hoa, address, f"{address}/de-nghi", checked="y", revision_note="Thêm phiếu.")
    assert taken.status_code == 303
    assert "Thêm phiếu." in words(open_as(hoa, address))


def test_the_command_withdraws(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    figure = first()
    withdraw_command.callback.__wrapped__(figure.release.run_id, "minh", "Sai", NOTE)  # type: ignore[union-attr]
    assert "withdrawn" in capsys.readouterr().out
    assert service.current() == []


def test_a_withdrawal_and_a_revision_at_once_leave_one_true_state(app: Flask, client: FlaskClient) -> None:
    """Whichever is first: the old figure is not current, and the new one is tied to it."""
    old = first()
    run = another_run(old.release.run, estimate(73.0))
    release_id, old_id = service.propose(run, person("lan"), "Sửa.").id, old.release_id
    db.session.commit()
    together, outcomes = Barrier(2), list[str]()

    def act(deed: Callable[[], object]) -> None:
        with app.app_context():
            together.wait()
            deed()
            db.session.commit()
            outcomes.append("done")

    deeds = (
        lambda: service.withdraw(db.session.get_one(Release, old_id), person("minh"), "Sai", NOTE),
        lambda: service.publish(db.session.get_one(Release, release_id), person("minh")),
    )
    threads = [Thread(target=act, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert outcomes == ["done", "done"]
    db.session.expire_all()
    assert [figure.obs_value for figure in service.current()] == [73.0]
    (new,) = service.current()
    assert new.replaces is not None
    assert new.replaces.is_withdrawn


def test_an_old_run_that_was_withdrawn_is_not_put_forward_again(client: FlaskClient) -> None:
    figure = withdrawn(first())
    run = db.session.get_one(Run, figure.release.run_id)
    with pytest.raises(service.AlreadySigned, match="Tính một lượt mới"):
        service.propose(run, person("lan"), "Lấy lại.")
