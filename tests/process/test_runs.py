"""A run from the button to the figures, through the pages, the queue and a real database."""

from collections.abc import Callable
from math import sqrt

import pytest
from flask import Flask
from sqlalchemy import select

from survey.accounts.models import Role
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.process import service
from survey.process.models import Estimate, Run, RunStatus
from survey.process.tables import read_tables
from survey.rounds.models import Round
from tests.process.conftest import HandMade
from tests.process.hand_made import DESIGN_WEIGHT, NONRESPONSE, RAKE
from tests.staff import read, send, signed_in, statistician, words

Field = Callable[..., HandMade]
A, B = 40 / 3, 80 / 3


def request(app: Flask, fielded: HandMade) -> int:
    """A queued run of the round."""
    with app.app_context():
        run = service.request_run(db.session.get_one(Round, fielded.round_id), statistician())
        db.session.commit()
        return run.id


def test_from_the_button_to_the_figures(app: Flask, field: Field, work_off: Callable[[], None]) -> None:
    fielded, browser = field(), signed_in(app, "lan", Role.STATISTICIAN)
    answer = send(browser, fielded.address, f"{fielded.address}/runs")
    assert answer.status_code == 303
    waiting = read(browser, answer.location)
    again = f"//main//a[@href='{answer.location}']"
    assert waiting.xpath(again), (
        "people look again when they are ready: a page that reloads itself loses its reader"
    )
    assert "Đang chờ" in words(waiting)
    work_off()
    done = read(browser, answer.location)
    assert not done.xpath(again)
    # Users: unit 1 (A), 3 (3A) and 7 (2B) out of 6A + 4B.
    share = 100 * (4 * A + 2 * B) / (6 * A + 4 * B)
    assert f"{share:.1f}".replace(".", ",") + "\N{NO-BREAK SPACE}%" in done.text_content()


def test_the_estimate_and_its_error_are_those_of_the_hand(app: Flask, field: Field) -> None:
    """Taylor: z = w (y - p) / W, summed by PSU; with two PSUs a stratum adds (z1 - z2)^2."""
    run_id = request(app, field())
    with app.app_context():
        run = service.execute(run_id)
        total = next(row for row in run.estimates if row.dimension is None)
        everybody = 6 * A + 4 * B
        p = (4 * A + 2 * B) / everybody
        a1, a2 = A * (1 - p) + 2 * A * (0 - p), 3 * A * (1 - p)
        b1, b2 = B * (0 - p), 2 * B * (1 - p) + B * (0 - p)
        assert total.value == pytest.approx(100 * p)
        assert total.std_error == pytest.approx(100 * sqrt((a1 - a2) ** 2 + (b1 - b2) ** 2) / everybody)
        assert (total.n, total.n_psu, total.df) == (6, 4, 2)
        assert {row.level: row.n for row in run.estimates if row.dimension == "sex"} == {
            "male": 2,
            "female": 4,
        }


def test_the_page_shows_weights_estimates_and_lineage(app: Flask, field: Field) -> None:
    run_id = request(app, field())
    with app.app_context():
        run = service.execute(run_id)
        assert run.snapshot is not None
        hashes = [run.snapshot.hash[:12], run.recipe_hash[:12], run.code_version[:12]]
    shown = read(signed_in(app, "minh", Role.STATISTICIAN), f"/process/run/{run_id}")
    text = words(shown)
    assert all(hash_ in text for hash_ in hashes)
    assert "Điều chỉnh không trả lời" in text
    assert "75,0 %" in text.replace("\N{NO-BREAK SPACE}", " ")  # of either class answered
    assert len(shown.xpath("//table[contains(@class, 'estimates')]//*[local-name()='circle']")) == 4
    assert [words(row) for row in shown.xpath("//details//tbody//th[@scope='row']")][:3] == [
        "Chung",
        "Nam",
        "Nữ",
    ]


def test_the_snapshot_holds_no_contact_data_and_every_case(app: Flask, field: Field) -> None:
    run_id = request(app, field())
    with app.app_context():
        run = service.execute(run_id)
        assert run.snapshot is not None
        tables = read_tables(run.snapshot)
    assert run.snapshot.rows == {"cases": 9, "root": 6}
    own = {"members", "sex", "uses"}
    assert own < set(tables["root"])
    assert not {"code", "token", "resume_code"} & set(tables["root"])
    assert not {"code", "token"} & set(tables["cases"])


