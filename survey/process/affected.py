"""The records that edit rules name, as a list that a person can go back to the field with."""

import pandas as pd
from sqlalchemy import select

from survey.cases.models import Case
from survey.extensions import db
from survey.intake.models import Response
from survey.process.models import Run
from survey.process.tables import KEY
from survey.text import defused

COLUMNS = ["rule", "severity", "message", "case_code", KEY, "instance"]


def affected_list(run: Run, affected: pd.DataFrame) -> pd.DataFrame:
    """A row a failure, errors first: the rule, what it says in Vietnamese, the case's code, the record's key."""
    messages = {rule["code"]: rule["message"]["vi"] for rule in run.edits}
    query = (
        select(Response.instance_id, Case.code)
        .join(Case, Case.id == Response.case_id)
        .where(Response.round_id == run.round_id)
    )
    codes = dict(db.session.execute(query).all())
    listed = affected.rename(columns={"code": "rule"}).assign(
        message=affected["code"].map(messages), case_code=affected[KEY].map(codes)
    )
    listed = listed.sort_values(["severity", "rule", KEY], kind="stable")[COLUMNS]
    # The record's key came from a device, and the list is opened in Excel.
    return listed.assign(**{column: listed[column].map(defused) for column in COLUMNS})
