"""Files that a form needs beside it: which ones it names, and where they lie."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

URI = re.compile(r"jr://(?:images|audio|video|file|file-csv)/(.+)")
ITEMSETS = "itemsets.csv"


@dataclass(frozen=True)
class File:
    """A file beside a form, known by the hash of its content; the content is read when it is needed."""

    sha256: str
    read: Callable[[], bytes] = field(compare=False, repr=False)

    @classmethod
    def of(cls, content: bytes) -> File:
        """A file whose content is at hand."""
        return cls(sha256(content).hexdigest(), lambda: content)

    @classmethod
    def at(cls, path: Path) -> File:
        """A file on the disk."""
        return cls(sha256(path.read_bytes()).hexdigest(), path.read_bytes)


def media_names(form: Any) -> tuple[str, ...]:
    """The names of the files that a parsed XForm refers to, in order of first mention.

    A name that is put together from answers is not known before they are given.
    """
    places = ((element.get("src"), None if len(element) else element.text) for element in form.iter())
    found = (URI.fullmatch(text.strip()) for pair in places for text in pair if text)
    return tuple(dict.fromkeys(match.group(1) for match in found if match))


def find_files(names: Iterable[str], form: Path) -> dict[str, File]:
    """The files of these names that lie beside a form: a folder of sheets, or one file.

    Looked for in `media/`, in `<form>-media/` and beside the form. Names are compared as composed Unicode,
    since some systems store Vietnamese letters decomposed.
    """
    near: dict[str, Path] = {}
    for folder in reversed([*_folders(form)]):
        near |= {unicodedata.normalize("NFC", path.name): path for path in sorted(folder.iterdir())}
    found = {name: near.get(unicodedata.normalize("NFC", name)) for name in names}
    return {name: File.at(path) for name, path in found.items() if path is not None and path.is_file()}


def names_beside(form: Path) -> tuple[str, ...]:
    """The names of all files in the folders where a form's files are looked for."""
    return tuple(
        path.name for folder in _folders(form) for path in sorted(folder.iterdir()) if path.is_file()
    )


def _folders(form: Path) -> Iterator[Path]:
    base = form if form.is_dir() else form.parent
    for folder in (base / "media", base / f"{form.stem}-media", base):
        if folder.is_dir():
            yield folder


def itemsets(sheets: Mapping[str, list[dict[str, str]]]) -> dict[str, File]:
    """The sheet external_choices as the file `itemsets.csv`, from which ODK Collect asks select_one_external."""
    rows = sheets.get("external_choices") or []
    if not rows:
        return {}
    columns = list({column: None for row in rows for column in row})
    output = StringIO()
    writer = csv.writer(output, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([columns, *([row.get(column, "") for column in columns] for row in rows)])
    return {ITEMSETS: File.of(output.getvalue().encode())}
