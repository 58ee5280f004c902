"""Corrections stand beside what was collected, are judged by the questionnaire, and are undone."""

import threading
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from survey.accounts.models import AuditEvent, Role
from survey.accounts.service import add_user
from survey.editing.applying import CORRECTIONS
from survey.editing.models import Correction, Kind, Proposal, ProposalSearch, Reason
from survey.editing.places import Place, value_at
from survey.editing.service import (
    BadCorrection,
    Change,
    Grounds,
    correct,
    edited,
    find_response,
    is_stale,
    revert,
)
from survey.errors import Conflict, NotFound, Refused
from survey.extensions import db
from survey.intake.models import Response, ResponseStatus
from survey.intake.withdrawal import withdraw
from survey.process.models import Run
from survey.process.service import find_run
from survey.process.snapshots import corrections as frozen
from survey.process.snapshots.reading import read_annex
from survey.process.tables import ValueState, read_states, read_tables
from survey.rounds.models import Round
from tests.editing.conftest import Household, run
from tests.staff import PASSWORD, statistician

TYPING = Grounds(Reason.TYPING)
ADULTS = Place("root", 0, "adults")
AGE = Place("member", 1, "age")


def change(app: Flask, household: Household, place: Place, seen: Any, new: Any, key: str = "uuid:0") -> int:
    """Correct one value as one person, kept; the batch's number."""
    round_ = db.session.get_one(Round, household.round_id)
    user = statistician(f"ai{uuid.uuid4().hex[:6]}")
    batch = correct(round_, {uuid.UUID(household.ids[key]): [Change(place, seen, new)]}, TYPING, user)
    db.session.commit()
    return batch.id


def state(household: Household, key: str = "uuid:0") -> Any:
    return edited([db.session.get_one(Response, uuid.UUID(household.ids[key]))])[0]


def test_the_collected_value_stays_and_the_new_one_is_used(app: Flask, household: Household) -> None:
    with app.app_context():
        change(app, household, ADULTS, 5, 3)
        change(app, household, AGE, 4, 14)
        now = state(household)
        assert (value_at(now.collected, ADULTS), value_at(now.used, ADULTS)) == (5, 3)
        assert (value_at(now.collected, AGE), value_at(now.used, AGE)) == (4, 14)
        assert now.response.answers["adults"] == 5


def test_a_second_correction_replaces_the_first_and_back_again_undoes_it(
    app: Flask, household: Household
) -> None:
    with app.app_context():
        change(app, household, ADULTS, 5, 3)
        change(app, household, ADULTS, 3, 2)
        active = db.session.scalars(select(Correction).where(Correction.reverted_at.is_(None))).all()
        assert [(each.old_value, each.new_value) for each in active] == [(5, 2)]
        change(app, household, ADULTS, 2, 5)
        assert not state(household).corrections
        assert len(db.session.scalars(select(Correction)).all()) == 2, "the trail stays"


def test_a_value_that_was_changed_meanwhile_is_refused(app: Flask, household: Household) -> None:
    with app.app_context():
        change(app, household, ADULTS, 5, 3)
        with pytest.raises(Conflict, match="vừa được người khác sửa"):
            change(app, household, ADULTS, 5, 2)
        db.session.rollback()
        assert value_at(state(household).used, ADULTS) == 3


