"""Each function of the expression language, on an example that its specification decides."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from survey.instrument import EvaluationError, check, evaluate, read_xlsform
from survey.instrument.automaton import automaton
from survey.instrument.functions import FUNCTIONS
from survey.instrument.values import string
from tests.instrument.forms import instrument

NOW = datetime(2026, 11, 21, 9, 30, 5, 250_000, tzinfo=UTC)
ANSWERS = {"a": 5, "t": "nhà bè", "s": ["x", "y"], "d": "2026-11-21", "empty": ""}
SQUARE = "'0 0 0 0; 0 1 0 0; 1 1 0 0; 1 0 0 0; 0 0 0 0'"
EXAMPLES = {
    "string(1.0)": "1", "string(0.5)": "0.5", "string(1 div 0)": "Infinity", "string(${empty})": "",
    "concat('a', 1, true())": "a1true", "join('-', 'a', 'b')": "a-b", "string-length(${t})": "6",
    "substr('hello', 1, 3)": "el", "substr('hello', -2)": "lo", "substring-before('a@b', '@')": "a",
    "substring-after('a@b', '@')": "b", "contains(${t}, 'bè')": "true", "starts-with(${t}, 'nhà')": "true",
    "ends-with(${t}, 'bè')": "true", "translate('bar', 'abc', 'AB')": "BAr", "normalize-space('  a  b ')": "a b",
    "regex('0912345678', '0[0-9]{9}')": "true", "regex('x0912345678', '0[0-9]{9}')": "false",
    "boolean-from-string('1')": "true", "string-length(uuid())": "36", "string-length(uuid(10))": "10",
    "digest('abc', 'MD5', 'hex')": "900150983cd24fb0d6963f7d28e17f72", "digest('abc', 'SHA-1')": "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
    "base64-decode('eGluIGNow6Bv')": "xin chào", "base64-decode('?')": "",
    "if(${a} > 3, 'big', 'small')": "big", "coalesce(${empty}, 'b')": "b", "once(3)": "3",
    "true()": "true", "false()": "false", "not(false())": "true", "boolean('false')": "true", "boolean('')": "false",
    "checklist(1, 2, 1, 0, 1)": "true", "checklist(-1, 1, 1, 1)": "false", "weighted-checklist(3, 5, 1, 2, 0, 9, 1, 1)": "true",
    "number('12')": "12", "number('')": "NaN", "number('1e3')": "NaN", "number('1970-01-11')": "10",
    "int(-2.7)": "-2", "floor(-2.1)": "-3", "ceiling(2.1)": "3", "round(2.5)": "3", "round(-2.5)": "-2", "round(1.005, 2)": "1.01",
    "round(1234, -2)": "1200", "abs(-3)": "3", "pow(2, 10)": "1024", "log(exp(2))": "2", "log10(1000)": "3", "sqrt(9)": "3",
    "exp10(2)": "100", "sin(0)": "0", "cos(0)": "1", "tan(0)": "0", "asin(0)": "0", "acos(1)": "0", "atan(0)": "0",
    "atan2(0, 1)": "0", "round(pi(), 4)": "3.1416", "random() < 1": "true", "sum(${a})": "5", "max(2, 3)": "3", "min(2, 3)": "2",
    "count(${a})": "1", "count-non-empty(${empty})": "0", "selected(${s}, 'y')": "true", "selected-at(${s}, 1)": "y",
    "selected-at(${s}, 5)": "", "count-selected(${s})": "2", "today()": "2026-11-21", "now()": "2026-11-21T09:30:05.250+00:00",
    "date('2026-11-21') + 1": "20779", "string(date(0))": "1970-01-01", "string(date-time('2026-11-21T09:30:00Z'))": "2026-11-21T09:30:00.000+00:00",
    "decimal-date-time('1970-01-02T12:00:00Z')": "1.5", "decimal-time('12:00')": "0.5", "today() > date('2026-11-20')": "true",
    "format-date(${d}, '%e/%n/%Y, %a %b')": "21/11/2026, Sat Nov", "format-date-time(now(), '%H:%M:%S.%3')": "09:30:05.250",
    f"round(distance({SQUARE}) div 1000)": "445", f"round(area({SQUARE}) div 1000000)": "12391", f"geofence('0.5 0.5', {SQUARE})": "true",
    f"geofence('2 2', {SQUARE})": "false", "depend(1, ${a})": "1", "version()": "", "jr:choice-name('x', '/a')": "x",
    "intersects('0 0; 1 1; 0 1; 1 0; 0 0')": "true", f"intersects({SQUARE})": "false", "intersects('0 0; 1 1; 0.5 0.5')": "true",
    "intersects('0 0; 0 2; 1 2; 1 1; -1 1')": "true", "intersects('1 1')": "false", "intersects('here')": "false",
    "intersects(${empty})": "false", "is-selected(${s}, 'x')": "true", f"enclosed-area({SQUARE}) = area({SQUARE})": "true",
    "property('deviceid')": "",
    "5 mod 3": "2", "-5 mod 3": "-2", "7 div 2": "3.5", "1 + 2 * 3": "7", "10 - 4 - 3": "3", "1 = 1 and 2 = 3 or 4 = 4": "true",
    "'a' = \"a\"": "true", "1 != 1": "false", "0.1 + 0.2 = 0.3": "true", "--3": "3", "'2' + 1": "3", "'2026-11-22' > today()": "true",
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), EXAMPLES.items())
def test_each_function_gives_what_its_specification_says(text: str, value: str) -> None:
    assert string(evaluate(text, ANSWERS, now=NOW)) == value


def test_every_function_has_an_example_or_a_test_with_a_form() -> None:
    tested = " ".join(EXAMPLES)
    with_a_form = {
        "position",
        "current",
        "instance",
        "indexed-repeat",
        "pulldata",
        "jr:itext",
        "extract-signed",
        "randomize",
    }
    assert {name for name in FUNCTIONS if f"{name}(" not in tested} == with_a_form


def test_an_unknown_digest_is_an_evaluation_error() -> None:
    with pytest.raises(EvaluationError, match="unknown algorithm 'CRC'"):
        evaluate("digest('a', 'CRC')", {})


LISTS = """
| survey  |
|         | type            | name    | label | calculation                                                              |
|         | select_one l    | fruit   | Fruit |                                                                          |
|         | integer         | least   | Least |                                                                          |
|         | calculate       | price   |       | instance('l')/root/item[name = ${fruit}]/price                           |
|         | calculate       | cheap   |       | count(instance('l')/root/item[price < ${least}])                         |
|         | calculate       | own     |       | instance('l')/root/item[name = current()/../fruit]/label                 |
|         | calculate       | label   |       | jr:choice-name(${fruit}, '${fruit}')                                     |
|         | calculate       | mixed   |       | join(' ', randomize(instance('l')/root/item/price, 7))                   |
|         | calculate       | second  |       | instance('l')/root/item[position() = 2]/name                             |
| choices |
|         | list_name | name  | label::Tiếng Việt (vi) | price |
|         | l         | mango | Xoài                   | 30    |
|         | l         | plum  | Mận                    | 12    |
"""


def test_lists_are_looked_up_like_tables() -> None:
    answers = check(instrument(LISTS), {"fruit": "plum", "least": 20}).answers
    found = {key: answers[key] for key in ("price", "cheap", "own", "label", "second")}
    assert found == {"price": "12", "cheap": "1", "own": "Mận", "label": "Mận", "second": "plum"}
    assert sorted(answers["mixed"].split()) == ["12", "30"]


def test_attached_tables_are_pulled_from_and_chosen_from(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text(
        "type,name,label,calculation,choice_filter\n"
        "select_one_from_file hamlets.csv,hamlet,Hamlet,,commune = '1'\n"
        "calculate,chief,,\"pulldata('hamlets', 'chief', 'name', ${hamlet})\",\n",
        encoding="utf-8",
    )
    (tmp_path / "hamlets.csv").write_text(
        "name,label,commune,chief\nh1,Ấp 1,1,An\nh2,Ấp 2,2,Ba\n", encoding="utf-8"
    )
    form = read_xlsform(tmp_path)
    assert check(form, {"hamlet": "h1"}).answers == {"hamlet": "h1", "chief": "An"}
    assert [fault.kind for fault in check(form, {"hamlet": "h2"}).faults] == ["choice"]
    assert form.media == ("hamlets.csv",)


def test_without_the_table_what_the_device_looked_up_stays() -> None:
    form = instrument("""
        | survey |
        |        | type      | name  | label | calculation                              |
        |        | text      | id    | Id    |                                          |
        |        | calculate | chief |       | pulldata('hamlets', 'chief', 'id', ${id}) |
        """)
    assert check(form, {"id": "7", "chief": "An"}).answers == {"id": "7", "chief": "An"}


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        ("(a|b)*c", "abbac", True), ("(a|b)*c", "abbad", False), ("([a-z]+ ?)+", "xin chao ban", True), ("(ab){2,3}", "ababab", True),
        ("(ab){2,3}", "abababab", False), ("^(x|y)+$", "xyx", True), ("(\\d{1,3}\\.){3}\\d+", "10.0.0.1", True), ("([^@]+)+@", "a.b@", True),
    ],
)  # fmt: skip
def test_wild_patterns_run_in_linear_time_with_the_same_result(pattern: str, text: str, holds: bool) -> None:
    assert automaton(pattern).fullmatch(text) is holds
    assert math.isclose(float(evaluate(f"number(regex(${{x}}, '{pattern}'))", {"x": text})), float(holds))
