"""Types of files: of those beside a form by ending, of those that come with answers by their content alone."""

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


# Phones record sound in the containers of films.
ACCEPTED = {
    "image": ("image/",),
    "audio": ("audio/", "video/mp4", "video/3gpp", "video/webm"),
    "video": ("video/",),
}
BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3g2a", b"3gr6", b"3gs6"), "video/3gpp"),
}
# A drawing (SVG) is a document that may carry scripts: nobody photographs one.
SEEN: tuple[tuple[str, Test], ...] = (
    *(
        (kind.media_type, kind.holds)
        for ending, kind in TYPES.items()
        if ending in (".png", ".jpg", ".gif", ".webp")
    ),
    ("image/tiff", _begins(b"II*\0", b"MM\0*")),
    ("image/bmp", _begins(b"BM")),
    ("audio/wav", _riff(b"WAVE")),
    ("audio/amr", _begins(b"#!AMR")),
    ("audio/flac", _begins(b"fLaC")),
    ("audio/ogg", _OGG),
    ("video/webm", _MATROSKA),
    ("audio/mpeg", _sound_frames),
)


def seen_type(content: bytes) -> str:
    """The media type of a picture, recording or film by its first bytes; "" for anything else."""
    if _MPEG_4(content):
        return BRANDS.get(content[8:12], "video/mp4")
    return next((media_type for media_type, holds in SEEN if holds(content)), "")


def is_answer_to(question_type: str, content: bytes) -> bool:
    """Whether a file with these first bytes answers a question of this type; `file` takes anything."""
    accepted = ACCEPTED.get(question_type)
    return accepted is None or seen_type(content).startswith(accepted)
