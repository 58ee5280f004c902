"""The DBI's scores and the decree's size classes, against rules written down independently."""

import random
from typing import Any

import pandas as pd
import pytest

from survey.instrument import check
from survey.process.weighting import add_variables
from tests.questionnaires.library import document, instrument, random_walk

DBI = "dbi-dnnvv"
SIZES = {1: 13, 2: 1, 3: 16, 4: 13, 5: 10, 6: 7}  # criteria of each pillar, decision 1970/QĐ-BTTTT
MAXIMA = {1: 65, 2: 25, 3: 80, 4: 65, 5: 50, 6: 35}
CONDITIONS = {
    1: (20, 4),
    2: (64, 4),
    3: (128, 4),
    4: (192, 5),
    5: (256, 6),
}  # points above, pillars at the level
FIRM = {"consent": "yes", "sector": "trade", "employees": 8, "revenue": "le10", "capital": "le3"}


def criteria() -> list[tuple[str, int]]:
    """Each criterion with its pillar, in order."""
    pillars = [pillar for pillar, size in SIZES.items() for _ in range(size)]
    return [(f"dbi_{number:02}", pillar) for number, pillar in enumerate(pillars, 1)]


def scored(answers: dict[str, Any]) -> dict[str, Any]:
    """What the form computes."""
    checked = check(instrument(DBI), FIRM | {"former_province": "86"} | answers)
    assert checked.faults == ()
    return checked.answers


def pillar_level(points: int, most: int) -> int:
    return sum(100 * points > limit * most for limit in (10, 20, 40, 60, 80))


def expected(answers: dict[str, Any]) -> tuple[int, list[int], int]:
    """Total, pillar levels and overall level by definition."""
    points = dict.fromkeys(SIZES, 0)
    for name, pillar in criteria():
        points[pillar] += int(answers[name])
    levels = [pillar_level(points[pillar], MAXIMA[pillar]) for pillar in SIZES]
    total = sum(points.values())
    reached = [
        level
        for level, (above, pillars) in CONDITIONS.items()
        if total > above and sum(one >= level for one in levels) >= pillars
    ]
    return total, levels, max(reached, default=0)


def uniform(score: int) -> dict[str, Any]:
    """The same score on every criterion; the strategy counts five times."""
    return {name: str(5 * score if pillar == 2 else score) for name, pillar in criteria()}


def test_60_criteria_320_points() -> None:
    assert len(criteria()) == 60 and sum(MAXIMA.values()) == 320
    assert sum(question.name.startswith("dbi_") for question in instrument(DBI).questions.values()) == 61
    assert {name for name, _ in criteria()} <= set(instrument(DBI).questions)


@pytest.mark.parametrize(("score", "total"), [(0, 0), (1, 64), (2, 128), (3, 192), (4, 256), (5, 320)])
def test_the_same_score_throughout_gives_that_level(score: int, total: int) -> None:
    found = scored(uniform(score))
    assert (int(found["points_total"]), int(found["dbi_level"])) == (total, score)


def test_limits_belong_to_the_lower_level() -> None:
    """Exactly 40 % of a pillar is level 2; one point more is level 3."""
    answers = uniform(2)
    assert int(scored(answers)["level_1"]) == 2
    assert int(scored(answers | {"dbi_01": "3"})["level_1"]) == 3


def test_points_without_breadth_do_not_lift_the_level() -> None:
    """Three full pillars make 210 points, but four pillars are needed."""
    answers = uniform(0) | {name: "5" for name, pillar in criteria() if pillar in (1, 3, 4)}
    assert int(scored(answers)["points_total"]) == 210
    assert int(scored(answers)["dbi_level"]) == 0


def test_random_firms_are_scored_by_the_decision() -> None:
    rng = random.Random(1970)
    levels = set()
    for _ in range(60):
        lean = rng.randint(0, 5)
        scores = {name: str(min(5, max(0, lean + rng.choice([-1, 0, 0, 1])))) for name, _ in criteria()}
        answers = scores | {"dbi_14": str(5 * rng.randint(max(0, lean - 1), min(5, lean + 1)))}
        found = scored(answers)
        total, pillars, level = expected(answers)
        assert int(found["points_total"]) == total
        assert [int(found[f"level_{pillar}"]) for pillar in SIZES] == pillars
        assert int(found["dbi_level"]) == level
        levels.add(level)
    assert len(levels) >= 5


def test_whoever_refuses_has_no_score() -> None:
    assert "dbi_level" not in check(instrument(DBI), {"consent": "no"}).answers


@pytest.mark.parametrize(
    ("sector", "employees", "revenue", "capital", "size"),
    [
        ("industry", 10, "le3", "gt100", "micro"),  # revenue or capital, not both
        ("industry", 10, "gt300", "le3", "micro"),
        ("industry", 11, "le3", "le3", "small"),
        ("industry", 10, "le10", "le20", "small"),
        ("construction", 100, "le50", "gt100", "small"),
        ("agriculture", 101, "le50", "le20", "medium"),
        ("industry", 200, "le200", "gt100", "medium"),
        ("industry", 200, "le300", "gt100", "large"),
        ("industry", 201, "le3", "le3", "large"),
        ("trade", 10, "le10", "gt100", "micro"),
        ("trade", 50, "le100", "gt100", "small"),
        ("trade", 51, "le10", "le3", "medium"),
        ("trade", 100, "le300", "gt100", "medium"),
        ("trade", 100, "gt300", "le100", "medium"),
        ("trade", 100, "gt300", "gt100", "large"),
        ("other_services", 101, "le3", "le3", "large"),
        ("trade", 5, "refused", "le3", "micro"),
        ("trade", 5, "refused", "dont_know", "unknown"),
    ],
)
@pytest.mark.parametrize("name", [DBI, "doanh-nghiep-so"])
def test_size_classes_are_those_of_the_decree(
    name: str, sector: str, employees: int, revenue: str, capital: str, size: str
) -> None:
    """Decree 80/2021/NĐ-CP, article 5."""
    row = {"sector": sector, "employees": employees, "revenue": revenue, "capital": capital}
    variables = document(name, "indicators")["variables"]
    table = add_variables(
        pd.DataFrame([row | dict.fromkeys(others(variables, row), "")]).astype({"employees": "Int64"}),
        variables,
    )
    assert table["size_class"].tolist() == [size]
    assert table["sme"].tolist() == ["no" if size in ("large", "unknown") else "yes"]


def others(variables: dict[str, str], row: dict[str, Any]) -> set[str]:
    """Questions that other derived variables of the file refer to."""
    questions = {"platforms_used", "platforms_tried", "platform_ease", "einvoice_partners", "einvoice_tax"}
    return {name for name in questions - set(row) if any(name in text for text in variables.values())}


def test_a_firm_that_answers_the_whole_form_has_a_level() -> None:
    rng = random.Random(2)
    answers = next(a for a, _ in (random_walk(instrument(DBI), rng) for _ in range(9)) if len(a) > 60)
    assert int(check(instrument(DBI), answers).answers["dbi_level"]) in range(6)
