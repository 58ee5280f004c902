"""Hostile questionnaires: refused with what and where, or taken as plain text; the service answers on."""

import time
from pathlib import Path

import pytest
from flask import Flask

from survey.accounts.models import Role
from survey.extensions import db
from survey.instrument import check, repeat_count, xlsx_bytes
from survey.rounds.models import InstrumentVersion, Survey
from survey.rounds.service import instrument_of, load_questionnaire
from tests.manage.test_upload import UPLOAD, count, packed, upload
from tests.page import page
from tests.staff import read, signed_in, words

# Werkzeug leaves an upload's temporary file to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
Sheets = dict[str, list[dict[str, str]]]
TEXT = {"type": "text", "name": "a", "label": "A"}
NUMBER = {"type": "integer", "name": "n", "label": "N"}


def form(*rows: dict[str, str], choices: list[dict[str, str]] | None = None, **settings: str) -> Sheets:
    sheets: Sheets = {"survey": list(rows), "settings": [{"form_id": "xau", "version": "1", **settings}]}
    return {**sheets, **({"choices": choices} if choices else {})}


def calculated(expression: str) -> Sheets:
    return form(NUMBER, {"type": "calculate", "name": "c", "calculation": expression})


REFUSED: dict[str, tuple[Sheets, str]] = {
    "a regular expression that runs away": (form({**TEXT, "constraint": r"regex(., '(a+)+(?=b)')"}), "regex"),
    "a regular expression of many states": (
        form({**TEXT, "constraint": "regex(., '(a{0,99}b){0,99}c+d*')"}),
        "regex",
    ),
    "a regular expression that is none": (form({**TEXT, "constraint": "regex(., '(')"}), "regex"),
    "5,000 brackets": (form({**TEXT, "relevant": "(" * 5_000 + "1" + ")" * 5_000}), ""),
    "5,000 functions in one another": (calculated("not(" * 5_000 + "1" + ")" * 5_000), ""),
    "5,000 ands": (form(NUMBER, {**TEXT, "relevant": " and ".join(["1"] * 5_000)}), ""),
    "30,000 minus signs": (calculated("-" * 30_000 + "1"), ""),
    "a literal of 32,000 characters": (calculated("'" + "x" * 32_000 + "'"), ""),
    "a circle of calculations": (
        form(
            {"type": "calculate", "name": "b", "calculation": "${c} + 1"},
            {"type": "calculate", "name": "c", "calculation": "${b} + 1"},
        ),
        "b",
    ),
    "a circle of relevance": (
        form({**TEXT, "relevant": "${b} = 1"}, {**TEXT, "name": "b", "relevant": "${a} = 1"}),
        "a",
    ),
    "a question about itself": (form({"type": "calculate", "name": "b", "calculation": "${b} + 1"}), "b"),
    "an unknown function": (calculated("system('id')"), "system"),
    "a name with markup": (form({**TEXT, "name": "a><script"}), ""),
    "a form id of 500 letters": (form(TEXT, form_id="f" * 500), "form_id"),
    "a form id that leads elsewhere": (form(TEXT, form_id="../../etc"), "form_id"),
    "a form id with markup": (form(TEXT, form_id="<b>x</b>"), "form_id"),
    "a version of 500 letters": (form(TEXT, version="1" * 500), "version"),
    "100 levels of groups": (
        form(*[{"type": "begin group", "name": f"g{n}"} for n in range(100)]),
        "lồng nhau",
    ),
}


@pytest.mark.parametrize(("sheets", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_hostile_form_is_refused_with_what_and_where(app: Flask, sheets: Sheets, said: str) -> None:
    started = time.process_time()
    browser, answer = upload(app, xlsx_bytes(sheets))
    assert time.process_time() - started < 30
    assert answer.status_code == 422, answer.location
    shown = page(answer.text)
    assert said in words(shown)
    assert not shown.xpath("//table//script")
    assert len(answer.data) < 200_000
    assert (count(app, Survey), count(app, InstrumentVersion)) == (0, 0)
    assert words(read(browser, "/manage/").find(".//h1")) == "Quản lý khảo sát"


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "{{ config }}",
    "\u202e‮txt.exe",
    "'); DROP TABLE survey; --",
    '"><img src=x onerror=alert(1)>',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels_and_titles_are_shown_as_text(app: Flask, text: str) -> None:
    sheets = form({**TEXT, "label": text, "hint": text}, form_title=text)
    browser, answer = upload(app, xlsx_bytes(sheets))
    assert answer.status_code == 303
    document = read(browser, answer.location)
    assert text.replace("\u202e", "") in words(document).replace("\u202e", "")
    assert not document.xpath("//*[@onerror] | //script[not(@src)]")


BOMBS: dict[str, tuple[Sheets, dict[str, object]]] = {
    "texts that double": (
        form(
            {**TEXT, "name": "t0"},
            *(
                {"type": "calculate", "name": f"t{n}", "calculation": f"concat(${{t{n - 1}}}, ${{t{n - 1}}})"}
                for n in range(1, 60)
            ),
        ),
        {"t0": "x" * 100},
    ),
    "powers of powers": (
        form(
            NUMBER,
            *(
                {
                    "type": "calculate",
                    "name": f"p{n}",
                    "calculation": f"pow({f'${{p{n - 1}}}' if n else '${n}'}, 99)",
                }
                for n in range(30)
            ),
        ),
        {"n": 99},
    ),
    "a repeat of a thousand million": (
        form(
            NUMBER,
            {"type": "begin repeat", "name": "r", "label": "R", "repeat_count": "${n}"},
            TEXT,
            {"type": "end repeat"},
        ),
        {"n": 10**9},
    ),
    "a date after all dates": (calculated("format-date(date(${n}), '%Y')"), {"n": 10**15}),
}


@pytest.mark.parametrize(("sheets", "answers"), BOMBS.values(), ids=BOMBS.keys())
def test_expressions_that_would_grow_without_end_do_not(
    app: Flask, tmp_path: Path, sheets: Sheets, answers: dict[str, object]
) -> None:
    (tmp_path / "form.xlsx").write_bytes(xlsx_bytes(sheets))
    with app.app_context():
        instrument = instrument_of(load_questionnaire(tmp_path / "form.xlsx"))
        started = time.process_time()
        checked = check(instrument, answers)
        assert time.process_time() - started < 5
        assert len(str(checked.answers)) < 1_000_000
        if "r" in instrument.nodes:
            assert repeat_count(instrument, "r", answers) == 1_000


def test_a_workbook_with_entities_reads_no_file(app: Flask, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật của máy chủ")
    book = packed(
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.xml": f'<!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]><workbook>&s;</workbook>'.encode(),
        }
    )
    _, answer = upload(app, book)
    assert answer.status_code == 422
    assert "bí mật của máy chủ" not in answer.text


def test_an_upload_over_the_limit_says_so(app: Flask) -> None:
    browser = signed_in(app, "quan", Role.MANAGER)
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n' + b"x" * 3_000_000
    answer = browser.post(UPLOAD, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
    assert "Dữ liệu gửi lên quá lớn" in words(page(answer.text))


def test_the_versions_are_counted_right_after_all_this(app: Flask) -> None:
    upload(app, xlsx_bytes(form(TEXT)))
    with app.app_context():
        assert [version.version for version in db.session.query(InstrumentVersion)] == ["1"]
