"""The codebook as DDI-Codebook 2.5: the structure of its schema, and everything that users of the data look up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from survey.instrument import Instrument, codebook, codebook_ddi, read_xlsform
from survey.instrument.ddi import Study
from survey.instrument.model import Question, Texts
from tests.instrument.forms import instrument
from tests.instrument.test_codebook import OLD

STRUCTURE = etree.DTD(str(Path(__file__).with_name("ddi.dtd")))
FOLDERS = sorted(path for path in Path("questionnaires").iterdir() if path.is_dir())
NAMES = {"d": "ddi:codebook:2_5", "xml": "http://www.w3.org/XML/1998/namespace"}
HOSTILE = "#panic() *đậm* <b>&amp;</b> ]]> </labl> =SUM(A1) \u202eexe\u202c"


def written(form: Instrument, study: Study | None = None) -> etree._Element:
    """The document, read again and held against the structure."""
    root = etree.fromstring(codebook_ddi(form, study))
    assert STRUCTURE.validate(root), STRUCTURE.error_log
    return root


def found(element: etree._Element, path: str) -> list[str]:
    """What an XPath finds, with d: for DDI's elements."""
    return list(element.xpath(path, namespaces=NAMES))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_questionnaire_has_the_structure_of_the_schema(folder: Path) -> None:
    form = read_xlsform(folder)
    root = written(form)
    assert found(root, "d:dataDscr/d:var/@name") == [variable.name for variable in codebook(form)]
    for variable in codebook(form):
        codes = found(root, f"//d:var[@name='{variable.name}']/d:catgry/d:catValu/text()")
        assert codes == [code.value for code in variable.choices]


def test_the_structure_refuses_what_the_schema_refuses() -> None:
    for old, new in (
        (b'name="age"', b""),
        (b'files="F1"', b'files="F9"'),
        (b'ID="V2"', b'ID="V1"'),
        (b"<titl>", b"<titl/><titl>"),
        (b'type="repetition"', b'type="roster"'),
    ):
        text = codebook_ddi(instrument(OLD))
        assert old in text
        assert not STRUCTURE.validate(etree.fromstring(text.replace(old, new, 1)))


def test_files_are_named_as_the_tables_of_the_data() -> None:
    root = written(instrument(OLD))
    assert found(root, "d:fileDscr/d:fileTxt/d:fileName/text()") == ["root", "person"]
    assert found(root, "d:dataDscr/d:var[@name='name']/@files") == ["F2"]
    assert found(root, "//d:fileDscr[@ID='F2']//d:varQnty/text()") == ["1"]


def test_groups_repeats_and_several_answers_are_variable_groups() -> None:
    form = instrument("""
        | survey   |                    |        |         |
        |          | type               | name   | label   |
        |          | begin group        | house  | Nhà     |
        |          | begin group        | inner  | Trong   |
        |          | select_multiple yn | means  | Bằng gì |
        |          | end group          |        |         |
        |          | end group          |        |         |
        |          | begin repeat       | person | Người   |
        |          | integer            | age    | Tuổi    |
        |          | end repeat         |        |         |
        | choices  |                    |        |         |
        |          | list_name          | name   | label   |
        |          | yn                 | yes    | Có      |
        """)
    root = written(form)
    groups = [dict(group.attrib) for group in root.iter("{*}varGrp")]
    assert groups[:4] == [
        {"ID": "G1", "type": "section", "varGrp": "G2", "name": "house"},
        {"ID": "G2", "type": "section", "var": "V1", "name": "inner"},
        {"ID": "G3", "type": "repetition", "var": "V2", "name": "person"},
        {"ID": "G4", "type": "multipleResp", "var": "V1", "name": "means"},
    ]
    assert "cách nhau" in "".join(found(root, "//d:var[@name='means']/d:codInstr/text()"))


def test_labels_questions_and_codes_are_in_every_language() -> None:
    root = written(instrument(OLD))
    phone = "//d:var[@name='phone']"
    assert found(root, f"{phone}/d:labl[@xml:lang='en']/text()") == ["Phone?"]
    assert found(root, f"{phone}/d:qstn/d:qstnLit[@xml:lang='vi']/text()") == ["Có điện thoại?"]
    assert found(root, f"{phone}/d:catgry[1]/d:labl/text()") == ["Có", "Yes"]
    assert found(root, "//d:stdyDscr//d:titl/text()") == ["Hộ gia đình"]


