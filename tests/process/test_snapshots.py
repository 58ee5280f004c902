"""What a snapshot holds beside the answers: why each value is there or not, a codebook, and nobody's name or place."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from flask import Flask
from sqlalchemy import select

from survey.cases.geography import borders, commune_at
from survey.cases.models import Case, Disposition
from survey.cases.service import add_sample, set_disposition
from survey.config import Settings
from survey.extensions import db
from survey.instrument import xlsx_bytes
from survey.instrument.sheets import markdown_sheets
from survey.intake.models import Mode, Response, ResponseStatus, Source
from survey.process.models import Snapshot
from survey.process.service import is_at_hand
from survey.process.snapshots import annexes, documents
from survey.process.snapshots.annexes import Annex
from survey.process.snapshots.coarsening import communes_at
from survey.process.tables import (
    CASES,
    KEY,
    ROOT,
    Tables,
    ValueState,
    content_hash,
    read_codebook,
    read_states,
    read_tables,
    take_snapshot,
)
from survey.rounds.models import Purpose, Round
from survey.rounds.service import ensure_round, load_questionnaire, open_round

OLD = """
| survey   |                         |        |              |                        |          |
|          | type                    | name   | label        | relevant               | identity |
|          | integer                 | age    | Tuổi         |                        |          |
|          | begin_group             | work   | Việc làm     | ${age} >= 15           |          |
|          | select_one job          | job    | Việc         |                        |          |
|          | decimal                 | income | Thu nhập     | ${job} = 'farm'        |          |
|          | end_group               |        |              |                        |          |
|          | select_multiple job     | wishes | Muốn làm     |                        |          |
|          | text                    | who    | Họ và tên    |                        | yes      |
|          | text                    | thanks | Cảm ơn       | ${who} != ''           |          |
|          | text                    | today  | Hôm nay      | today() > '2020-01-01' |          |
|          | phonenumber             | phone  |              |                        |          |
|          | geopoint                | place  | Nơi ở        |                        |          |
|          | image                   | photo  | Ảnh          |                        |          |
|          | begin_repeat            | member | Người        |                        |          |
|          | integer                 | years  | Tuổi         |                        |          |
|          | text                    | school | Trường       | ${years} < 18 and ${age} > 20 |   |
|          | begin_repeat            | trip   | Chuyến đi    |                        |          |
|          | integer                 | km     | Số km        |                        |          |
|          | text                    | by     | Bằng gì      | ${km} > 2 and ${years} >= 16 |    |
|          | end_repeat              |        |              |                        |          |
|          | end_repeat              |        |              |                        |          |
| choices  |                         |        |              |                        |          |
|          | list_name               | name   | label::Tiếng Việt (vi) | label::English (en) | |
|          | job                     | farm   | Làm ruộng    | Farming                |          |
|          | job                     | shop   | Bán hàng     | Shop                   |          |
|          | job                     | dont_know | Không biết | Do not know           |          |
|          | job                     | refused | Không trả lời | Refused             |          |
| settings |                         |        |              |                        |          |
|          | form_id                 | version |             |                        |          |
|          | ho                      | 1      |              |                        |          |
"""  # fmt: skip
NEW = OLD.replace("| ho                      | 1  ", "| ho                      | 2  ").replace(
    "|          | select_multiple job     | wishes",
    "|          | select_one job | second | Việc phụ | | |\n|          | select_multiple job     | wishes",
)
INSIDE = next(iter(borders().values()))[0]
LONGITUDE = sum(x for x, _ in INSIDE) / len(INSIDE)
LATITUDE = sum(y for _, y in INSIDE) / len(INSIDE)
COMMUNE = commune_at(LONGITUDE, LATITUDE)
GIVEN: dict[str, tuple[int, dict[str, Any]]] = {
    "uuid:1": (2, {"age": 40, "job": "farm", "income": 5, "second": "shop", "wishes": ["farm", "shop"], "who": "Nguyễn Văn An",
                   "thanks": "ok", "phone": "0901234567", "place": f"{LATITUDE} {LONGITUDE} 3 5", "photo": "an-1.jpg",
                   "member": [{"years": 17, "trip": [{"km": 5, "by": "xe"}, {"km": 1}]}, {"years": 30}, {"years": 8, "school": "A", "trip": [{"km": 9}]}]}),
    "uuid:2": (2, {"age": 12, "wishes": [], "place": "21.0285 105.8542 10 4", "member": [{"years": 9}]}),
    "uuid:3": (1, {"age": 30, "job": "dont_know"}),
    "uuid:4": (2, {"age": 50, "job": "refused"}),
    "uuid:5": (2, {"age": 19, "job": "farm"}),
    "uuid:6": (2, {}),
}  # fmt: skip


@pytest.fixture
def round_(app: Flask, tmp_path: Path) -> Any:
    """A round in which one of six answered the older version, and a seventh unit was not met."""
    with app.app_context():
        versions = {}
        for number, sheet in ((1, OLD), (2, NEW)):
            path = tmp_path / f"{number}.xlsx"
            path.write_bytes(xlsx_bytes(markdown_sheets(sheet)))
            versions[number] = load_questionnaire(path)
        round_ = ensure_round(versions[2], "r1", purpose=Purpose.TEST, time_period="2026")
        open_round(round_)
        unit: dict[str, Any] = {"stratum": "s", "psu": "p", "probability": 0.5}
        extra = {"u1": {"size": 3}, "u2": {"size": "nhiều"}}
        units = [{"unit": f"u{n}", **unit, **extra.get(f"u{n}", {})} for n in range(1, 8)]
        add_sample(round_, {"method": "test"}, units)
        for case, (key, (version, answers)) in zip(
            db.session.scalars(select(Case).order_by(Case.unit)), GIVEN.items(), strict=False
        ):
            set_disposition(case, Disposition.COMPLETE)
            db.session.add(
                Response(
                    round_id=round_.id, instrument_version_id=versions[version].id, case_id=case.id, instance_id=key,
                    mode=Mode.IMPORT, source=Source.SAMPLE, status=ResponseStatus.COMPLETE, answers=answers,
                    submitted_at=pd.Timestamp("2026-05-01T00:00Z").to_pydatetime(),
                )
            )  # fmt: skip
        db.session.commit()
        yield round_


@pytest.fixture
def snapshot(round_: Round, tmp_path: Path) -> Snapshot:
    """Its snapshot."""
    return take_snapshot(round_, str(tmp_path / "files"))


def told(states: Tables, variable: str, table: str = ROOT) -> list[str]:
    """The states of a variable in words."""
    return [ValueState(state).name.lower() for state in states[table][variable]]


def test_each_missing_value_has_its_reason(snapshot: Snapshot) -> None:
    states = read_states(snapshot)
    assert told(states, "job") == [
        "collected",
        "not_relevant",
        "dont_know",
        "refused",
        "collected",
        "not_relevant",
    ]
    assert told(states, "income") == ["collected", *["not_relevant"] * 3, "not_answered", "not_relevant"]
    assert told(states, "second") == [
        "collected", "not_answered", "not_in_version", "not_answered", "not_answered", "not_answered",
    ]  # fmt: skip
    assert told(states, "wishes")[:2] == ["collected", "not_answered"]
    assert told(states, "thanks")[:2] == [
        "collected",
        "not_relevant",
    ]  # it depends on a name that is not kept
    assert told(states, "today")[0] == "unexplained"  # the day it was asked is not known any more


def test_a_condition_of_a_repeat_sees_what_is_around_it(snapshot: Snapshot) -> None:
    tables, states = read_tables(snapshot), read_states(snapshot)
    assert tables["member"][[KEY, "instance", "years"]].to_numpy().tolist() == [
        ["uuid:1", 1, 17], ["uuid:1", 2, 30], ["uuid:1", 3, 8], ["uuid:2", 1, 9],
    ]  # fmt: skip
    assert told(states, "school", "member") == ["not_answered", "not_relevant", "collected", "not_relevant"]
    assert tables["trip"][[KEY, "member_instance", "instance", "km"]].to_numpy().tolist() == [
        ["uuid:1", 1, 1, 5], ["uuid:1", 1, 2, 1], ["uuid:1", 3, 1, 9],
    ]  # fmt: skip
    assert told(states, "by", "trip") == ["collected", "not_relevant", "not_relevant"]


def test_nothing_in_the_files_leads_to_a_person(snapshot: Snapshot) -> None:
    root = read_tables(snapshot)[ROOT]
    assert not {"who", "phone"} & set(root.columns)
    assert root["place"].tolist()[:2] == [COMMUNE, "21.03 105.85"]
    assert root["photo"].fillna("–").tolist()[:2] == ["attached", "–"]
    written = b"".join(path.read_bytes() for path in Path(snapshot.folder).rglob("*") if path.is_file())
    rows = [str(pq.read_table(path).to_pydict()) for path in Path(snapshot.folder).rglob("*.parquet")]
    for secret in ("Nguyễn", "0901234567", "an-1.jpg", str(LATITUDE), "21.0285"):
        assert secret.encode() not in written
        assert secret not in " ".join(rows)


def test_estimates_see_no_states(snapshot: Snapshot) -> None:
    tables = read_tables(snapshot)
    assert set(tables) == {ROOT, "member", "trip", CASES}
    assert not [name for table in tables.values() for name in table if "state" in name]
    assert snapshot.rows == {ROOT: 6, "member": 4, "trip": 3, CASES: 7}


def test_the_codebook_counts_what_is_there_and_why_not(snapshot: Snapshot) -> None:
    book = read_codebook(snapshot)
    assert book is not None
    variables = {one["name"]: one for one in book["tables"][ROOT]["variables"]}
    job = variables["job"]
    assert (job["valid"], job["missing"]) == (2, {"not_relevant": 2, "dont_know": 1, "refused": 1})
    assert job["missing_codes"] == ["dont_know", "refused"]
    assert job["choices"][0] == {"value": "farm", "label": {"vi": "Làm ruộng", "en": "Farming"}}
    assert job["relevant"] == "${age} >= 15"
    assert variables["second"]["missing"] == {"not_answered": 4, "not_in_version": 1}
    assert book["tables"]["trip"]["keys"] == [KEY, "member_instance", "instance"]
    assert [version["version"] for version in book["versions"]] == ["2", "1"]


def test_the_hash_covers_answers_states_and_codebook(
    round_: Round, snapshot: Snapshot, tmp_path: Path
) -> None:
    folder = Path(snapshot.folder)
    assert take_snapshot(round_, str(tmp_path / "files")).id == snapshot.id
    assert content_hash(folder) == snapshot.hash
    book = folder / "codebook.json"
    book.write_text(json.dumps(json.loads(book.read_text("utf-8")) | {"more": 1}), "utf-8")
    assert content_hash(folder) != snapshot.hash
    states = Path(take_snapshot(round_, str(tmp_path / "again")).folder)
    assert content_hash(states) == snapshot.hash
    (states / "states" / "root.parquet").unlink()
    assert content_hash(states) != snapshot.hash


def test_a_snapshot_of_before_there_were_states_is_read_and_keeps_its_hash(
    app: Flask, tmp_path: Path
) -> None:
    pd.DataFrame({KEY: ["a"]}).to_parquet(tmp_path / "root.parquet")
    pd.DataFrame({"unit": ["a"]}).to_parquet(tmp_path / "cases.parquet")
    old = Snapshot(folder=str(tmp_path))
    with app.app_context():
        assert set(read_tables(old)) == {ROOT, CASES}
        assert (read_states(old), read_codebook(old)) == ({}, None)


def test_a_snapshot_is_found_where_the_data_folder_is_now(
    app: Flask, round_: Round, settings: Settings
) -> None:
    taken = take_snapshot(round_, settings.files)
    taken.folder = taken.folder.replace(settings.files, "/another/machine/files")
    assert {ROOT, CASES} <= set(read_tables(taken))
    assert is_at_hand(taken)


def test_frame_columns_of_several_types_become_text(snapshot: Snapshot) -> None:
    cases = read_tables(snapshot)[CASES]
    assert cases["size"].fillna("–").tolist()[:3] == ["3", "nhiều", "–"]
    assert cases["responded"].tolist() == [True] * 6 + [False]


def test_batches_make_the_same_rows_as_one(
    round_: Round, snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.process.snapshots.collecting.BATCH", 2)
    progress: list[tuple[int, int]] = []
    again = take_snapshot(round_, str(tmp_path / "small"), lambda done, of: progress.append((done, of)))
    assert progress == [(2, 6), (4, 6), (6, 6)]
    for one, other in (
        (read_tables(snapshot), read_tables(again)),
        (read_states(snapshot), read_states(again)),
    ):
        assert set(one) == set(other)
        for name, table in one.items():
            pd.testing.assert_frame_equal(table, other[name])


def test_both_readers_of_documents_agree(
    round_: Round, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Arrow's own, and the one for documents with values of other types."""

    def refuse(*_: object) -> None:
        raise documents.pa.ArrowInvalid("no")

    fast = read_tables(take_snapshot(round_, str(tmp_path / "fast")))
    monkeypatch.setattr(documents, "_read", refuse)
    slow = read_tables(take_snapshot(round_, str(tmp_path / "slow")))
    for name, table in fast.items():
        pd.testing.assert_frame_equal(table, slow[name])


