"""Every type of question that real forms use: read, answered, refused."""

from __future__ import annotations

from typing import Any

import pytest

from survey.instrument import (
    InstrumentErrors,
    answer_label,
    check,
    choices_for,
    codebook,
    parse_submission,
    starting_answers,
    submission_xml,
)
from tests.instrument.forms import instrument

EVERY = """
| survey  |
|         | type                         | name     | label | parameters             | appearance | calculation | trigger | default            | choice_filter     | repeat_count |
|         | start                        | start    |       |                        |            |             |         |                    |                   |              |
|         | end                          | end      |       |                        |            |             |         |                    |                   |              |
|         | today                        | today    |       |                        |            |             |         |                    |                   |              |
|         | deviceid                     | device   |       |                        |            |             |         |                    |                   |              |
|         | username                     | user     |       |                        |            |             |         |                    |                   |              |
|         | phonenumber                  | phone    |       |                        |            |             |         |                    |                   |              |
|         | audit                        | audit    |       |                        |            |             |         |                    |                   |              |
|         | start-geopoint               | begun    |       |                        |            |             |         |                    |                   |              |
|         | begin group                  | g        | G     |                        | field-list |             |         |                    |                   |              |
|         | text                         | name     | Name  |                        | multiline  |             |         | ${last-saved#name} |                   |              |
|         | background-geopoint          | there    |       |                        |            |             | ${name} |                    |                   |              |
|         | end group                    |          |       |                        |            |             |         |                    |                   |              |
|         | select_one l                 | one      | One   |                        | minimal    |             |         |                    |                   |              |
|         | select_one l or_other        | other    | Other |                        |            |             |         |                    |                   |              |
|         | select_multiple l            | many     | Many  | randomize=true, seed=3 |            |             |         |                    |                   |              |
|         | rank l                       | rank     | Rank  |                        |            |             |         |                    |                   |              |
|         | range                        | range    | Range | start=0 end=5 step=0.5 |            |             |         |                    |                   |              |
|         | integer                      | size     | Size  |                        |            |             |         |                    |                   |              |
|         | decimal                      | wage     | Wage  |                        |            |             |         |                    |                   |              |
|         | date                         | day      | Day   |                        |            |             |         |                    |                   |              |
|         | time                         | hour     | Hour  |                        |            |             |         |                    |                   |              |
|         | dateTime                     | moment   | When  |                        |            |             |         |                    |                   |              |
|         | geopoint                     | point    | Point |                        |            |             |         |                    |                   |              |
|         | geotrace                     | line     | Line  |                        |            |             |         |                    |                   |              |
|         | geoshape                     | field    | Field |                        |            |             |         |                    |                   |              |
|         | image                        | image    | Image |                        |            |             |         |                    |                   |              |
|         | audio                        | audio    | Audio |                        |            |             |         |                    |                   |              |
|         | video                        | video    | Video |                        |            |             |         |                    |                   |              |
|         | file                         | file     | File  |                        |            |             |         |                    |                   |              |
|         | barcode                      | code     | Code  |                        |            |             |         |                    |                   |              |
|         | note                         | note     | Note  |                        |            |             |         |                    |                   |              |
|         | acknowledge                  | ok       | OK    |                        |            |             |         |                    |                   |              |
|         | hidden                       | hidden   |       |                        |            |             |         | x                  |                   |              |
|         | calculate                    | sum      |       |                        |            | ${size} + 1 |         |                    |                   |              |
|         | begin repeat                 | person   | P     |                        |            |             |         |                    |                   | ${size}      |
|         | text                         | given    | Name  |                        |            |             |         |                    |                   |              |
|         | integer                      | age      | Age   |                        |            |             |         |                    |                   |              |
|         | end repeat                   |          |       |                        |            |             |         |                    |                   |              |
|         | select_one ${given}          | head     | Head  |                        |            |             |         |                    | ${age} >= 15      |              |
|         | select_one_from_file v.csv   | hamlet   | Ấp    | value=ma label=ten     |            |             |         |                    | xa = ${one}       |              |
|         | select_one_from_file m.geojson | place  | Place |                        | map        |             |         |                    |                   |              |
|         | select_one_from_file b.xml   | brand    | Brand |                        |            |             |         |                    |                   |              |
|         | select_one_external far      | far      | Far   |                        |            |             |         |                    | near=${one}       |              |
|         | csv-external                 | prices   |       |                        |            |             |         |                    |                   |              |
|         | begin group                  | table    | Table |                        | table-list |             |         |                    |                   |              |
|         | select_one l                 | row      | Row   |                        |            |             |         |                    |                   |              |
|         | end group                    |          |       |                        |            |             |         |                    |                   |              |
| choices |
|         | list_name | name | label |
|         | l         | a    | A     |
|         | l         | b    | B     |
| external_choices |
|         | list_name | name | label | near |
|         | far       | f1   | F 1   | a    |
|         | far       | f2   | F 2   | b    |
| entities |
|         | list_name | label   |
|         | houses    | ${name} |
| settings |
|         | form_id | version |
|         | every   | 1       |
"""
GOOD: dict[str, Any] = {
    "start": "2026-11-21T09:30:00.000+07:00", "today": "2026-11-21", "device": "collect:1", "user": "an", "begun": "10.2 105.9 0 5",
    "name": "Nguyễn Thị Bé", "one": "a", "other": "other", "other_other": "khác", "many": ["a", "b"], "rank": ["b", "a", "other"],
    "range": 2.5, "size": 2, "wage": 1.5, "day": "2026-11-21", "hour": "14:30:00.000+07:00", "moment": "2026-11-21T14:30:00.000+07:00",
    "point": "10.2 105.9 3 5", "line": "10.2 105.9 0 0; 10.3 105.9 0 0",
    "field": "10.2 105.9 0 0; 10.3 105.9 0 0; 10.3 106 0 0; 10.2 105.9 0 0", "image": "a.jpg", "audio": "a.m4a", "video": "a.mp4",
    "file": "a.pdf", "code": "893", "ok": "OK", "hidden": "x", "sum": "3", "person": [{"given": "An", "age": 40}, {"given": "Bé", "age": 3}],
    "head": "An", "hamlet": "h1", "place": "p1", "brand": "x", "far": "f1", "row": "b",
}  # fmt: skip
FILES = {
    "v.csv": b"ma,ten,xa\nh1,Ap 1,a\nh2,Ap 2,b\n",
    "m.geojson": b"""{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "p1", "properties": {"title": "Cho"},
        "geometry": {"type": "Point", "coordinates": [105.9, 10.2]}}]}""",
    "b.xml": b"<root><item><name>x</name><label>Brand X</label></item></root>",
}


