"""A signed release is public from its hour on, and not a second before; nothing is published by accident."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from survey.accounts.models import AuditEvent, Role, User
from survey.commands.figures import publish as publish_command
from survey.disseminate import embargo, service
from survey.disseminate.caching import figures_stamp
from survey.disseminate.models import Observation, Release
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.process.jobs import enqueue
from survey.process.models import Run
from survey.signoff import service as signoff
from survey.signoff.models import SignOffStatus
from tests.disseminate.published import another_run, estimate, make_run
from tests.known import load_registry
from tests.page import page
from tests.process.conftest import queue_tables, work_off  # noqa: F401
from tests.staff import read, send, signed_in, statistician, words

TICKED = {"checked": "y"}
HOUR = datetime(2031, 12, 5, 8, 0, tzinfo=LOCAL_TIME)
PUBLIC = (
    "/",
    "/chi-tieu",
    "/chi-tieu/KH54-37",
    "/du-lieu",
    "/api/v1/observations?current=false",
    "/api/v1/indicators",
)
FILES = ("/chi-tieu/KH54-37/so-lieu.csv", "/chi-tieu/smartphone-use/so-lieu.xlsx", "/du-lieu/ict-ho-gia-dinh/so-lieu.sdmx.csv",
         "/so-lieu/1")  # fmt: skip


@pytest.fixture
def run_id(app: Flask) -> int:
    """A finished run of one indicator that was put forward by lan."""
    with app.app_context():
        load_registry()
        run = make_run(estimate(81.7))
        service.propose(run, statistician("lan"))
        statistician("minh")
        db.session.commit()
        return run.id


def sign(app: Flask, run_id: int, until: datetime = HOUR) -> None:
    with app.app_context():
        run = db.session.get_one(Run, run_id)
        minh = db.session.scalars(select(User).where(User.username == "minh")).one()
        assert service.publish(service.find_release(run), minh, embargo_until=until) == []
        db.session.commit()


def figures(app: Flask) -> list[float | None]:
    with app.app_context():
        return list(db.session.scalars(select(Observation.obs_value).where(Observation.current)))


def status(app: Flask, run_id: int) -> tuple[str, str]:
    with app.app_context():
        release = service.find_release(db.session.get_one(Run, run_id))
        return release.status, release.reason


def test_the_hour_is_chosen_while_signing_and_shown_to_staff(app: Flask, run_id: int) -> None:
    minh, address = signed_in(app, "minh"), f"/ky/luot/{run_id}"
    answer = send(
        minh, address, f"{address}/cong-bo", embargo_day="2031-12-05", embargo_time="08:00", **TICKED
    )
    assert answer.status_code == 303
    assert "Công bố lúc 05/12/2031 08:00" in words(read(minh, address))
    assert "05/12/2031 08:00" in words(read(minh, "/ky/"))
    with app.app_context():
        assert db.session.scalars(select(Release.embargo_until)).one() == HOUR
    assert figures(app) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"embargo_day": "2031-12-05"}, "Nhập giờ công bố của ngày đã chọn"),
        ({"embargo_time": "08:00"}, "Chọn ngày công bố của giờ đã nhập"),
        ({"embargo_day": "2020-01-01", "embargo_time": "08:00"}, "Giờ công bố 01/01/2020 08:00 đã qua"),
        ({"embargo_day": "5/12", "embargo_time": "8 giờ"}, "Nhập ngày dạng 05/12/2026"),
    ],
)
def test_an_hour_that_is_not_one_signs_nothing(
    app: Flask, run_id: int, given: dict[str, str], told: str
) -> None:
    minh, address = signed_in(app, "minh"), f"/ky/luot/{run_id}"
    answer = send(minh, address, f"{address}/cong-bo", **given, **TICKED)
    assert answer.status_code == 422
    assert told in words(page(answer.text))
    assert status(app, run_id)[0] == SignOffStatus.CHECKED


def test_nothing_shows_before_the_hour_and_all_at_the_hour(
    app: Flask, client: FlaskClient, run_id: int
) -> None:
    sign(app, run_id)
    with app.app_context():
        assert service.publish_due(HOUR - timedelta(seconds=1)) == []
        before = figures_stamp()
    tags = {}
    for address in PUBLIC:
        reply = client.get(address)
        assert reply.status_code == 200
        assert "81,7" not in reply.text
        assert "81.7" not in reply.text
        tags[address] = reply.headers["ETag"]
    assert [client.get(address).status_code for address in FILES] == [404] * len(FILES)
    with app.app_context():
        assert [release.run_id for release in service.publish_due(HOUR)] == [run_id]
        assert figures_stamp() != before
    assert "81,7" in client.get("/", headers={"If-None-Match": tags["/"]}).text
    for address in PUBLIC:
        assert client.get(address, headers={"If-None-Match": tags[address]}).status_code == 200, address
    assert client.get(FILES[0]).status_code == 200


def test_the_worker_publishes_what_is_due_once(
    app: Flask,
    run_id: int,
    work_off: Callable[[], None],  # noqa: F811
) -> None:
    sign(app, run_id, datetime.now(UTC) + timedelta(milliseconds=300))
    with app.app_context():
        db.session.execute(select(func.pg_sleep(0.4)))
        db.session.rollback()
        for number in range(3):
            enqueue("publish_due", f"due-{number}", timestamp=0)
    work_off()
    assert figures(app) == [81.7]
    with app.app_context():
        trail = db.session.execute(
            select(AuditEvent.action, AuditEvent.user_id).where(AuditEvent.action == "release.publish")
        ).all()
        assert trail == [("release.publish", None)]


def test_two_workers_at_the_hour_publish_once(app: Flask, run_id: int) -> None:
    sign(app, run_id)
    together = Barrier(2)
    counts = list[int]()

    def work() -> None:
        with app.app_context():
            together.wait()
            counts.append(len(service.publish_due(HOUR)))

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(counts) == [0, 1]
    assert figures(app) == [81.7]


def test_a_cancelled_embargo_publishes_nothing_and_may_be_signed_again(app: Flask, run_id: int) -> None:
    sign(app, run_id)
    minh, address = signed_in(app, "minh"), f"/ky/luot/{run_id}"
    refused = send(minh, f"{address}/huy-lich", reason=" ")
    assert refused.status_code == 422
    for _ in range(2):  # a double press
        assert send(minh, f"{address}/huy-lich", reason="Chờ họp").status_code == 303
    assert "Lý do: Chờ họp" in words(read(minh, address))
    with app.app_context():
        assert service.publish_due(HOUR) == []
    assert send(minh, address, f"{address}/cong-bo", **TICKED).status_code == 303
    assert figures(app) == [81.7]


def test_what_became_unfit_while_it_waited_is_put_off_with_the_reason(app: Flask, run_id: int) -> None:
    sign(app, run_id)
    with app.app_context():
        newer = another_run(db.session.get_one(Run, run_id), estimate(90.0))
        service.publish(service.propose(newer, statistician("hoa")), statistician("tam"))
        db.session.commit()
        number = newer.id
        assert service.publish_due(HOUR) == []
    assert figures(app) == [90.0]
    state, reason = status(app, run_id)
    assert state == SignOffStatus.CHECKED
    assert f"của lượt {number}, mới hơn lượt {run_id}" in reason


def test_the_command_signs_for_an_hour_and_publishes_what_is_due(
    app: Flask, run_id: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = publish_command.callback.__wrapped__  # type: ignore[union-attr]
    with app.app_context():
        command("ict-ho-gia-dinh", None, "lan", "minh", run_id, False, embargo=datetime(2031, 12, 5, 8, 0))
        assert "public from 05/12/2031 08:00" in capsys.readouterr().out
        command(None, None, None, None, None, False, due=True)
        assert "Nothing is due." in capsys.readouterr().out
        monkeypatch.setattr(signoff, "_now", lambda: HOUR)
        command(None, None, None, None, None, False, due=True)
        assert f"run {run_id} published" in capsys.readouterr().out
    assert figures(app) == [81.7]


def test_sending_back_and_putting_forward_again(app: Flask, run_id: int) -> None:
    minh, lan, address = signed_in(app, "minh"), signed_in(app, "lan"), f"/ky/luot/{run_id}"
    assert send(minh, f"{address}/tra-lai", reason="Xem lại <b>tuổi</b>").status_code == 303
    shown = read(lan, address)
    assert "Xem lại <b>tuổi</b>" in words(shown)
    assert "Trả lại để sửa" in words(read(lan, "/ky/"))
    assert send(lan, address, f"{address}/de-nghi", **TICKED).status_code == 303
    assert send(minh, address, f"{address}/cong-bo", **TICKED).status_code == 303
    trail = words(read(lan, f"{address}/nhat-ky"))
    for deed in ("Đề nghị công bố", "Trả lại", "Ký", "1 số liệu"):
        assert deed in trail
    quan = signed_in(app, "quan", Role.MANAGER)
    assert quan.get(f"{address}/nhat-ky").status_code == 200
    assert quan.get(f"{address}/rut-lai").status_code == 403


def test_the_job_is_known_to_the_worker() -> None:
    assert embargo.publish_due.name == "publish_due"