def test_who_is_asked_is_said_in_words_and_as_the_expression() -> None:
    root = written(instrument(OLD))
    phone = "//d:var[@name='phone']"
    assert found(root, f"{phone}/d:universe[@xml:lang='vi']/text()") == [
        "age từ 15 trở lên và age nhỏ hơn 90"
    ]
    assert found(root, f"{phone}/d:universe[@xml:lang='en']/text()") == [
        "age is at least 15 and age is less than 90"
    ]
    assert found(root, f"{phone}/d:notes[@type='relevant']/text()") == ["(${age} >= 15) and (${age} < 90)"]


def test_a_variable_says_its_range_its_instructions_and_its_format() -> None:
    form = instrument("""
        | survey   |         |      |              |          |               |                     |          |
        |          | type    | name | label        | hint     | guidance_hint | constraint          | required |
        |          | note    | hi   | Read this.   |          |               |                     |          |
        |          | integer | size | Size         | With you | Read aloud    | . >= 1 and . <= 30  | yes      |
        |          | decimal | area | Area         |          |               | . >= 0.5            |          |
        |          | date    | day  | Day          |          |               |                     |          |
        | settings |         |      |              |          |               |                     |          |
        |          | form_id | version |           |          |               |                     |          |
        |          | ho      | 7       |           |          |               |                     |          |
        """)
    root = written(form)
    size = "//d:var[@name='size']"
    assert found(root, f"{size}/d:qstn/d:preQTxt/text()") == ["Read this."]
    assert found(root, f"{size}/d:qstn/d:ivuInstr/text()") == ["With you", "Read aloud"]
    ranges = [dict(element.attrib) for element in root.iter("{*}range")]
    assert ranges == [{"UNITS": "INT", "min": "1", "max": "30"}, {"UNITS": "REAL", "min": "0.5"}]
    assert found(root, f"{size}/d:notes/text()") == [". >= 1 and . <= 30", "true()"]
    assert found(root, "//d:var/d:varFormat/@type") == ["numeric", "numeric", "character"]
    assert found(root, "//d:var[@name='day']/d:varFormat/@category") == ["date"]
    assert found(root, "//d:stdyDscr//d:version/text()") == ["7"]


def test_a_calculation_names_its_sources() -> None:
    adult = written(instrument(OLD)).xpath("//d:var[@name='adult']", namespaces=NAMES)[0]
    assert found(adult, "d:derivation/d:drvdesc/text()") == ["age"]
    assert found(adult, "d:derivation/d:drvcmd/text()") == ["${age} > 17"]


def test_producer_and_population_are_the_studys_by_language() -> None:
    study = Study({"vi": "Thống kê tỉnh"}, {"vi": "Người từ 15 tuổi", "en": "People aged 15 or over"})
    root = written(instrument(OLD), study)
    assert found(root, "//d:stdyDscr//d:producer/text()") == ["Thống kê tỉnh"]
    assert found(root, "//d:sumDscr/d:universe/@xml:lang") == ["vi", "en"]


def test_what_people_wrote_stays_text_and_what_xml_cannot_hold_is_left_out() -> None:
    form = instrument(OLD)
    hostile = Texts({"vi": f"{HOSTILE}\x00\x0b\ud800", "en": "Age"})
    items = tuple(
        replace(item, label=hostile) if isinstance(item, Question) and item.name == "age" else item
        for item in form.items
    )
    root = written(replace(form, items=items))
    assert found(root, "//d:var[@name='age']/d:labl[1]/text()") == [HOSTILE]


def test_the_same_questionnaire_gives_the_same_bytes() -> None:
    assert codebook_ddi(instrument(OLD)) == codebook_ddi(replace(instrument(OLD)))
    assert codebook_ddi(instrument(OLD)) != codebook_ddi(instrument(OLD.replace("Tuổi", "Bao nhiêu tuổi")))
