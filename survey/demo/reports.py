"""Simulated reports of agencies: a handful of administrative values, through the same checks and signatures."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from survey.accounts.models import User
from survey.extensions import db
from survey.registry.files import rows
from survey.registry.values.checks import Entry, check
from survey.registry.values.models import AdministrativeValue
from survey.registry.values.service import enter, sign
from survey.signoff.service import propose

DATA = Path(__file__).parent / "data"


def report(first: User, second: User, today: date) -> int:
    """Make the simulated values public, each marked as simulated; return how many were new."""
    if db.session.scalar(select(AdministrativeValue.id).where(AdministrativeValue.is_synthetic).limit(1)):
        return 0
    made = 0
    for row in rows("administrative.csv", DATA):
        reported = check(Entry(**row), today).reported
        if reported is None:
            continue  # a real value stands there already: it is not replaced by a simulated one
        value = enter(reported, first, is_synthetic=True)
        propose(value, first)
        sign(value, second)
        made += 1
    db.session.flush()
    return made
