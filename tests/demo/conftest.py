import pytest

from survey.demo.population import Population, synthesize


@pytest.fixture(scope="session")
def population() -> Population:
    return synthesize()
