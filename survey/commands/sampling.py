"""`khaosat frame` and `sample`: who can be asked, and who is."""

from pathlib import Path

import click

from survey.commands.running import console, in_app, settings
from survey.extensions import db
from survey.manage.sampling import draw_sample, frame_in, keep_frame, read_frame
from survey.rounds.service import find_round


@click.group()
def frame() -> None:
    """Sampling frames: bring them in."""


@frame.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="Name under which the frame is kept.")
@in_app
def import_frame(file: Path, name: str) -> None:
    """Keep a frame: a CSV with a row a unit and the columns unit, stratum, psu (others are kept too).

    \b
    Example:
      khaosat frame import households.csv --name households-2026
    """
    table = frame_in(file.read_bytes())
    keep_frame(table, name, settings().files)
    console.print(
        f"{name}: {len(table)} units in {table['stratum'].nunique()} strata, {table['psu'].nunique()} PSUs."
    )


@click.group()
def sample() -> None:
    """Samples: draw them."""


@sample.command("draw")
@click.argument("survey")
@click.option("--round", "code", help="Round of the survey; default: the latest.")
@click.option("--frame", "name", required=True, help="Name of the frame.")
@click.option("--units", type=click.IntRange(1), required=True, help="About how many units to draw.")
@click.option("--per-psu", type=click.IntRange(1), default=10, show_default=True)
@click.option(
    "--allocation",
    type=click.Choice(["square_root", "proportional", "equal"]),
    default="square_root",
    show_default=True,
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Kept, so that the draw can be repeated."
)
@in_app
def draw(
    survey: str, code: str | None, name: str, units: int, per_psu: int, allocation: str, seed: int
) -> None:
    """Draw a stratified two-stage sample and make a case, with an invitation, of each unit.

    \b
    Example:
      khaosat sample draw ict-ho-gia-dinh --frame households-2026 --units 2000
    """
    round_ = find_round(survey, code)
    drawn = draw_sample(
        round_,
        read_frame(name, settings().files),
        units=units,
        per_psu=per_psu,
        allocation=allocation,
        seed=seed,
    )
    db.session.commit()
    console.print(f"{survey}/{round_.code}: {sum(drawn.method['psus'].values())} PSUs, {per_psu} units each.")
