"""Two versions of a questionnaire in one round: the table lines them up by name, and nothing given is lost."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from flask import Flask

from survey.cases.models import Case
from survey.cases.service import add_sample
from survey.extensions import db
from survey.instrument import xlsx_bytes
from survey.instrument.sheets import markdown_sheets
from survey.intake.models import Mode, Response
from survey.intake.service import Arrival, submit
from survey.process.labels import choice_labels
from survey.process.tables import KEY, read_tables, take_snapshot
from survey.rounds.models import InstrumentVersion, Purpose
from survey.rounds.service import ensure_round, load_questionnaire, open_round

OLD = """
| survey   |                              |        |           |
|          | type                         | name   | label     |
|          | integer                      | age    | Tuổi      |
|          | integer                      | income | Thu nhập  |
|          | integer                      | house  | Số nhà    |
|          | select_one work              | work   | Việc      |
|          | select_one_from_file xa.csv  | xa     | Xã        |
|          | text                         | old    | Câu cũ    |
|          | begin_repeat                 | member | Người     |
|          | text                         | name   | Tên       |
|          | end_repeat                   |        |           |
| choices  |                              |        |           |
|          | list_name                    | name   | label::Tiếng Việt (vi) |
|          | work                         | farm   | Làm ruộng |
|          | work                         | fish   | Nuôi cá   |
| settings |                              |        |           |
|          | form_id                      | version |          |
|          | lao-dong                     | 1      |           |
"""
NEW = (
    OLD.replace("| 1      |           |", "| 2      |           |")
    .replace("| integer                      | income", "| decimal                      | income")
    .replace("| integer                      | house", "| text                         | house")
    .replace("| text                         | old    | Câu cũ    |", "| select_one work              | second | Việc phụ |")
    .replace("| work                         | fish   | Nuôi cá   |", "| work                         | shop   | Bán hàng |")
    .replace("| text                         | name   | Tên       |", "| text | name | Tên |\n| | integer | years | Tuổi |")
)  # fmt: skip


def version(folder: Path, form: str, communes: str) -> InstrumentVersion:
    folder.mkdir()
    (folder / "form.xlsx").write_bytes(xlsx_bytes(markdown_sheets(form)))
    (folder / "xa.csv").write_text(f"name,label\n{communes}", encoding="utf-8")
    return load_questionnaire(folder / "form.xlsx")


@pytest.fixture
def tables(app: Flask, tmp_path: Path) -> dict[str, pd.DataFrame]:
    """The snapshot of a round of version 2 in which one phone still had version 1."""
    with app.app_context():
        old = version(tmp_path / "old", OLD, "1,Ba Tri\n2,Hòa Tịnh\n")
        new = version(tmp_path / "new", NEW, "2,Hòa Tịnh\n3,Tân Hào\n")
        round_ = ensure_round(new, "r1", purpose=Purpose.TEST, time_period="2026")
        open_round(round_)
        unit: dict[str, Any] = {"stratum": "s", "psu": "p", "probability": 0.5}
        add_sample(round_, {"method": "test"}, [{"unit": name, **unit} for name in ("a", "b")])
        first, second = db.session.query(Case).order_by(Case.unit)
        member = [{"name": "An"}]
        given = {"age": 40, "income": 5, "house": 12, "work": "fish", "xa": "1", "old": "x", "member": member}
        submit(round_, Arrival("uuid:1", given, Mode.OPENROSA, first, version=old))
        given = {"age": 50, "income": 2.5, "house": "12A", "work": "shop", "second": "farm", "xa": "3"}
        submit(
            round_, Arrival("uuid:2", given | {"member": [{"name": "Ba", "years": 3}]}, Mode.OPENROSA, second)
        )
        db.session.commit()
        assert [
            r.instrument_version_id for r in db.session.query(Response).order_by(Response.instance_id)
        ] == [
            old.id,
            new.id,
        ]
        snapshot = take_snapshot(round_, str(tmp_path / "files"))
        assert take_snapshot(round_, str(tmp_path / "files")).hash == snapshot.hash
        return read_tables(snapshot)


def test_versions_line_up_by_the_names_of_their_variables(tables: dict[str, pd.DataFrame]) -> None:
    root = tables["root"].set_index(KEY).sort_index()
    assert root["form_version"].tolist() == ["1", "2"]
    assert root["age"].tolist() == [40, 50]
    assert root[["work", "xa"]].to_numpy().tolist() == [["fish", "1"], ["shop", "3"]]
    assert root["old"].fillna("–").tolist() == ["x", "–"]  # gone
    assert root["second"].fillna("–").tolist() == ["–", "farm"]  # new


def test_a_changed_type_holds_the_answers_of_both(tables: dict[str, pd.DataFrame]) -> None:
    root = tables["root"].set_index(KEY).sort_index()
    assert (root["income"].dtype, root["income"].tolist()) == ("Float64", [5.0, 2.5])
    assert (root["house"].dtype, root["house"].tolist()) == ("string", ["12", "12A"])


def test_instances_of_a_repeat_line_up_too(tables: dict[str, pd.DataFrame]) -> None:
    members = tables["member"].set_index(KEY).sort_index()
    assert members["name"].tolist() == ["An", "Ba"]
    assert members["years"].fillna(-1).tolist() == [-1, 3]


def test_codes_that_are_no_longer_offered_keep_their_labels(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        version(tmp_path / "old", OLD, "1,Ba Tri\n2,Hòa Tịnh\n")
        new = version(tmp_path / "new", NEW, "2,Hòa Tịnh\n3,Tân Hào\n")
        db.session.commit()
        assert choice_labels(new, "work", "vi") == {
            "farm": "Làm ruộng",
            "fish": "Nuôi cá",
            "shop": "Bán hàng",
        }
        assert choice_labels(new, "xa", "vi") == {"1": "Ba Tri", "2": "Hòa Tịnh", "3": "Tân Hào"}
