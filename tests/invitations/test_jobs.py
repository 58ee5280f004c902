"""What a worker does by itself: sends what is due, takes up forgotten letters, deletes what is over."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask

from survey.extensions import db
from survey.invitations import batches, outbox
from survey.invitations.audience import Way
from survey.invitations.letters import Scope
from survey.invitations.models import BatchStatus, Contact, Kind, LetterBatch, Message, State
from survey.manage.invitation_jobs import deliver_due, enqueue_letters, tidy
from survey.rounds.models import Round
from survey.rounds.service import close_round
from tests.factories import Fielded
from tests.invitations.conftest import SITE, add_contact

Invited = Callable[..., Fielded]


def test_letters_whose_web_process_died_are_found_again(
    app: Flask, invited: Invited, work_off: Callable[[], None]
) -> None:
    fielded = invited(1)
    with app.app_context():
        batch = batches.request_batch(db.session.get_one(Round, fielded.round_id), Scope(), SITE, None)
        db.session.commit()
        number = batch.id
        assert batches.forgotten_batches(datetime.now(UTC) - timedelta(minutes=1)) == []
        assert batches.forgotten_batches(datetime.now(UTC) + timedelta(minutes=1)) == [number]
        enqueue_letters(number)
        enqueue_letters(number)
    work_off()
    with app.app_context():
        assert db.session.get_one(LetterBatch, number).status == BatchStatus.DONE


def test_letters_for_nobody_fail_with_a_word(app: Flask, invited: Invited) -> None:
    fielded = invited(1)
    with app.app_context():
        batch = batches.request_batch(
            db.session.get_one(Round, fielded.round_id), Scope(stratum="không có"), SITE, None
        )
        db.session.commit()
        batches.make_batch(batch.id, app.config["KHAOSAT"].files)
        assert (batch.status, batch.message[:30]) == (BatchStatus.FAILED, "Không có phiếu nào thuộc lựa c")


def test_both_channels_get_their_turn(app: Flask, invited: Invited) -> None:
    fielded = invited(2)
    with app.app_context():
        add_contact("u0000", email="an@vi-du.vn")
        add_contact("u0001", phone="+84912345678")
        outbox.queue(db.session.get_one(Round, fielded.round_id), Kind.INVITATION, Way.EMAIL_FIRST, SITE)
        db.session.commit()
        assert [delivery.state for delivery in deliver_due(app.config["KHAOSAT"])] == [State.SENT, State.SENT]
        assert deliver_due(app.config["KHAOSAT"]) == []
        assert {message.attempts for message in db.session.query(Message)} == {1}


def test_what_was_kept_long_enough_goes(app: Flask, invited: Invited) -> None:
    fielded = invited(1)
    files = app.config["KHAOSAT"].files
    with app.app_context():
        round_ = db.session.get_one(Round, fielded.round_id)
        add_contact("u0000", email="an@vi-du.vn")
        batch = batches.request_batch(round_, Scope(), SITE, None)
        db.session.commit()
        batches.make_batch(batch.id, files)
        close_round(round_)
        db.session.commit()
        assert tidy(files) == (0, 0, 0)
        assert tidy(files, datetime.now(UTC) + timedelta(days=91)) == (1, 1, 0)
        assert db.session.query(Contact).count() == 0
