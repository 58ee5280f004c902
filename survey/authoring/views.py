"""The page of a version: what it asks, what it changes, what it can be tried and printed as."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from survey.accounts.service import allowed_to
from survey.authoring import service, trying
from survey.authoring.blueprint import VERSION, authoring
from survey.authoring.coverage import KINDS, coverage
from survey.authoring.differences import differences
from survey.authoring.drawing import counted, draw, how_often
from survey.authoring.flow import flow
from survey.authoring.questions import MOST_QUESTIONS, blocks
from survey.collect.words import LANGUAGE_NAMES
from survey.extensions import db
from survey.rounds.service import instrument_of

# Their routes belong to this blueprint.
__all__ = ["authoring", "trying"]


@authoring.get(VERSION)
@allowed_to("manage")
def version_page(survey: str, version_id: int) -> str:
    """One version, before and after it is fielded."""
    version = service.find_version(survey, version_id)
    instrument, previous = instrument_of(version), service.previous_version(version)
    way = flow(instrument)
    return render_template(
        "authoring/version.html",
        version=version,
        instrument=instrument,
        use=service.use_of(version),
        differences=differences(previous, version) if previous else None,
        coverage=coverage(instrument),
        kinds=KINDS,
        language_names=LANGUAGE_NAMES,
        flow=way,
        picture=draw(way),
        counted=counted,
        how_often=how_often,
        blocks=list(blocks(instrument)),
        most_questions=MOST_QUESTIONS,
    )


@authoring.get(f"{VERSION}/xoa")
@allowed_to("manage")
def ask_to_remove(survey: str, version_id: int) -> str:
    """What would be gone, before it is."""
    version = service.find_version(survey, version_id)
    return render_template("authoring/remove.html", version=version, use=service.use_of(version))


@authoring.post(f"{VERSION}/xoa")
@allowed_to("manage")
def remove(survey: str, version_id: int) -> Redirect:
    """Delete a version that nothing uses."""
    version = service.find_version(survey, version_id)
    name = version.version
    is_left = service.remove_version(version)
    db.session.commit()
    flash(f"Đã xóa phiên bản {name} của {survey}.", "success")
    address = url_for("manage.survey_page", survey=survey) if is_left else url_for("manage.start")
    return redirect(address, code=303)
