"""A file of values: read, every row checked, shown, and then taken in whole or not at all."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.registry.values.checks import Check, Entry, Finding, check
from survey.registry.values.models import (
    AdministrativeValue,
    ImportStatus,
    SourcePaper,
    ValueImport,
)
from survey.registry.values.service import KEEP, enter
from survey.spreadsheets import BadTable, read_table
from survey.text import plain

MOST_ROWS = 2000
TITLES = {
    "line": "mã chỉ tiêu",
    "area": "địa bàn",
    "period": "kỳ",
    "value": "giá trị",
    "numerator": "tử số",
    "denominator": "mẫu số",
    "text": "nội dung",
    "source_number": "số văn bản",
    "source_date": "ngày văn bản",
    "agency": "cơ quan",
    "note": "ghi chú",
}
"""What a file's columns are called; with or without accents, with spaces or low lines."""
REQUIRED = ("line", "period", "source_number", "source_date")


@dataclass(frozen=True)
class RowCheck:
    """A row of the file, by its number there, with what was found."""

    number: int
    check: Check


def column_title(column: str) -> str:
    """How a column is named to people."""
    return TITLES.get(column, "ghi chú sửa đổi" if column == "revision_note" else column)


def look_at(content: bytes, name: str, user: User, paper: SourcePaper | None) -> ValueImport:
    """Keep a file's rows to be looked at; raise `BadTable` for a file that is no table of values."""
    require(user, KEEP)
    sheet = read_table(content)
    columns = {plain(title): column for column, title in TITLES.items()}
    named = {
        heading: columns.get(plain(heading).replace("_", " ").strip())
        for heading in sheet.headings
        if heading
    }
    missing = [TITLES[column] for column in REQUIRED if column not in named.values()]
    if missing:
        raise BadTable(f"Thiếu cột: {', '.join(missing)}.", "Tải tệp mẫu và điền vào đó.")
    twice = [column for column in TITLES if list(named.values()).count(column) > 1]
    if twice:
        raise BadTable(f"Có hai cột {TITLES[twice[0]]}.", "Chỉ giữ một cột.")
    if len(sheet.rows) > MOST_ROWS:
        raise BadTable(f"Tệp có hơn {MOST_ROWS} dòng.", "Chia thành nhiều tệp.")
    unknown = [heading[:40] for heading, column in named.items() if column is None]
    notices = [sheet.notice, f"Bỏ qua cột: {', '.join(unknown)}." if unknown else ""]
    rows = [
        [
            number,
            {column: cells[heading] for heading, column in named.items() if column and cells.get(heading)},
        ]
        for number, cells in sheet.records
    ]
    kept = ValueImport(
        name=name[-200:] or "tệp", notice=" ".join(filter(None, notices))[:500], rows=rows,
        uploaded_by=user, paper=paper,
    )  # fmt: skip
    db.session.add(kept)
    db.session.flush()
    return kept


def check_rows(held: ValueImport, today: date) -> list[RowCheck]:
    """Every row of a file with its findings; two rows for one line, area and period are faults of both."""
    checked = [RowCheck(number, check(Entry(**cells), today)) for number, cells in held.rows]
    places: dict[tuple[int, int, str], list[RowCheck]] = defaultdict(list)
    for row in checked:
        if (reported := row.check.reported) is not None:
            places[reported.line.id, reported.area.id, reported.period.code].append(row)
    for rows in places.values():
        if len(rows) > 1:
            _refuse_twice(rows)
    return checked


def _refuse_twice(rows: Sequence[RowCheck]) -> None:
    for row in rows:
        others = ", ".join(str(other.number) for other in rows if other is not row)
        row.check.findings.append(
            Finding("period", f"Cùng chỉ tiêu, địa bàn và kỳ với dòng {others}.", "Chỉ giữ một dòng.")
        )


def find_import(number: int) -> ValueImport:
    """The file of this number; raise `NotFound`."""
    held = db.session.get(ValueImport, number) if number < 2**31 else None
    if held is None:
        raise NotFound("Không có tệp này.", "Tải tệp lên lại.")
    return held


def take(
    held: ValueImport, user: User, today: date, now: datetime | None = None
) -> list[AdministrativeValue]:
    """Keep every row as a draft, or none: raises `Conflict` when it was taken before or a row has a fault by now."""
    require(user, KEEP)
    db.session.refresh(held, with_for_update=True)
    if held.status != ImportStatus.SEEN:
        raise Conflict(
            "Tệp này đã được nhập hoặc đã bỏ.", "Xem ở trang danh mục; muốn nhập nữa thì tải lên lại."
        )
    checked = check_rows(held, today)
    faulty = [row.number for row in checked if row.check.faults]
    if faulty:
        raise Conflict(
            f"Chưa nhập gì: dòng {', '.join(map(str, faulty[:10]))} có lỗi.", "Sửa tệp rồi tải lên lại."
        )
    values = [
        enter(row.check.reported, user, held.paper, import_id=held.id)
        for row in checked
        if row.check.reported
    ]
    held.status, held.ended_at = ImportStatus.TAKEN, now or datetime.now(UTC)
    record(
        "value_import.take", f"value_import:{held.id}", {"name": held.name, "values": len(values)}, user=user
    )
    return values


def drop_import(held: ValueImport, user: User) -> None:
    """Forget a file that was not taken in."""
    require(user, KEEP)
    db.session.refresh(held, with_for_update=True)
    if held.status == ImportStatus.SEEN:
        held.status, held.ended_at = ImportStatus.DROPPED, datetime.now(UTC)
        held.rows = []