def test_many_places_are_found_as_one_is() -> None:
    box = [place for rings in borders().values() for ring in rings for place in ring][::97]
    longitude, latitude = pd.Series([x for x, _ in box]) + 0.003, pd.Series([y for _, y in box]) + 0.004
    codes = list(borders())
    found = communes_at(longitude.to_numpy(), latitude.to_numpy())
    assert [codes[at] if at >= 0 else None for at in found] == [
        commune_at(x, y) for x, y in zip(longitude, latitude, strict=True)
    ]
    assert (found >= 0).sum() > 50


def test_what_the_office_changed_is_frozen_beside_and_laid_over(
    round_: Round, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a room with corrections does it."""
    table = documents.pa.table({KEY: ["uuid:1"], "age": [41]})

    def applied(tables: Tables, found: pd.DataFrame) -> Tables:
        root = tables[ROOT].assign(age=tables[ROOT]["age"].mask(tables[ROOT][KEY].isin(found[KEY]), 41))
        return {**tables, ROOT: root}

    def marked(states: Tables, tables: Tables, found: pd.DataFrame) -> Tables:
        changed = tables[ROOT][KEY].isin(found[KEY])
        return {
            **states,
            ROOT: states[ROOT].assign(age=states[ROOT]["age"].mask(changed, int(ValueState.CORRECTED))),
        }

    before = take_snapshot(round_, str(tmp_path / "files"))
    monkeypatch.setitem(annexes.ANNEXES, "corrections", Annex(lambda *_: table, applied, marked))
    after = take_snapshot(round_, str(tmp_path / "files"))
    assert after.hash != before.hash
    assert [read_tables(each)[ROOT]["age"].iloc[0] for each in (before, after)] == [40, 41]
    assert told(read_states(after), "age")[:2] == ["corrected", "collected"]


def test_what_a_killed_process_left_goes_with_the_next_snapshot(round_: Round, tmp_path: Path) -> None:
    import os

    old, young = (tmp_path / "files" / "snapshots" / name for name in (".part-old", ".part-young"))
    for part in (old, young):
        part.mkdir(parents=True)
    os.utime(old, (0, 0))
    take_snapshot(round_, str(tmp_path / "files"))
    assert (old.exists(), young.exists()) == (False, True)
