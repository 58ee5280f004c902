"""Every reference case of the groups covered so far, one test each."""

from __future__ import annotations

import pytest

from tests.reference.cases import HERE, Case, Datasets, read_cases
from tests.reference.run import failures

NOT_YET = {
    "chisq",
    "ciprop",
    "glm",
    "poststratify",
    "quantile",
    "rake",
    "ranktest",
    "replicate_chisq",
    "replicate_contrast",
    "replicate_glm",
    "replicate_quantile",
    "sae_bhf",
    "sae_fay_herriot",
    "ttest",
}
CASES = [case for case in read_cases(HERE / "public.json.gz") if case.group not in NOT_YET]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_agrees_with_r(case: Case) -> None:
    assert failures(case, Datasets(HERE / "data")) == []
