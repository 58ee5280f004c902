"""Helpers of a community digital team, for tests."""

from datetime import datetime, timedelta

from flask import Flask

from survey.accounts.models import Role
from survey.accounts.service import add_user
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.intake.helping import issue_team
from tests.collect.visitor import Visitor
from tests.staff import PASSWORD


def team_code(app: Flask, name: str = "Tổ ấp Phú Thạnh") -> str:
    """The code of a new team."""
    with app.app_context():
        manager = add_user(f"quan{name[-3:].lower().encode().hex()}", "Quản lý", Role.MANAGER, PASSWORD)
        team = issue_team(name, datetime.now(LOCAL_TIME).date() + timedelta(days=30), manager)
        db.session.commit()
        return team.code


def helper(app: Flask, name: str = "Chị Sáu", code: str = "") -> Visitor:
    """A phone on which a helper has signed in."""
    visitor = Visitor(app.test_client()).open("/ho-tro")
    visitor.press(code=code or team_code(app), helper=name)
    assert visitor.h1 == "Chọn khảo sát", visitor.faults
    return visitor
