"""What a version of a questionnaire can be taken away as: the codebook and the paper form."""

from datetime import datetime

from flask import Response, render_template, request

from survey.accounts.service import allowed_to
from survey.authoring import service
from survey.authoring.blueprint import VERSION, authoring
from survey.authoring.codebook import page_values, study_of
from survey.authoring.paper import language_name, paper_form
from survey.instrument import Instrument, codebook_csv, codebook_ddi
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of


@authoring.app_template_filter("languages_of")
def languages_of(instrument: Instrument) -> list[tuple[str, str]]:
    """The codes and names of a questionnaire's languages."""
    return [(code, language_name(instrument, code)) for code in instrument.languages]


@authoring.get(f"{VERSION}/bang-ma")
@allowed_to("manage")
def codebook(survey: str, version_id: int) -> str:
    """Every variable with its codes, who is asked, and which indicators it enters."""
    version = service.find_version(survey, version_id)
    values = page_values(instrument_of(version), version.indicators)
    return render_template("authoring/codebook.html", version=version, **values)


@authoring.get(f"{VERSION}/bang-ma.xml")
@allowed_to("manage")
def codebook_xml(survey: str, version_id: int) -> Response:
    """The codebook for data archives, as DDI-Codebook 2.5."""
    version = service.find_version(survey, version_id)
    text = codebook_ddi(instrument_of(version), study_of(version.design))
    return _file(version, text, "application/xml", "bang-ma", "xml")


@authoring.get(f"{VERSION}/bang-ma.csv")
@allowed_to("manage")
def codebook_table(survey: str, version_id: int) -> Response:
    """The codebook as a table; with the mark by which spreadsheets know UTF-8."""
    version = service.find_version(survey, version_id)
    return _file(
        version, codebook_csv(instrument_of(version)).encode("utf-8-sig"), "text/csv", "bang-ma", "csv"
    )


@authoring.get(f"{VERSION}/phieu-giay.pdf")
@allowed_to("manage")
def paper(survey: str, version_id: int) -> Response:
    """The paper form in the language that `lang` asks for, else in the questionnaire's own."""
    version = service.find_version(survey, version_id)
    instrument = instrument_of(version)
    language = request.args.get("lang") or instrument.default_language
    made: datetime = version.created_at  # so that a version's form stays the same file
    return _file(
        version,
        paper_form(instrument, language, version.design, made),
        "application/pdf",
        f"phieu-giay-{language}",
        "pdf",
    )


def _file(version: InstrumentVersion, content: bytes, kind: str, name: str, suffix: str) -> Response:
    response = Response(content, mimetype=kind)
    disposition = "inline" if suffix == "pdf" else "attachment"
    filename = "-".join(part for part in (version.survey.code, version.version, name) if part)
    response.headers.set("Content-Disposition", disposition, filename=f"{filename}.{suffix}")
    return response
