"""OpenRosa submissions: hostile ones refused, honest ones read back as they were written."""

from __future__ import annotations

import pytest

from survey.instrument import BrokenSubmission, check, parse_submission, submission_header, submission_xml
from tests.instrument.forms import instrument

FORM = """
| survey   |
|          | type               | name   | label  | relevant    | calculation |
|          | start              | start  |        |             |             |
|          | begin group        | house  | House  |             |             |
|          | integer            | size   | Size   |             |             |
|          | select_multiple d  | owns   | Owns   |             |             |
|          | end group          |        |        |             |             |
|          | begin repeat       | person | Person |             |             |
|          | text               | name   | Name   |             |             |
|          | decimal            | wage   | Wage   |             |             |
|          | date               | born   | Born   | ${wage} > 1 |             |
|          | end repeat         |        |        |             |             |
|          | image              | photo  | Photo  |             |             |
|          | geopoint           | place  | Place  |             |             |
|          | calculate          | twice  |        |             | ${size} * 2 |
| choices  |
|          | list_name | name  | label |
|          | d         | phone | Phone |
|          | d         | pc    | PC    |
| settings |
|          | form_id | version |
|          | ho      | 3       |
"""
ANSWERS = {
    "start": "2026-11-21T09:30:00+07:00",
    "size": 2,
    "owns": ["phone", "pc"],
    "person": [
        {"name": "Nguyễn Thị “Bé” <& 'x'", "wage": 2.5, "born": "1980-01-31"},
        {"name": "Hai", "wage": 1.0},
    ],
    "photo": "ảnh nhà.jpg",
    "place": "10.24 105.97 0 5",
    "twice": "4",
}
BODY = '<data id="ho" version="3"><house><size>{size}</size></house>{more}<meta><instanceID>uuid:1</instanceID></meta></data>'


def test_what_is_written_is_read_back() -> None:
    form = instrument(FORM)
    xml = submission_xml(form, ANSWERS, instance_id="uuid:1", deprecated_id="uuid:0")
    submission = parse_submission(form, xml)
    assert submission.answers == ANSWERS
    assert (submission.instance_id, submission.deprecated_id, submission.version) == ("uuid:1", "uuid:0", "3")
    assert submission.attachments == ("ảnh nhà.jpg",)
    assert submission.faults == ()
    assert check(form, submission.answers).faults == ()


def test_irrelevant_questions_are_absent_and_unanswered_ones_empty() -> None:
    xml = submission_xml(instrument(FORM), {"person": [{"wage": 0.5}]}, instance_id="uuid:1")
    assert b"<size/>" in xml and b"born" not in xml


@pytest.mark.parametrize(
    "meta",
    [
        "<meta><instanceID>uuid:1</instanceID></meta>",
        '<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>uuid:1</orx:instanceID></orx:meta>',
        '<meta xmlns="http://openrosa.org/xforms"><instanceID>uuid:1</instanceID></meta>',
    ],
)
def test_meta_is_found_with_any_prefix(meta: str) -> None:
    header = submission_header(f'<data xmlns="http://x.org/form" id="ho" version="3">{meta}</data>'.encode())
    assert (header.form_id, header.instance_id) == ("ho", "uuid:1")


def test_unknown_fields_and_text_in_a_number_are_faults() -> None:
    xml = BODY.format(
        size="many", more="<bogus>1</bogus><person><name>An</name><shoe>44</shoe></person>"
    ).encode()
    submission = parse_submission(instrument(FORM), xml)
    assert submission.unknown == ("/data/bogus", "/data/person/shoe")
    assert [(fault.variable, fault.index, fault.kind) for fault in submission.faults] == [
        ("size", (), "type"),
        ("bogus", (), "unknown"),
        ("person/shoe", (0,), "unknown"),
    ]
    assert submission.answers == {"person": [{"name": "An"}]}


BOMB = b"""<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><data id="ho"><house><size>&c;</size></house></data>"""
OUTSIDE = b'<!DOCTYPE data [<!ENTITY x SYSTEM "file:///etc/passwd">]><data id="ho"><photo>&x;</photo></data>'
GOOD = BODY.format(size=1, more="").encode()


@pytest.mark.parametrize(
    ("xml", "what"),
    [
        (GOOD[:-10], "well-formed"),
        (b"", "empty"),
        (b"not xml", "well-formed"),
        (GOOD.replace(b"uuid:1", b"uuid:\0001"), "NUL"),
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (b"<!DOCTYPE data>" + GOOD, "document type"),
        (b"<data id='ho'>" + b"<a>" * 240 + b"</a>" * 240 + b"</data>", "nested too deeply"),
        (b"<data id='ho'>" + b"<a>" * 100_000, "well-formed"),
        (b'<?xml version="1.0" encoding="UTF-16"?>' + GOOD, "UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-7"?>' + GOOD, "UTF-8"),
        (GOOD.decode().encode("utf-16"), "UTF-8"),
        (GOOD.replace(b">1<", b">a & b<"), "bare &"),
        (GOOD.replace(b">1<", b">\xff<"), "UTF-8"),
        (GOOD.replace(b">1<", b">\x01<"), "character"),
        (GOOD + GOOD, "after the end"),
        (GOOD.replace(b"<instanceID>uuid:1</instanceID>", b""), "no instanceID"),
        (GOOD.replace(b' id="ho"', b""), "which form"),
    ],
)
def test_broken_and_hostile_records_are_refused_with_a_reason(xml: bytes, what: str) -> None:
    with pytest.raises(BrokenSubmission) as refusal:
        submission_header(xml)
    fault = refusal.value
    assert what in fault.what["en"]
    assert all(fault.where[language] and fault.remedy[language] for language in ("vi", "en"))
    assert not set(fault.message("vi").lower().split()) & {"the", "record", "line", "send", "declares", "is"}


def test_the_place_in_broken_xml_is_told_by_line_and_column() -> None:
    with pytest.raises(BrokenSubmission) as refusal:
        submission_header(b'<data id="ho">\n<size>1</sise>\n</data>')
    assert refusal.value.message("vi").startswith("Thẻ mở và thẻ đóng của XML không khớp nhau (dòng 2, cột ")
    assert "Gửi lại từ máy" in refusal.value.message("vi")


def test_a_record_of_another_form_is_refused() -> None:
    with pytest.raises(BrokenSubmission, match="another form"):
        parse_submission(instrument(FORM), GOOD.replace(b'"ho"', b'"dn"'))


def test_an_entity_that_was_never_declared_is_refused() -> None:
    with pytest.raises(BrokenSubmission, match="entity that was never declared"):
        submission_header(GOOD.replace(b"<size>1", b"<size>&x;"))
