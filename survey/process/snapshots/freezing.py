"""Write a snapshot's files, part by part, and give them the name that is their hash."""

import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from survey.process.snapshots.codebook import FILE

STATES = "states"
PART = ".part-"
LONGEST_SECONDS = 6 * 3600.0
"""No snapshot takes so long: a part that is older was left by a process that was killed."""
COMPRESSION = "zstd"
LEVEL = 1


class Freezer:
    """Files of a snapshot as they grow; `table` may be called as often as there are batches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, int] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def table(self, name: str, rows: pa.Table) -> None:
        """Add rows to a table; its first call makes it, with no rows too."""
        if name not in self._writers:
            path = self.folder / f"{name}.parquet"
            path.parent.mkdir(exist_ok=True)
            self._writers[name] = pq.ParquetWriter(
                path, rows.schema, compression=COMPRESSION, compression_level=LEVEL
            )
            self.rows[name] = 0
        self.rows[name] += len(rows)
        if len(rows) or not self._writers[name].schema.names:
            self._writers[name].write_table(rows)

    def document(self, content: Mapping[str, Any]) -> None:
        """The codebook: the same content gives the same bytes."""
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (self.folder / FILE).write_text(text + "\n", encoding="utf-8")

    def close(self) -> None:
        """End every file."""
        for writer in self._writers.values():
            writer.close()


@contextmanager
def freezing(folder: Path) -> Iterator[Freezer]:
    """A freezer in a folder of its own, which goes unless `settle` has moved what is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    with TemporaryDirectory(dir=folder, prefix=PART) as name:
        written = Path(name) / "tables"
        written.mkdir()
        freezer = Freezer(written)
        try:
            yield freezer
        finally:
            freezer.close()


def settle(freezer: Freezer, folder: Path) -> tuple[str, Path]:
    """Move the finished files to a folder named by their hash; what is there already stays as it is."""
    freezer.close()
    digest = content_hash(freezer.folder)
    try:
        freezer.folder.rename(folder / digest)
    except OSError:  # it is there, perhaps since another worker's rename a moment ago
        if not (folder / digest).exists():
            raise
    return digest, folder / digest


def content_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of a snapshot's files (tables, then codebook), in the order of their names.

    Snapshots of before there were states and codebooks have the hash they had.
    """
    digest = hashlib.sha256()
    tables = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.parquet")}
    files = [*sorted(tables.items()), (FILE, folder / FILE)]
    for name, path in files:
        if path.exists():
            digest.update(name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _sweep(folder: Path) -> None:
    """Remove what processes that were killed have left half done."""
    for part in folder.glob(f"{PART}*"):
        if time.time() - part.stat().st_mtime > LONGEST_SECONDS:
            shutil.rmtree(part, ignore_errors=True)
