"""What would lift a pillar: it does, nothing with fewer steps does, and no way with as many is easier."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from survey.assessment.lift import Climb, cheapest, effort_of, lift
from survey.assessment.plan import Assessment, Criterion
from survey.assessment.scoring import assess, score_pillar
from tests.assessment.firms import answers_of
from tests.assessment.test_scoring import small_plan


@st.composite
def ways_up(draw: st.DrawFn) -> tuple[list[Climb], int]:
    """Some ladders of uneven rungs, and a gain that all of them together reach."""
    climbs = []
    for _ in range(draw(st.integers(1, 4))):
        steps = draw(st.lists(st.integers(1, 9), max_size=3))
        gains = tuple(sum(steps[: place + 1]) for place in range(len(steps)))
        climbs.append(Climb(draw(st.integers(0, 4)), gains))
    most = sum(climb.gains[-1] if climb.gains else 0 for climb in climbs)
    return climbs, draw(st.integers(0, most))


@given(ways_up())
@settings(max_examples=300, deadline=None)
def test_no_way_is_cheaper(case: tuple[list[Climb], int]) -> None:
    climbs, needed = case
    taken = cheapest(climbs, needed)
    assert gained(climbs, taken) >= needed
    every = product(*(range(len(climb.gains) + 1) for climb in climbs))
    assert cost(climbs, taken) == min(cost(climbs, way) for way in every if gained(climbs, way) >= needed)


def gained(climbs: list[Climb], taken: tuple[int, ...]) -> int:
    return sum((0, *climb.gains)[steps] for climb, steps in zip(climbs, taken, strict=True))


def cost(climbs: list[Climb], taken: tuple[int, ...]) -> tuple[int, int]:
    effort = sum(effort_of(climb.rung, steps) for climb, steps in zip(climbs, taken, strict=True))
    return sum(taken), effort


@given(st.lists(st.integers(0, 5), min_size=60, max_size=60), st.sets(st.integers(0, 59), max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_advice_lifts_each_pillar_by_one_level_and_one_step_less_does_not(
    plan: Assessment, scores: list[int], empty: set[int]
) -> None:
    answers = {f"dbi_{n:02}": str(score * 5 if n == 14 else score) for n, score in enumerate(scores, 1)}
    answers = {name: value for place, (name, value) in enumerate(answers.items()) if place not in empty}
    for score in assess(plan, answers).pillars:
        way = lift(plan, score, answers)
        if way is None:
            assert score.level in (None, plan.top)
            continue
        raised = answers | {change.criterion.variable: change.then for change in way.changes}
        assert score_pillar(plan, score.pillar, raised).level == score.level + 1 == way.level
        for change in way.changes:
            lower = rung_below(change.criterion, change.then)
            short = score_pillar(plan, score.pillar, raised | {change.criterion.variable: lower})
            assert short.level == score.level


def rung_below(criterion: Criterion, choice: str) -> str:
    return criterion.ladder[criterion.rung(choice) - 1]


def test_low_criteria_are_raised_first_and_one_by_one(plan: Assessment) -> None:
    """Pillar 6 with 12 of 35 points lacks 3 for level 3: the three lowest, one step each."""
    answers = answers_of(0, dbi_54="5", dbi_55="4", dbi_56="3")
    way = lift(plan, score_pillar(plan, plan.pillars[5], answers), answers)
    assert way is not None
    assert (way.missing, way.steps, way.level) == (3, 3, 3)
    assert [(c.criterion.variable, c.now, c.then) for c in way.changes] == [
        ("dbi_57", "0", "1"), ("dbi_58", "0", "1"), ("dbi_59", "0", "1"),
    ]  # fmt: skip


def test_a_step_of_five_points_is_one_step(plan: Assessment) -> None:
    way = lift(plan, score_pillar(plan, plan.pillars[1], {"dbi_14": "10"}), {"dbi_14": "10"})
    assert way is not None
    (change,) = way.changes
    assert (change.then, change.gain, change.steps, way.missing) == ("15", 5, 1, 1)


def test_no_advice_at_the_top_or_where_nothing_applies() -> None:
    plan = small_plan()
    top = score_pillar(plan, plan.pillars[0], {"a": "2"})
    none = score_pillar(plan, plan.pillars[0], {"a": "na"})
    assert lift(plan, top, {"a": "2"}) is None
    assert lift(plan, none, {"a": "na"}) is None


def test_a_level_further_up_takes_all_the_steps_to_it(plan: Assessment) -> None:
    """Pillar 6 from nothing: 35 points, level 3 above 14."""
    answers = answers_of(0)
    score = score_pillar(plan, plan.pillars[5], answers)
    far = lift(plan, score, answers, 3)
    assert far is not None
    assert (far.level, far.missing, far.steps) == (3, 15, 15)
    raised = answers | {change.criterion.variable: change.then for change in far.changes}
    assert score_pillar(plan, plan.pillars[5], raised).level == 3
    assert lift(plan, score_pillar(plan, plan.pillars[5], raised), raised, 3) is None
