"""JavaRosa, the engine of ODK Collect, judges the same expressions and answers as our engine.

Differences that remain, and what decides them, are listed in referee/README.md; the generators below
leave out exactly those.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey.instrument import (
    Instrument,
    InstrumentErrors,
    build_instrument,
    check,
    evaluate,
    markdown_sheets,
    submission_xml,
)
from survey.instrument.convert import convert
from survey.instrument.values import string
from tests.instrument.expressions import expressions
from tests.instrument.forms import instrument
from tests.instrument.referee.client import Referee, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "JavaRosa is here")
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def referee() -> Iterator[Referee]:
    found = Referee()
    yield found
    found.close()


VALUES = """
| survey  |
|         | type              | name | label |
|         | decimal           | n    | N     |
|         | integer           | m    | M     |
|         | text              | w    | W     |
|         | text              | u    | U     |
|         | select_multiple l | s    | S     |
|         | select_one l      | o    | O     |
|         | date              | d    | D     |
|         | geoshape          | g    | G     |
|         | begin repeat      | r    | R     |
|         | integer           | a    | A     |
|         | text              | b    | B     |
|         | end repeat        |      |       |
| choices |
|         | list_name | name | label | price | kind |
|         | l         | a    | A     | 5     | x    |
|         | l         | b    | B     | 05    | y    |
|         | l         | c    | C     | 2.5   | x    |
"""
SHAPES = [None, "10.1 105.1 0 0; 10.1 105.2 0 0; 10.2 105.2 0 0; 10.1 105.1 0 0"]
WORDS = [None, "yes", "no", "5", "05", "abc", "true", "false", "a b", "0", "1"]
DOCUMENT = st.fixed_dictionaries(
    {
        "n": st.sampled_from([None, 0.0, 1.0, 2.5, -3.75, 100.0]),
        "m": st.sampled_from([None, 0, 1, 5, -2, 30]),
        "w": st.sampled_from(WORDS),
        "u": st.sampled_from(WORDS),
        "s": st.sampled_from([None, ["a"], ["a", "b"], ["b", "c"]]),
        "o": st.sampled_from([None, "a", "b"]),
        "d": st.sampled_from([None, "2026-11-21", "1980-01-31"]),
        "g": st.sampled_from(SHAPES),
        "r": st.lists(
            st.fixed_dictionaries(
                {"a": st.sampled_from([None, 1, 5, 12]), "b": st.sampled_from([None, "x", "y"])}
            ),
            max_size=3,
        ),
    }
)
WHOLE = [
    "sum(${a})", "max(${a})", "min(${a})", "count(${r})", "count(${a})", "count-non-empty(${b})", "join(',', ${b})",
    "concat(${b})", "indexed-repeat(${a}, ${r}, 2)", "count(${r}[${a} > 4])", "area(${g})", "distance(${g})",
    "translate(${w}, 'abc', 'xy')", "checklist(1, 2, ${m}, ${n})", "weighted-checklist(2, 9, ${m}, 2, ${n}, 3)",
    "regex(${w}, '[a-z]+')", "format-date(${d}, '%Y-%n-%e %y %m %d %b %a')", "digest(${w}, 'MD5', 'hex')",
    "digest(${w}, 'SHA-256')", "base64-decode('YWJj')", "boolean-from-string('1')", "pi()", "number(${d})",
    "join(' ', randomize(${a}, 42))", "join(' ', randomize(${a}, -5))", "decimal-date-time(${d})", "date(${d}) + 1",
    "is-selected(${s}, ${o})", "enclosed-area(${g})", "weighted-checklist(1, 9, ${a}, ${a})", "checklist(-1, 2, ${a})",
    "count(instance('l')/root/item[price = ${m}])", "count(instance('l')/root/item[price = ${w}])",
    "count(instance('l')/root/item[price = ${n}])", "instance('l')/root/item[name = ${o}]/price",
    "count(instance('l')/root/item[kind = 'x' and price = ${n}])", "count(instance('l')/root/item[name = ${o} or kind = 'y'])",
    "count(instance('l')/root/item[selected(${s}, name)])", "normalize-space(concat(' ', ${w}, '  ', ${u}))",
    "exp10(${m})", "cos(${n})", "tan(${n})", "asin(${n})", "acos(${n})", "atan(${n})", "log10(${n})", "floor(${n})", "ceiling(${n})",
    "atan2(${n}, ${m})", "geofence('10.12 105.15', ${g})", "substr(${w}, 1)",
]  # fmt: skip


def _absolute(expression: str) -> str:
    inside = {"a": "/data/r/a", "b": "/data/r/b", "r": "/data/r"}
    return re.sub(
        r"\$\{(\w+)\}", lambda match: inside.get(match.group(1), f"/data/{match.group(1)}"), expression
    )


def _same(kind: str, theirs: str, ours: str) -> bool:
    """Numbers are compared as numbers, since Java writes large ones with an exponent."""
    if theirs == ours or (kind == "Date" and theirs[:10] == ours[:10]):
        return True
    try:
        return math.isclose(float(theirs), float(ours), rel_tol=1e-9, abs_tol=1e-9)
    except ValueError:
        return False


def _answered(document: dict[str, Any]) -> dict[str, Any]:
    answers = {key: value for key, value in document.items() if value is not None}
    answers["r"] = [{key: value for key, value in row.items() if value is not None} for row in document["r"]]
    return answers


SCALARS = ["n", "m", "w", "u", "s", "o"]


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(DOCUMENT, st.lists(expressions(SCALARS, *WHOLE, leaves=4), min_size=8, max_size=8))
def test_expressions_have_the_value_that_javarosa_gives(
    referee: Referee, document: dict[str, Any], texts: list[str]
) -> None:
    form, answers = instrument(VALUES), _answered(document)
    referee.form(form.xml)
    referee.case(submission_xml(form, answers, instance_id="uuid:1"))
    for text in texts:
        if text.count("max(") > text.count("max(${a})"):
            continue
        kind, theirs = referee.expression(_absolute(text))
        # JavaRosa stops where XPath converts: a number where it wants a text, say.
        if kind != "ERROR":
            ours = string(evaluate(text, answers, instrument=form, now=NOW))
            assert _same(kind, theirs, ours), (text, answers, kind, theirs, ours)


FULL: dict[str, Any] = {
    "n": 2.5, "m": 5, "w": "05", "u": "a b", "s": ["a", "b"], "o": "b", "d": "2026-11-21", "g": SHAPES[1],
    "r": [{"a": 1, "b": "x"}, {"a": 12}, {"b": "y"}],
}  # fmt: skip
NEGATIVE = {**FULL, "n": -3.75, "m": -2, "w": "abc", "o": "c", "s": ["c"], "d": "1980-01-31"}
EMPTY: dict[str, Any] = {**dict.fromkeys("nmwusodg"), "r": []}


@pytest.mark.parametrize("document", [FULL, NEGATIVE, EMPTY], ids=["full", "negative", "empty"])
def test_every_listed_expression_has_the_value_that_javarosa_gives(
    referee: Referee, document: dict[str, Any]
) -> None:
    form, answers = instrument(VALUES), _answered(document)
    referee.form(form.xml)
    referee.case(submission_xml(form, answers, instance_id="uuid:1"))
    compared = 0
    for text in WHOLE:
        kind, theirs = referee.expression(_absolute(text))
        if kind != "ERROR":
            ours = string(evaluate(text, answers, instrument=form, now=NOW))
            assert _same(kind, theirs, ours), (text, kind, theirs, ours)
            compared += 1
    assert compared > len(WHOLE) * 0.8


HOUSEHOLD = """
| survey  |
|         | type              | name     | label | relevant                              | required    | constraint                                        | calculation                               |
|         | integer           | size     | Size  |                                       | yes         | . > 0 and . < 20                                  |                                           |
|         | select_one yn     | phone    | Phone |                                       | ${size} > 1 |                                                   |                                           |
|         | begin group       | use      | Use   | ${phone} = 'yes'                      |             |                                                   |                                           |
|         | select_multiple k | kinds    | Kinds |                                       |             | not(selected(., 'none') and count-selected(.) > 1) |                                           |
|         | text              | why      | Why   | selected(${kinds}, 'none')            | yes         | regex(., '[a-z ]+')                               |                                           |
|         | end group         |          |       |                                       |             |                                                   |                                           |
|         | begin repeat      | person   | P     | ${size} > 0                           |             |                                                   |                                           |
|         | text              | name     | Name  |                                       | yes         | string-length(.) < 4                              |                                           |
|         | integer           | age      | Age   |                                       |             | . >= 0 and . <= 120                               |                                           |
|         | begin group       | adult    | Adult | ${age} >= 15                          |             |                                                   |                                           |
|         | decimal           | wage     | Wage  | ${phone} != 'no'                      | ${age} < 60 | . >= 0                                            |                                           |
|         | end group         |          |       |                                       |             |                                                   |                                           |
|         | calculate         | line     |       |                                       |             |                                                   | concat(position(..), ${name})             |
|         | end repeat        |          |       |                                       |             |                                                   |                                           |
|         | calculate         | wages    |       |                                       |             |                                                   | sum(${wage})                              |
|         | calculate         | people   |       |                                       |             |                                                   | count(${person})                          |
|         | calculate         | oldest   |       |                                       |             |                                                   | max(${age})                               |
|         | calculate         | poor     |       | ${wages} < 5                          |             |                                                   | if(${people} > 0, ${wages} div ${people}, 0) |
|         | text              | help     | Help  | ${poor} != '' and ${oldest} > 60      | yes         |                                                   |                                           |
| choices |
|         | list_name | name | label |
|         | yn        | yes  | Yes   |
|         | yn        | no   | No    |
|         | k         | pc   | PC    |
|         | k         | tv   | TV    |
|         | k         | none | None  |
"""
PERSON = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["an", "ba", "nguyen"]),
        "age": st.sampled_from([3, 14, 15, 44, 59, 60, 75, 130]),
        "wage": st.sampled_from([0.0, 2.5, 8.0, -1.0]),
    },
)
FAMILY = st.fixed_dictionaries(
    {},
    optional={
        "size": st.sampled_from([0, 1, 2, 5, 25]),
        "phone": st.sampled_from(["yes", "no"]),
        "kinds": st.sampled_from([["pc"], ["pc", "none"], ["none"]]),
        "why": st.sampled_from(["too dear", "TOO DEAR"]),
        "person": st.lists(PERSON, min_size=1, max_size=4),
        "help": st.just("yes"),
    },
)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(FAMILY)
def test_skips_calculations_and_constraints_are_those_of_javarosa(
    referee: Referee, answers: dict[str, Any]
) -> None:
    form = instrument(HOUSEHOLD)
    referee.form(form.xml)
    theirs = referee.case(_everything(form, answers))
    checked = check(form, answers, first_load=False)
    faults = {(fault.variable, fault.index): fault.kind for fault in checked.faults}
    for path, told in theirs.items():
        node, index = _node(form, path)
        if node is None or ("size" not in answers and node.variable == "person"):
            continue
        key = (node.variable, index)
        assert (key in checked.relevant) == _visible(path, theirs), (path, answers)
        if _visible(path, theirs) and node.variable in form.questions:
            value = _value(checked.answers, node, index)
            assert _same("", told.value, value), (path, answers)
            wanted = (
                "constraint" if not told.holds else "required" if told.required and not told.value else None
            )
            assert faults.get(key) == wanted, (path, answers)


def _everything(form: Instrument, answers: dict[str, Any]) -> bytes:
    """All answers as they were given, irrelevant ones too, so that JavaRosa decides by itself."""
    person = "".join(
        f"<person><name>{one.get('name', '')}</name><age>{one.get('age', '')}</age>"
        f"<adult><wage>{one.get('wage', '')}</wage></adult><line/></person>"
        for one in answers.get("person", [])
    )
    cells = {name: answers.get(name, "") for name in ("size", "phone", "why", "help")}
    return (
        f'<data id="{form.form_id}"><size>{cells["size"]}</size><phone>{cells["phone"]}</phone><use>'
        f"<kinds>{' '.join(answers.get('kinds', []))}</kinds><why>{cells['why']}</why></use>{person}"
        f"<wages/><people/><oldest/><poor/><help>{cells['help']}</help><meta><instanceID>u</instanceID></meta></data>"
    ).encode()


def _node(form: Instrument, path: str) -> tuple[Any, tuple[int, ...]]:
    index = tuple(int(place) for place in re.findall(r"\[(\d+)\]", path))
    plain = re.sub(r"\[\d+\]", "", path)
    found = {node.path: node for node in form.nodes.values() if not node.path.startswith("/data/meta")}
    return found.get(plain), index


def _visible(path: str, told: dict[str, Any]) -> bool:
    parts = path.split("/")
    return all(told["/".join(parts[:end])].relevant for end in range(3, len(parts) + 1))


def _value(answers: dict[str, Any], node: Any, index: tuple[int, ...]) -> str:
    row: Any = answers
    if index:
        row = answers["person"][index[0]]
    value = row.get(node.variable, "")
    return (
        " ".join(value)
        if isinstance(value, list)
        else string(float(value))
        if isinstance(value, float)
        else str(value)
    )


RELATIONS = """
| survey |
|        | type          | name | label | relevant     | calculation         |
|        | text          | q    | Q     |              |                     |
|        | begin repeat  | g    | G     |              |                     |
|        | integer       | s    | S     |              |                     |
|        | calculate     | own  |       |              | sum(${s})           |
|        | calculate     | one  |       |              | count(${g})         |
|        | calculate     | abs  |       |              | sum(/data/g/s)      |
|        | calculate     | all  |       |              | sum(../../g/s)      |
|        | end repeat    |      |       |              |                     |
|        | begin group   | h    | H     | ${q} = 'yes' |                     |
|        | calculate     | five |       |              | 5                   |
|        | end group     |      |       |              |                     |
|        | calculate     | text |       |              | concat(${five}, 'x') |
"""


def test_references_in_and_out_of_a_repeat_mean_what_they_mean_to_javarosa(referee: Referee) -> None:
    form = instrument(RELATIONS)
    referee.form(form.xml)
    rows = "".join(f"<g><s>{s}</s><own/><one/><abs/><all/></g>" for s in (1, 4))
    told = referee.case(
        f"<data id='data'><q>no</q>{rows}<h><five>5</five></h><text/><meta><instanceID>u</instanceID></meta></data>".encode()
    )
    answers = check(form, {"q": "no", "g": [{"s": 1}, {"s": 4}]}).answers
    for place, row in enumerate(answers["g"]):
        assert {name: told[f"/data/g[{place}]/{name}"].value for name in ("own", "one", "abs", "all")} == {
            name: row[name] for name in ("own", "one", "abs", "all")
        }
    assert told["/data/text"].value == answers["text"] == "x"


CIRCLES = {
    "two calculations": "| calculate | a | | ${b} + 1 | |\n| | calculate | b | | ${a} + 1 | |",
    "its own calculation": "| calculate | a | | ${a} + 1 | |",
    "its own value": "| calculate | a | | if(. = '', 1, .) | |",
    "its own relevance": "| text | a | A | | ${a} = 'x' |",
    "a group and its question": "| begin group | g | G | | ${a} = 'x' |\n| | text | a | A | | |\n| | end group | | | | |",
    "a running total": "| begin repeat | g | G | | |\n| | calculate | t | | 1 + indexed-repeat(${t}, ${g}, position(..) - 1) | |\n| | end repeat | | | | |",
}


@pytest.mark.parametrize("rows", CIRCLES.values(), ids=CIRCLES.keys())
def test_circles_are_refused_as_javarosa_refuses_them(referee: Referee, rows: str) -> None:
    sheets = markdown_sheets(f"| survey |\n| | type | name | label | calculation | relevant |\n| {rows}")
    with pytest.raises(ValueError, match="Cycle detected"):
        referee.form(convert(sheets, "default").xml)
    with pytest.raises(InstrumentErrors, match="in a circle"):
        build_instrument(sheets)
