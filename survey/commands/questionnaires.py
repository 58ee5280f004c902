"""`khaosat questionnaire`, `openrosa` and `import`: what is asked, and bringing answers in from files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from survey.authoring.codebook import codebook_html, study_of
from survey.authoring.paper import paper_form
from survey.commands.address import local_address, running_address
from survey.commands.running import console, in_app, plain_errors, progress_bar, settings
from survey.extensions import db
from survey.instrument import (
    Instrument,
    codebook_csv,
    codebook_ddi,
    compare,
    csv_files,
    form_in,
    migration_report,
    names_beside,
    read_xlsform,
    refuse_files,
    xlsx_bytes,
)
from survey.instrument.attachments import itemsets
from survey.instrument.languages import language_names
from survey.intake.importing import import_microdata
from survey.process.plans import check_plans
from survey.rounds.files import content_of
from survey.rounds.models import InstrumentVersion, Purpose
from survey.rounds.plans import read_plans
from survey.rounds.service import (
    ensure_round,
    find_round,
    instrument_of,
    load_questionnaire,
    open_round,
)

FORM = click.Path(exists=True, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path)


@click.group()
def questionnaire() -> None:
    """Questionnaires: check them, bring them in, show them."""


@questionnaire.command("check")
@click.argument("form", type=FORM)
def check_form(form: Path) -> None:
    """Check an XLSForm (.xlsx, .xls, .csv, .md or a folder of CSV sheets) without storing it.

    Of a folder its plans are checked too: indicators.yaml, design.yaml, edits.yaml.

    \b
    Example:
      khaosat questionnaire check questionnaires/ict-ho-gia-dinh
    """
    with plain_errors():
        instrument = read_xlsform(form)
        refuse_files(instrument, names_beside(form_in(form)))
        plans = check_plans(instrument, read_plans(form)) if form.is_dir() else None
    console.print(
        f"{instrument.form_id} {instrument.version}: {len(instrument.questions)} questions,"
        f"{_files(instrument)} {_languages(instrument)}, hash {instrument.hash[:12]}",
        soft_wrap=True,
    )
    if plans:
        console.print(f"  {plans}")


def _files(instrument: Instrument) -> str:
    return f" files {', '.join(sorted(instrument.files))}," if instrument.files else ""


def _languages(instrument: Instrument) -> str:
    """The languages, and whether the default one is the questionnaire's word or our guess."""
    named = language_names(instrument.sheets)
    if not named:
        return f"language {instrument.default_language} (assumed: no label column names a language)"
    languages = f"languages {', '.join(instrument.languages)}; default {instrument.default_language}"
    said = any(row.get("default_language") for row in instrument.sheets.get("settings", ()))
    return languages if said else f"{languages} (assumed: settings give no default_language)"


@questionnaire.command("import")
@click.argument("form", type=FORM)
@click.option("--survey", "code", help="Survey code; default: the folder's name or the form_id.")
@click.option("--open", "open_test", is_flag=True, help="Open a test round for it at once.")
@in_app
def import_form(form: Path, code: str | None, open_test: bool) -> None:
    """Bring a questionnaire in; the same content again changes nothing.

    \b
    Example:
      khaosat questionnaire import my-form.xlsx --survey my-survey --open
    """
    version = load_questionnaire(form, code)
    if form.is_dir():
        check_plans(instrument_of(version), read_plans(form))
    console.print(f"{version.survey.code} {version.version}: hash {version.hash[:12]}")
    if open_test:
        round_ = ensure_round(version, f"test-{version.version}", purpose=Purpose.TEST, time_period="test")
        open_round(round_)
        console.print(f"Test round open: /s/{version.survey.code}")
    db.session.commit()


@questionnaire.command("show")
@click.argument("form", type=FORM)
@click.option("--language", default="vi")
def show_form(form: Path, language: str) -> None:
    """List a questionnaire's variables.

    \b
    Example:
      khaosat questionnaire show questionnaires/indec-ict-2018 --language en
    """
    with plain_errors():
        for question in read_xlsform(form).questions.values():
            click.echo(f"{question.variable}\t{question.type}\t{question.label(language)}")


@questionnaire.command("diff")
@click.argument("old", type=FORM)
@click.argument("new", type=FORM)
@click.option("--language", default="vi", show_default=True, help="vi or en.")
def diff_forms(old: Path, new: Path, language: str) -> None:
    """Report what a new version changes and what becomes of the data; "!" marks what breaks series.

    \b
    Example:
      khaosat questionnaire diff last-year.xlsx questionnaires/ict-ho-gia-dinh
    """
    with plain_errors():
        difference = compare(read_xlsform(old), read_xlsform(new))
    for line in migration_report(difference):
        click.echo(line.message(language))


