"""The agency's document, attached as evidence: only kinds that offices exchange, told by their first bytes."""

import hashlib
import zipfile
from io import BytesIO
from pathlib import PurePath

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from survey.accounts.models import User
from survey.errors import Fault
from survey.extensions import db
from survey.registry.values.models import SourcePaper
from survey.text import composed

LARGEST = 10 * 1024 * 1024
STARTS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LONGEST_NAME = 200


class BadPaper(Fault):
    title = "Văn bản đính kèm chưa dùng được"


def attach(file: FileStorage | None, user: User) -> SourcePaper | None:
    """Keep an uploaded document; the same content once. None where no file was chosen; raise `BadPaper`."""
    if file is None or not file.filename:
        return None
    content = file.read()
    if not content:
        raise BadPaper("Tệp rỗng.", "Chọn lại tệp văn bản.")
    if len(content) > LARGEST:
        raise BadPaper("Tệp lớn hơn 10 MB.", "Quét ở độ phân giải thấp hơn rồi gửi lại.")
    media_type = _media_type(content)
    digest = hashlib.sha256(content).hexdigest()
    kept = db.session.scalar(select(SourcePaper).where(SourcePaper.hash == digest))
    if kept is None:
        name = composed(PurePath(file.filename.replace("\\", "/")).name)[-LONGEST_NAME:] or "van-ban"
        kept = SourcePaper(
            name=name, media_type=media_type, hash=digest, content=content, attached_by_id=user.id
        )
        db.session.add(kept)
        db.session.flush()
    return kept


def _media_type(content: bytes) -> str:
    for start, media_type in STARTS.items():
        if content.startswith(start):
            return media_type
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            inside = set(packed.namelist())
    except zipfile.BadZipFile:
        inside = set()
    for member, media_type in OFFICE.items():
        if member in inside:
            return media_type
    raise BadPaper("Tệp đính kèm không phải PDF, ảnh, Word hay Excel.", "Gửi PDF, PNG, JPEG, DOCX hoặc XLSX.")
