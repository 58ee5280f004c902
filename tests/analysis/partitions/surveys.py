"""Generated samples that are awkward to read in parts."""

from __future__ import annotations

import numpy as np
import pandas as pd

OPTIONS = {"weight": "w", "strata": "district", "clusters": "hamlet"}


def households(n: int = 3000, seed: int = 7) -> pd.DataFrame:
    """Persons in 8 districts of 5 hamlets (ids start again in each), hamlets sorted apart over the rows.

    District 8 stands at the end only; income is missing for a tenth.
    """
    rng = np.random.default_rng(seed)
    district = np.sort(rng.integers(1, 9, n))
    data = pd.DataFrame({"district": [f"D{d}" for d in district], "hamlet": rng.integers(1, 6, n)})
    data["w"] = np.round(rng.uniform(5, 40, n), 2)
    data.loc[rng.random(n) < 0.03, "w"] = 0.0
    data["sex"] = pd.Categorical(rng.choice(["nam", "nữ"], n), ["nữ", "nam"])
    data["age"] = rng.choice(["15-29", "30-59", "60+", None], n, p=[0.3, 0.4, 0.28, 0.02])
    data["income"] = 100 + rng.gamma(2, 20, n)
    data.loc[rng.random(n) < 0.1, "income"] = np.nan
    data["online"] = rng.integers(0, 2, n)
    data["phone"] = rng.choice(["basic", "none", "smart"], n)
    data.loc[district < 8, "phone"] = rng.choice(["none", "smart"], int((district < 8).sum()))
    data["hours"] = np.where(data["online"] == 1, rng.poisson(9, n), 0)
    data["responded"] = (rng.random(n) < 0.8).astype(int)
    data["hamlets"] = 40
    data["population"] = 1000 * district
    return data


MARGINS = {
    "sex": {"nam": 31_000.0, "nữ": 35_000.0},
    "district": {f"D{d}": 8250.0 for d in range(1, 9)},
}