def test_of_two_people_at_once_one_gets_a_clear_conflict(app: Flask, household: Household) -> None:
    with app.app_context():
        users = [statistician(name).id for name in ("an", "binh")]
        db.session.commit()
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def press(user_id: int, new: int) -> None:
        with app.app_context():
            from survey.accounts.models import User

            round_, user = db.session.get_one(Round, household.round_id), db.session.get_one(User, user_id)
            start.wait()
            try:
                changes = {uuid.UUID(household.ids["uuid:0"]): [Change(ADULTS, 5, new)]}
                correct(round_, changes, TYPING, user)
                db.session.commit()
                outcomes.append(f"kept {new}")
            except Conflict:
                db.session.rollback()
                outcomes.append("conflict")

    threads = [threading.Thread(target=press, args=(user, n)) for n, user in enumerate(users, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[0] == "conflict"
    with app.app_context():
        assert [f"kept {value_at(state(household).used, ADULTS)}"] == [o for o in outcomes if o != "conflict"]


def test_a_batch_is_kept_whole_or_not_at_all(app: Flask, household: Household) -> None:
    with app.app_context():
        round_, user = db.session.get_one(Round, household.round_id), statistician()
        first, second = (uuid.UUID(household.ids[key]) for key in ("uuid:0", "uuid:1"))
        changes = {first: [Change(ADULTS, 5, 3)], second: [Change(ADULTS, 99, 3)]}
        with pytest.raises(Conflict):
            correct(round_, changes, TYPING, user)
        assert not db.session.scalars(select(Correction)).all()


def test_undoing_one_value_or_a_batch_and_doing_it_twice(app: Flask, household: Household) -> None:
    with app.app_context():
        change(app, household, ADULTS, 5, 3)
        user = statistician("minh")
        made = db.session.scalars(select(Correction)).all()
        assert revert(made, user) == 1
        db.session.commit()
        assert value_at(state(household).used, ADULTS) == 5
        with pytest.raises(Conflict, match="đã được hoàn tác"):
            revert(made, user)


def test_what_followed_is_undone_with_what_led(app: Flask, household: Household) -> None:
    children = Place("root", 0, "children")
    with app.app_context():
        round_, user = db.session.get_one(Round, household.round_id), statistician()
        both = [Change(ADULTS, 5, 3), Change(children, "-2", "0", follows=True)]
        correct(round_, {uuid.UUID(household.ids["uuid:0"]): both}, TYPING, user)
        leading = db.session.scalars(select(Correction).where(~Correction.follows)).all()
        assert revert(leading, user) == 2
        assert not state(household).corrections


@pytest.mark.parametrize("reason", ["", "because", Reason.OTHER])
def test_a_reason_is_required(reason: str) -> None:
    with pytest.raises(BadCorrection):
        Grounds(reason)


def test_only_statisticians_correct(app: Flask, household: Household) -> None:
    with app.app_context():
        round_ = db.session.get_one(Round, household.round_id)
        manager = add_user("quan", "Quản lý", Role.MANAGER, PASSWORD)
        with pytest.raises(Refused):
            correct(round_, {uuid.UUID(household.ids["uuid:0"]): [Change(ADULTS, 5, 3)]}, TYPING, manager)


def test_the_trail_says_who_did_what_but_no_answer(app: Flask, household: Household) -> None:
    with app.app_context():
        change(app, household, ADULTS, 5, 3)
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "correction.make")).one()
        assert event.user_id is not None
        assert event.detail == {
            "kind": Kind.MANUAL,
            "reason": "typing",
            "rule": None,
            "values": 1,
            "records": 1,
        }


# -- in runs ---------------------------------------------------------------------------------------
def rows(run_id: int, level: str, variable: str) -> list[Any]:
    snapshot = find_run(run_id).snapshot
    assert snapshot is not None
    return list(read_tables(snapshot)[level][variable])


def mean_of(run_id: int) -> float:
    made: Run = find_run(run_id)
    return next(each.value for each in made.estimates if each.indicator == "size-mean")


def test_a_run_uses_corrected_values_and_says_how_many(app: Flask, household: Household) -> None:
    """Adults are 5, 5, 2, 2, 2, 2 as collected, and 3, 5, 2, 2, 2, 2 with the correction."""
    with app.app_context():
        assert mean_of(household.run_id) == pytest.approx(18 / 6)
        change(app, household, ADULTS, 5, 3)
        change(app, household, AGE, 4, 14)
        later = run(db.session.get_one(Round, household.round_id))
        assert mean_of(later) == pytest.approx(16 / 6)
        assert rows(later, "root", "adults") == [3, 5, 2, 2, 2, 2]
        assert rows(later, "member", "age")[:2] == [14, 4]
        assert rows(household.run_id, "root", "adults")[0] == 5, "the older snapshot is as it was"
        assert find_run(later).editing["corrections"] == {"applied": 2, "stale": 0}
        codes = {each["code"]: each["failed"] for each in find_run(later).edits}
        assert codes["adults-fit"] == 1


def test_states_say_which_values_were_corrected(app: Flask, household: Household) -> None:
    with app.app_context():
        change(app, household, AGE, 4, 14)
        snapshot = find_run(run(db.session.get_one(Round, household.round_id))).snapshot
        assert snapshot is not None
        states = read_states(snapshot)
        assert states["member"]["age"].tolist()[:2] == [ValueState.CORRECTED, ValueState.COLLECTED]
        assert (states["root"]["adults"] == ValueState.COLLECTED).all()


