"""Uploaded .zip packages: a questionnaire and its files, unpacked without trusting a word of the archive."""

import stat
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from survey.errors import Fault
from survey.instrument.filetypes import TYPES
from survey.instrument.sheets import READERS, WORKBOOKS

MOST_FILES = 500
LARGEST_FILE = 50_000_000
LARGEST_PACKAGE = 100_000_000
CHUNK = 1 << 20
PLANS = (".yaml", ".yml")
ENDINGS = frozenset({*READERS, *TYPES, *PLANS})
# What Windows and macOS put into archives by themselves.
LEFT_BEHIND = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
ENCRYPTED = 0x1


class BadPackage(Fault):
    title = "Tệp nén chưa nhập được"


def unpack(content: bytes, folder: Path) -> Path:
    """Unpack an archive into an empty folder and return where its questionnaire is: a folder of sheets or one file.

    Raises `BadPackage` for what is no archive, leads out of the folder, unpacks to too much or holds files of
    types that no questionnaire uses.
    """
    try:
        with ZipFile(_kept(content, folder)) as archive:
            entries = _checked([entry for entry in archive.infolist() if not _is_left_behind(entry)])
            left = LARGEST_PACKAGE
            for entry in entries:
                left -= _write(archive, entry, folder / "form" / entry.filename, left)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise BadPackage(
            "Không giải nén được tệp .zip này.", "Nén lại bằng cách nén .zip thông thường rồi tải lên."
        ) from error
    return _form(folder / "form")


def _kept(content: bytes, folder: Path) -> Path:
    path = folder / "package.zip"
    path.write_bytes(content)
    return path


def _is_left_behind(entry: ZipInfo) -> bool:
    return entry.is_dir() or any(part in LEFT_BEHIND for part in PurePosixPath(entry.filename).parts)


def _checked(entries: list[ZipInfo]) -> list[ZipInfo]:
    if not entries:
        raise BadPackage("Tệp .zip không chứa tệp nào.", "Nén phiếu hỏi cùng các tệp đi kèm rồi tải lên.")
    if len(entries) > MOST_FILES:
        raise BadPackage(
            f"Tệp .zip chứa {len(entries)} tệp, quá {MOST_FILES}.",
            "Chỉ nén phiếu hỏi và các tệp mà phiếu dùng.",
        )
    if sum(entry.file_size for entry in entries) > LARGEST_PACKAGE:
        raise _too_large()
    for entry in entries:
        _refuse_entry(entry)
    return entries


def _refuse_entry(entry: ZipInfo) -> None:
    name = entry.filename
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name or ":" in name or not name.isprintable():
        raise BadPackage(
            f"Đường dẫn “{shown(name)}” trong tệp .zip dẫn ra ngoài thư mục của phiếu.",
            "Nén lại thư mục phiếu, không dùng đường dẫn tuyệt đối hay “..”.",
        )
    if len(name) > 200 or any(len(part) > 120 for part in parts):
        raise BadPackage(f"Tên tệp “{shown(name)}” quá dài.", "Đặt tên ngắn hơn rồi nén lại.")
    if entry.flag_bits & ENCRYPTED:
        raise BadPackage("Tệp .zip có mật khẩu.", "Nén lại không đặt mật khẩu.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BadPackage(
            f"“{shown(name)}” là liên kết, không phải tệp.", "Thay bằng chính tệp đó rồi nén lại."
        )
    if PurePosixPath(name).suffix.lower() not in ENDINGS:
        raise BadPackage(
            f"Phiếu hỏi không dùng loại tệp của “{shown(name)}”.",
            f"Chỉ nén các loại tệp: {', '.join(sorted(ENDINGS))}.",
        )


def shown(name: str) -> str:
    """A file's name as a message can carry it."""
    return "".join(letter if letter.isprintable() else "�" for letter in name[:80])


def _too_large() -> BadPackage:
    return BadPackage(
        f"Tệp .zip khi giải nén lớn hơn {LARGEST_PACKAGE // 10**6} MB.",
        "Giảm kích thước ảnh, âm thanh, video.",
    )


def _write(archive: ZipFile, entry: ZipInfo, target: Path, left: int) -> int:
    """Write one file and return its size; what the archive says of sizes is not believed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(entry) as source, target.open("xb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > min(left, LARGEST_FILE):
                raise _too_large()
            file.write(chunk)
    return size


def _form(folder: Path) -> Path:
    """The questionnaire among the unpacked files, also inside the one folder that was packed."""
    while not _forms(folder):
        inner = [path for path in folder.iterdir() if path.is_dir()]
        if len(inner) != 1 or any(path.is_file() for path in folder.iterdir()):
            raise BadPackage(
                "Trong tệp .zip không có phiếu hỏi.",
                f"Để phiếu ({', '.join(WORKBOOKS)}, hoặc survey.csv) ở thư mục ngoài cùng, tệp đi kèm trong “media”.",
            )
        folder = inner[0]
    forms = _forms(folder)
    if len(forms) > 1:
        names = ", ".join(path.name for path in forms)
        raise BadPackage(f"Tệp .zip có nhiều phiếu hỏi: {shown(names)}.", "Mỗi lần tải lên một phiếu hỏi.")
    return forms[0]


def _forms(folder: Path) -> list[Path]:
    if (folder / "survey.csv").is_file():
        return [folder]
    found = [path for path in sorted(folder.iterdir()) if path.is_file()]
    books = [path for path in found if path.suffix.lower() in WORKBOOKS and not path.name.startswith("~$")]
    return books or [path for path in found if path.suffix.lower() == ".md" and path.stem.lower() != "readme"]
