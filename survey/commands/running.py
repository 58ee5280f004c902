"""What every command shares: the database, the application, progress, and errors in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from psycopg.errors import UndefinedColumn, UndefinedTable
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import OperationalError, ProgrammingError

from survey.config import BadSetting, Settings
from survey.errors import Fault
from survey.instrument import InstrumentErrors
from survey.postgres import NotStarted, database

P = ParamSpec("P")
R = TypeVar("R")

console = Console(highlight=False, soft_wrap=True)  # a number is never broken in two


def in_app(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command within the application, on the configured database; a fault is one line and exit 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from survey.app import create_app  # late: `khaosat --help` must not load Flask and pandas

        with plain_errors(), database(settings()) as url:
            app = create_app(url)
            with app.app_context():
                return command(*args, **kwargs)

    return run


@contextmanager
def plain_errors() -> Iterator[None]:
    """Faults as `Error: what, where. remedy`, without a traceback."""
    try:
        yield
    except (Fault, InstrumentErrors) as fault:
        detail = getattr(fault, "detail", "")  # the English text behind a fault of the statistics
        raise click.ClickException(f"{fault} ({detail})" if detail else str(fault)) from fault
    except NotStarted as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(
            f"the database does not answer: {reason}. Check DATABASE_URL, or unset it for the embedded one"
        ) from error
    except ProgrammingError as error:
        if not isinstance(error.orig, UndefinedTable | UndefinedColumn):
            raise
        raise click.ClickException(
            "the database lacks tables of this version. Run: khaosat db upgrade (`khaosat serve` does it too)"
        ) from error


def settings() -> Settings:
    """The environment's settings, a bad one as a plain error."""
    try:
        return Settings.from_environment()
    except BadSetting as fault:
        raise click.ClickException(str(fault)) from fault


@contextmanager
def progress_bar(title: str, total: float = 1.0) -> Iterator[Callable[[float, str], None]]:
    """A progress bar; call the yielded function with how far (of `total`) and with what is being done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=total)

        def tell(done: float, message: str = "") -> None:
            bar.update(task, completed=done, description=f"{title}: {message}" if message else title)

        yield tell
        bar.update(task, completed=total)
