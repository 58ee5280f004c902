"""What the data's users read about each variable, and what a new version changes for them."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
from lxml import etree

from survey.instrument import (
    Change,
    Difference,
    codebook,
    codebook_csv,
    codebook_ddi,
    compare,
    migration_report,
    read_xlsform,
)
from survey.instrument.comparison import ASPECTS
from tests.instrument.forms import instrument

OLD = """
| survey   |
|          | type          | name   | label::Tiếng Việt (vi)  | label::English (en) | relevant          | calculation |
|          | integer       | age    | Tuổi                    | Age                 |                   |             |
|          | note          | hello  | Xin chào                |                     |                   |             |
|          | begin group   | use    | Sử dụng                 |                     | ${age} >= 15      |             |
|          | select_one yn | phone  | Có điện thoại?          | Phone?              | ${age} < 90       |             |
|          | end group     |        |                         |                     |                   |             |
|          | begin repeat  | person | Người                   |                     |                   |             |
|          | text          | name   | Tên                     |                     |                   |             |
|          | end repeat    |        |                         |                     |                   |             |
|          | calculate     | adult  |                         |                     |                   | ${age} > 17 |
| choices  |
|          | list_name     | name   | label::Tiếng Việt (vi)  | label::English (en) |
|          | yn            | yes    | Có                      | Yes                 |
|          | yn            | no     | Không                   | No                  |
| settings |
|          | form_title    | form_id | version |
|          | Hộ gia đình   | ho      | 1       |
"""


def test_a_variable_carries_its_question_codes_level_and_universe() -> None:
    variables = {variable.name: variable for variable in codebook(instrument(OLD))}
    assert list(variables) == ["age", "phone", "name", "adult"]
    phone = variables["phone"]
    assert phone.label == {"vi": "Có điện thoại?", "en": "Phone?"}
    assert [(code.value, code.label["en"]) for code in phone.choices] == [("yes", "Yes"), ("no", "No")]
    assert phone.relevant == "(${age} >= 15) and (${age} < 90)"
    assert variables["name"].level == "person"
    assert variables["name"].label["en"] == "Tên"


def test_the_codebook_as_csv_has_a_row_per_variable() -> None:
    rows = list(csv.DictReader(StringIO(codebook_csv(instrument(OLD)))))
    assert [row["name"] for row in rows] == ["age", "phone", "name", "adult"]
    assert rows[1]["choices"] == "yes=Có; no=Không"


def test_the_codebook_as_ddi_names_files_variables_and_categories() -> None:
    root = etree.fromstring(codebook_ddi(instrument(OLD)))
    names = {"d": "ddi:codebook:2_5"}
    assert root.xpath("d:dataDscr/d:var/@name", namespaces=names) == ["age", "phone", "name", "adult"]
    assert root.xpath("d:dataDscr/d:var[@name='name']/@files", namespaces=names) == ["F2"]
    assert root.xpath("d:dataDscr/d:var[@name='phone']/d:catgry/d:catValu/text()", namespaces=names) == [
        "yes",
        "no",
    ]
    assert root.xpath("d:stdyDscr//d:titl/text()", namespaces=names) == ["Hộ gia đình"]


# The order of child elements in the DDI-Codebook 2.5 schema (codebook.xsd), of the elements we write.
DDI_ORDER = {
    "codeBook": ["stdyDscr", "fileDscr", "dataDscr"],
    "stdyDscr": ["citation"],
    "citation": ["titlStmt", "verStmt"],
    "titlStmt": ["titl", "IDNo"],
    "verStmt": ["version"],
    "fileDscr": ["fileTxt"],
    "fileTxt": ["fileName"],
    "dataDscr": ["var"],
    "var": ["labl", "qstn", "universe", "catgry", "derivation", "varFormat", "notes"],
    "qstn": ["qstnLit", "ivuInstr"],
    "catgry": ["catValu", "labl"],
    "derivation": ["drvcmd"],
}
DDI_ATTRIBUTES = {
    "codeBook": {"version"},
    "fileDscr": {"ID"},
    "var": {"ID", "name", "files", "intrvl"},
    "varFormat": {"type"},
    "notes": {"type"},
}


@pytest.mark.parametrize("folder", ["ict-ho-gia-dinh", "indec-ict-2018"])
def test_the_ddi_has_the_structure_of_the_schema(folder: str) -> None:
    form = read_xlsform(Path("questionnaires") / folder)
    root = etree.fromstring(codebook_ddi(form))
    identities: list[str] = []
    for element in root.iter():
        name = etree.QName(element).localname
        order = DDI_ORDER.get(name, [])
        places = [order.index(etree.QName(child).localname) for child in element]
        assert places == sorted(places), name
        plain = {key for key in element.attrib if not key.startswith("{")}
        assert plain <= DDI_ATTRIBUTES.get(name, set()), name
        identities += [element.get("ID")] if element.get("ID") else []
    assert len(identities) == len(set(identities))
    assert {file for var in root.iter("{*}var") for file in var.get("files").split()} <= set(identities)
    assert len(list(root.iter("{*}var"))) == len(codebook(form))


def test_the_ddi_of_a_variable_is_complete() -> None:
    form = instrument("""
        | survey   |
        |          | type    | name | label | hint       | constraint | required | relevant |
        |          | integer | size | Size  | With you   | . < 20     | yes      | 1 = 1    |
        | settings |
        |          | form_id | version |
        |          | ho      | 7       |
        """)
    root = etree.fromstring(codebook_ddi(form))
    found = {etree.QName(e).localname: e.text for e in root.iter() if (e.text or "").strip()}
    assert {key: found[key] for key in ("version", "labl", "qstnLit", "ivuInstr", "universe", "notes")} == {
        "version": "7", "labl": "Size", "qstnLit": "Size", "ivuInstr": "With you", "universe": "1 = 1", "notes": "true()",
    }  # fmt: skip
    assert root.find(".//{*}notes[@type='constraint']").text == ". < 20"


def test_a_new_version_says_what_is_new_gone_and_changed() -> None:
    new = OLD.replace("| note          | hello  | Xin chào", "| text          | email  | Thư điện tử")
    new = new.replace("| integer       | age ", "| decimal       | age ").replace(
        "|          | yn            | no     | Không                   | No                  |\n",
        "|          | yn            | dk     | Không biết              | Do not know         |\n",
    )
    difference = compare(instrument(OLD), instrument(new))
    assert difference.new == ("email",)
    assert difference.gone == ("hello",)
    assert difference.changed == (
        Change("age", "type", "integer", "decimal"),
        Change("phone", "choices gone", "no", ""),
        Change("phone", "choices new", "", "dk"),
    )
    assert [change.aspect for change in difference.changed if change.is_breaking] == ["choices gone"]
    assert not compare(instrument(OLD), instrument(OLD))


def test_the_migration_report_says_what_becomes_of_the_data() -> None:
    new = OLD.replace("| text          | name   | Tên", "| text          | hoten  | Tên")
    new = new.replace("${age} < 90", "${age} < 99").replace(
        "| integer       | age ", "| date          | age "
    )
    lines = migration_report(compare(instrument(OLD), instrument(new)))
    assert [(line.variable, line.is_breaking) for line in lines] == [
        ("age", True), ("name", True), ("phone", False), ("name", False), ("hoten", False),
    ]  # fmt: skip
    assert lines[0].message("en") == (
        "! age: type: integer → date. Old answers may not fit the new type: they stay as they are in their version."
    )
    assert "mẫu số của tỷ lệ thay đổi" in lines[2].message("vi")
    assert lines[3].message("en").startswith("  name: perhaps renamed to hoten.")


def test_every_aspect_of_a_change_has_a_consequence() -> None:
    for aspect in (*ASPECTS, "relevant", "choices gone", "choices new", "choice a", "label::vi"):
        (line,) = migration_report(Difference((), (), (Change("a", aspect, "x", "y"),)))
        assert line.message("vi") != line.message("en")
