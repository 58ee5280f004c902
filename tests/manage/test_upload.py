"""Uploading an XLSForm: a version without a round, or a list of what to mend."""

import io
import stat
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role
from survey.extensions import db
from survey.rounds.files import content_of
from survey.rounds.models import InstrumentVersion, Round, Survey
from tests.page import page
from tests.staff import read, signed_in, token, words

UPLOAD = "/manage/upload"
SURVEY = [("type", "name", "label"), ("integer", "age", "Tuổi"), ("text", "job", "Nghề nghiệp")]
SETTINGS = [("form_title", "form_id", "version"), ("Lao động", "lao-dong", "1")]


def workbook(survey: list[tuple[str, ...]] = SURVEY, version: str = "1") -> bytes:
    """An XLSX file with these rows."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in (("survey", survey), ("settings", [SETTINGS[0], ("Lao động", "lao-dong", version)])):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    book.close()
    return file.getvalue()


def upload(app: Flask, content: bytes, name: str = "phieu.xlsx", code: str = "", username: str = "quan"):  # type: ignore[no-untyped-def]
    with app.app_context():
        known = db.session.scalar(select(AuditEvent.id).where(AuditEvent.subject == f"user:{username}"))
    browser = signed_in(app, username, None if known else Role.MANAGER)
    data = {"csrf_token": token(browser, UPLOAD), "code": code, "file": (io.BytesIO(content), name)}
    return browser, browser.post(UPLOAD, data=data, content_type="multipart/form-data")


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.query(model).count()


def test_a_good_form_becomes_a_version_that_takes_no_answers_yet(app: Flask) -> None:
    browser, answer = upload(app, workbook())
    assert answer.location.startswith("/manage/lao-dong/phien-ban/")
    assert "Đã nhập phiếu lao-dong, phiên bản 1" in words(read(browser, answer.location))
    assert (count(app, InstrumentVersion), count(app, Round)) == (1, 0)


def test_the_code_chosen_wins_over_the_form_id(app: Flask) -> None:
    assert upload(app, workbook(), code="viec-lam")[1].location.startswith("/manage/viec-lam/phien-ban/")


def test_a_new_version_joins_its_survey_and_the_same_file_changes_nothing(app: Flask) -> None:
    for content in (workbook(), workbook(), workbook(version="2")):
        assert upload(app, content)[1].status_code == 303
    assert (count(app, Survey), count(app, InstrumentVersion)) == (1, 2)


def test_other_content_under_a_known_version_is_refused(app: Flask) -> None:
    upload(app, workbook())
    _, answer = upload(app, workbook([*SURVEY, ("text", "more", "Thêm")]))
    assert answer.status_code == 422
    assert "phiên bản 1 đã có với nội dung khác" in words(page(answer.text))
    assert count(app, InstrumentVersion) == 1


def test_a_faulty_form_lists_sheet_row_column_cause_and_remedy(app: Flask) -> None:
    wrong = [
        ("type", "name", "label", "relevant"),
        ("integer", "age", "Tuổi", ""),
        ("select_one jobs", "job", "Nghề", ""),
        ("text", "why", "Vì sao?", "${aeg} > 15"),
    ]
    _, answer = upload(app, workbook(wrong))
    assert answer.status_code == 422
    faults = [
        [words(cell) for cell in row.xpath("th|td")]
        for row in page(answer.text).xpath("//table[contains(@class, 'faults')]//tbody/tr")
    ]
    places = {(sheet, row) for sheet, row, _, _, _ in faults}
    assert ("survey", "4") in places
    assert "choices" in {sheet for sheet, _ in places}  # the list of jobs is not there
    assert all(cause and remedy for _, _, _, cause, remedy in faults)
    assert any("aeg" in cause for _, _, _, cause, _ in faults)
    assert (count(app, Survey), count(app, InstrumentVersion)) == (0, 0)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "phieu.xlsx", "tệp rỗng"),
        (b"MZ\x90", "phieu.exe", "không phải tệp XLSForm"),
        (b"not a zip file", "phieu.xlsx", ""),
        (Path(__file__).read_bytes(), "phieu.md", ""),
    ],
)
def test_a_file_that_is_no_form_is_refused_with_a_page(
    app: Flask, content: bytes, name: str, said: str
) -> None:
    _, answer = upload(app, content, name)
    assert answer.status_code == 422
    assert said in words(page(answer.text))
    assert count(app, Survey) == 0


def test_no_file_at_all_says_choose_one(app: Flask) -> None:
    browser = signed_in(app, "quan", Role.MANAGER)
    answer = browser.post(UPLOAD, data={"csrf_token": token(browser, UPLOAD)})
    assert answer.status_code == 422
    assert "Chọn tệp XLSForm" in words(page(answer.text))


LISTED = [("type", "name", "label"), ("select_one_from_file xa.csv", "xa", "Xã")]
XA = "name,label\n28885,Ba Tri\n29512,Hòa Tịnh\n".encode()


def packed(files: dict[str, bytes]) -> bytes:
    """A .zip of these files."""
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "files",
    [
        {"phieu.xlsx": workbook(LISTED), "xa.csv": XA},
        {"phieu.xlsx": workbook(LISTED), "media/xa.csv": XA},
        {"phieu.xlsx": workbook(LISTED), "phieu-media/xa.csv": XA},
        {"Lao động/phieu.xlsx": workbook(LISTED), "Lao động/media/xa.csv": XA, "__MACOSX/._x": b"\0"},
        {
            "survey.csv": b"type,name,label\nselect_one_from_file xa.csv,xa,X\n",
            "settings.csv": b"form_id,version\nlao-dong,1\n",
            "README.md": b"# What it is",
            "media/xa.csv": XA,
        },
    ],
)
def test_a_package_brings_the_files_of_its_form(app: Flask, files: dict[str, bytes]) -> None:
    _, answer = upload(app, packed(files), "lao-dong.zip")
    assert (answer.location or "").startswith("/manage/lao-dong/phien-ban/"), answer.text
    with app.app_context():
        (version,) = db.session.query(InstrumentVersion)
        assert [(file.name, content_of(file.sha256)) for file in version.files] == [("xa.csv", XA)]


def test_a_form_without_its_list_says_which_file_is_missing_where(app: Flask) -> None:
    _, answer = upload(app, workbook(LISTED))
    assert answer.status_code == 422
    (row,) = page(answer.text).xpath("//table[contains(@class, 'faults')]//tbody/tr")
    *told, remedy = [words(cell) for cell in row.xpath("th|td")]
    assert told == ["survey", "2", "type", "Thiếu tệp xa.csv."]
    assert "nén cùng phiếu thành một tệp .zip" in remedy
    assert count(app, Survey) == 0


def bomb() -> bytes:
    """Megabytes that unpack to more than is taken."""
    return packed({"phieu.xlsx": workbook(), **{f"a{n}.csv": b" " * 30_000_000 for n in range(4)}})


def lying_bomb() -> bytes:
    """An archive whose directory says that a large file is small."""
    content = packed({"phieu.xlsx": workbook(), "a.csv": b" " * 60_000_000})
    return content.replace((60_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))


def link() -> bytes:
    """An archive with a symbolic link out of it."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        entry = ZipInfo("xa.csv")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
        archive.writestr("phieu.xlsx", workbook(LISTED))
    return file.getvalue()


