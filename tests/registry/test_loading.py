"""The registry's files: loaded again they change nothing, and a new row is all that a new target needs."""

import csv
import shutil
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from survey.extensions import db
from survey.registry.files import DATA, rows
from survey.registry.loading import BadRegistry, load_registry
from survey.registry.models import IndicatorDefinition, IndicatorOwner, IndicatorTarget
from survey.registry.service import find_indicator, line_on

TODAY = date(2026, 11, 22)


def test_the_same_files_change_nothing(loaded: Flask) -> None:
    def state() -> list[list[int]]:
        return [sorted(db.session.scalars(select(kind.id))) for kind in kinds]

    kinds = (IndicatorDefinition, IndicatorTarget, IndicatorOwner)
    before = state()
    load_registry()
    db.session.commit()
    assert state() == before


def with_target(folder: Path, **row: str) -> Path:
    """The registry's files with one more line in targets.csv."""
    copied = Path(shutil.copytree(DATA, folder / "data"))
    given = rows("targets.csv", copied)
    for target in given:
        if target["line"] == row["line"]:
            target["superseded_by"] = row["document"]
    with (copied / "targets.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(given[0]))
        writer.writeheader()
        writer.writerows([*given, dict.fromkeys(given[0], "") | row])
    return copied


def test_a_new_target_is_a_new_row_of_the_file(loaded: Flask, tmp_path: Path) -> None:
    folder = with_target(
        tmp_path, line="KH54-37", year="2023", operator=">=", value="85", text="85%", document="qd1723x", valid_from="2026-06-01"
    )  # fmt: skip
    documents = folder / "documents.csv"
    documents.write_text(
        documents.read_text(encoding="utf-8") + "qd1723x,Quyết định,99/QĐ-UBND,2026-06-01,UBND tỉnh,,,R,\n",
        encoding="utf-8",
    )
    load_registry(folder, today=TODAY)
    db.session.commit()
    line = find_indicator("KH54-37")
    earlier, later = line_on(line, date(2026, 5, 31)), line_on(line, TODAY)
    assert [target.value for target in earlier.targets] == [75]
    assert [target.value for target in later.targets] == [85]
    assert line.target_value == 85, "figures are held against what holds today"


def test_a_target_superseded_by_nothing_is_refused(loaded: Flask, tmp_path: Path) -> None:
    folder = with_target(
        tmp_path, line="KH54-37", year="2030", operator=">=", value="9", text="9", document="kh43", valid_from="2026-06-01"
    )  # fmt: skip
    with pytest.raises(BadRegistry, match="kh43"):
        load_registry(folder)
    db.session.rollback()
