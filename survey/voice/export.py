"""Messages as files for the offices that work on them; taking one is recorded."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence

import xlsxwriter
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.text import defused
from survey.voice.lists import offices
from survey.voice.models import VoiceSubmission
from survey.voice.triage import STATUS_NAMES, field_name
from survey.voice.words import say

BOM = "\ufeff"
COLUMNS = (
    "so", "nhan_luc", "loai", "linh_vuc", "muc_hai_long", "noi_dung", "ma_xa", "xa_phuong", "vi_do", "kinh_do",
    "so_anh", "tinh_trang", "sang_loc", "co_quan", "nguoi_xu_ly", "han_tra_loi", "tra_loi_luc", "dong_luc", "gop_vao",
    "danh_gia_tra_loi", "mo_phong",
)  # fmt: skip
CONTACT_COLUMNS = ("ho_ten", "dien_thoai", "email")
LONGEST_CELL = 32_000  # Excel's own limit is 32,767
Row = list[object]


def rows(query: Select[tuple[VoiceSubmission]], *, contacts: bool) -> Iterable[Row]:
    """A row a message, the names of the columns first."""
    yield [*COLUMNS, *(CONTACT_COLUMNS if contacts else ())]
    loaded = query.options(
        *(
            selectinload(part)
            for part in (
                VoiceSubmission.area,
                VoiceSubmission.assignee,
                VoiceSubmission.photos,
                VoiceSubmission.contact,
                VoiceSubmission.duplicate_of,
            )
        )
    )
    for message in db.session.scalars(loaded):
        yield [_cell(value) for value in (*_facts(message), *(_contact(message) if contacts else ()))]


def _facts(message: VoiceSubmission) -> Sequence[object]:
    area, times = message.area, (message.due_at, message.answered_at, message.closed_at)
    return (
        message.number,
        _time(message.created_at),
        say(f"kind_{message.kind}", "vi"),
        field_name(message.field),
        message.rating,
        message.text,
        area.code if area else None,
        area.full_name if area else None,
        message.latitude,
        message.longitude,
        len(message.photos),
        STATUS_NAMES[message.status],  # type: ignore[index]
        message.screening,
        offices().get(message.office or "", message.office),
        message.assignee.full_name if message.assignee else None,
        *map(_time, times),
        message.duplicate_of.number if message.duplicate_of else None,
        message.satisfaction,
        "có" if message.is_synthetic else "không",
    )


def _contact(message: VoiceSubmission) -> Sequence[object]:
    contact = message.contact
    return (contact.name, contact.phone, contact.email) if contact else ("", "", "")


def _time(moment: object) -> str:
    return f"{moment.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}" if moment else ""  # type: ignore[attr-defined]


def _cell(value: object) -> object:
    if value is None:
        return ""
    return defused(value[:LONGEST_CELL]) if isinstance(value, str) else value


def csv_bytes(table: Iterable[Row]) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs for Vietnamese."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(table)
    return (BOM + file.getvalue()).encode()


def xlsx_bytes(table: Iterable[Row]) -> bytes:
    """A workbook in which text is never a formula or a link."""
    file = io.BytesIO()
    safe = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(file, safe) as book:
        sheet = book.add_worksheet("y_kien")
        for number, row in enumerate(table):
            sheet.write_row(number, 0, row)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(COLUMNS) + len(CONTACT_COLUMNS), 18)
    return file.getvalue()


WRITERS: dict[str, tuple[Callable[[Iterable[Row]], bytes], str]] = {
    "csv": (csv_bytes, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def export(query: Select[tuple[VoiceSubmission]], suffix: str, user: User, *, contacts: bool) -> bytes:
    """The file; contacts only for those who may see them, else `Refused`. Kept in the audit trail."""
    if contacts:
        require(user, "see_contacts")
    table = list(rows(query, contacts=contacts))
    record(
        "voice.export", "voice", {"rows": len(table) - 1, "format": suffix, "contacts": contacts}, user=user
    )
    return WRITERS[suffix][0](table)
