"""`khaosat user add`."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from survey.accounts.models import Role, User
from survey.extensions import db
from tests.staff import PASSWORD, add_person

Khaosat = Callable[..., Result]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Lan!", "--role", "manager"), "không dùng được"),
        (("minh", "--role", "manager"), "Tên đăng nhập minh đã có"),
        (("lan", "--role", "boss"), "'boss' is not one of"),
    ],
)
def test_nobody_is_asked_for_a_password_for_a_bad_name_or_role(
    app: Flask, khaosat: Khaosat, arguments: tuple[str, ...], said: str
) -> None:
    add_person(app, "minh", Role.MANAGER)
    done = khaosat("user", "add", *arguments)
    assert done.exit_code != 0
    assert said in done.output
    assert "Password" not in done.output


def test_a_good_name_is_asked_for_a_password_twice(app: Flask, khaosat: Khaosat) -> None:
    done = khaosat("user", "add", "Lan", "--role", "supervisor", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    with app.app_context():
        assert db.session.scalars(select(User.role).where(User.username == "lan")).one() == Role.SUPERVISOR
