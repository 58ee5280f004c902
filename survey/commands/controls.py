"""`khaosat controls`: population totals for calibration, with their source, day and population."""

from datetime import datetime
from pathlib import Path

import click

from survey.commands.figures import find_user
from survey.commands.running import console, in_app
from survey.extensions import db
from survey.process.recipes import control_sets as sets
from survey.process.recipes.control_changes import changes, population_change
from survey.process.recipes.models import ControlStatus, PopulationBase
from survey.process.recipes.numerals import PLAIN, VIETNAMESE
from survey.process.recipes.population import About
from survey.process.recipes.totals import read_totals
from survey.process.weighting.controls import CONTROLS
from survey.rounds.service import find_round, find_survey

STATUSES = [status.value for status in ControlStatus]
DAY = click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"])


@click.group()
def controls() -> None:
    """Population totals for calibration: bring them in, list them."""


@controls.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--survey", required=True, help="Survey that they are for.")
@click.option(
    "--round", "code", help="Round whose questionnaire and sample they must fit; default: the latest."
)
@click.option("--source", required=True, help="Who published them, and where.")
@click.option("--date", "day", required=True, type=DAY, help="Day that they hold for.")
@click.option(
    "--population", "base", required=True, type=click.Choice([base.value for base in PopulationBase]),
    help="Whom they count: never registered people for a survey of residents.",
)  # fmt: skip
@click.option(
    "--definition", help="Who is counted, as 'persons aged 15+'; default: the file's column population."
)
@click.option(
    "--for", "stands_for", default=CONTROLS, show_default=True, help="File of the questionnaire they replace."
)
@click.option("--status", type=click.Choice(STATUSES), default=STATUSES[-1], show_default=True)
@click.option(
    "--numbers",
    type=click.Choice([VIETNAMESE, PLAIN]),
    help="vi: 1.234,5; en: 1,234.5; default: as the file tells.",
)
@click.option("--accept", is_flag=True, help="Accept them at once; without it somebody does on the page.")
@click.option("--sure", is_flag=True, help="With --accept: a large change of the population is meant.")
@click.option("--as", "username", required=True, help="User name of the statistician who does it.")
@in_app
def import_controls(
    file: Path, survey: str, code: str | None, source: str, day: datetime, base: str, definition: str | None,
    stands_for: str, status: str, numbers: str | None, accept: bool, sure: bool, username: str,
) -> None:  # fmt: skip
    """Bring totals in: a CSV or .xlsx with the columns margin, level, total.

    Nothing uses them before they are accepted and a recipe picks them (control_sets).

    \b
    Example:
      khaosat controls import totals.csv --survey ict-ho-gia-dinh --source "Thống kê tỉnh, 123/TK-DS"
        --date 2026-07-01 --population resident --definition "persons aged 15+" --as lan
    """
    round_, user = find_round(survey, code), find_user(username)
    read = read_totals(file.read_bytes(), numbers)
    about = About(
        stands_for,
        source.strip(),
        day.date(),
        PopulationBase(base),
        definition or read.definition,
        ControlStatus(status),
    )
    proposed = sets.propose(round_, user, about, read.totals)
    if read.notice:
        console.print(read.notice)
    told = changes(round_, proposed)
    for change in told:
        share = "" if change.share is None else f" ({change.share:+.2f} %)"
        console.print(
            f"  {change.margin} {change.level}: {_told(change.before)} -> {_told(change.after)}{share}"
        )
    whole = population_change(told)
    if whole is not None:
        console.print(f"  Population: {100 * whole:+.2f} % against the totals in use.")
    if accept:
        sets.accept(round_, proposed, user, sure=sure)
    db.session.commit()
    state = "accepted" if accept else "waits to be accepted on its page"
    console.print(
        f"{survey}: set {proposed.number} for {stands_for}, {len(proposed.totals)} totals, {state}."
    )


def _told(total: float | None) -> str:
    return "-" if total is None else f"{total:,.0f}"


@controls.command("list")
@click.argument("survey")
@in_app
def list_controls(survey: str) -> None:
    """List a survey's sets of totals, newest first.

    \b
    Example:
      khaosat controls list ict-ho-gia-dinh
    """
    for each in sets.sets_of(find_survey(survey)):
        state = "accepted" if each.accepted_at else "not accepted"
        console.print(
            f"{each.number}  {each.file}  {each.reference_date}  {each.population_base}: {each.population}"
            f"  {each.status}, {state}  {each.source}",
            markup=False,
        )
