"""Microdata files as responses: each record passes the same validation as an answer from a phone."""

import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.dialects.postgresql import insert

from survey.accounts.service import record
from survey.errors import Fault
from survey.extensions import db
from survey.instrument import Instrument, TypeFault, check, coerce
from survey.intake.models import Mode, Response, ResponseStatus, Source
from survey.intake.service import content_hash
from survey.rounds.models import Round
from survey.rounds.service import instrument_of

BATCH = 1000
MOST_FAULTS_SHOWN = 20

Row = dict[str, str]


class ImportRefused(Fault):
    title = "Tệp số liệu chưa nhập được"


@dataclass(frozen=True)
class FileLevel:
    """Where one level's records stand: file, key columns, and which column answers which question."""

    name: str
    file: Path
    delimiter: str
    key: tuple[str, ...]
    parent_key: tuple[str, ...]
    columns: dict[str, str]


def import_microdata(round_: Round, folder: Path, progress: Callable[[int, int], None] | None = None) -> int:
    """Bring in the files that the folder's import.yaml names; return the number of responses now there.

    The first level is the questionnaire's root, the others are its repeats. All or nothing: one faulty
    record refuses the import with the file, record and question of the first faults. The same files again
    change nothing.
    """
    root, *repeats = read_plan(folder)
    instrument = instrument_of(round_.instrument_version)
    children = {level.name: _by_parent(level) for level in repeats}
    records = list(_records(root))
    faults: list[str] = []
    batch: list[dict[str, Any]] = []
    for number, row in enumerate(records, 1):
        key = _key(row, root.key)
        answers = _answers(instrument, root, row, faults)
        for level in repeats:
            instances = children[level.name].pop(key, [])
            answers[level.name] = [_answers(instrument, level, child, faults) for child in instances]
        checked = check(instrument, answers, first_load=False)
        faults.extend(
            f"{root.file.name}, {' '.join(key)}: {f.variable}: {f.message('vi')}" for f in checked.faults
        )
        batch.append(_response(round_, instrument, key, checked.answers))
        if number % BATCH == 0 or number == len(records):
            _refuse(faults)
            _store(batch)
            batch = []
            if progress:
                progress(number, len(records))
    _refuse(
        [
            f"{level.name}: {len(children[level.name])} bản ghi không có hộ"
            for level in repeats
            if children[level.name]
        ]
    )
    record("microdata.import", f"round:{round_.survey.code}/{round_.code}", {"responses": len(records)})
    return len(records)


def read_plan(folder: Path) -> list[FileLevel]:
    """The levels of import.yaml; raise `ImportRefused` where it or a file is missing."""
    path = folder / "import.yaml"
    if not path.exists():
        raise ImportRefused(f"{path}: không có tệp.", "Thêm import.yaml mô tả tệp và cột của số liệu.")
    plan = yaml.safe_load(path.read_text(encoding="utf-8"))
    levels = [
        FileLevel(
            name=name,
            file=folder / entry["file"],
            delimiter=entry.get("delimiter", ","),
            key=tuple(entry["key"]),
            parent_key=tuple(entry.get("parent_key", ())),
            columns=dict(entry["columns"]),
        )
        for name, entry in plan["levels"].items()
    ]
    for level in levels:
        if not level.file.exists():
            raise ImportRefused(f"{level.file}: không có tệp.", "Sửa đường dẫn `file:` trong import.yaml.")
    return levels


def _records(level: FileLevel) -> Iterator[Row]:
    opener = gzip.open if level.file.suffix == ".gz" else open
    with opener(level.file, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter=level.delimiter)
        needed = {*level.key, *level.parent_key, *level.columns.values()}
        missing = sorted(needed - set(reader.fieldnames or ()))
        if missing:
            raise ImportRefused(
                f"{level.file.name}: thiếu cột {', '.join(missing)}.", "Sửa import.yaml hoặc tệp."
            )
        yield from reader


def _by_parent(level: FileLevel) -> dict[tuple[str, ...], list[Row]]:
    def parent(row: Row) -> tuple[str, ...]:
        return _key(row, level.parent_key)

    return {key: list(rows) for key, rows in groupby(sorted(_records(level), key=parent), key=parent)}


def _key(row: Row, columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row[column] for column in columns)


def _answers(instrument: Instrument, level: FileLevel, row: Row, faults: list[str]) -> dict[str, Any]:
    answers = {}
    for variable, column in level.columns.items():
        if row[column] == "":
            continue
        try:
            answers[variable] = coerce(instrument.questions[variable], row[column], machine=True)
        except TypeFault as fault:
            faults.append(f"{level.file.name}, {' '.join(_key(row, level.key))}, cột {column}: {fault}")
    return answers


def _response(
    round_: Round, instrument: Instrument, key: tuple[str, ...], answers: dict[str, Any]
) -> dict[str, Any]:
    return {
        "round_id": round_.id,
        "instrument_version_id": round_.instrument_version_id,
        "instance_id": f"import:{instrument.form_id}:{':'.join(key)}",
        "mode": Mode.IMPORT,
        "source": Source.SAMPLE,
        "status": ResponseStatus.COMPLETE,
        "answers": answers,
        "content_hash": content_hash(answers),
        "revision": 1,
        "language": instrument.default_language,
        "submitted_at": datetime.now(UTC),
    }


def _store(batch: list[dict[str, Any]]) -> None:
    statement = insert(Response).on_conflict_do_nothing(index_elements=["round_id", "instance_id"])
    if batch:
        db.session.execute(statement, batch)


def _refuse(faults: list[str]) -> None:
    if faults:
        shown = "\n".join(faults[:MOST_FAULTS_SHOWN])
        more = f"\n… và {len(faults) - MOST_FAULTS_SHOWN} lỗi nữa" if len(faults) > MOST_FAULTS_SHOWN else ""
        raise ImportRefused(f"{shown}{more}", "Không có bản ghi nào được nhập. Sửa tệp rồi nhập lại.")
