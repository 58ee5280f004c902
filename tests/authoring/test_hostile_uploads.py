"""Hostile and careless files at the upload: a clear message in Vietnamese, and nothing kept."""

import io
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.accounts.models import Role
from survey.rounds.models import InstrumentVersion, Survey
from tests.manage.test_upload import UPLOAD, count, workbook
from tests.page import page
from tests.staff import signed_in, token, words

HEAD = ("type", "name", "label", "relevant", "constraint", "calculation")
ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY s SYSTEM "file:///etc/hostname">]>'
)


def changed(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The workbook with its parts changed."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return out.getvalue()


def in_sheet(old: bytes, new: bytes, *, start: bool = False) -> bytes:
    """A small form with something put into the XML of its first sheet."""

    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return content
        return new + content if start else content.replace(old, new)

    return changed(workbook(), change)


def uploaded(browser: FlaskClient, content: bytes, name: str = "phieu.xlsx") -> TestResponse:
    """What the upload answers; the client's own copy of what it sent is closed."""
    data = {"csrf_token": token(browser, UPLOAD), "code": "", "file": (io.BytesIO(content), name)}
    answer = browser.post(UPLOAD, data=data, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()
    return answer


def rows(*survey: tuple[str, ...]) -> bytes:
    return workbook([HEAD, *survey])


MANY_CELLS = (b"<row>" + b"<c/>" * 700 + b"</row>") * 1_000
SHEET_END = b"</sheetData>"
HOSTILE = {
    "entities": (in_sheet(b"", ENTITIES, start=True), "phieu.xlsx", "thực thể XML"),
    "a hidden encoding": (in_sheet(b"", b'<?xml version="1.0" encoding="UTF-7"?>', start=True), "phieu.xlsx", "bảng mã lạ"),
    "too many cells": (in_sheet(SHEET_END, MANY_CELLS + SHEET_END), "phieu.xlsx", "hơn 600.000 ô"),
    "too many cells, xlsm": (in_sheet(SHEET_END, MANY_CELLS + SHEET_END), "phieu.xlsm", "hơn 600.000 ô"),
    "a bomb": (changed(workbook(), lambda _, content: content + b" " * 15_000_000), "phieu.xlsx", "khi giải nén là"),
    "a bomb, xlsm": (changed(workbook(), lambda _, content: content + b" " * 15_000_000), "phieu.xlsm", "khi giải nén là"),
    "a broken archive": (workbook()[:2_000], "phieu.xlsx", "không phải bảng tính"),
    "no archive": (b"not a zip file", "phieu.xlsx", "không phải bảng tính"),
    "no old workbook": (b"\xd0\xcf\x11\xe0 broken", "phieu.xls", "hỏng"),
    "a formula": (rows(("integer", "age", "=1+1")), "phieu.xlsx", "công thức chưa có giá trị"),
    "a circle": (rows(("calculate", "a", "", "", "", "${b}+1"), ("calculate", "b", "", "", "", "${a}+1")), "phieu.xlsx", "vòng tròn"),
    "a relevance of itself": (rows(("text", "a", "A", "${a} = 1")), "phieu.xlsx", "vòng tròn"),
    "a pattern without end": (rows(("text", "a", "A", "", "regex(., '(a{1000}){1000}')")), "phieu.xlsx", "biểu thức chính quy sai"),
    "a broken pattern": (rows(("text", "a", "A", "", "regex(., '(a')")), "phieu.xlsx", "biểu thức chính quy sai"),
    "nested too deeply": (rows(("text", "a", "A", "(" * 5_000 + "1" + ")" * 5_000)), "phieu.xlsx", "lồng quá sâu"),
    "too many choices": ("\n".join(["survey,type,name,label", ",select_one l,a,A", "choices,list_name,name,label",
        *(f",l,c{n},C{n}" for n in range(110_001))]).encode(), "phieu.csv", "quá 110000"),
    "a character that cannot be kept": (b"survey,type,name,label\n,text,a,\x00b\n", "phieu.csv", "ký tự không lưu được"),
    "a lone surrogate": (b"survey,type,name,label\n,text,a,\xed\xa0\x80\n", "phieu.csv", "UTF-8"),
    "another encoding": ("survey,type,name,label\n,text,a,Tuổi\n".encode("utf-16"), "phieu.csv", "UTF-8"),
    "a long form_id": (b"survey,type,name,label\n,text,a,A\nsettings,form_id,version\n," + b"x" * 300 + b",1\n", "phieu.csv", "quá 128"),
    "a long version": (b"survey,type,name,label\n,text,a,A\nsettings,form_id,version\n,x," + b"1" * 300 + b"\n", "phieu.csv", "quá 64"),
    "a form_id that no address holds": (b"survey,type,name,label\n,text,a,A\nsettings,form_id,version\n,a/../b,1\n", "phieu.csv", "làm mã khảo sát được"),
    "a form_id that is a page of ours": (b"survey,type,name,label\n,text,a,A\nsettings,form_id,version\n,upload,1\n", "phieu.csv", "làm mã khảo sát được"),
    "no survey sheet": (b"choices,list_name,name,label\n,l,a,A\n", "phieu.csv", "Không có trang survey"),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_explained_in_vietnamese_and_leaves_nothing(app: Flask, kind: str) -> None:
    content, name, said = HOSTILE[kind]
    browser = signed_in(app, "quan", Role.MANAGER)
    answer = uploaded(browser, content, name)
    assert answer.status_code == 422
    assert said in words(page(answer.text))
    assert (count(app, Survey), count(app, InstrumentVersion)) == (0, 0)


def test_a_pattern_that_would_run_away_elsewhere_is_taken_and_runs_in_linear_time(app: Flask) -> None:
    browser = signed_in(app, "quan", Role.MANAGER)
    content = rows(("text", "a", "A", "", "regex(., '(a+)+$')"))
    version = uploaded(browser, content).location
    assert "(a+)+$" in browser.get(version).text
    browser.post(f"{version}/xem-thu", data={"csrf_token": token(browser, f"{version}/xem-thu")})
    address = page(browser.get(f"{version}/xem-thu").text).xpath("string(//iframe/@src)")
    first = browser.post(address, data={"csrf_token": token(browser, address)}).location
    sent = {"csrf_token": token(browser, first), "a": "a" * 1_900 + "!", "-revision": "1"}
    assert browser.post(first, data=sent).status_code in (302, 303)


def test_a_formula_with_a_value_is_read_as_it(app: Flask) -> None:
    content = in_sheet(b'<c r="C2"', b'<c r="Z9" t="str"><f>1+1</f><v>2</v></c><c r="C2"')
    browser = signed_in(app, "quan", Role.MANAGER)
    assert uploaded(browser, content).status_code == 303


def test_warnings_stand_beside_the_faults_in_vietnamese(app: Flask) -> None:
    browser = signed_in(app, "quan", Role.MANAGER)
    content = rows(("image", "photo", "Ảnh"), ("calculate", "a", "", "", "", "${a}+1"))
    shown = page(uploaded(browser, content).text)
    assert "vòng tròn" in words(shown.xpath("//table[contains(@class, 'faults')]")[0])
    (warning,) = shown.xpath("//table[contains(@class, 'warnings')]//tbody/tr")
    assert [words(cell) for cell in warning.xpath("th|td")][:3] == ["survey", "2", "parameters"]
    assert "max-pixels=1024" in words(warning)
    assert count(app, InstrumentVersion) == 0