ALIASES = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)
)
FOLDER = {"survey.csv": b"type,name,label\ntext,a,A\n"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 not an archive", "Không giải nén được"),
        (packed({"phieu.xlsx": workbook()})[:-40], "Không giải nén được"),
        (packed({}), "không chứa tệp nào"),
        (packed({"xa.csv": XA}), "không có phiếu hỏi"),
        (packed({"a.xlsx": workbook(), "b.xlsx": workbook()}), "nhiều phiếu hỏi: a.xlsx, b.xlsx"),
        (packed({"../../etc/cron.d/x.csv": XA, "phieu.xlsx": workbook()}), "dẫn ra ngoài"),
        (packed({"/etc/x.csv": XA, "phieu.xlsx": workbook()}), "dẫn ra ngoài"),
        (packed({"C:/x.csv": XA, "phieu.xlsx": workbook()}), "dẫn ra ngoài"),
        (packed({"..\\x.csv": XA, "phieu.xlsx": workbook()}), "dẫn ra ngoài"),
        (packed({"x\x1b[31m.csv": XA, "phieu.xlsx": workbook()}), "dẫn ra ngoài"),
        (packed({"chay.exe": b"MZ", "phieu.xlsx": workbook()}), "không dùng loại tệp của “chay.exe”"),
        (packed({f"{n}.csv": b"x" for n in range(600)}), "600 tệp, quá 500"),
        (packed({"a" * 150 + ".csv": b"x", "phieu.xlsx": workbook()}), "quá dài"),
        (bomb(), "lớn hơn 100 MB"),
        (lying_bomb(), ""),
        (link(), "là liên kết"),
        (packed({**FOLDER, "design.yaml": ALIASES}), "quá nhiều mục"),
        (packed({**FOLDER, "design.yaml": b"a: &a [*a]"}), "không đọc được YAML"),
        (packed({**FOLDER, "design.yaml": b"!!python/object/apply:os.system ['true']"}), "không đọc được YAML"),
        (packed({**FOLDER, "design.yaml": b"- a\n- b\n"}), "không phải danh mục"),
        (packed({**FOLDER, "indicators.yaml": b"indicators: 5\n"}), ""),
        (packed({**FOLDER, "indicators.yaml": b"indicators: [x]\n", "design.yaml": b"levels: [1]\n"}), ""),
        (packed({**FOLDER, "edits.yaml": b"edits: {a: 1}\n"}), ""),
        (packed({**FOLDER, "controls.csv": b"\xff\xfe"}), "UTF-8"),
    ],
)  # fmt: skip
def test_a_package_that_will_not_do_is_refused_and_leaves_nothing(
    app: Flask, content: bytes, said: str
) -> None:
    _, answer = upload(app, content, "goi.zip")
    assert answer.status_code == 422, answer.status
    assert said in words(page(answer.text))
    assert count(app, Survey) == count(app, InstrumentVersion) == 0
