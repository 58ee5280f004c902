"""Several weighting steps one after the other: the linearised error agrees with replicates that redo them."""

import numpy as np
import pandas as pd
import pytest

from analysis import Design

N_PSU, PER_PSU, N_STRATA = 40, 12, 4


def survey(seed: int) -> pd.DataFrame:
    """Respondents and others in 160 PSUs; both steps' classes explain the outcome."""
    rng = np.random.default_rng(seed)
    n = N_STRATA * N_PSU * PER_PSU
    data = pd.DataFrame({"stratum": np.repeat(np.arange(N_STRATA), N_PSU * PER_PSU)})
    data["psu"] = np.repeat(np.arange(N_STRATA * N_PSU), PER_PSU)
    data["w"] = 5.0 + data["stratum"]
    data["area"] = np.where(rng.random(n) < 0.3, "urban", "rural")
    # The groups of the second step go along with the classes of the first: then the order of the two matters.
    odds = np.where(data["area"] == "urban", 0.8, 0.2)
    data["group"] = np.where(rng.random(n) < odds, "c", rng.choice(["a", "b"], n))
    chance = np.where(data["area"] == "urban", 0.5, 0.85)
    data["responded"] = rng.random(n) < chance
    of_psu = rng.normal(0, 1, N_STRATA * N_PSU)[data["psu"]]
    data["y"] = (
        10
        + 3 * (data["area"] == "urban")
        + 4.0 * data["group"].map({"a": 0, "b": 1, "c": 2})
        + of_psu
        + rng.normal(0, 1, n)
    )
    return data


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_linearised_error_of_a_chain_agrees_with_the_jackknife_that_redoes_it(seed: int) -> None:
    data = survey(seed)
    totals = data.groupby("group")["w"].sum() * np.array([0.9, 1.0, 1.15])
    chain = Design(data, weight="w", strata=["stratum"], clusters=["psu"])
    chain = chain.adjust_nonresponse("responded", classes=["area"]).rake({"group": totals})
    linearised = chain.mean("y")["se"][0]
    jackknife = chain.to_replicates("jkn").mean("y")["se"][0]
    assert linearised == pytest.approx(jackknife, rel=0.02)
