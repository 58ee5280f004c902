"""Edit rules in a run: counted on its page, listed for the field, told to the signer; data unchanged."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from survey.accounts.models import Role
from survey.config import PROJECT
from survey.disseminate.preview import checks_of
from survey.extensions import db
from survey.process import service
from survey.process.edits import BadEditRules
from survey.process.models import Run, RunStatus
from survey.process.tables import read_tables
from survey.rounds.models import Round
from survey.rounds.service import load_questionnaire
from tests.process.conftest import HandMade
from tests.process.hand_made import ANSWERS
from tests.staff import read, signed_in, statistician, words

Field = Callable[..., HandMade]
EDITS: dict[str, Any] = {
    "edits": [
        {
            "code": "few-members",
            "level": "adult",
            "must": "${members} < 3",
            "severity": "error",
            "message": {"vi": "Hộ có từ 3 người.", "en": "Three or more members."},
        },
        {
            "code": "men-use",
            "level": "adult",
            "when": "${sex} = 'male'",
            "must": "${uses} = 'yes'",
            "severity": "warning",
            "message": {"vi": "Nam không dùng Internet.", "en": "Man offline."},
        },
        {
            "code": "nobody",
            "level": "adult",
            "when": "${members} > 100",
            "must": "true()",
            "severity": "error",
            "message": {"vi": "Không ai thuộc quy tắc này.", "en": "Nobody."},
        },
    ]
}


@pytest.fixture
def run_id(app: Flask, field: Field) -> int:
    """A queued run of the hand-made round whose questionnaire has these rules."""
    fielded = field()
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        round_.instrument_version.edits = EDITS
        run = service.request_run(round_, statistician())
        db.session.commit()
        return run.id


def test_the_page_counts_what_each_rule_found(app: Flask, run_id: int) -> None:
    """Unit 3 has three members; of the two men, unit 5 does not use the Internet."""
    with app.app_context():
        service.execute(run_id)
    shown = read(signed_in(app, "minh", Role.STATISTICIAN), f"/process/run/{run_id}")
    rows = shown.xpath("//table[contains(@class, 'rules')]/tbody/tr")
    found = {words(row.xpath("th//code")[0]): [words(cell) for cell in row.xpath("td")] for row in rows}
    assert found["few-members"] == ["Lỗi", "6", "1", "16,7 %"]
    assert found["men-use"][:3] == ["Xem lại", "2", "1"]
    assert found["nobody"] == ["Lỗi", "0", "0", "–"]
    assert list(found) == ["few-members", "men-use", "nobody"]  # what was found first, the rest folded
    assert len(shown.xpath("//details//table[contains(@class, 'rules')]/tbody/tr")) == 1


def test_a_record_in_error_is_estimated_as_it_was_collected(app: Flask, run_id: int) -> None:
    with app.app_context():
        run = service.execute(run_id)
        assert run.status == RunStatus.DONE
        assert run.snapshot is not None
        members = read_tables(run.snapshot)["root"]["members"].tolist()
        total = next(row for row in run.estimates if row.dimension is None)
    assert sorted(members) == sorted(answer[0] for answer in ANSWERS.values())
    assert total.n == 6


def test_the_list_names_rule_and_case_but_no_answer(app: Flask, run_id: int) -> None:
    with app.app_context():
        service.execute(run_id)
    browser = signed_in(app, "minh", Role.STATISTICIAN)
    (link,) = read(browser, f"/process/run/{run_id}").xpath("//a[contains(@href, '.csv')]/@href")
    answer = browser.get(link)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [(row["rule"], row["severity"], row["response_key"]) for row in rows] == [
        ("few-members", "error", "uuid:3"),
        ("men-use", "warning", "uuid:5"),
    ]
    assert all(len(row["case_code"]) == 8 for row in rows)
    assert set(rows[0]) == {"rule", "severity", "message", "case_code", "response_key", "instance"}


def test_the_signer_is_told_of_records_in_error(app: Flask, run_id: int) -> None:
    with app.app_context():
        checks = {check.text: check.passed for check in checks_of(service.execute(run_id))}
    assert checks["1 lần phiếu sai quy tắc kiểm tra mức lỗi; các phiếu vẫn được tính."] is False


def test_a_rule_of_an_unknown_variable_stops_the_run_and_is_named(app: Flask, run_id: int) -> None:
    with app.app_context():
        run = db.session.get_one(Run, run_id)
        wrong = EDITS["edits"][0] | {"must": "${membres} < 3"}
        run.round.instrument_version.edits = {"edits": [wrong]}
        db.session.commit()
        with pytest.raises(BadEditRules):
            service.execute(run_id)
        assert run.status == RunStatus.FAILED
        assert "few-members" in run.message
        assert "membres" in run.message


def test_without_rules_the_page_says_so(app: Flask, field: Field) -> None:
    fielded = field()
    with app.app_context():
        run = service.request_run(db.session.get_one(Round, fielded.round_id), statistician())
        db.session.commit()
        service.execute(run.id)
        number = run.id
    assert "chưa có edits.yaml" in words(read(signed_in(app, "lan"), f"/process/run/{number}"))


def test_the_rules_of_a_folder_are_kept_with_the_version(app: Flask) -> None:
    folder: Path = PROJECT / "questionnaires" / "ict-ho-gia-dinh"
    with app.app_context():
        kept = load_questionnaire(folder).edits
    assert [rule["code"] for rule in kept["edits"]][:2] == ["adults-within-household", "large-household"]
