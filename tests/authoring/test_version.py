"""The page of a version."""

from pathlib import Path

from flask import Flask

from survey.accounts.models import Role
from survey.extensions import db
from survey.rounds.service import find_survey
from tests.factories import field_survey
from tests.staff import read, signed_in, words

FORM = """
| survey   |            |         |         |
|          | type       | name    | label   |
|          | integer    | age     | Tuổi    |
| settings |            |         |         |
|          | form_title | form_id | version |
|          | Điện thoại | phones  | 1       |
"""


def address(app: Flask, survey: str = "phones") -> str:
    """Where the newest version of a survey stands."""
    with app.app_context():
        newest = max(version.id for version in find_survey(survey).versions)
        db.session.rollback()
    return f"/manage/{survey}/phien-ban/{newest}"


def test_the_survey_leads_to_its_versions(app: Flask, tmp_path: Path) -> None:
    field_survey(app, FORM, folder=tmp_path)
    quan = signed_in(app, "quan", Role.MANAGER)
    assert read(quan, "/manage/phones").xpath(f"//a[@href='{address(app)}']")
    assert "Điện thoại" in words(read(quan, address(app)))


def test_nobody_else_sees_a_version(app: Flask, tmp_path: Path) -> None:
    field_survey(app, FORM, folder=tmp_path)
    assert app.test_client().get(address(app)).status_code == 302
    assert signed_in(app, "thu", Role.ENUMERATOR).get(address(app)).status_code == 403


def test_an_address_of_no_version_is_not_found(app: Flask, tmp_path: Path) -> None:
    field_survey(app, FORM, folder=tmp_path)
    quan = signed_in(app, "quan", Role.MANAGER)
    wrong = address(app).replace("/phones/", "/other/")
    for asked in (wrong, "/manage/phones/phien-ban/99999999", "/manage/phones/phien-ban/" + "9" * 30):
        assert quan.get(asked).status_code == 404
