"""From answers to points and levels: pure, exact, and the same for the page, the PDF and the peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from survey.assessment.plan import Assessment, Criterion, Pillar

PERCENT = 100


@dataclass(frozen=True)
class PillarScore:
    """One pillar of one respondent; points in the plan's smallest unit, `maximum` of the criteria that apply.

    `level` is None where no criterion applies.
    """

    pillar: Pillar
    points: int
    maximum: int
    level: int | None
    left_out: int = 0

    @property
    def share(self) -> float | None:
        """Points in percent of the maximum."""
        return share_of(self.points, self.maximum)


@dataclass(frozen=True)
class Result:
    """The levels of one respondent, by pillar and over all; `level` None where nothing was answered."""

    pillars: tuple[PillarScore, ...]
    points: int
    maximum: int
    level: int | None

    def at_least(self, level: int) -> int:
        """How many pillars stand at a level or higher."""
        return reaching(self.pillars, level)


def assess(plan: Assessment, answers: Mapping[str, Any]) -> Result:
    """Points and levels of an answer document.

    A criterion without an answer, or with one that does not apply, leaves both the points and the maximum; the
    limits, which are shares of the maximum, then hold for the criteria that remain. Decision 1970 asks for an answer
    to every criterion; what it says of gaps is not among our documents, so this rule is ours.
    """
    pillars = tuple(score_pillar(plan, pillar, answers) for pillar in plan.pillars)
    points, maximum = sum(score.points for score in pillars), sum(score.maximum for score in pillars)
    level = overall_level(plan, pillars, points, maximum) if maximum else None
    return Result(pillars, points, maximum, level)


def score_pillar(plan: Assessment, pillar: Pillar, answers: Mapping[str, Any]) -> PillarScore:
    """Points and level of one pillar."""
    points, maximum, counted = tally(pillar, answers)
    level = pillar_level(plan.thresholds, points, maximum) if maximum else None
    return PillarScore(pillar, points, maximum, level, len(pillar.criteria) - counted)


def tally(pillar: Pillar, answers: Mapping[str, Any]) -> tuple[int, int, int]:
    """Points, maximum and number of the criteria that apply."""
    counted = [criterion for criterion in pillar.criteria if applies(criterion, answers)]
    points = sum(criterion.points[answers[criterion.variable]] for criterion in counted)
    return points, sum(criterion.maximum for criterion in counted), len(counted)


def share_of(points: int, maximum: int) -> float | None:
    """Points in percent of their maximum; None where nothing applies."""
    return PERCENT * points / maximum if maximum else None


def applies(criterion: Criterion, answers: Mapping[str, Any]) -> bool:
    """Whether the answer is one that scores."""
    answer = answers.get(criterion.variable)
    return isinstance(answer, str) and answer in criterion.points


def pillar_level(thresholds: Sequence[Fraction], points: int, maximum: int) -> int:
    """How many of the limits, in percent of the maximum, the points exceed."""
    return sum(PERCENT * points > limit * maximum for limit in thresholds)


def overall_level(plan: Assessment, pillars: Sequence[PillarScore], points: int, maximum: int) -> int:
    """The highest level whose two conditions hold; 0 where none does."""
    enough = (level for level, rule in enumerate(plan.rules, 1)
              if points > points_limit(plan, level, maximum) and reaching(pillars, level) >= rule.pillars)  # fmt: skip
    return max(enough, default=0)


def points_limit(plan: Assessment, level: int, maximum: int) -> Fraction:
    """What the points must exceed for a level of the whole, in proportion to the criteria that apply."""
    return plan.rules[level - 1].above * plan.scale * maximum / plan.maximum


def reaching(pillars: Sequence[PillarScore], level: int) -> int:
    """How many pillars stand at a level or higher."""
    return sum(score.level is not None and score.level >= level for score in pillars)
