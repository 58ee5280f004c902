"""Points and levels: exact at every limit, the same as the form's own, and fair to what does not apply."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest

from survey.assessment.plan import Assessment
from survey.assessment.reading import read_assessment
from survey.assessment.scoring import assess, pillar_level
from survey.instrument import build_instrument, check, markdown_sheets
from survey.rounds.service import read_plans
from tests.assessment.firms import CRITERIA, DBI, answers_of
from tests.questionnaires.library import instrument, random_walk

FORM = """
| survey  |                   |      |       |          |
|         | type              | name | label | required |
|         | select_one three  | a    | A     |          |
|         | select_one three  | b    | B     |          |
|         | select_one yes_no | c    | C     |          |
| choices |                   |      |       |          |
|         | list_name         | name | label |          |
|         | three             | 0    | No    |          |
|         | three             | 1    | Some  |          |
|         | three             | 2    | Yes   |          |
|         | three             | na   | n/a   |          |
|         | yes_no            | no   | No    |          |
|         | yes_no            | yes  | Yes   |          |
"""


def small_plan() -> Assessment:
    """Three pillars of one criterion: weights with decimals, scores by name, a choice that does not apply."""
    document = {
        "title": {"vi": "Nhỏ"},
        "levels": [{"vi": "0"}, {"vi": "1"}, {"vi": "2"}],
        "thresholds": [30, 60],
        "overall": [{"above": 1, "pillars": 2}, {"above": 2.5, "pillars": 3}],
        "peers": {"minimum": 5, "groups": [[]]},
        "pillars": [
            {"code": "a", "label": {"vi": "A"}, "criteria": [{"variable": "a", "not_applicable": ["na"]}]},
            {"code": "b", "label": {"vi": "B"},
             "criteria": [{"variable": "b", "weight": 0.25, "not_applicable": ["na"]}]},
            {"code": "c", "label": {"vi": "C"}, "criteria": [{"variable": "c", "scores": {"no": 0, "yes": 1.5}}]},
        ],
    }  # fmt: skip
    return read_assessment(document, build_instrument(markdown_sheets(FORM)))


@pytest.mark.parametrize(
    ("points", "level"),
    [(0, 0), (6, 0), (7, 1), (13, 1), (14, 2), (26, 2), (27, 3), (39, 3), (40, 4), (52, 4), (53, 5), (65, 5)],
)
def test_a_level_begins_above_its_limit_and_not_at_it(plan: Assessment, points: int, level: int) -> None:
    assert pillar_level(plan.thresholds, points, 65) == level


@pytest.mark.parametrize(
    ("points", "maximum", "level"),
    [(5, 50, 0), (6, 50, 1), (10, 50, 1), (20, 50, 2), (40, 50, 4), (41, 50, 5)],
)
def test_a_limit_that_is_met_exactly_is_not_exceeded(
    plan: Assessment, points: int, maximum: int, level: int
) -> None:
    assert pillar_level(plan.thresholds, points, maximum) == level


def test_levels_agree_with_the_form_s_own_calculation(plan: Assessment) -> None:
    form, rng, seen = instrument("dbi-dnnvv"), random.Random(7), set()
    for _ in range(60):
        answers, _ = random_walk(form, rng)
        if answers["consent"] == "yes":
            # Random answers all lie around the middle: drawn to one end, other levels come too.
            cut = rng.choice([1, 2, 3, 5])
            lowered = answers | {
                name: str(min(int(answers[name]), cut)) for name in CRITERIA if name != "dbi_14"
            }
            own = check(form, lowered).answers
            result = assess(plan, own)
            assert result.points == int(own["points_total"])
            assert result.level == int(own["dbi_level"])
            assert [score.level for score in result.pillars] == [int(own[f"level_{n}"]) for n in range(1, 7)]
            seen.add(result.level)
    assert len(seen) >= 3


@pytest.mark.parametrize(("score", "level"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)])
def test_the_same_answer_everywhere(plan: Assessment, score: int, level: int) -> None:
    result = assess(plan, answers_of(score))
    assert (result.points, result.level) == (64 * score, level)


def test_the_whole_needs_points_and_pillars(plan: Assessment) -> None:
    """192 points exactly, and 5 pillars at level 4 with one point more: each alone is not enough."""
    at_limit = assess(plan, answers_of(3))
    assert (at_limit.points, at_limit.level) == (192, 3)
    above = assess(plan, answers_of(3, **{f"dbi_{n:02}": "5" for n in range(15, 31)}))
    assert (above.points > 192, above.at_least(4), above.level) == (True, 1, 3)


def test_what_does_not_apply_leaves_points_and_maximum() -> None:
    plan = small_plan()
    assert plan.scale == 4 or plan.scale == 2
    whole = assess(plan, {"a": "2", "b": "2", "c": "yes"})
    assert (Fraction(whole.points, plan.scale), whole.level) == (4, 2)
    without = assess(plan, {"a": "2", "b": "na", "c": "yes"})
    assert [score.level for score in without.pillars] == [2, None, 2]
    assert without.pillars[1].share is None and without.pillars[1].left_out == 1
    # 3.5 of 3.5 points; the limit of 2.5 of 4 becomes 2.1875, but three pillars are asked for and two are left
    assert (Fraction(without.points, plan.scale), without.level) == (Fraction(7, 2), 1)


@pytest.mark.parametrize("answer", [None, "", "7", 2, 2.0, ["2"], {"x": 1}, "2 ", "\x00", "<b>"])
def test_an_answer_that_is_none_of_the_choices_counts_nowhere(answer: object) -> None:
    result = assess(small_plan(), {"a": answer, "b": "0", "c": "no"})
    assert result.pillars[0].level is None
    assert (result.points, result.level) == (0, 0)


def test_nothing_answered_is_no_level(plan: Assessment) -> None:
    result = assess(plan, {"consent": "no"})
    assert result.level is None
    assert {score.level for score in result.pillars} == {None}


def test_only_texts_may_change_without_making_results_incomparable(plan: Assessment) -> None:
    assert replace(plan, title={"vi": "Khác"}, names=plan.names).scoring == plan.scoring
    assert replace(plan, thresholds=(*plan.thresholds[:4], Fraction(81))).scoring != plan.scoring
    assert replace(plan, pillars=plan.pillars[::-1]).scoring != plan.scoring
    assert read_plans(DBI)["assessment"]["peers"]["minimum"] == 10
