"""What a set of totals changes against the one in use, before anybody accepts it."""

from collections.abc import Iterable
from dataclasses import dataclass

from survey.process.recipes import service
from survey.process.recipes.models import ControlSet
from survey.rounds.models import Round

SURE_FROM = 0.1
"""A population that is this much larger or smaller than the one in use is asked about."""


@dataclass(frozen=True)
class Change:
    """One total as it is in use and as it would be; a side is None where there is none."""

    margin: str
    level: str
    before: float | None
    after: float | None

    @property
    def share(self) -> float | None:
        """The change in percent of the total in use."""
        if not self.before or self.after is None:
            return None
        return 100.0 * (self.after / self.before - 1.0)


def in_use(round_: Round, file: str, but: ControlSet | None = None) -> dict[tuple[str, str], float]:
    """The totals that stand for a file now: of the newest accepted set, else the questionnaire's own."""
    accepted = [
        each for each in service.accepted_sets(round_.survey) if each.file == file and each is not but
    ]
    if accepted:
        return {(row.margin, row.level): row.total for row in accepted[0].totals}
    own = [row for row in round_.instrument_version.controls if row.get("file") == file]
    return {(row["margin"], row["level"]): float(row["total"]) for row in own}


def changes(round_: Round, proposed: ControlSet) -> list[Change]:
    """Every total beside the one in use, in the order of the file; those that fall away come last."""
    before = in_use(round_, proposed.file, proposed)
    after = {(row.margin, row.level): row.total for row in proposed.totals}
    return [Change(*key, before.get(key), after.get(key)) for key in dict.fromkeys([*after, *before])]


def population_change(found: Iterable[Change]) -> float | None:
    """By which share the population of the first margin that both have grew; None where they share none."""
    both = [each for each in found if each.before is not None and each.after is not None]
    first = [each for each in both if each.margin == both[0].margin]
    before = sum(each.before or 0.0 for each in first)
    return sum(each.after or 0.0 for each in first) / before - 1.0 if before else None


def needs_sureness(found: Iterable[Change]) -> bool:
    """Whether the population changes so much that somebody has to say that this is meant."""
    change = population_change(found)
    return change is not None and abs(change) > SURE_FROM
