"""The simulated reports: all of them pass the checks of real ones, once, and say that they are simulated."""

from datetime import date

from flask import Flask

from survey.demo.reports import DATA, report
from survey.extensions import db
from survey.registry.files import rows
from survey.registry.values.service import public_values
from tests.known import load_areas, load_registry
from tests.staff import statistician

TODAY = date(2026, 11, 22)


def test_simulated_values_are_published_once_and_marked(app: Flask) -> None:
    with app.app_context():
        load_registry()
        load_areas()
        lan, minh = statistician(), statistician("minh")
        given = rows("administrative.csv", DATA)
        assert report(lan, minh, TODAY) == len(given)
        db.session.commit()
        assert report(lan, minh, TODAY) == 0
        values = public_values(row["line"] for row in given)
        assert len(values) == len(given)
        assert all(value.is_synthetic and value.current and "mô phỏng" in value.note for value in values)
        db.session.remove()
