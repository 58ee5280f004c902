"""INDEC's files give INDEC's figures, and every row fits the questionnaire."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from survey.instrument import check, read_xlsform

FOLDER = Path(__file__).parents[2] / "questionnaires" / "indec-ict-2018"
IMPORT = yaml.safe_load((FOLDER / "import.yaml").read_text(encoding="utf-8"))["levels"]
INDICATORS = yaml.safe_load((FOLDER / "indicators.yaml").read_text(encoding="utf-8"))["indicators"]


def table(level: dict[str, Any]) -> pd.DataFrame:
    return pd.read_csv(
        FOLDER / level["file"], sep=level["delimiter"], dtype=str, keep_default_na=False, quotechar='"'
    )


@pytest.fixture(scope="module")
def households() -> pd.DataFrame:
    return table(IMPORT["household"])


@pytest.fixture(scope="module")
def persons() -> pd.DataFrame:
    return table(IMPORT["person"])


def share(column: pd.Series, weight: pd.Series) -> float:
    return float(100 * weight[column == "1"].sum() / weight.sum())


def test_keys_identify_rows_and_every_person_has_a_household(
    households: pd.DataFrame, persons: pd.DataFrame
) -> None:
    assert len(households) == 18_600
    assert len(persons) == 54_178
    assert not households.duplicated(IMPORT["household"]["key"]).any()
    assert not persons.duplicated(IMPORT["person"]["key"]).any()
    parents = pd.MultiIndex.from_frame(households[IMPORT["household"]["key"]])
    assert pd.MultiIndex.from_frame(persons[IMPORT["person"]["parent_key"]]).isin(parents).all()


def test_a_persons_weight_and_stratum_are_the_households(
    households: pd.DataFrame, persons: pd.DataFrame
) -> None:
    joined = persons.merge(households, on=["CODUSU", "NRO_HOGAR"], suffixes=("", "_household"))
    assert (joined["POND_TIC"] == joined["POND_TIC_household"]).all()
    assert (joined["AGLOMERADO"] == joined["AGLOMERADO_household"]).all()


@pytest.mark.parametrize("level", ["household", "person"])
def test_every_value_is_a_choice_or_a_positive_number(level: str) -> None:
    survey = pd.read_csv(FOLDER / "survey.csv", dtype=str, keep_default_na=False).set_index("name")
    choices = pd.read_csv(FOLDER / "choices.csv", dtype=str, keep_default_na=False)
    data = table(IMPORT[level])
    for question, column in IMPORT[level]["columns"].items():
        kind, _, list_name = str(survey.at[question, "type"]).partition(" ")
        values = data[column] if survey.at[question, "required"] else data.loc[data[column] != "", column]
        if kind == "select_one":
            assert set(values) <= set(choices.loc[choices["list_name"] == list_name, "name"]), question
        elif kind == "integer":
            assert (values.astype(int) >= 1).all(), question
        else:
            assert values.str.len().eq(29).all(), question


@pytest.fixture(scope="module")
def submissions(households: pd.DataFrame, persons: pd.DataFrame) -> list[dict[str, Any]]:
    members: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in persons.to_dict("records"):
        key = tuple(row[column] for column in IMPORT["person"]["parent_key"])
        members.setdefault(key, []).append(answers(row, IMPORT["person"]["columns"]))
    return [
        answers(row, IMPORT["household"]["columns"])
        | {"person": members[tuple(row[column] for column in IMPORT["household"]["key"])]}
        for row in households.to_dict("records")
    ]


def answers(row: dict[Any, Any], columns: dict[str, str]) -> dict[str, Any]:
    integers = {"nro_hogar", "pond_tic", "componente", "respondente"}
    cells = {question: row[column] for question, column in columns.items() if row[column]}
    return {question: int(cell) if question in integers else cell for question, cell in cells.items()}


def test_every_household_is_a_valid_submission(submissions: list[dict[str, Any]]) -> None:
    instrument = read_xlsform(FOLDER)
    assert sum(len(submission["person"]) for submission in submissions) == 54_178
    assert [found for submission in submissions if (found := check(instrument, submission).faults)] == []


def test_a_wrong_code_is_refused(submissions: list[dict[str, Any]]) -> None:
    wrong = submissions[0] | {"ih_ii_01": "3"}
    (fault,) = check(read_xlsform(FOLDER), wrong).faults
    assert (fault.variable, fault.kind) == ("ih_ii_01", "choice")


def test_one_person_has_no_respondent(persons: pd.DataFrame) -> None:
    assert (persons["RESPONDENTE"] == "").sum() == 1


@pytest.mark.parametrize(
    "indicator", [i for i in INDICATORS if "reference" in i], ids=lambda indicator: indicator["code"]
)
def test_shares_equal_the_reference_and_the_published_figure(
    indicator: dict[str, Any], persons: pd.DataFrame
) -> None:
    column = IMPORT["person"]["columns"][indicator["questions"][0]]
    estimate = share(persons[column], persons["POND_TIC"].astype(int))
    assert estimate == pytest.approx(indicator["reference"]["estimate"], rel=1e-12)
    if "published" in indicator:
        assert round(estimate, indicator["published"]["decimals"]) == indicator["published"]["value"]


def test_dropping_no_answer_would_change_the_computer_figure(persons: pd.DataFrame) -> None:
    answered = persons[persons["IP_III_05"] != "9"]
    assert round(share(answered["IP_III_05"], answered["POND_TIC"].astype(int)), 1) == 42.7