def test_what_leads_to_a_person_is_not_frozen_with_its_correction(
    app: Flask, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        remark = Place("root", 0, "remark")
        change(app, household, remark, None, "0912 345 678")
        change(app, household, AGE, 4, 14)
        monkeypatch.setattr(
            frozen, "leads_to_a_person", lambda instrument, question: question.variable == "remark"
        )
        snapshot = find_run(run(db.session.get_one(Round, household.round_id))).snapshot
        assert snapshot is not None
        kept = read_annex(snapshot, CORRECTIONS)
        assert kept is not None
        assert kept["variable"].tolist() == ["age"]
        assert not any("0912" in str(value) for value in kept.to_numpy().ravel())


def test_without_corrections_a_snapshot_is_what_it_was(app: Flask, household: Household) -> None:
    with app.app_context():
        again = run(db.session.get_one(Round, household.round_id))
        assert find_run(again).snapshot_id == find_run(household.run_id).snapshot_id
        change(app, household, ADULTS, 5, 3)
        revert(db.session.scalars(select(Correction)).all(), statistician("hoa"))
        db.session.commit()
        third = run(db.session.get_one(Round, household.round_id))
        assert find_run(third).snapshot_id == find_run(household.run_id).snapshot_id


def test_every_type_of_value_reaches_its_table(app: Flask, household: Household) -> None:
    with app.app_context():
        for variable, seen, new in (
            ("net", "yes", "no"), ("for", ["news", "shop"], ["news"]), ("remark", None, "=1+1"), ("size", 3, None),
        ):  # fmt: skip
            change(app, household, Place("root", 0, variable), seen, new)
        later = run(db.session.get_one(Round, household.round_id))
        first = [rows(later, "root", variable)[0] for variable in ("net", "for", "remark")]
        assert first == ["no", "news", "=1+1"]
        snapshot = find_run(later).snapshot
        assert snapshot is not None
        assert read_tables(snapshot)["root"]["size"].isna().tolist() == [True, *[False] * 5]


def test_a_correction_of_an_answer_that_is_no_longer_so_is_stale(app: Flask, household: Household) -> None:
    with app.app_context():
        change(app, household, ADULTS, 5, 3)
        response = db.session.get_one(Response, uuid.UUID(household.ids["uuid:0"]))
        response.answers = response.answers | {"adults": 4}
        db.session.commit()
        (correction,) = db.session.scalars(select(Correction)).all()
        assert is_stale(correction)
        assert value_at(state(household).used, ADULTS) == 4
        later = run(db.session.get_one(Round, household.round_id))
        assert rows(later, "root", "adults")[0] == 4
        assert find_run(later).editing["corrections"] == {"applied": 0, "stale": 1}
        change(app, household, ADULTS, 4, 3)
        assert value_at(state(household).used, ADULTS) == 3, "a stale one does not stand in the way"


def test_a_replaced_record_is_gone_and_its_corrections_are_stale(app: Flask, household: Household) -> None:
    with app.app_context():
        change(app, household, ADULTS, 5, 3)
        response = db.session.get_one(Response, uuid.UUID(household.ids["uuid:0"]))
        response.status = ResponseStatus.REPLACED
        db.session.commit()
        assert is_stale(db.session.scalars(select(Correction)).one())
        with pytest.raises(NotFound):
            find_response(db.session.get_one(Round, household.round_id), household.ids["uuid:0"])
        with pytest.raises(Conflict, match="rút lại hoặc thay"):
            change(app, household, ADULTS, 3, 2)


def test_a_withdrawn_record_takes_its_corrections_and_proposals_along(
    app: Flask, household: Household
) -> None:
    with app.app_context():
        change(app, household, ADULTS, 5, 3)
        change(app, household, ADULTS, 5, 2, key="uuid:1")
        user = statistician("hoa")
        search = ProposalSearch(round_id=household.round_id, requested_by_id=user.id)
        db.session.add(search)
        db.session.flush()
        gone = uuid.UUID(household.ids["uuid:0"])
        db.session.add(
            Proposal(
                search_id=search.id,
                response_id=gone,
                level="root",
                instance=0,
                outcome="none",
                rules=[],
                variables=[],
            )
        )
        db.session.commit()
        withdraw(db.session.get_one(Response, gone))
        db.session.commit()
        assert [str(e.response_id) for e in db.session.scalars(select(Correction))] == [
            household.ids["uuid:1"]
        ]
        assert not db.session.scalars(select(Proposal)).all()
