"""Hostile and careless input: a clear message, never a crash, never a hang."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.instrument import (
    EvaluationError,
    ExpressionError,
    InstrumentErrors,
    TypeFault,
    build_instrument,
    check,
    coerce,
    compile_expression,
    evaluate,
    markdown_sheets,
    parse_submission,
    read_sheets,
    submission_xml,
    xlsx_bytes,
)
from tests.instrument.expressions import expressions
from tests.instrument.forms import instrument

EVERY_TYPE = """
| survey  |
|         | type              | name    | label   |
|         | text              | text    | T       |
|         | integer           | integer | I       |
|         | decimal           | decimal | D       |
|         | range             | range   | R       |
|         | select_one l      | one     | O       |
|         | select_multiple l | many    | M       |
|         | rank l            | rank    | K       |
|         | date              | date    | D       |
|         | time              | time    | T       |
|         | dateTime          | moment  | M       |
|         | geopoint          | point   | P       |
|         | geotrace          | trace   | P       |
|         | image             | image   | I       |
|         | acknowledge       | ok      | OK      |
|         | begin repeat      | person  | P       |
|         | text              | name    | N       |
|         | end repeat        |         |         |
| choices |
|         | list_name | name | label |
|         | l         | a    | A     |
|         | l         | b    | B     |
"""
NAMES = [
    "text",
    "integer",
    "decimal",
    "range",
    "one",
    "many",
    "rank",
    "date",
    "time",
    "moment",
    "point",
    "trace",
    "image",
    "ok",
    "person",
    "name",
    "extra",
]
ANYTHING = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.sampled_from(NAMES)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=6))
def test_any_document_is_judged_without_an_exception(document: dict[str, Any]) -> None:
    checked = check(instrument(EVERY_TYPE), document)
    again = check(instrument(EVERY_TYPE), checked.answers)
    assert again.answers == checked.answers
    assert not again.faults


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(NAMES[:14]), st.one_of(st.text(max_size=30), st.lists(st.text(max_size=5), max_size=4))
)
def test_anything_typed_becomes_a_storable_answer_or_a_message(variable: str, raw: str | list[str]) -> None:
    form = instrument(EVERY_TYPE)
    try:
        value = coerce(form.questions[variable], raw)
    except TypeFault as fault:
        assert fault.message("vi") and fault.message("en")
    else:
        assert value is None or check(form, {variable: value}).answers == {variable: value}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40))
def test_any_text_survives_the_way_through_a_submission(text: str) -> None:
    form = instrument(EVERY_TYPE)
    answers = check(form, {"text": text, "person": [{"name": text}]}).answers
    read = parse_submission(form, submission_xml(form, answers, instance_id="uuid:1"))
    assert read.answers == ({} if not text.strip() else answers) or not text.strip()
    assert read.faults == ()


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.one_of(st.text(max_size=40), st.text(alphabet="${}()[]'\"/.=<>+-*|, abdiv1", max_size=40)))
def test_any_text_is_an_expression_or_an_expression_error(text: str) -> None:
    try:
        compile_expression(text)
    except ExpressionError as error:
        assert 0 <= error.position <= len(text)
        assert error.cause and error.remedy


@settings(max_examples=300, deadline=None, derandomize=True)
@given(expressions(["x", "y"], "10000000 * 10000000", "'9999-12-31'", "now()"), ANYTHING, ANYTHING)
def test_any_value_is_evaluated_without_a_python_error(expression: str, x: Any, y: Any) -> None:
    try:
        evaluate(expression, {"x": x, "y": y})
    except EvaluationError as error:
        assert str(error)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|a)*$",
        "(.*a){20}",
        "(a*)*b",
        "a*a*a*a*a*a*b",
        "([a-z]+ ?)+!",
        "(x+x+)+y",
        "(?:a?){40}a{40}",
    ],
)
def test_no_regular_expression_runs_away(pattern: str) -> None:
    """Refused at import, or done in good time: never seconds of backtracking."""
    start = time.process_time()
    try:
        evaluate(f"regex(${{x}}, '{pattern}')", {"x": "a" * 1_500 + "!"})
    except (EvaluationError, ExpressionError) as error:
        assert "regex" in str(error)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "cell", ["=1+1", "+SUM(A1)", "@x", "<script>alert(1)</script>", "'; DROP TABLE x; --", "\u202eabc"]
)
def test_hostile_labels_are_text_and_nothing_else(cell: str) -> None:
    form = build_instrument({"survey": [{"type": "text", "name": "a", "label": cell}]})
    assert form.questions["a"].label("vi") == cell
    assert b"<script>" not in form.xml


def test_a_million_operators_are_refused_at_once() -> None:
    start = time.process_time()
    with pytest.raises(InstrumentErrors):
        build_instrument(
            {"survey": [{"type": "text", "name": "a", "label": "A", "relevant": "1+" * 500_000 + "1"}]}
        )
    assert time.process_time() - start < 20


def test_deeply_nested_groups_are_refused_or_read() -> None:
    rows = [{"type": "begin group", "name": f"g{n}", "label": "G"} for n in range(400)]
    rows += [{"type": "text", "name": "a", "label": "A"}, *({"type": "end group"} for _ in range(400))]
    with pytest.raises(InstrumentErrors, match="nested too deeply"):
        build_instrument({"survey": rows})


QUESTION = {"type": "text", "name": "a", "label": "A"}
EXCESSIVE: dict[str, tuple[dict[str, list[dict[str, str]]], str]] = {
    "references in a label": ({"survey": [{**QUESTION, "label": "${a}" * 5_000}]}, "5000 ${name}, more than 300"),
    "open braces": ({"survey": [{**QUESTION, "label": "${" * 16_000}]}, "16000 ${name}, more than 300"),
    "a million characters": ({"survey": [{**QUESTION, "label": "x" * 1_000_000}]}, "1000000 characters"),
    "columns": ({"survey": [{**QUESTION, **{f"c{n}": "x" for n in range(5_000)}}]}, "5003 columns, more than 300"),
    "languages": ({"survey": [{**QUESTION, **{f"label::L{n}": "x" for n in range(99)}}]}, "99 languages"),
    "questions": ({"survey": [{**QUESTION, "name": f"a{n}"} for n in range(10_001)]}, "10001 rows, more than 10000"),
    "choices": ({"survey": [QUESTION], "choices": [{"list_name": "l", "name": "c"}] * 110_001}, "110001 rows"),
    "groups": ({"survey": [{"type": "begin group", "name": f"g{n}"} for n in range(99)]}, "nested too deeply"),
}  # fmt: skip


@pytest.mark.parametrize(("sheets", "cause"), EXCESSIVE.values(), ids=EXCESSIVE.keys())
def test_what_would_exhaust_the_converter_is_refused_before_it(
    sheets: dict[str, list[dict[str, str]]], cause: str
) -> None:
    start = time.process_time()
    with pytest.raises(InstrumentErrors) as refusal:
        build_instrument(sheets)
    assert cause in refusal.value.faults[0].cause
    assert refusal.value.faults[0].cause_vi and refusal.value.faults[0].remedy_vi
    assert time.process_time() - start < 5


def test_a_hundred_thousand_doubled_choices_are_told_in_few_lines() -> None:
    choices = [{"list_name": "l", "name": "c", "label": "C"}] * 5_000
    with pytest.raises(InstrumentErrors) as refusal:
        build_instrument({"survey": [{**QUESTION, "type": "select_one l"}], "choices": choices})
    assert len(refusal.value.faults) <= 101


def test_markup_and_entities_in_a_label_stay_text() -> None:
    label = '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;'
    form = build_instrument({"survey": [{**QUESTION, "label": label}]})
    assert form.questions["a"].label("vi") == label
    assert b"<!ENTITY" not in form.xml and b"&amp;y;" in form.xml


def test_a_packed_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for part in range(4):
            archive.writestr(f"xl/worksheets/sheet{part}.xml", b" " * 30_000_000)
    with pytest.raises(InstrumentErrors, match="unpacks to 120 MB"):
        read_sheets(path)


def test_entities_in_a_workbooks_xml_are_not_followed(tmp_path: Path) -> None:
    good, path = tmp_path / "good.xlsx", tmp_path / "form.xlsx"
    good.write_bytes(xlsx_bytes({"survey": [{**QUESTION, "label": "SECRET"}]}))
    (tmp_path / "secret.txt").write_text("hidden")
    head = f'<!DOCTYPE sst [<!ENTITY s SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]><sst '
    with ZipFile(good) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sharedStrings.xml"):
                content = content.replace(b"<sst ", head.encode()).replace(b"SECRET", b"&s;")
            target.writestr(name, content)
    try:
        sheets = read_sheets(path)
    except InstrumentErrors as errors:
        assert errors.faults[0].cause
    else:
        assert "hidden" not in str(sheets)


@pytest.mark.slow
def test_a_hundred_thousand_choices_are_read_and_checked() -> None:
    rows = [{"type": "select_one l", "name": "a", "label": "A"}]
    choices = [{"list_name": "l", "name": f"c{n}", "label": f"C{n}"} for n in range(100_000)]
    form = build_instrument({"survey": rows, "choices": choices})
    assert check(form, {"a": "c99999"}).faults == ()


def test_a_table_row_that_is_too_short_is_no_crash() -> None:
    with pytest.raises(InstrumentErrors):
        build_instrument(markdown_sheets("| survey |\n| | type | name |\n| | text |\n|\n| | | |"))
