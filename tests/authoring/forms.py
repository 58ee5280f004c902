"""Questionnaires that the tests of this room share, and their way into the service."""

from pathlib import Path

from flask import Flask

from survey.extensions import db
from survey.instrument import Instrument, build_instrument, markdown_sheets
from survey.rounds.service import find_survey, load_questionnaire

HOUSEHOLD = """
| survey   |                 |        |                        |                     |                |              |                  |                                        |
|          | type            | name   | label::Tiếng Việt (vi) | label::English (en) | relevant       | repeat_count | constraint       | constraint_message::Tiếng Việt (vi)    |
|          | begin group     | hh     | Hộ gia đình            | Household           |                |              |                  |                                        |
|          | integer         | size   | Số người trong hộ      | Household size      |                |              | . >= 1 and . < 9 | Nhập từ 1 đến 8.                       |
|          | select_one yn   | net    | Nhà có Internet?       |                     |                |              |                  |                                        |
|          | end group       |        |                        |                     |                |              |                  |                                        |
|          | select_one kind | kind   | Loại kết nối           | Kind of connection  | ${net} = 'yes' |              |                  |                                        |
|          | text            | why    | Vì sao không có?       | Why not?            | ${net} = 'no'  |              |                  |                                        |
|          | begin repeat    | member | Thành viên             | Member              | ${size} > 0    | ${size}      |                  |                                        |
|          | integer         | age    | Tuổi                   | Age                 |                |              |                  |                                        |
|          | end repeat      |        |                        |                     |                |              |                  |                                        |
| choices  |                 |        |                        |                     |                |              |                  |                                        |
|          | list_name       | name   | label::Tiếng Việt (vi) | label::English (en) |                |              |                  |                                        |
|          | yn              | yes    | Có                     | Yes                 |                |              |                  |                                        |
|          | yn              | no     | Không                  | No                  |                |              |                  |                                        |
|          | kind            | fibre  | Cáp quang              | Fibre               |                |              |                  |                                        |
|          | kind            | mobile | Di động                |                     |                |              |                  |                                        |
| settings |                 |        |                        |                     |                |              |                  |                                        |
|          | form_title      | form_id | version               | unreviewed_languages |               |              |                  |                                        |
|          | Hộ và Internet  | ho-net | 1                      | en                  |                |              |                  |                                        |
"""


def built(form: str) -> Instrument:
    """The instrument of a questionnaire written inline."""
    return build_instrument(markdown_sheets(form))


def brought_in(app: Flask, folder: Path, *forms: str) -> list[str]:
    """Bring versions in, one after the other; their addresses."""
    addresses = []
    for form in forms:
        path = folder / "form.md"
        path.write_text(form, encoding="utf-8")
        with app.app_context():
            version = load_questionnaire(path)
            db.session.commit()
            addresses.append(f"/manage/{version.survey.code}/phien-ban/{version.id}")
    return addresses


def address(app: Flask, survey: str = "phones") -> str:
    """Where the newest version of a survey stands."""
    with app.app_context():
        newest = max(version.id for version in find_survey(survey).versions)
        db.session.rollback()
    return f"/manage/{survey}/phien-ban/{newest}"
