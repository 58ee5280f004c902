"""`khaosat run`: the queue of runs, cancelling one, trying a stopped one again."""

import click

from survey.accounts.service import require
from survey.commands.figures import find_user
from survey.commands.running import console, in_app, progress_bar
from survey.extensions import db
from survey.process import jobs, queue, service
from survey.process.journal import journal_of
from survey.process.models import Run

NUMBER = click.argument("number", type=click.IntRange(1))
AS = click.option("--as", "username", required=True, help="User name of the statistician who does it.")


@click.group()
def run() -> None:
    """Runs of all rounds: what runs, waits or stopped; their logs; cancel; try again."""


@run.command("list")
@in_app
def list_() -> None:
    """List the runs that are under way, wait, or stopped without figures.

    \b
    Example:
      khaosat run list
    """
    found = queue.queue()
    for each in found.running:
        console.print(f"{_name(each)}: running, {each.progress:.0%}, {each.message}")
    for place, each in enumerate(found.waiting, 1):
        console.print(f"{_name(each)}: waiting, place {place}")
    for each in found.stopped:
        console.print(f"{_name(each)}: {each.status} {each.finished_at:%Y-%m-%d %H:%M}. {each.message}")
    if found.is_empty:
        console.print("No run is under way, waits or has stopped.")


@run.command()
@NUMBER
@in_app
def log(number: int) -> None:
    """Print what happened to a run: who asked, each step with its seconds and rows, why it stopped.

    \b
    Example:
      khaosat run log 12
    """
    for event in journal_of(service.find_run(number)):
        parts = [f"{event.began_at:%Y-%m-%d %H:%M:%S}", event.step or event.kind]
        parts += [f"{event.seconds:.1f} s"] if event.seconds is not None else []
        parts += [f"{event.rows} rows"] if event.rows is not None else []
        parts += [event.user.username] if event.user else []
        console.print("  ".join([*parts, event.message]).rstrip())


@run.command()
@NUMBER
@AS
@in_app
def cancel(number: int, username: str) -> None:
    """Stop a run that waits or is under way; a worker notices at its next step.

    \b
    Example:
      khaosat run cancel 12 --as lan
    """
    user = find_user(username)
    require(user, "weight")
    queue.cancel(service.find_run(number), user)
    db.session.commit()
    console.print(f"Run {number} is cancelled.")


@run.command()
@NUMBER
@AS
@click.option("--same-snapshot", is_flag=True, help="On the data that it had; default: those of now.")
@click.option("--here", is_flag=True, help="Do it in this process; default: leave it to a worker.")
@in_app
def retry(number: int, username: str, same_snapshot: bool, here: bool) -> None:
    """Try a failed or cancelled run again with the recipe that it had.

    \b
    Example:
      khaosat run retry 12 --as lan --same-snapshot
    """
    found = service.find_run(number)
    queue.retry(found, find_user(username), same_snapshot=same_snapshot)
    db.session.commit()
    if not here:
        jobs.enqueue_run(number)
        console.print(f"Run {number} waits at place {queue.position(found)}; a `khaosat worker` takes it up.")
        return
    with progress_bar(f"Run {number}") as tell:
        service.execute(number, tell)
    console.print(f"  {len(found.estimates)} estimates (run {number}).")


def _name(found: Run) -> str:
    return f"{found.id} {found.round.survey.code}/{found.round.code}"
