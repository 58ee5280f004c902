"""INDEC's survey of access to and use of information technology, 2018, against R survey 4.1-1."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis import Design

FOLDER = Path(__file__).parents[2] / "questionnaires" / "indec-ict-2018" / "microdata"
PERSONS = FOLDER / "EPH_usu_Indiv_tic_t418.txt.gz"
EXPECTED = {  # percent, standard error in points, design effect with replacement
    "internet": ("IP_III_04", 77.680700719406, 0.4113590741696, 5.28765883457881),
    "computer": ("IP_III_05", 42.6221500908235, 0.503282950996273, 5.61125190496965),
    "mobile": ("IP_III_06", 83.5115990621773, 0.307105373079296, 3.7107734751071),
}


@pytest.mark.skipif(not PERSONS.exists(), reason="the microdata are not in this checkout yet")
@pytest.mark.parametrize("indicator", EXPECTED)
def test_published_shares_of_persons(indicator: str) -> None:
    column, percent, error, deff = EXPECTED[indicator]
    persons = pd.read_csv(PERSONS, sep=";")
    persons[indicator] = (persons[column] == 1).astype(int)  # no answer stays in the denominator
    design = Design(persons, weight="POND_TIC", strata="AGLOMERADO", clusters="CODUSU")

    row = design.mean(indicator, deff="replace").iloc[0]

    assert 100 * row["estimate"] == pytest.approx(percent, rel=1e-12)
    assert 100 * row["se"] == pytest.approx(error, rel=1e-9)
    assert row["deff"] == pytest.approx(deff, rel=1e-9)
    assert row["n"] == 54178
