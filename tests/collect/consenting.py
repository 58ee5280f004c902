"""A survey that asks for consent in two languages, with a case code, a photo and an open text."""

import json

from flask import Flask
from sqlalchemy import Table, column, func, select

from survey.extensions import db
from survey.intake.models import Response
from tests.collect.visitor import Visitor

CONSENTING = """
| survey   |               |           |                          |                      |                  |
|          | type          | name      | label::Vietnamese (vi)   | label::English (en)  | relevant         |
|          | begin_group   | first     | Giới thiệu               | Introduction         |                  |
|          | note          | intro     | Chúng tôi hỏi về vườn.   | We ask about gardens. |                 |
|          | text          | case_code | Mã phiếu                 | Case code            |                  |
|          | select_one yn | consent   | Ông/bà đồng ý không?     | Do you agree?        |                  |
|          | end_group     |           |                          |                      |                  |
|          | text          | garden    | Vườn trồng gì?           | What grows there?    | ${consent} = 'yes' |
|          | image         | photo     | Ảnh khu vườn             | A photo of it        | ${consent} = 'yes' |
| choices  |               |           |                          |                      |                  |
|          | list_name     | name      | label::Vietnamese (vi)   | label::English (en)  |                  |
|          | yn            | yes       | Có                       | Yes                  |                  |
|          | yn            | no        | Không                    | No                   |                  |
| settings |               |           |                          |                      |                  |
|          | form_id       | version   | default_language         | form_title           |                  |
|          | garden        | 1         | Vietnamese (vi)          | Khảo sát vườn        |                  |
"""
DESIGN = {"consent_variable": "consent", "case_variable": "case_code"}
SECRET = "sầu riêng Ri6"
"""An answer that nobody else gives: where it is found, something was not erased."""


def answer(visitor: Visitor, garden: str = SECRET, case_code: str = "") -> str:
    """Answer from the first page to the receipt, and return its code."""
    entered = {"case_code": case_code} if "case_code" in visitor.asked else {}
    visitor.press(consent="yes", **entered).press(garden=garden).press().press()
    (receipt,) = visitor.document.xpath("//@data-receipt")
    return str(receipt)


def tables_that_hold(app: Flask, text: str) -> list[str]:
    """The database's tables in which a text stands, as it is or as the bytes of a file."""
    with app.app_context():
        return [table.name for table in db.metadata.sorted_tables if _holds(table, text)]


def _holds(table: Table, text: str) -> bool:
    row = func.row_to_json(column(table.name, is_literal=True)).cast(db.Text)
    query = select(func.count()).select_from(table)
    escaped = json.dumps(text)[1:-1]  # as a driver may have written it
    found = [row.contains(sought, autoescape=True) for sought in {text, escaped, text.encode().hex()}]
    return bool(db.session.scalar(query.where(db.or_(*found))))


def responses(app: Flask) -> list[Response]:
    """Every response, the oldest first."""
    with app.app_context():
        return list(db.session.scalars(select(Response).order_by(Response.started_at, Response.submitted_at)))
