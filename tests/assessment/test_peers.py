"""Peers: the narrowest group with enough others, of those who completed the round and nobody else."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from survey.assessment import peers
from survey.assessment.peers import Peers, group_values, members_of
from survey.assessment.plan import Assessment
from survey.assessment.service import standing
from survey.extensions import db
from survey.instrument import evaluate_column
from survey.intake import drafts
from survey.intake.models import Response, ResponseStatus
from survey.rounds.models import Purpose, Round
from survey.rounds.service import close_round
from tests.assessment.firms import KIND, Firm, answers_of, field_dbi, hand_in

Made = Callable[..., Firm]
INDUSTRY = {"sector": "industry"}
SMALL = {"employees": 30, "revenue": "le50", "capital": "le20"}


def seen(app: Flask, firm: Firm) -> tuple[dict[str, str], int, tuple[float | None, ...], bool] | None:
    """Whom a firm is compared with: the values they share, how many, their medians, whether it is the narrowest."""
    with app.app_context():
        found = standing(db.session.get_one(Response, firm.id)).peers()
        return told(found) if found else None


def told(found: Peers) -> tuple[dict[str, str], int, tuple[float | None, ...], bool]:
    return found.values, found.n, found.medians, found.is_narrowest


def test_nobody_is_compared_with_fewer_than_ten_others(app: Flask, firm: Made) -> None:
    own = firm(5)
    for _ in range(9):
        firm(1)
    assert seen(app, own) is None
    firm(3)
    values, n, medians, narrowest = seen(app, own) or ({}, 0, (), False)
    assert (values, n, narrowest) == ({"sector": "trade", "size_class": "micro"}, 10, True)
    assert (
        medians == (20.0,) * 6
    )  # of nine firms at one fifth and one at three; the firm itself is not among them


def test_the_median_is_taken_by_pillar(app: Flask, firm: Made) -> None:
    own = firm(0)
    for score in (0, 1, 2, 3, 4, 5, 1, 1, 4, 4):
        firm(2, dbi_14=str(5 * score))
    _, _, medians, _ = seen(app, own) or ({}, 0, (), False)
    assert medians == (40.0, 50.0, 40.0, 40.0, 40.0, 40.0)  # of 0 1 1 1 2 3 4 4 4 5: between 2 and 3 fifths


@pytest.mark.parametrize(
    ("others", "shared"),
    [
        ([(10, {**SMALL})], {"sector": "trade"}),
        ([(10, INDUSTRY)], {"size_class": "micro"}),
        ([(5, SMALL), (5, {**INDUSTRY, **SMALL})], {}),
        ([(10, {}), (20, INDUSTRY)], {"sector": "trade", "size_class": "micro"}),
        ([(9, {}), (1, SMALL), (20, INDUSTRY)], {"sector": "trade"}),
    ],
    ids=["sector only", "size only", "all", "narrowest first", "sector before size"],
)
def test_the_next_wider_group_serves_where_the_narrow_one_is_too_small(
    app: Flask, firm: Made, others: list[tuple[int, dict[str, object]]], shared: dict[str, str]
) -> None:
    own = firm(2)
    for count, kind in others:
        for _ in range(count):
            firm(3, **kind)
    values, n, _, narrowest = seen(app, own) or ({}, 0, (), False)
    assert values == shared
    assert narrowest == (len(shared) == 2)
    assert n >= 10


def test_a_firm_of_unknown_size_is_compared_by_sector(app: Flask, firm: Made) -> None:
    unknown = {"revenue": "dont_know", "capital": "refused"}
    own = firm(2, **unknown)
    for _ in range(12):
        firm(3, **unknown)
    values, _, _, narrowest = seen(app, own) or ({}, 0, (), True)
    assert (values, narrowest) == ({"sector": "trade"}, False)


def test_drafts_refusals_replaced_and_late_ones_are_nobody_s_peers(
    app: Flask, fielded: int, firm: Made
) -> None:
    own = firm(2)
    for _ in range(9):
        firm(3)
    with app.app_context():
        round_ = db.session.get_one(Round, fielded)
        refusal = drafts.start(round_)
        refusal.answers = {"consent": "no"}
        db.session.flush()
        drafts.finish(refusal)
        drafts.start(round_).answers = answers_of(5)
        db.session.commit()
    assert seen(app, own) is None
    gone = firm(3)
    assert seen(app, own) is not None
    with app.app_context():
        db.session.get_one(Response, gone.id).status = ResponseStatus.REPLACED
        db.session.commit()
    assert seen(app, own) is None
    with app.app_context():
        late = drafts.start(db.session.get_one(Round, fielded))
        late.answers = late.answers | answers_of(5)
        close_round(late.round)
        db.session.flush()
        drafts.finish(late)
        db.session.commit()
        assert late.status == ResponseStatus.LATE
    assert seen(app, own) is None


def test_an_earlier_round_of_the_same_purpose_serves_until_the_new_one_has_enough(
    app: Flask, fielded: int
) -> None:
    for _ in range(10):
        hand_in(app, fielded, 1)
    synthetic = field_dbi(app, "mo-phong", Purpose.DEMONSTRATION)
    for _ in range(10):
        hand_in(app, synthetic, 5)
    later = field_dbi(app, "r2")
    own = hand_in(app, later, 3)
    assert (seen(app, own) or (0, 0, ()))[2] == (20.0,) * 6  # never the synthetic ones
    for _ in range(10):
        hand_in(app, later, 4)
    assert (seen(app, own) or (0, 0, ()))[2] == (80.0,) * 6
    with app.app_context():
        old = db.session.query(Response).filter_by(round_id=fielded).first()
        found = standing(old).peers() if old else None
        assert found is None  # nine others; a later round is not looked at


def test_an_earlier_round_with_other_criteria_does_not_serve(app: Flask, fielded: int) -> None:
    for _ in range(10):
        hand_in(app, fielded, 1)
    own = hand_in(app, field_dbi(app, "r2"), 3)
    assert seen(app, own) is not None
    with app.app_context():
        round_ = db.session.get_one(Round, fielded)
        other = type(round_.instrument_version)(
            survey=round_.survey, form_id="dbi-dnnvv", version="0", hash="0" * 64, sheets={}, xml=b""
        )
        db.session.add(other)
        for response in db.session.query(Response).filter_by(round_id=fielded):
            response.instrument_version = other
        db.session.commit()
    assert seen(app, own) is None


def test_answers_are_read_once_and_only_newcomers_afterwards(
    app: Flask, firm: Made, plan: Assessment
) -> None:
    own = firm(2)
    for _ in range(10):
        firm(3)
    seen(app, own)
    with app.app_context():
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        standing(db.session.get_one(Response, own.id)).peers()
        read = [sql for sql in statements if "response.answers" in sql and "count(" not in sql]
        assert len(read) == 1  # the firm's own
    newcomer = firm(5)
    with app.app_context():
        members = members_of(db.session.get_one(Response, own.id).round, plan)
        assert members.by_id[newcomer.id].shares == (100.0,) * 6
        assert len(members.by_id) == 12
        assert uuid.UUID(int=0) not in members.by_id


def test_few_rounds_are_remembered(app: Flask, plan: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "ROUNDS_KEPT", 2)
    peers._kept.clear()
    rounds = [field_dbi(app, f"r{number}") for number in range(3)]
    with app.app_context():
        for number in (0, 1, 0, 2):
            members_of(db.session.get_one(Round, rounds[number]), plan)
    assert [key[0] for key in peers._kept] == [rounds[0], rounds[2]]


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ({}, "micro"),
        ({"employees": 11}, "small"),
        ({"employees": 60, "revenue": "le200", "capital": "le100"}, "medium"),
        ({"employees": 500}, "large"),
        ({"revenue": "dont_know", "capital": "dont_know"}, "unknown"),
    ],
)
def test_groups_are_those_of_the_indicators(plan: Assessment, kind: dict[str, object], size: str) -> None:
    """The same expressions as in indicators.yaml, whole columns at a time there and one firm at a time here."""
    import pandas as pd

    answers = KIND | kind
    assert group_values(plan, answers) == {"sector": "trade", "size_class": size}
    table = pd.DataFrame([answers])
    for name, expression in plan.variables.items():
        table[name] = evaluate_column(expression, table)
    assert table["size_class"].tolist() == [size]


def test_answers_that_are_not_there_make_an_empty_group(plan: Assessment) -> None:
    assert group_values(plan, {})["sector"] == ""
