"""Synthetic enterprises: what the questionnaire accepts, spread enough to be compared."""

from collections import Counter

from survey.assessment.peers import group_values
from survey.assessment.plan import Assessment
from survey.assessment.reading import read_assessment
from survey.assessment.scoring import assess
from survey.demo.enterprises import enterprise
from survey.instrument import check
from survey.rounds.service import read_plans
from tests.assessment.firms import DBI
from tests.questionnaires.library import instrument

FIRMS = 80


def dbi_plan() -> Assessment:
    plans = read_plans(DBI)
    return read_assessment(plans["assessment"], instrument("dbi-dnnvv"), plans["indicators"]["variables"])


def test_every_enterprise_is_accepted_and_the_same_each_time() -> None:
    plan, form = dbi_plan(), instrument("dbi-dnnvv")
    for number in range(FIRMS):
        answers = enterprise(plan, number, 2026)
        assert check(form, answers).faults == ()
        assert answers == enterprise(plan, number, 2026)
    assert enterprise(plan, 1, 2026) != enterprise(plan, 1, 2027)


def test_levels_differ_and_some_groups_have_enough_peers() -> None:
    plan = dbi_plan()
    firms = [enterprise(plan, number, 2026) for number in range(1, FIRMS + 1)]
    levels = Counter(assess(plan, answers).level for answers in firms)
    assert len(levels) >= 4
    cells = Counter(tuple(group_values(plan, answers).values()) for answers in firms)
    assert max(cells.values()) > plan.peers.minimum > min(cells.values())
    assert {size for _, size in cells} == {"micro", "small", "medium"}
