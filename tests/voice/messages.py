"""Messages and photos made from nothing."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import select

from survey.extensions import db
from survey.voice.models import Kind, VoiceSubmission
from survey.voice.service import Message, submission_of_code, submit

GOOD: dict[str, Any] = {"kind": "complaint", "field": "network", "text": "Mất sóng 4G ở ấp Ba cả tuần nay."}


def jpeg(width: int = 60, height: int = 40, colour: str = "teal", **saved: Any) -> bytes:
    """A photo."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "JPEG", **saved)
    return file.getvalue()


def chosen(*contents: bytes, name: str = "anh.jpg") -> list[tuple[io.BytesIO, str]]:
    """Files as a browser sends them."""
    return [(io.BytesIO(content), name) for content in contents]


def sent(app: Flask, days_ago: float = 0, **facts: Any) -> tuple[int, str]:
    """A message in the database: its number and its code."""
    with app.app_context():
        given = {"kind": Kind.COMPLAINT, "field": "network", "text": GOOD["text"], **facts}
        code = submit(Message(**given), now=datetime.now(UTC) - timedelta(days=days_ago))
        db.session.commit()
        return submission_of_code(code).id, code


def the_only(app: Flask) -> VoiceSubmission:
    """The one message there is, with its parts loaded."""
    with app.app_context():
        found = db.session.scalars(select(VoiceSubmission)).one()
        _ = found.contact, found.photos, found.events, found.area
        db.session.expunge_all()
        return found


def everything(app: Flask) -> list[VoiceSubmission]:
    """All messages, oldest first."""
    with app.app_context():
        found = list(db.session.scalars(select(VoiceSubmission).order_by(VoiceSubmission.id)))
        db.session.expunge_all()
        return found
