"""`/lich`: which reports are due when, and what they still lack."""

from flask import Blueprint, render_template, request

from survey.accounts.service import allowed_to
from survey.delivery.deadlines import deadlines
from survey.delivery.views import today
from survey.errors import Fault

calendar = Blueprint("calendar", __name__)
FIRST_YEAR, LAST_YEAR = 2022, 2100


class BadYear(Fault):
    title = "Năm chưa đúng"


@calendar.get("/lich")
@allowed_to("see_process")
def start() -> str:
    """The reports of a year, this one by default."""
    day = today()
    year = _year(request.args.get("nam", str(day.year)))
    return render_template(
        "delivery/calendar.html", year=year, this_year=day.year, deadlines=deadlines(year, day)
    )


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise BadYear(f"“{text[:20]}” không phải năm có lịch báo cáo.", "Chọn một năm từ 2022.")
    return int(text)
