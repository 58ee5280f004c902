"""Every questionnaire folder converts, and its files name only variables that exist."""

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyxform.xls2xform import convert

QUESTIONNAIRES = Path(__file__).parents[2] / "questionnaires"
SURVEYS = sorted(folder.name for folder in QUESTIONNAIRES.iterdir() if folder.is_dir())
FROM_CASE = {"stratum", "psu", "district", "area_type", "design_weight", "probability"}
STRUCTURE = {"note", "begin_group", "end_group", "begin_repeat", "end_repeat"}
LANGUAGES = {"vi", "en", "es"}


def rows(survey: str, sheet: str) -> list[dict[str, str]]:
    with (QUESTIONNAIRES / survey / f"{sheet}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def document(survey: str, name: str) -> dict[str, Any]:
    return yaml.safe_load((QUESTIONNAIRES / survey / f"{name}.yaml").read_text(encoding="utf-8"))


def questions(survey: str) -> set[str]:
    return {row["name"] for row in rows(survey, "survey") if row["type"] not in STRUCTURE}


def references(expression: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", expression))


def workbook(survey: str) -> dict[str, list[dict[str, Any]]]:
    sheets: dict[str, list[dict[str, Any]]] = {}
    for name in ("survey", "choices", "settings"):
        table = rows(survey, name)
        sheets[name] = [{key: cell for key, cell in row.items() if cell} for row in table]
        sheets[f"{name}_header"] = [dict.fromkeys(table[0])]
    return sheets


@pytest.mark.parametrize("survey", SURVEYS)
def test_form_converts_without_warnings(survey: str) -> None:
    result = convert(workbook(survey), validate=False)
    assert result.warnings == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="ODK Validate needs Java")
@pytest.mark.parametrize("survey", SURVEYS)
def test_form_passes_odk_validate(survey: str) -> None:
    result = convert(workbook(survey), validate=True)
    assert result.warnings == []


@pytest.mark.parametrize("survey", SURVEYS)
def test_form_id_is_the_folder_name(survey: str) -> None:
    (settings,) = rows(survey, "settings")
    assert settings["form_id"] == survey


@pytest.mark.parametrize("survey", SURVEYS)
def test_every_question_and_choice_has_its_label_in_the_complete_languages(survey: str) -> None:
    tables = {sheet: rows(survey, sheet) for sheet in ("survey", "choices")}
    missing = [
        (row["name"], column)
        for table in tables.values()
        for row in table
        for column in row
        if column.startswith("label::") and "(km)" not in column
        if not row.get("type", "").startswith("end_") and not row[column]
    ]
    assert missing == []


@pytest.mark.parametrize("survey", SURVEYS)
def test_constraints_come_with_a_message_in_every_complete_language(survey: str) -> None:
    missing = [
        (row["name"], column)
        for row in rows(survey, "survey")
        if row["constraint"]
        for column in row
        if column.startswith("constraint_message::") and "(km)" not in column and not row[column]
    ]
    assert missing == []


@pytest.mark.parametrize("survey", SURVEYS)
def test_indicators_use_only_known_variables(survey: str) -> None:
    indicators, known = document(survey, "indicators"), questions(survey) | FROM_CASE
    for name, expression in indicators["variables"].items():
        assert references(expression) <= known, name
        known.add(name)
    for name in indicators["breakdowns"]:
        assert name in known
    for indicator in indicators["indicators"]:
        used = set(indicator["questions"]).union(
            *(
                references(indicator.get(part, ""))
                for part in ("population", "numerator", "denominator", "value")
            )
        )
        assert used <= known, indicator["code"]
        assert set(indicator["questions"]) <= questions(survey), indicator["code"]
        assert set(indicator["breakdowns"]) <= set(indicators["breakdowns"]), indicator["code"]


@pytest.mark.parametrize("survey", SURVEYS)
def test_numerators_compare_with_existing_choices(survey: str) -> None:
    choices = {(row["list_name"], row["name"]) for row in rows(survey, "choices")}
    lists = {
        row["name"]: row["type"].split()[1]
        for row in rows(survey, "survey")
        if row["type"].startswith("select_")
    }
    compared = re.compile(r"\$\{(\w+)\} = '([^']*)'|selected\(\$\{(\w+)\}, '([^']*)'\)")
    indicators = document(survey, "indicators")
    parts = ("population", "numerator", "value")
    expressions = [i[part] for i in indicators["indicators"] for part in parts if part in i]
    expressions += indicators["variables"].values()
    found = [match for expression in expressions for match in compared.findall(expression)]
    assert found
    for equal_name, equal_value, selected_name, selected_value in found:
        name, value = equal_name or selected_name, equal_value or selected_value
        if name in lists:
            assert (lists[name], value) in choices


@pytest.mark.parametrize("survey", SURVEYS)
def test_indicators_have_unique_codes_known_levels_and_texts(survey: str) -> None:
    indicators, levels = document(survey, "indicators"), document(survey, "design")["levels"]
    codes = [indicator["code"] for indicator in indicators["indicators"]]
    assert len(codes) == len(set(codes))
    for indicator in indicators["indicators"]:
        assert indicator["level"] in levels
        for text in (indicator["label"], indicator["definition"]):
            assert {"vi", "en"} <= set(text) <= LANGUAGES
            assert all(text.values())
    for breakdown in indicators["breakdowns"].values():
        for text in (breakdown["label"], *breakdown.get("levels", {}).values()):
            assert set(text) <= LANGUAGES


@pytest.mark.parametrize("survey", SURVEYS)
def test_design_names_known_columns_and_files(survey: str) -> None:
    design, indicators = document(survey, "design"), document(survey, "indicators")
    known = questions(survey) | FROM_CASE | set(indicators["variables"])
    repeats = {row["name"] for row in rows(survey, "survey") if row["type"] == "begin_repeat"}
    assert design["case_variable"] is None or design["case_variable"] in known
    for level in design["levels"].values():
        assert level["rows"] == "root" or level["rows"]["repeat"] in repeats
        columns = [name for part in ("strata", "clusters", "fpc") for name in level["design"].get(part, ())]
        for step in level.get("weighting", []):
            columns += step.get("classes", []) + ([step["size"]] if "size" in step else [])
            columns += [part for margin in step.get("margins", []) for part in margin.split(":")]
            assert "controls" not in step or (QUESTIONNAIRES / survey / step["controls"]).exists()
        assert set(columns) <= known


def test_exactly_one_age_variant_of_each_target_is_held_against_it() -> None:
    indicators = document("ict-ho-gia-dinh", "indicators")["indicators"]
    held = {i["registry"]: i["code"] for i in indicators if i["held_against_target"]}
    assert held == {
        "KH54-37": "smartphone-use",
        "TV-30": "smartphone-ownership-18plus",
        "TV-29": "epayment-account-tv29",
        "TV-31": "digital-signature",
        "TV-33": "household-internet",
        "TV-36": "telehealth",
        "KH54-38": "epayment-account",
        "KH54-18": "online-shopping-12m",
        "TV-35": "online-public-services",
    }


@pytest.mark.parametrize("survey", [survey for survey in SURVEYS if survey != "indec-ict-2018"])
def test_no_question_depends_on_another_of_its_own_page(survey: str) -> None:
    """Pages must work without JavaScript: a page's questions are known when it is served."""
    page, on_page, clashes = "", {}, []
    for row in rows(survey, "survey"):
        if row["type"] == "begin_group":
            page, on_page = row["name"], {}
        for column in ("relevant", "choice_filter"):
            named = references(row.get(column, ""))
            clashes += [(page, row["name"]) for name in named if name in on_page]
        on_page[row["name"]] = row
    assert clashes == []


@pytest.mark.parametrize("survey", ["ict-ho-gia-dinh", "y-kien"])
def test_place_of_residence_offers_the_124_communes_by_former_province(survey: str) -> None:
    communes = [row for row in rows(survey, "choices") if row["list_name"] == "commune"]
    provinces = [row["former_province"] for row in communes]
    assert len({row["name"] for row in communes}) == 124
    assert {code: provinces.count(code) for code in ("83", "84", "86")} == {"83": 48, "84": 41, "86": 35}
