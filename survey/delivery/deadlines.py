"""The calendar of reports with what each still lacks: figures of its lines, and signatures on finished runs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from survey.disseminate import service
from survey.disseminate.models import Release
from survey.extensions import db
from survey.process.models import Run, RunStatus
from survey.registry.calendar import Obligation, obligations
from survey.registry.models import Indicator
from survey.registry.values.models import AdministrativeValue
from survey.rounds.models import Purpose, Round
from survey.signoff.models import SignOffStatus

SOON_DAYS = 30
NO_STATISTIC = "not a statistic"


@dataclass(frozen=True)
class Deadline:
    """One report with its days and what it still lacks; `missing`: its lines without a current figure of the year."""

    obligation: Obligation
    days_left: int
    lines: int
    missing: Sequence[Indicator]
    unsigned: Sequence[Run]

    @property
    def there(self) -> int:
        """How many of the lines have a figure."""
        return self.lines - len(self.missing)

    @property
    def is_over(self) -> bool:
        """Whether the last day has passed."""
        return self.days_left < 0

    @property
    def is_soon(self) -> bool:
        """Whether it is due within a month."""
        return 0 <= self.days_left <= SOON_DAYS


def deadlines(year: int, today: date) -> list[Deadline]:
    """Every report due in a year, in the order of the days."""
    lines = {line.code: line for line in db.session.scalars(select(Indicator)) if _is_measured(line)}
    known, unsigned = codes_with_figures(year), unsigned_runs(year)
    return [_deadline(one, today, lines, known, unsigned) for one in obligations(year)]


def _deadline(
    obligation: Obligation,
    today: date,
    lines: dict[str, Indicator],
    known: Collection[str],
    unsigned: Sequence[Run],
) -> Deadline:
    own = [lines[code] for code in obligation.lines if code in lines]
    return Deadline(
        obligation,
        (obligation.last_day - today).days,
        len(own),
        [line for line in own if line.code not in known],
        [run for run in unsigned if measures(run) & set(obligation.lines)],
    )


def _is_measured(line: Indicator) -> bool:
    """Tasks have no figure to report."""
    return line.measured_by != NO_STATISTIC


def codes_with_figures(year: int) -> set[str]:
    """Registry lines with a current figure of a real round, or a current administrative value, in the year.

    What was generated fulfils nothing.
    """
    surveyed = {
        figure.registry_code
        for figure in service.current()
        if figure.registry_code
        and figure.purpose == Purpose.PRODUCTION
        and figure.time_period[:4] == str(year)
    }
    reported = (
        select(Indicator.code)
        .join(AdministrativeValue)
        .where(
            AdministrativeValue.current,
            AdministrativeValue.is_synthetic.is_(False),
            AdministrativeValue.time_period.startswith(str(year)),
        )
    )
    return surveyed | set(db.session.scalars(reported))


def unsigned_runs(year: int) -> list[Run]:
    """The newest finished run of each real round of the year, where it is not public and was not taken back."""
    newest = (
        select(Run)
        .join(Round, Run.round_id == Round.id)
        .where(
            Run.status == RunStatus.DONE,
            Round.purpose == Purpose.PRODUCTION,
            Round.time_period.startswith(str(year)),
        )
        .order_by(Run.round_id, Run.id.desc())
        .ext(distinct_on(Run.round_id))
    )
    over = (SignOffStatus.PUBLISHED, SignOffStatus.WITHDRAWN)
    closed = set(db.session.scalars(select(Release.run_id).where(Release.status.in_(over))))
    return [run for run in db.session.scalars(newest) if run.id not in closed]


def measures(run: Run) -> set[str]:
    """The registry lines that a run's indicators measure."""
    return {entry["registry"] for entry in run.recipe["indicators"]["indicators"] if entry.get("registry")}


def coming(today: date, days: int = SOON_DAYS) -> list[Deadline]:
    """What is due from today on within so many days, also beyond the turn of the year."""
    years = (today.year, today.year + 1)
    found = (one for year in years for one in deadlines(year, today))
    return [one for one in found if 0 <= one.days_left <= days]
