"""Calibration totals agree with each other, the census and the files in the questionnaire folder."""

import pandas as pd
import pytest

from survey.demo import frame

ADULTS = 2_618_651
HOUSEHOLDS = 985_926


@pytest.fixture(scope="module")
def controls() -> pd.DataFrame:
    return frame.controls()


@pytest.mark.parametrize(
    ("name", "derive"),
    [("controls.csv", frame.controls), ("controls_household.csv", frame.household_controls)],
)
def test_files_equal_a_new_derivation(name: str, derive: object) -> None:
    stored = pd.read_csv(frame.QUESTIONNAIRE / name, dtype={"level": str})
    assert callable(derive)
    pd.testing.assert_frame_equal(stored, derive())


def test_every_margin_of_persons_has_the_census_total(controls: pd.DataFrame) -> None:
    totals = controls.groupby("margin")["total"].sum()
    assert totals.to_dict() == dict.fromkeys(["sex:area_type", "age_group:area_type", "district"], ADULTS)


def test_every_margin_of_households_has_the_census_total() -> None:
    totals = frame.household_controls().groupby("margin")["total"].sum()
    assert totals.to_dict() == {"area_type": HOUSEHOLDS, "district": HOUSEHOLDS}


def test_urban_totals_agree_between_sex_and_age(controls: pd.DataFrame) -> None:
    crossed = controls[controls["margin"].str.contains(":")]
    area = crossed["level"].str.split(":").str[1].rename("area")
    totals = crossed.groupby(["margin", area])["total"].sum().unstack()
    assert totals.loc["sex:area_type"].to_dict() == {"rural": 2_238_336, "urban": 380_315}
    assert (totals.loc["sex:area_type"] == totals.loc["age_group:area_type"]).all()


def test_all_26_former_districts_have_a_total(controls: pd.DataFrame) -> None:
    districts = controls.loc[controls["margin"] == "district", "level"]
    assert len(districts) == districts.nunique() == 26


def test_totals_say_that_they_are_test_data_and_from_where(controls: pd.DataFrame) -> None:
    assert controls["source"].str.startswith("TEST DATA. 2019").all()
    fitted = controls.loc[controls["margin"] == "sex:area_type", "source"]
    assert fitted.str.contains("iterative proportional fitting").all()


def test_fit_meets_both_margins() -> None:
    table = frame.fit(
        pd.DataFrame([[1.0, 2.0], [3.0, 1.0]]).to_numpy(),
        pd.Series([40.0, 60.0]).to_numpy(),
        pd.Series([30.0, 70.0]).to_numpy(),
    )
    assert table.sum(axis=1) == pytest.approx([40, 60])
    assert table.sum(axis=0) == pytest.approx([30, 70])
    # Fitting keeps the seed's odds ratio (1 * 1) / (2 * 3).
    assert table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]) == pytest.approx(1 / 6)


def test_fit_refuses_margins_with_different_sums() -> None:
    with pytest.raises(frame.MarginsNotMet, match="not met after 200 rounds"):
        frame.fit(
            pd.DataFrame([[1.0, 2.0], [3.0, 1.0]]).to_numpy(),
            pd.Series([40.0, 60.0]).to_numpy(),
            pd.Series([30.0, 80.0]).to_numpy(),
        )


def test_men_of_all_ages_would_be_the_census_count() -> None:
    """The fit behind sex at 15+ starts from all ages: with under-15s the male total is the published one."""
    profile, shape = frame.age_profile(), frame.sex_by_age_shape()
    urban = profile[(profile["district"] == "829") & (profile["area_type"] == "urban")]
    males = frame.males_of_cell(urban, pd.Series([29735.0, 33638.0]).to_numpy(), shape)
    assert males.sum() == pytest.approx(29735)


def test_enumeration_areas_hold_all_households_of_124_communes() -> None:
    areas = frame.enumeration_areas()
    assert areas["psu"].is_unique
    assert areas["households"].sum() == HOUSEHOLDS
    assert areas["commune"].nunique() == 124
    assert areas["stratum"].nunique() == 50  # 26 districts, two of them without a town
    assert areas["households"].between(30, 200).all()
    assert areas.groupby("stratum").size().min() >= 2
