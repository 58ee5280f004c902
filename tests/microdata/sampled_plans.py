"""Plans for the sampled survey that tests start from."""

from dataclasses import replace
from typing import Any

from survey.microdata.plan import Chosen, Plan

ACTIVITIES = "activities_on_the_internet_in_three_months"
AGE_BANDS = "15, 18, 30, 45, 60, 75"


def plan(*variables: Chosen, **options: Any) -> Plan:
    """Sex, age in bands and kind of place as keys; the other answers, income rounded; `variables` come in their place."""
    chosen = {
        one.name: one
        for one in (
            Chosen("sex", "key"),
            Chosen("age", "key", AGE_BANDS),
            Chosen("area_type", "key"),
            Chosen("smartphone"),
            Chosen(ACTIVITIES),
            Chosen("income"),
            *variables,
        )
    }
    return replace(Plan("adult", tuple(chosen.values())), **options)
