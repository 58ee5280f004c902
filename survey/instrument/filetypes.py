"""Types of files that may stand beside a form: by ending, with the marks by which their content is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

Test = Callable[[bytes], bool]
LARGEST = 50_000_000


@dataclass(frozen=True)
class FileType:
    """A media type, and whether a content is of it."""

    media_type: str
    holds: Test

    @property
    def is_shown(self) -> bool:
        """Whether pages show or play it: pictures, sounds, films."""
        return self.media_type.partition("/")[0] in ("image", "audio", "video")


def type_of(name: str) -> FileType | None:
    """The type that a file's ending names; None for one that forms do not use."""
    return TYPES.get(Path(name).suffix.lower())


def _begins(*marks: bytes, at: int = 0) -> Test:
    return lambda content: any(content.startswith(mark, at) for mark in marks)


def _riff(kind: bytes) -> Test:
    return lambda content: content.startswith(b"RIFF") and content[8:12] == kind


def _sound_frames(content: bytes) -> bool:
    """MPEG audio: an ID3 tag, or the eleven bits with which each frame begins."""
    return content.startswith(b"ID3") or (content[:1] == b"\xff" and content[1:2] >= b"\xe0")


def _text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def _drawing(content: bytes) -> bool:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.QName(etree.fromstring(content, parser)).localname == "svg"
    except (etree.XMLSyntaxError, ValueError):
        return False


_MPEG_4 = _begins(b"ftyp", at=4)
_MATROSKA = _begins(b"\x1a\x45\xdf\xa3")
_OGG = _begins(b"OggS")
TYPES: dict[str, FileType] = {
    ".csv": FileType("text/csv", _text),
    ".geojson": FileType("application/geo+json", _text),
    ".xml": FileType("text/xml", _text),
    ".png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    ".jpg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".jpeg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".gif": FileType("image/gif", _begins(b"GIF87a", b"GIF89a")),
    ".webp": FileType("image/webp", _riff(b"WEBP")),
    ".svg": FileType("image/svg+xml", _drawing),
    ".mp3": FileType("audio/mpeg", _sound_frames),
    ".aac": FileType("audio/aac", _sound_frames),
    ".m4a": FileType("audio/mp4", _MPEG_4),
    ".ogg": FileType("audio/ogg", _OGG),
    ".oga": FileType("audio/ogg", _OGG),
    ".opus": FileType("audio/ogg", _OGG),
    ".wav": FileType("audio/wav", _riff(b"WAVE")),
    ".amr": FileType("audio/amr", _begins(b"#!AMR")),
    ".mp4": FileType("video/mp4", _MPEG_4),
    ".3gp": FileType("video/3gpp", _MPEG_4),
    ".webm": FileType("video/webm", _MATROSKA),
}
