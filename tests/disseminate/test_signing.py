"""Four eyes: who puts forward may not sign, and of two who sign at once one wins."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey.accounts.models import AuditEvent, Role, User
from survey.disseminate import preview, service
from survey.disseminate.models import Observation, Release
from survey.errors import Conflict, Refused
from survey.extensions import db
from survey.process.models import Run, RunStatus
from tests.disseminate.published import estimate, make_run
from tests.known import load_registry
from tests.page import page
from tests.staff import add_person, read, send, signed_in, statistician, words

TICKED = {"checked": "y"}


@pytest.fixture
def run_id(app: Flask) -> int:
    """A finished run: one indicator held against KH54-37's 75 %, men published, women too few."""
    with app.app_context():
        load_registry()
        run = make_run(
            estimate(80.0),
            estimate(82.0, dimension="sex", level="male"),
            estimate(60.0, dimension="sex", level="female", n=12, quality="unpublishable"),
        )
        db.session.commit()
        return run.id


def address(run_id: int, deed: str = "") -> str:
    return f"/ky/luot/{run_id}" + (f"/{deed}" if deed else "")


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_one_puts_forward_and_another_signs(app: Flask, run_id: int) -> None:
    lan, minh = signed_in(app, "lan", Role.STATISTICIAN), signed_in(app, "minh", Role.STATISTICIAN)
    assert send(lan, address(run_id), address(run_id, "de-nghi"), **TICKED).status_code == 303
    assert "Bạn là người thứ hai" in words(read(minh, address(run_id)))
    assert send(minh, address(run_id), address(run_id, "cong-bo"), **TICKED).status_code == 303
    assert "Minh Nguyễn ký" in words(read(lan, address(run_id)))
    with app.app_context():
        total, men, women = db.session.scalars(select(Observation).order_by(Observation.id))
        assert (total.obs_value, total.verdict, total.target) == (80.0, "met", 75.0)
        assert men.verdict is None  # only the whole population is held against the target
        assert (women.obs_value, women.std_error, women.obs_status, women.n) == (None, None, "L", 12)
        trail = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == f"run:{run_id}").order_by(AuditEvent.id)
        )
        assert list(trail) == ["release.propose", "release.approve", "release.publish"]


def test_the_proposer_sees_why_there_is_no_button_and_is_refused(app: Flask, run_id: int) -> None:
    lan = signed_in(app, "lan", Role.STATISTICIAN)
    send(lan, address(run_id), address(run_id, "de-nghi"), **TICKED)
    shown = read(lan, address(run_id))
    assert "người đề nghị không tự ký" in words(shown)
    assert not shown.xpath("//form[contains(@action, 'cong-bo')]")
    answer = send(lan, "/tai-khoan", address(run_id, "cong-bo"), **TICKED)
    assert answer.status_code == 403
    assert "bốn mắt" in answer.text
    assert count(app, Observation) == 0


def test_a_manager_sees_the_figures_but_not_the_buttons(app: Flask, run_id: int) -> None:
    shown = read(signed_in(app, "quan", Role.MANAGER), address(run_id))
    assert "Đạt mục tiêu" in words(shown)
    assert not shown.xpath("//form[contains(@action, '/ky/')]")


@pytest.mark.parametrize("deed", ["de-nghi", "cong-bo"])
def test_nothing_is_signed_without_the_tick(app: Flask, run_id: int, deed: str) -> None:
    lan, minh = signed_in(app, "lan", Role.STATISTICIAN), signed_in(app, "minh", Role.STATISTICIAN)
    if deed == "cong-bo":
        send(lan, address(run_id), address(run_id, "de-nghi"), **TICKED)
    answer = send(minh, address(run_id), address(run_id, deed))
    assert answer.status_code == 422
    assert "Đánh dấu là bạn đã kiểm tra" in words(page(answer.text))
    assert count(app, Observation) == 0


def test_signing_before_anybody_put_it_forward_is_refused(app: Flask, run_id: int) -> None:
    minh = signed_in(app, "minh", Role.STATISTICIAN)
    assert send(minh, address(run_id), address(run_id, "cong-bo"), **TICKED).status_code == 404


def test_signing_twice_publishes_once(app: Flask, run_id: int) -> None:
    lan, minh = signed_in(app, "lan", Role.STATISTICIAN), signed_in(app, "minh", Role.STATISTICIAN)
    send(lan, address(run_id), address(run_id, "de-nghi"), **TICKED)
    send(minh, address(run_id), address(run_id, "cong-bo"), **TICKED)
    again = send(minh, "/tai-khoan", address(run_id, "cong-bo"), **TICKED)
    assert again.status_code == 303
    assert "đã công bố lúc" in words(read(minh, address(run_id)))
    assert count(app, Observation) == 3
    hoa = signed_in(app, "hoa", Role.STATISTICIAN)
    late = send(hoa, "/tai-khoan", address(run_id, "cong-bo"), **TICKED)
    assert late.status_code == 409
    assert "Lan Nguyễn đề nghị, Minh Nguyễn ký" in words(page(late.text))
    assert count(app, Observation) == 3


