"""What a self-assessment is made of, as a questionnaire's assessment.yaml says it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

Words = Mapping[str, str]


@dataclass(frozen=True)
class Criterion:
    """One question that scores: its choices and what each is worth, in the plan's smallest unit of points.

    A choice that is not there does not apply, as an empty answer: the criterion then counts nowhere.
    """

    variable: str
    points: Mapping[str, int]

    @cached_property
    def maximum(self) -> int:
        """What its best choice is worth."""
        return max(self.points.values())

    @cached_property
    def ladder(self) -> tuple[str, ...]:
        """One choice for each score, from the lowest: a step is from one to the next."""
        by_points = {points: choice for choice, points in reversed(self.points.items())}
        return tuple(by_points[points] for points in sorted(by_points))

    def rung(self, choice: str) -> int:
        """On which step of the ladder a choice stands, from 0."""
        scores = [self.points[name] for name in self.ladder]
        return scores.index(self.points[choice])


@dataclass(frozen=True)
class Advice:
    """What to do next from a level upwards; without a source nobody has approved it yet."""

    level: int
    text: Words
    source: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Pillar:
    """Criteria that make one axis."""

    code: str
    label: Words
    short: Words
    criteria: tuple[Criterion, ...]
    advice: tuple[Advice, ...] = ()

    def advice_at(self, level: int) -> Advice | None:
        """What is advised at a level: the entry of that level, or of the nearest one below."""
        return next((entry for entry in reversed(self.advice) if entry.level <= level), None)


@dataclass(frozen=True)
class Rule:
    """What a level of the whole needs: more points than `above`, and so many pillars at that level."""

    above: Fraction
    pillars: int


@dataclass(frozen=True)
class PeerPlan:
    """Whom a respondent is compared with: groups by the names of variables, the narrowest first."""

    minimum: int
    groups: tuple[tuple[str, ...], ...]
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Every variable that makes a group."""
        return tuple(dict.fromkeys(name for group in self.groups for name in group))


@dataclass(frozen=True)
class Assessment:
    """A self-assessment; points are whole multiples of 1/`scale`, so that a limit is met exactly or not at all.

    `thresholds` are percents of a pillar's maximum, the n-th to be exceeded for level n; `rules` the same for the
    whole; `variables` the expressions that give the peers' groups, in the order in which they need each other, and
    `asked` the questions that these rest on.
    """

    address: str
    title: Words
    about: Words
    method: Words
    names: tuple[Words, ...]
    thresholds: tuple[Fraction, ...]
    rules: tuple[Rule, ...]
    pillars: tuple[Pillar, ...]
    peers: PeerPlan
    scale: int
    variables: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()

    @cached_property
    def maximum(self) -> int:
        """The points of the best answers to every criterion."""
        return sum(criterion.maximum for pillar in self.pillars for criterion in pillar.criteria)

    @property
    def top(self) -> int:
        """The highest level."""
        return len(self.thresholds)

    @cached_property
    def scoring(self) -> str:
        """SHA-256 of all that turns answers into levels, texts left out: only equal ones may be compared."""
        content: list[Any] = [
            [
                [pillar.code, [[c.variable, dict(c.points)] for c in pillar.criteria]]
                for pillar in self.pillars
            ],
            [str(limit) for limit in self.thresholds],
            [[str(rule.above), rule.pillars] for rule in self.rules],
            self.scale,
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()