def test_a_form_of_every_type_takes_good_answers_and_reads_its_own_submission() -> None:
    form = instrument(EVERY).with_files(FILES)
    checked = check(form, GOOD)
    assert checked.faults == ()
    assert checked.answers == GOOD
    submission = parse_submission(form, submission_xml(form, GOOD, instance_id="uuid:1"))
    assert (submission.answers, submission.faults) == (GOOD, ())
    assert submission.attachments == ("a.jpg", "a.m4a", "a.mp4", "a.pdf")


@pytest.mark.parametrize(
    ("variable", "value", "kind"),
    [
        ("one", "c", "choice"), ("many", ["a", "c"], "choice"), ("rank", ["c"], "choice"), ("range", 6, "choice"), ("range", "x", "type"),
        ("day", "2026-02-30", "type"), ("hour", "25:00", "type"), ("moment", "2026-11-21", "type"), ("point", "91 0", "type"),
        ("line", "10 105", "type"), ("field", "10 105; 10 106", "type"), ("field", "10 105; 10 106; 10 105", "type"),
        ("image", "../a.jpg", "type"), ("head", "Bé", "choice"), ("head", "Lan", "choice"), ("hamlet", "h2", "choice"),
        ("place", "p9", "choice"), ("brand", "y", "choice"), ("far", "f2", "choice"), ("today", "yesterday", "type"), ("begun", "here", "type"),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_fit_its_type_is_a_fault(variable: str, value: Any, kind: str) -> None:
    form = instrument(EVERY).with_files(FILES)
    faults = [(fault.variable, fault.kind) for fault in check(form, {**GOOD, variable: value}).faults]
    assert (variable, kind) in faults


def test_an_open_ring_is_closed_and_short_points_are_filled_up() -> None:
    answers = check(instrument(EVERY), {"field": "10 105;10 106;11 106"}).answers
    assert answers["field"] == "10 105 0 0; 10 106 0 0; 11 106 0 0; 10 105 0 0"


def test_choices_come_from_files_from_the_external_sheet_and_from_answers() -> None:
    form = instrument(EVERY).with_files(FILES)
    offered = {name: [c.name for c in choices_for(form, name, GOOD)] for name in ("hamlet", "place", "brand", "far", "head")}  # fmt: skip
    assert offered == {"hamlet": ["h1"], "place": ["p1"], "brand": ["x"], "far": ["f1"], "head": ["An"]}
    assert (answer_label(form, "place", "p1"), answer_label(form, "head", "An")) == ("Cho", "An")


def test_the_server_knows_no_earlier_record_so_last_saved_starts_empty() -> None:
    assert "name" not in starting_answers(instrument(EVERY))


def test_an_entity_is_the_devices_affair_and_no_variable() -> None:
    form = instrument(EVERY)
    assert "entity" not in [variable.name for variable in codebook(form)]
    xml = submission_xml(form, {"name": "Bé"}, instance_id="uuid:1").replace(
        b"</orx:meta>", b'<entity dataset="houses" id="1" create="1"><label>B</label></entity></orx:meta>'
    )
    assert parse_submission(form, xml).faults == ()


def test_choices_from_answers_need_a_question_in_a_repeat() -> None:
    with pytest.raises(InstrumentErrors, match="repeat"):
        instrument("""
            | survey |
            |        | type               | name | label |
            |        | text               | a    | A     |
            |        | select_one ${a}    | b    | B     |
            """)


def test_a_spouse_is_chosen_from_all_members_not_only_oneself() -> None:
    form = instrument("""
        | survey |
        |        | type                | name   | label  |
        |        | begin repeat        | person | Person |
        |        | text                | given  | Name   |
        |        | select_one ${given} | spouse | Spouse |
        |        | end repeat          |        |        |
        """)
    answers = {"person": [{"given": "An"}, {"given": "Bé"}, {}]}
    assert [choice.name for choice in choices_for(form, "spouse", answers, (0,))] == ["An", "Bé"]