def test_too_few_cases_are_estimated_but_marked(app: Flask, field: Field) -> None:
    run_id = request(app, field(minimum_n=5))
    with app.app_context():
        found = {row.level: row.quality for row in service.execute(run_id).estimates}
    assert found[None] != "unpublishable"
    assert found["male"] == found["female"] == "unpublishable"


def test_a_second_press_shows_the_run_under_way(
    app: Flask, field: Field, work_off: Callable[[], None]
) -> None:
    fielded, browser = field(), signed_in(app, "lan", Role.STATISTICIAN)
    first = send(browser, fielded.address, f"{fielded.address}/runs")
    again = send(browser, fielded.address, f"{fielded.address}/runs")
    assert first.location == again.location
    with app.app_context():
        assert db.session.query(Run).count() == 1


def test_without_answers_there_is_nothing_to_weight(app: Flask, field: Field) -> None:
    fielded, browser = field(answered=False), signed_in(app, "lan", Role.STATISTICIAN)
    assert "Cần có phiếu hoàn thành" in words(read(browser, fielded.address))
    assert send(browser, "/process/", f"{fielded.address}/runs").status_code == 409


def test_a_cancelled_run_stops_and_keeps_no_figures(app: Flask, field: Field) -> None:
    run_id = request(app, field())
    browser = signed_in(app, "minh", Role.STATISTICIAN)
    address = f"/process/run/{run_id}"
    assert send(browser, address, f"{address}/cancel").status_code == 303
    with app.app_context(), pytest.raises(Conflict, match="đã bị hủy"):
        service.execute(run_id)
    assert "không có ước lượng nào được giữ" in words(read(browser, address))
    assert send(browser, "/process/", f"{address}/cancel").status_code == 409
    with app.app_context():
        assert db.session.scalars(select(Estimate)).all() == []


def test_a_failed_run_says_why_on_its_page(app: Flask, field: Field, work_off: Callable[[], None]) -> None:
    fielded = field(DESIGN_WEIGHT, NONRESPONSE, RAKE)
    browser = signed_in(app, "lan", Role.STATISTICIAN)
    address = send(browser, fielded.address, f"{fielded.address}/runs").location
    work_off()
    shown = words(read(browser, address))
    assert "dừng vì lỗi" in shown
    assert "Không có tệp controls.csv" in shown


def test_a_run_killed_half_way_starts_again_from_the_beginning(app: Flask, field: Field) -> None:
    run_id = request(app, field())
    with app.app_context():
        service.weight(run_id)  # the worker dies here
        service.execute(run_id)
        once = service.execute(run_id)  # and the job is delivered twice
        assert once.status == RunStatus.DONE
        assert len(once.estimates) == 3


def test_a_round_without_a_plan_shows_what_is_missing(app: Flask, field: Field) -> None:
    fielded, browser = field(), signed_in(app, "lan", Role.STATISTICIAN)
    with app.app_context():
        db.session.get_one(Round, fielded.round_id).instrument_version.indicators = {}
        db.session.commit()
    assert "indicators.yaml" in words(read(browser, fielded.address))
    assert send(browser, "/process/", f"{fielded.address}/runs").status_code == 400


def test_a_run_of_an_unweighted_round_cannot_be_estimated(app: Flask, field: Field) -> None:
    run_id = request(app, field())
    with app.app_context(), pytest.raises(Fault, match="chưa có trọng số"):
        service.estimate(run_id)


def test_the_queue_holds_one_job_for_the_run(app: Flask, field: Field, work_off: Callable[[], None]) -> None:
    fielded, browser = field(), signed_in(app, "lan", Role.STATISTICIAN)
    send(browser, fielded.address, f"{fielded.address}/runs")
    work_off()
    with app.app_context():
        run = db.session.scalars(select(Run)).one()
        assert (run.status, run.progress, run.requested_by.username if run.requested_by else "") == (
            RunStatus.DONE,
            1.0,
            "lan",
        )
