"""Files of a questionnaire, frozen with its version: kept once by their content, read when they are needed."""

from collections.abc import Mapping
from functools import partial
from hashlib import md5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from survey.errors import NotFound
from survey.extensions import db
from survey.instrument import File
from survey.instrument.filetypes import type_of
from survey.rounds.models import InstrumentFile, InstrumentVersion, StoredFile

UNKNOWN_TYPE = "application/octet-stream"


def keep_files(version: InstrumentVersion, files: Mapping[str, File]) -> None:
    """Freeze these files with a new version; a content that another version has is not stored again."""
    for name, file in sorted(files.items()):
        _keep_content(file)
        kind = type_of(name)
        media_type = kind.media_type if kind else UNKNOWN_TYPE
        version.files.append(InstrumentFile(name=name, media_type=media_type, sha256=file.sha256))


def _keep_content(file: File) -> None:
    known = select(StoredFile.sha256).where(StoredFile.sha256 == file.sha256)
    if db.session.scalar(known) is None:
        content = file.read()
        digest = md5(content, usedforsecurity=False).hexdigest()
        row = {"sha256": file.sha256, "md5": digest, "size": len(content), "content": content}
        db.session.execute(insert(StoredFile).values(row).on_conflict_do_nothing())


def held_files(version: InstrumentVersion) -> dict[str, File]:
    """The frozen files of a version by name; a content is read from the database when it is asked for."""
    return {file.name: File(file.sha256, partial(content_of, file.sha256)) for file in version.files}


def content_of(sha256: str) -> bytes:
    """The bytes of a stored file."""
    return db.session.scalars(select(StoredFile.content).where(StoredFile.sha256 == sha256)).one()


def find_file(version: InstrumentVersion, name: str) -> InstrumentFile:
    """The frozen file of this name; raise `NotFound`."""
    found = next((file for file in version.files if file.name == name), None)
    if found is None:
        raise NotFound(f"Mẫu phiếu không có tệp “{name}”.", "Tải lại mẫu phiếu.")
    return found
