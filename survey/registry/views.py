"""The record of a registry line: all that the documents say about it, on any day."""

from datetime import UTC, date, datetime

from flask import Blueprint, render_template, request

from survey.errors import Fault
from survey.formats import local_day
from survey.registry import wording
from survey.registry.history import deadlines, history
from survey.registry.near import near_lines
from survey.registry.periods import read_day
from survey.registry.service import find_indicator, line_on
from survey.registry.values.service import public_values

registry = Blueprint("registry", __name__)


class BadDay(Fault):
    title = "Ngày chưa đọc được"


@registry.get("/chi-tieu/<code>/ho-so")
def record(code: str) -> str:
    """One line on the day asked for (`?ngay=`), today by default, with its history."""
    line = find_indicator(code)
    day = day_asked(request.args.get("ngay", "").strip())
    return render_template(
        "registry/record.html",
        on=line_on(line, day),
        changes=history(line),
        deadlines=deadlines(line, day),
        near=near_lines(line),
        values=public_values([line.code]) if line.is_administrative else [],
        wording=wording,
    )


def day_asked(text: str) -> date:
    """The day in an address, as browsers send it or as people write it; today if none. Raises `BadDay`."""
    if not text:
        return local_day(datetime.now(UTC))
    try:
        return read_day(text)
    except ValueError:
        raise BadDay(
            f"“{text[:40]}” không phải ngày.", "Ghi như 22/11/2026 hoặc chọn trong ô ngày."
        ) from None