def race(app: Flask, usernames: list[str], deed: Callable[[User], object]) -> list[str]:
    """Everybody does the deed at the same moment in a connection of their own; what came of each."""
    outcomes: list[str] = []
    together = Barrier(len(usernames))

    def act(username: str) -> None:
        with app.app_context():
            user = db.session.scalars(select(User).where(User.username == username)).one()
            together.wait()
            try:
                deed(user)
                db.session.commit()
                outcomes.append("done")
            except (Conflict, Refused) as fault:
                db.session.rollback()
                outcomes.append(type(fault).__name__)

    threads = [Thread(target=act, args=(username,)) for username in usernames]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(outcomes)


def test_of_two_people_who_sign_at_once_one_wins(app: Flask, run_id: int) -> None:
    for username in ("minh", "hoa"):
        add_person(app, username, Role.STATISTICIAN)
    with app.app_context():
        release_id = service.propose(db.session.get_one(Run, run_id), statistician()).id
        db.session.commit()

    def sign(user: User) -> None:
        service.publish(db.session.get_one(Release, release_id), user)

    assert race(app, ["minh", "hoa"], sign) == ["AlreadySigned", "done"]
    assert count(app, Observation) == 3


def test_of_two_people_who_put_forward_at_once_one_wins(app: Flask, run_id: int) -> None:
    browsers = [signed_in(app, username, Role.STATISTICIAN) for username in ("lan", "minh")]
    fields = [{"csrf_token": _token(browser, run_id), **TICKED} for browser in browsers]
    together, statuses = Barrier(2), list[int]()

    def press(number: int) -> None:
        together.wait()
        answer = browsers[number].post(address(run_id, "de-nghi"), data=fields[number])
        statuses.append(answer.status_code)

    threads = [Thread(target=press, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(statuses) == [303, 409]
    assert count(app, Release) == 1


def _token(browser, run_id: int) -> str:  # type: ignore[no-untyped-def]
    return str(read(browser, address(run_id)).xpath("string(//input[@name='csrf_token']/@value)"))


def test_the_preview_gives_the_verdicts_that_are_published(app: Flask, run_id: int) -> None:
    with app.app_context():
        run = db.session.get_one(Run, run_id)
        foreseen, targets = preview.verdicts_of(run), preview.targets_of(run)
        release = service.propose(run, statistician("lan"))
        published = service.publish(release, statistician("minh"))
        held = {row.indicator: row for row in published if row.target is not None}
        assert {code: row.verdict for code, row in held.items()} == foreseen != {}
        assert {code: row.target for code, row in held.items()} == targets


def test_the_list_follows_the_run_from_check_to_publication(app: Flask, run_id: int) -> None:
    lan, minh = signed_in(app, "lan", Role.STATISTICIAN), signed_in(app, "minh", Role.STATISTICIAN)

    def section_of_run() -> str:
        (link,) = read(minh, "/ky/").xpath(f"//a[@href='{address(run_id)}']")
        return str(link.xpath("string(preceding::h2[1])"))

    assert section_of_run() == "Chờ kiểm tra và đề nghị"
    send(lan, address(run_id), address(run_id, "de-nghi"), **TICKED)
    assert section_of_run() == "Chờ ký"
    send(minh, address(run_id), address(run_id, "cong-bo"), **TICKED)
    assert section_of_run() == "Đã công bố"


def test_a_run_without_estimates_cannot_be_put_forward(app: Flask, run_id: int) -> None:
    lan = signed_in(app, "lan", Role.STATISTICIAN)
    with app.app_context():
        db.session.get_one(Run, run_id).status = RunStatus.FAILED
        db.session.commit()
    assert not read(lan, address(run_id)).xpath("//form[contains(@action, 'de-nghi')]")
    assert send(lan, "/tai-khoan", address(run_id, "de-nghi"), **TICKED).status_code == 400
    assert count(app, Release) == 0


def test_the_signer_is_told_what_speaks_against_it(app: Flask, run_id: int) -> None:
    """The recipe in this run is not the one that the questionnaire has now."""
    lan = signed_in(app, "lan", Role.STATISTICIAN)
    with app.app_context():
        version = db.session.get_one(Run, run_id).round.instrument_version
        version.indicators = {"indicators": [{"code": "x", "level": "adult", "label": {}, "numerator": "1"}]}
        version.design = {"levels": {"adult": {}}}
        db.session.commit()
    warnings = [words(line) for line in read(lan, address(run_id)).xpath("//li[@class='no']")]
    assert "Phương án xử lý đã đổi sau khi tính." in warnings
