"""Firms that answer the DBI: the same score everywhere, but for what a test says."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Flask

from survey.config import PROJECT
from survey.extensions import db
from survey.intake import drafts
from survey.intake.models import Response
from survey.rounds.models import Purpose, Round
from survey.rounds.service import ensure_round, load_questionnaire, open_round

DBI = PROJECT / "questionnaires" / "dbi-dnnvv"
CRITERIA = [f"dbi_{number:02}" for number in range(1, 61)]
KIND = {
    "consent": "yes",
    "former_province": "86",
    "sector": "trade",
    "employees": 8,
    "revenue": "le3",
    "capital": "le3",
}


@dataclass(frozen=True)
class Firm:
    """What a firm has in hand afterwards."""

    id: uuid.UUID
    code: str

    @property
    def address(self) -> str:
        """Where its result stands."""
        return f"/dbi/ket-qua/{self.id}"


def answers_of(score: int = 2, **more: Any) -> dict[str, Any]:
    """A whole answer document; criterion 14 goes in fives."""
    scores = {name: str(score * 5 if name == "dbi_14" else score) for name in CRITERIA}
    return KIND | scores | more


def field_dbi(app: Flask, code: str = "r1", purpose: Purpose = Purpose.TEST) -> int:
    """An open round of the DBI; return its id."""
    with app.app_context():
        round_ = ensure_round(load_questionnaire(DBI), code, purpose=purpose, time_period="2026")
        open_round(round_)
        db.session.commit()
        return round_.id


def hand_in(app: Flask, round_id: int, score: int = 2, **more: Any) -> Firm:
    """Answers handed in through the draft that the web pages use."""
    with app.app_context():
        draft = drafts.start(db.session.get_one(Round, round_id))
        draft.answers = draft.answers | answers_of(score, **more)
        db.session.flush()
        drafts.finish(draft)
        db.session.commit()
        return Firm(draft.id, draft.resume_code or "")


def kept(app: Flask, firm: Firm) -> dict[str, Any]:
    """What the database holds of a firm's answers."""
    with app.app_context():
        return dict(db.session.get_one(Response, firm.id).answers)
