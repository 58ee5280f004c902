"""What would lift a pillar by one level: the fewest single steps, and where to take them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from survey.assessment.plan import Assessment, Criterion
from survey.assessment.scoring import PERCENT, PillarScore, applies

Cost = tuple[int, int]
"""Steps, then effort: a first step from nothing is easier than the last to perfection, and than a second in a row."""


@dataclass(frozen=True)
class Change:
    """One criterion to raise, from the choice given to a higher one; `gain` in the plan's smallest unit of points."""

    criterion: Criterion
    now: str
    then: str
    steps: int
    gain: int


@dataclass(frozen=True)
class Lift:
    """The cheapest way for a pillar to its next level; `missing` is what its points lack for it."""

    score: PillarScore
    level: int
    missing: int
    changes: tuple[Change, ...]

    @property
    def steps(self) -> int:
        """How many single steps it takes."""
        return sum(change.steps for change in self.changes)


@dataclass(frozen=True)
class Climb:
    """The rungs above an answer: on which it stands, and what each number of steps up would add."""

    rung: int
    gains: tuple[int, ...]


def lift(
    plan: Assessment, score: PillarScore, answers: Mapping[str, Any], to: int | None = None
) -> Lift | None:
    """How a pillar comes to its next level, or to a level further up; None where it is there or nothing applies.

    A step raises one criterion by one rung. The way has the fewest steps there can be, and among those the least
    effort: low rungs first, spread over several criteria.
    """
    if score.level is None or score.level >= (plan.top if to is None else to):
        return None
    level = score.level + 1 if to is None else to
    missing = floor(plan.thresholds[level - 1] * score.maximum / PERCENT) + 1 - score.points
    counted = [criterion for criterion in score.pillar.criteria if applies(criterion, answers)]
    climbs = [_climb(criterion, answers[criterion.variable]) for criterion in counted]
    taken = cheapest(climbs, missing)
    changes = (_change(criterion, answers[criterion.variable], climb, steps)
               for criterion, climb, steps in zip(counted, climbs, taken, strict=True) if steps)  # fmt: skip
    return Lift(score, level, missing, tuple(changes))


def cheapest(climbs: Sequence[Climb], needed: int) -> tuple[int, ...]:
    """How many steps to take on each climb so that the gains reach `needed` at the least cost.

    Exact: of all ways to the same gain only the cheapest is carried on. Raises KeyError where all steps together
    gain too little, which a limit below the maximum rules out.
    """
    best: dict[int, tuple[Cost, tuple[int, ...]]] = {0: ((0, 0), ())}
    for climb in reversed(
        climbs
    ):  # so that of ways at the same cost the one with earlier criteria is met first
        further: dict[int, tuple[Cost, tuple[int, ...]]] = {}
        for gain, ((steps, effort), taken) in best.items():
            for more, added in enumerate((0, *climb.gains)):
                reached = min(needed, gain + added)
                cost = steps + more, effort + effort_of(climb.rung, more)
                if reached not in further or cost < further[reached][0]:
                    further[reached] = cost, (more, *taken)
        best = further
    return best[needed][1]


def effort_of(rung: int, steps: int) -> int:
    """A step counts the rung it starts from, and how many were taken before it on the same criterion."""
    return sum(rung + 2 * taken for taken in range(steps))


def _climb(criterion: Criterion, answer: str) -> Climb:
    rung = criterion.rung(answer)
    now = criterion.points[answer]
    return Climb(rung, tuple(criterion.points[name] - now for name in criterion.ladder[rung + 1 :]))


def _change(criterion: Criterion, answer: str, climb: Climb, steps: int) -> Change:
    then = criterion.ladder[climb.rung + steps]
    return Change(criterion, answer, then, steps, climb.gains[steps - 1])
