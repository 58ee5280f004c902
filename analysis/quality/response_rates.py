"""Response rates RR1 to RR6 of AAPOR (Standard Definitions, 10th edition, 2023)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import pandas as pd

from analysis.errors import SurveyError


@dataclass(frozen=True)
class Dispositions:
    """Final outcomes, counted or weighted: interviews, eligible non-interviews, unknown eligibility.

    In AAPOR's letters: complete I, partial P, refusal (and break-off) R, non_contact NC, other O,
    unknown_household UH, unknown_other UO. Raises `SurveyError` for a number below 0 or missing.
    """

    complete: float
    partial: float = 0.0
    refusal: float = 0.0
    non_contact: float = 0.0
    other: float = 0.0
    unknown_household: float = 0.0
    unknown_other: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, Real) or not 0 <= float(value) < math.inf:
                raise SurveyError(f"disposition {name} is {value!r}; it must be 0 or more")

    @property
    def eligible(self) -> float:
        """Cases known to be eligible, interviewed or not: I + P + R + NC + O."""
        return self.complete + self.partial + self.refusal + self.non_contact + self.other

    @property
    def unknown(self) -> float:
        """Cases whose eligibility is not known: UH + UO."""
        return self.unknown_household + self.unknown_other

    @classmethod
    def from_codes(
        cls, codes: pd.Series, meaning: Mapping[object, str], weight: pd.Series | None = None
    ) -> Dispositions:
        """Count (or weight) disposition codes; `meaning` maps each code to a field or to "ineligible".

        `codes` and `weight` have a value per case (n). Raises `SurveyError` for a code without a meaning, a
        meaning that is no field, a missing code or weight.
        """
        strange = set(meaning.values()) - {*cls.__dataclass_fields__, "ineligible"}
        if strange:
            raise SurveyError(
                f"{sorted(strange)[0]!r} is no disposition; use {', '.join(cls.__dataclass_fields__)}"
            )
        unknown = set(codes.dropna().unique()) - set(meaning)
        if unknown or codes.isna().any():
            shown = sorted(map(str, unknown)) or "missing values"
            raise SurveyError(f"disposition codes without a meaning: {shown}")
        values = pd.Series(1.0, index=codes.index) if weight is None else weight.reindex(codes.index)
        if values.isna().any():
            raise SurveyError(f"case {values.index[values.isna()].tolist()[0]!r} has no weight")
        sums = values.groupby(codes.map(dict(meaning))).sum()
        return cls(**{name: float(sums.get(name, 0.0)) for name in cls.__dataclass_fields__})


def response_rates(dispositions: Dispositions, eligibility: float | None = None) -> dict[str, float]:
    """RR1 to RR6; `eligibility` is the share e of unknown cases that are eligible (RR3 and RR4 need it).

    Without e every unknown case counts as eligible, the cautious choice, so that RR3 = RR1 and RR4 = RR2.
    RR5 and RR6 take no unknown case as eligible, the largest rates. Returns shares from 0 to 1, NaN where
    there is no case. Raises `SurveyError` for an eligibility outside 0 to 1. Source: AAPOR, Standard
    Definitions, 10th edition (2023), "Response rates".
    """
    share = 1.0 if eligibility is None else eligibility
    if not 0 <= share <= 1:
        raise SurveyError(f"eligibility {eligibility!r} must be a share between 0 and 1")
    d = dispositions
    interviews = {"complete": d.complete, "with_partial": d.complete + d.partial}
    bases = {"all": d.eligible + d.unknown, "estimated": d.eligible + share * d.unknown, "known": d.eligible}
    rates = {
        "RR1": (interviews["complete"], bases["all"]),
        "RR2": (interviews["with_partial"], bases["all"]),
        "RR3": (interviews["complete"], bases["estimated"]),
        "RR4": (interviews["with_partial"], bases["estimated"]),
        "RR5": (interviews["complete"], bases["known"]),
        "RR6": (interviews["with_partial"], bases["known"]),
    }
    return {name: top / base if base > 0 else math.nan for name, (top, base) in rates.items()}
