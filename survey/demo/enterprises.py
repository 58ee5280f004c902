"""Synthetic enterprises that assess themselves: what they are, and how far they say they have come."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from survey.assessment.plan import Assessment, Criterion

Answers = dict[str, Any]
# Shares of our own making, so that some groups of peers have enough members and others have not.
SECTORS = {
    "trade": 0.42,
    "other_services": 0.16,
    "industry": 0.12,
    "accommodation": 0.10,
    "agriculture": 0.07,
    "construction": 0.05,
    "transport": 0.05,
    "information": 0.03,
}
PROVINCES = {"86": 0.4, "83": 0.3, "84": 0.3}
MATURITY = {"information": 0.8, "accommodation": 0.2, "agriculture": -0.4}


@dataclass(frozen=True)
class Size:
    """A size class: how often it occurs, its employees, what it tells of revenue and capital, its lead."""

    share: float
    employees: tuple[int, int]
    revenue: str
    capital: str
    lead: float


SIZES = (
    Size(0.62, (1, 10), "le3", "le3", -0.2),
    Size(0.30, (11, 50), "le50", "le20", 0.2),
    Size(0.08, (51, 100), "le200", "le100", 0.6),
)


def enterprise(plan: Assessment, number: int, seed: int) -> Answers:
    """A complete, valid answer document; the same number and seed give the same enterprise."""
    rng = np.random.default_rng([seed, number])
    size = SIZES[int(rng.choice(len(SIZES), p=[size.share for size in SIZES]))]
    sector = _drawn(rng, SECTORS)
    maturity = rng.normal(size.lead + MATURITY.get(sector, 0.0), 0.7)
    answers: Answers = {
        "consent": "yes",
        "former_province": _drawn(rng, PROVINCES),
        "sector": sector,
        "employees": int(rng.integers(size.employees[0], size.employees[1] + 1)),
        "revenue": size.revenue,
        "capital": size.capital,
    }
    for pillar in plan.pillars:
        own = maturity + rng.normal(0, 0.4)
        answers |= {criterion.variable: _answer(criterion, own, rng) for criterion in pillar.criteria}
    return _consistent(answers)


def _drawn(rng: np.random.Generator, shares: dict[str, float]) -> str:
    return str(rng.choice(list(shares), p=list(shares.values())))


def _answer(criterion: Criterion, maturity: float, rng: np.random.Generator) -> str:
    """A rung around the middle, higher for the more mature."""
    top = len(criterion.ladder) - 1
    rung = round(top / 2 + maturity + rng.normal(0, 1.0))
    return criterion.ladder[min(top, max(0, rung))]


def _consistent(answers: Answers) -> Answers:
    """No revenue across borders without any online (edits.yaml)."""
    return answers | ({"dbi_06": "0"} if answers["dbi_05"] == "0" else {})
