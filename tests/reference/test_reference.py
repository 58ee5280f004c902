"""Every reference case, one test each."""

from __future__ import annotations

import pytest

from tests.reference.cases import HERE, Case, Datasets, read_cases
from tests.reference.run import failures

CASES = [*read_cases(HERE / "public.json.gz"), *read_cases(HERE / "further.json.gz")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_agrees_with_r(case: Case) -> None:
    assert failures(case, Datasets(HERE / "data")) == []