@questionnaire.command("export")
@click.argument("code")
@click.argument("target", type=click.Path(path_type=Path))
@in_app
def export_form(code: str, target: Path) -> None:
    """Write the questionnaire of a survey's latest round: .xlsx, .xml, or a folder of CSV sheets.

    The .xml is the XForm, the exact bytes that ODK Collect receives. Its files go into media/ of the folder, or
    into NAME-media/ beside the file.

    \b
    Example:
      khaosat questionnaire export ict-ho-gia-dinh form.xlsx
    """
    version = find_round(code).instrument_version
    if target.suffix == ".xlsx":
        target.write_bytes(xlsx_bytes(version.sheets))
    elif target.suffix == ".xml":
        target.write_bytes(version.xml)
    else:
        target.mkdir(parents=True, exist_ok=True)
        for name, text in csv_files(version.sheets).items():
            (target / name).write_text(text, encoding="utf-8")
    _export_files(version, target)
    console.print(f"{target}")


@questionnaire.command("codebook")
@click.argument("form", type=FORM)
@click.option(
    "--format", "kind", type=click.Choice(["xml", "html", "csv"]), default="html", show_default=True
)
@click.option("--to", "target", type=TARGET, required=True, help="File to write.")
def write_codebook(form: Path, kind: str, target: Path) -> None:
    """Write the codebook: every variable with its codes, who is asked it, and what it measures.

    .xml is DDI-Codebook 2.5, for data archives; .html is one page to read, search and print; .csv is a table.

    \b
    Example:
      khaosat questionnaire codebook questionnaires/ict-ho-gia-dinh --format html --to codebook.html
    """
    with plain_errors():
        instrument = read_xlsform(form)
        plans = read_plans(form) if form.is_dir() else {}
        _write(target, CODEBOOKS[kind](instrument, plans))
    console.print(f"{target}", soft_wrap=True)


CODEBOOKS: dict[str, Callable[[Instrument, dict[str, Any]], bytes]] = {
    "xml": lambda form, plans: codebook_ddi(form, study_of(plans.get("design", {}))),
    "html": lambda form, plans: codebook_html(form, plans.get("indicators")).encode(),
    "csv": lambda form, _plans: codebook_csv(form).encode("utf-8-sig"),
}


@questionnaire.command("paper")
@click.argument("form", type=FORM)
@click.option("--lang", "language", help="Language of the form; default: the questionnaire's own.")
@click.option("--to", "target", type=TARGET, required=True, help="PDF file to write.")
def write_paper(form: Path, language: str | None, target: Path) -> None:
    """Write the questionnaire as a paper form (PDF, A4) with the codes for data entry.

    \b
    Example:
      khaosat questionnaire paper questionnaires/ict-ho-gia-dinh --lang vi --to form.pdf
    """
    with plain_errors():
        instrument = read_xlsform(form)
        plans = read_plans(form) if form.is_dir() else {}
        _write(target, paper_form(instrument, language or instrument.default_language, plans.get("design")))
    console.print(f"{target}", soft_wrap=True)


def _write(target: Path, content: bytes) -> None:
    """A folder that is not there, or may not be written to, is one line of error."""
    try:
        target.write_bytes(content)
    except OSError as error:
        raise click.ClickException(
            f"{target} cannot be written: {error.strerror}. Choose another place with --to."
        ) from error


def _export_files(version: InstrumentVersion, target: Path) -> None:
    folder = target / "media" if target.is_dir() else target.with_name(f"{target.stem}-media")
    made = itemsets(version.sheets)
    for file in version.files:
        if file.name not in made:
            folder.mkdir(exist_ok=True)
            (folder / file.name).write_bytes(content_of(file.sha256))


@click.group()
def openrosa() -> None:
    """ODK Collect, KoboCollect and Enketo."""


@openrosa.command("url")
@click.argument("code")
@click.option(
    "--base", help="Address under which devices reach the service; default: where it runs on this machine."
)
@in_app
def project_url(code: str, base: str | None) -> None:
    """Print the project address that ODK Collect takes (Settings, Server, URL).

    \b
    Example:
      khaosat openrosa url ict-ho-gia-dinh --base https://khaosat.example.vn
    """
    if not base and not running_address(settings()):
        click.echo("The service is not running; this is its address once `khaosat serve` runs.", err=True)
    base = base or local_address(settings())
    click.echo(f"{base.rstrip('/')}/openrosa/{find_round(code).project_token}")


@click.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--round", "code", default="microdata", show_default=True, help="Round that receives the responses."
)
@in_app
def import_(folder: Path, code: str) -> None:
    """Bring in microdata files as responses, by the folder's import.yaml, through the same validation.

    \b
    Example:
      khaosat import questionnaires/indec-ict-2018
    """
    bring_in(folder, code)


def bring_in(folder: Path, code: str = "microdata") -> int:
    """The questionnaire, a verification round and its microdata; return the number of responses."""
    version = load_questionnaire(folder)
    period = str(version.design.get("time_period", ""))
    round_ = ensure_round(version, code, purpose=Purpose.VERIFICATION, time_period=period)
    open_round(round_)
    with progress_bar(f"Import {folder.name}") as tell:
        count = import_microdata(round_, folder, lambda done, total: tell(done / total, f"{done}/{total}"))
    db.session.commit()
    console.print(f"{count} responses in {version.survey.code}/{code}.")
    return count
