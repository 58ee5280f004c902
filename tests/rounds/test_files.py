"""Files beside a questionnaire: found, judged, frozen with the version, kept once."""

import unicodedata
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

import pytest
from flask import Flask
from sqlalchemy import func, select

from survey.errors import Conflict
from survey.extensions import db
from survey.instrument import InstrumentErrors, build_instrument, choices_for, xlsx_bytes
from survey.instrument.sheets import markdown_sheets
from survey.rounds import service
from survey.rounds.files import content_of
from survey.rounds.models import InstrumentFile, InstrumentVersion, StoredFile
from survey.rounds.service import instrument_of, load_questionnaire

FORM = """
| survey   |                               |      |                  |               |              |
|          | type                          | name | label::vi        | choice_filter | media::image |
|          | select_one_from_file xa.csv   | xa   | Xã               |               |              |
|          | select_one_from_file ap.csv   | ap   | Ấp               | xa = ${xa}    | ấp.png       |
| settings |                               |      |                  |               |              |
|          | form_id                       | version |               |               |              |
|          | noi-o                         | VERSION |               |               |              |
"""
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
XA = "name,label,label::English (en)\n28885,Xã Ba Tri,Ba Tri commune\n29512,Xã Hòa Tịnh,Hoa Tinh commune\n".encode()
AP = "name,label,xa\na1,Ấp 1,28885\na2,Ấp 2,28885\nb1,Ấp Bình Hòa,29512\n".encode()
FILES = {"xa.csv": XA, "ap.csv": AP, "ấp.png": PNG}


