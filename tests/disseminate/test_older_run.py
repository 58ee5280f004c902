"""Publishing an older run over a newer one takes a choice of its own; publishing twice says who did it first."""

import pytest
from flask import Flask
from sqlalchemy import select

from survey.accounts.models import AuditEvent
from survey.commands.figures import publish as publish_command
from survey.disseminate import service
from survey.disseminate.models import Observation, Release
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.process.models import Run
from tests.disseminate.published import another_run, estimate, make_run
from tests.page import page
from tests.staff import read, send, signed_in, statistician, words

TICKED = {"checked": "y"}


@pytest.fixture
def runs(app: Flask) -> tuple[int, int]:
    """An older run that hoa put forward, and a newer one of the same round that is public."""
    with app.app_context():
        older = make_run(estimate(70.0))
        newer = another_run(older, estimate(80.0))
        hoa = statistician("hoa")
        service.publish(service.propose(newer, hoa), statistician("minh"))
        service.propose(older, hoa, "Lấy lại số cũ.")
        db.session.commit()
        return older.id, newer.id


def current(app: Flask) -> list[float | None]:
    with app.app_context():
        return list(db.session.scalars(select(Observation.obs_value).where(Observation.current)))


def test_the_tick_that_all_is_well_does_not_publish_an_older_run(app: Flask, runs: tuple[int, int]) -> None:
    older, newer = runs
    minh, address = signed_in(app, "minh"), f"/ky/luot/{older}"
    shown = read(minh, address)
    assert shown.xpath("//input[@type='checkbox'][@name='supersede_newer'][not(@checked)]")
    answer = send(minh, address, f"{address}/cong-bo", **TICKED)
    assert answer.status_code == 422
    assert f"Số liệu đang công bố là của lượt {newer}, mới hơn lượt {older}." in words(page(answer.text))
    assert current(app) == [80.0]


def test_with_the_second_tick_it_is_published_and_the_trail_says_so(
    app: Flask, runs: tuple[int, int]
) -> None:
    older, newer = runs
    minh, address = signed_in(app, "minh"), f"/ky/luot/{older}"
    answer = send(minh, address, f"{address}/cong-bo", supersede_newer="y", **TICKED)
    assert answer.status_code == 303
    assert current(app) == [70.0]
    with app.app_context():
        last = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "release.publish").order_by(AuditEvent.id.desc())
        ).first()
        assert last is not None
        assert last.detail["superseded_newer_run"] == newer


def test_a_newer_run_needs_no_second_tick(app: Flask, runs: tuple[int, int]) -> None:
    with app.app_context():
        newest = another_run(db.session.get_one(Run, runs[1]), estimate(90.0))
        service.propose(newest, statistician("lan"), "Tính lại.")
        db.session.commit()
        number = newest.id
    minh, address = signed_in(app, "minh"), f"/ky/luot/{number}"
    assert not read(minh, address).xpath("//input[@name='supersede_newer']")
    assert send(minh, address, f"{address}/cong-bo", **TICKED).status_code == 303
    assert current(app) == [90.0]


def test_a_superseded_run_says_what_replaced_it(app: Flask, runs: tuple[int, int]) -> None:
    older, newer = runs
    with app.app_context():
        newest = another_run(db.session.get_one(Run, older), estimate(90.0))
        minh = db.session.scalars(select(Release)).first().approved_by
        service.publish(service.propose(newest, statistician("lan"), "Tính lại."), minh)
        db.session.commit()
        number = newest.id
    shown = words(read(signed_in(app, "minh"), f"/ky/luot/{newer}"))
    assert f"đã được thay bằng lượt {number}" in shown


def test_who_signs_again_is_told_who_published_it_and_when(app: Flask, runs: tuple[int, int]) -> None:
    _, newer = runs
    with app.app_context():
        release = db.session.scalars(select(Release).where(Release.run_id == newer)).one()
        assert release.approved_by is not None
        with pytest.raises(Conflict) as caught:
            service.publish(release, release.approved_by)
        year = str(release.published_at.year) if release.published_at else ""
    assert f"Lượt {newer} đã công bố lúc" in caught.value.message
    assert "Thống kê viên hoa đề nghị, Thống kê viên minh ký" in caught.value.message
    assert year in caught.value.message


def test_the_command_refuses_until_it_is_told_to_supersede(app: Flask, runs: tuple[int, int]) -> None:
    older, _ = runs
    command = publish_command.callback.__wrapped__  # type: ignore[union-attr]
    given = ("ict-ho-gia-dinh", None, "hoa", "minh", older)
    with app.app_context():
        with pytest.raises(service.NewerPublished, match="--supersede-newer"):
            command(*given, False, "")
        db.session.rollback()
        command(*given, True, "")
    assert current(app) == [70.0]


def test_the_command_names_the_round_of_a_run_that_is_not_of_this_one(
    app: Flask, runs: tuple[int, int]
) -> None:
    command = publish_command.callback.__wrapped__  # type: ignore[union-attr]
    with app.app_context():
        other = make_run(estimate(50.0), survey="khac", time_period="2025")
        db.session.commit()
        with pytest.raises(Fault, match="là của khac/2025"):
            command("ict-ho-gia-dinh", None, "hoa", "minh", other.id, False, "")
