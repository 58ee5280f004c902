"""Within which limits a line's values lie: by its unit, or by a row of its own in units.csv."""

from dataclasses import dataclass
from functools import cache

from survey.registry.files import number, rows
from survey.registry.models import Indicator

SHARE = "share"
GREATEST_STEP = {"share": 20.0}
"""Points between two periods from which a share is looked at again."""
GREATEST_FACTOR = 2.0
"""How many times more, or fewer, from which anything else is."""


@dataclass(frozen=True)
class Limits:
    """Least and greatest value, None for no limit; `whole` for what is counted in whole numbers."""

    kind: str
    low: float | None
    high: float | None
    whole: bool

    def jumps(self, before: float, now: float) -> bool:
        """Whether the step from one period to the next is so great that it may be an error."""
        if self.kind in GREATEST_STEP:
            return abs(now - before) > GREATEST_STEP[self.kind]
        small, great = sorted((abs(before), abs(now)))
        return great > GREATEST_FACTOR * small and great > 1


@cache
def _known() -> dict[tuple[str, str], Limits]:
    return {
        (row["unit"], row["line"]): Limits(
            row["kind"], number(row["low"]), number(row["high"]), row["whole"] == "yes"
        )
        for row in rows("units.csv")
    }


def limits_of(line: Indicator) -> Limits:
    """The limits of a line; every unit of an administrative line has its row."""
    known = _known()
    return known.get((line.unit, line.code)) or known[line.unit, ""]