def written(
    folder: Path, files: dict[str, bytes] | None = None, version: str = "1", form: str = FORM
) -> Path:
    """A workbook with its files in `<name>-media`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "noi-o.xlsx"
    path.write_bytes(xlsx_bytes(markdown_sheets(dedent(form.replace("VERSION", version)))))
    media = folder / "noi-o-media"
    media.mkdir(exist_ok=True)
    for name, content in (FILES if files is None else files).items():
        (media / name).write_bytes(content)
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(InstrumentErrors) as refused:
        load_questionnaire(path)
    return [fault.message("vi") for fault in refused.value.faults]


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_files_are_frozen_and_the_folder_is_not_read_again(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    with app.app_context():
        version = load_questionnaire(path)
        db.session.commit()
        for file in [path, *(tmp_path / "noi-o-media").iterdir()]:
            file.unlink()
        monkeypatch.setattr(service, "_compiled", {})  # as another process, that did not load it, reads it
        instrument = instrument_of(version)
        assert instrument.hash == version.hash
        assert {file.name: content_of(file.sha256) for file in version.files} == FILES
        assert {file.name: file.media_type for file in version.files}["ấp.png"] == "image/png"
        offered = choices_for(instrument, "ap", {"xa": "28885"})
        assert [choice.label("vi") for choice in offered] == ["Ấp 1", "Ấp 2"]


def test_a_list_in_two_languages_is_read_in_both(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        instrument = instrument_of(load_questionnaire(written(tmp_path)))
        first = choices_for(instrument, "xa", {})[0]
        assert [first.label(code) for code in ("vi", "en", "km")] == [
            "Xã Ba Tri",
            "Ba Tri commune",
            "Xã Ba Tri",
        ]


def test_equal_files_of_two_versions_are_stored_once(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        first = load_questionnaire(written(tmp_path / "1"))
        changed = {**FILES, "ap.csv": AP + "b2,Ấp Mới,29512\n".encode()}
        second = load_questionnaire(written(tmp_path / "2", changed, version="2"))
        assert (count(InstrumentFile), count(StoredFile)) == (6, 4)
        assert first.hash != second.hash
        offered = [len(choices_for(instrument_of(v), "ap", {"xa": "29512"})) for v in (first, second)]
        assert offered == [1, 2]


def test_a_changed_list_under_the_same_version_is_refused(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        kept = load_questionnaire(written(tmp_path))
        assert load_questionnaire(written(tmp_path)) is kept
        with pytest.raises(Conflict, match="nội dung khác"):
            load_questionnaire(written(tmp_path, {**FILES, "xa.csv": XA + b"1,A,A\n"}))
        assert (count(InstrumentVersion), count(InstrumentFile)) == (1, 3)


def test_the_hash_of_a_form_without_files_is_that_of_its_xform() -> None:
    form = build_instrument(markdown_sheets("| survey |\n| | type | name | label |\n| | text | a | A |\n"))
    assert form.hash == sha256(form.xml).hexdigest()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"xa.csv": XA, "ấp.png": PNG}, "trang survey, dòng 3, cột type: Thiếu tệp ap.csv. Đặt tệp vào thư mục media"),
        ({"xa.csv": XA, "AP.csv": AP, "ấp.png": PNG}, "Thiếu tệp ap.csv. Có tệp AP.csv: sửa cho hai tên giống nhau."),
        ({**FILES, "ap.csv": b""}, "dòng 3, cột type: Tệp ap.csv rỗng (0 byte)."),
        ({**FILES, "ap.csv": b"name\n"}, "Danh sách ap.csv không có dòng nào."),
        ({**FILES, "ấp.png": b"GIF89a"}, "dòng 3, cột media::image: Nội dung của ấp.png không phải loại .png."),
        ({**FILES, "ấp.png": b"<html><script>"}, "Nội dung của ấp.png không phải loại .png."),
        ({**FILES, "ap.csv": b"ma,label,xa\n1,A,1\n"}, "dòng 3, cột type: Danh sách ap.csv không có cột “name”."),
        ({**FILES, "ap.csv": b"name,ten,xa\n1,A,1\n"}, "Danh sách ap.csv không có cột “label”."),
        ({**FILES, "ap.csv": b"name,label,commune\n1,A,1\n"},
         "cột choice_filter: Danh sách ap.csv không có cột “xa”. Thêm cột này, hoặc ghi tên một cột có trong tệp: name, label, commune."),
        ({**FILES, "ap.csv": b"name,label,xa\n1\x07,A,1\n"}, "Dòng 2 của ap.csv: không lưu được mã"),
        ({**FILES, "ap.csv": b"\xff\xfen\x00a\x00"}, "Không đọc được tệp ap.csv"),
    ],
)  # fmt: skip
def test_a_file_that_will_not_do_is_named_with_its_place_and_the_remedy(
    app: Flask, tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    with app.app_context():
        (told,) = faults(written(tmp_path, files))
        assert said in told
        assert count(InstrumentVersion) == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [("../bi-mat.csv", "Không dùng được tên tệp"), ("chay.exe", "Không dùng được loại tệp của chay.exe")],
)
def test_names_that_lead_elsewhere_and_programs_are_refused(
    app: Flask, tmp_path: Path, name: str, said: str
) -> None:
    form = FORM.replace("ấp.png", name)
    (tmp_path / "bi-mat.csv").write_text("secret")
    with app.app_context():
        (told,) = faults(written(tmp_path / "form", {**FILES, "chay.exe": b"MZ"}, form=form))
        assert said in told


def test_names_in_decomposed_unicode_are_the_same_names(app: Flask, tmp_path: Path) -> None:
    as_a_mac_writes_it = unicodedata.normalize("NFD", "ấp.png")
    files = {"xa.csv": XA, "ap.csv": AP, as_a_mac_writes_it: PNG}
    with app.app_context():
        assert [file.name for file in load_questionnaire(written(tmp_path, files)).files] == [
            "ap.csv",
            "xa.csv",
            "ấp.png",
        ]


def test_a_folder_with_a_workbook_and_a_media_folder_is_a_questionnaire(app: Flask, tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "noi-o-media").rename(tmp_path / "media")
    with app.app_context():
        assert len(load_questionnaire(tmp_path).files) == 3
    (tmp_path / "other.xlsx").write_bytes(path.read_bytes())
    with app.app_context():
        assert "Có nhiều tệp phiếu hỏi: noi-o.xlsx, other.xlsx" in faults(tmp_path)[0]


def test_the_sheet_of_external_choices_goes_to_phones_as_a_file(app: Flask, tmp_path: Path) -> None:
    form = """
    | survey           |                        |         |       |               |
    |                  | type                   | name    | label | choice_filter |
    |                  | text                   | tinh    | Tỉnh  |               |
    |                  | select_one_external xa | xa      | Xã    | tinh=${tinh}  |
    | external_choices |                        |         |       |               |
    |                  | list_name              | name    | label | tinh          |
    |                  | xa                     | 28885   | Ba Tri | 86           |
    """
    (tmp_path / "form.md").write_text(dedent(form), encoding="utf-8")
    with app.app_context():
        (file,) = load_questionnaire(tmp_path / "form.md").files
        assert file.name == "itemsets.csv"
        assert content_of(file.sha256).decode().splitlines()[1] == '"xa","28885","Ba Tri","86"'
