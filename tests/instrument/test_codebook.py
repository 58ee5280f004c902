"""What the data's users read about each variable, and what a new version changes for them."""

from __future__ import annotations

import csv
from io import StringIO

from survey.instrument import (
    Change,
    Difference,
    codebook,
    codebook_csv,
    compare,
    migration_report,
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
    assert variables["name"].label == {"vi": "Tên"}  # no English where nobody has translated it


def test_the_codebook_as_csv_has_a_row_per_variable() -> None:
    rows = list(csv.DictReader(StringIO(codebook_csv(instrument(OLD)))))
    assert [row["name"] for row in rows] == ["age", "phone", "name", "adult"]
    assert rows[1]["choices"] == "yes=Có; no=Không"


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
