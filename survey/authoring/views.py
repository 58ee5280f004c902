"""The page of a version: what it asks, what it changes, what it can be tried and printed as."""

from flask import render_template

from survey.accounts.service import allowed_to
from survey.authoring import service
from survey.authoring.blueprint import VERSION, authoring
from survey.rounds.service import instrument_of


@authoring.get(VERSION)
@allowed_to("manage")
def version_page(survey: str, version_id: int) -> str:
    """One version, before and after it is fielded."""
    version = service.find_version(survey, version_id)
    return render_template("authoring/version.html", version=version, instrument=instrument_of(version))
