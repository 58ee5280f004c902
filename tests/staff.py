"""Members of staff and their browsers, for tests: made quickly, signed in through the real page."""

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from survey.accounts.models import Role, User
from survey.accounts.service import add_user
from survey.extensions import db
from tests.page import page

PASSWORD = "mot con trau chin con bo"
"""The password of everybody in tests."""


def statistician(username: str = "lan") -> User:
    """A new statistician; within an application context."""
    return add_user(username, f"Thống kê viên {username}", Role.STATISTICIAN, PASSWORD)


def add_person(app: Flask, username: str, role: Role) -> None:
    """A new member of staff, kept."""
    with app.app_context():
        add_user(username, f"{username.title()} Nguyễn", role, PASSWORD)
        db.session.commit()


def signed_in(app: Flask, username: str, role: Role | None = None) -> FlaskClient:
    """A browser in which this person is signed in; made first when `role` is given."""
    if role is not None:
        add_person(app, username, role)
    browser = app.test_client()
    answer = send(browser, "/dang-nhap", username=username, password=PASSWORD)
    assert answer.status_code == 302, answer.text
    return browser


def send(browser: FlaskClient, address: str, action: str | None = None, **fields: object) -> TestResponse:
    """Post to `action` (the page itself by default) with the token that the page carries, as a form does."""
    return browser.post(action or address, data={"csrf_token": token(browser, address), **fields})


def token(browser: FlaskClient, address: str) -> str:
    """The CSRF token on a page."""
    document = html.document_fromstring(browser.get(address).text)
    return str(document.xpath("string(//input[@name='csrf_token']/@value)"))


def read(browser: FlaskClient, address: str) -> html.HtmlElement:
    """Open a page and check it as every page is checked."""
    answer = browser.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status}"
    return page(answer.text)


def words(element: html.HtmlElement) -> str:
    """What a reader sees of an element, on one line."""
    return " ".join(element.text_content().split())
