"""How far the fieldwork of a round has come: outcomes of contact, answers, response rate."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from analysis.quality import Dispositions, response_rates
from survey.cases.models import Case, Disposition
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.intake.models import Response, ResponseStatus, Source
from survey.process.models import Run
from survey.rounds.models import Round
from survey.rounds.service import FIELDED

PERCENT = 100.0

# What each disposition counts as in a response rate; the ineligible count nowhere.
MEANING = {
    Disposition.COMPLETE: "complete",
    Disposition.PARTIAL: "partial",
    Disposition.REFUSAL: "refusal",
    Disposition.NON_CONTACT: "non_contact",
    Disposition.UNKNOWN: "unknown_household",
    Disposition.PENDING: "unknown_household",
}


@dataclass(frozen=True)
class Outcomes:
    """Numbers of cases by disposition."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def sampled(self) -> int:
        """All cases."""
        return sum(self.counts.values())

    @property
    def complete(self) -> int:
        """Cases with a complete answer."""
        return self.counts.get(Disposition.COMPLETE, 0)

    @property
    def response_rate(self) -> float | None:
        """AAPOR's RR1 in percent; None without a case that may be eligible.

        Cases not resolved yet count as of unknown eligibility, so a round in the field shows its lowest rate.
        """
        numbers = dict[str, float]()
        for code, count in self.counts.items():
            if code in MEANING:
                numbers[MEANING[code]] = numbers.get(MEANING[code], 0.0) + count
        rate = response_rates(Dispositions(**{"complete": 0.0, **numbers}))["RR1"]
        return None if math.isnan(rate) else PERCENT * rate


@dataclass(frozen=True)
class RoundLine:
    """A round in a list: outcomes of its cases, its answers by source, its newest run."""

    round: Round
    outcomes: Outcomes
    answers: Mapping[str, int]
    run: Run | None

    @property
    def complete(self) -> int:
        """Complete answers that weights can be made for."""
        return self.answers.get(Source.SAMPLE, 0)

    @property
    def opt_in(self) -> int:
        """Complete answers of people whom nobody sampled."""
        return self.answers.get(Source.OPT_IN, 0)


def overview() -> list[RoundLine]:
    """Every round that is fielded, newest first, in a fixed number of queries."""
    rounds = list(db.session.scalars(select(Round).where(FIELDED).order_by(Round.id.desc())))
    outcomes = _counts(
        select(Case.round_id, Case.disposition, func.count()).group_by(Case.round_id, Case.disposition)
    )
    answers = _counts(_answers().group_by(Response.round_id, Response.source))
    newest = select(func.max(Run.id)).group_by(Run.round_id)
    runs = {run.round_id: run for run in db.session.scalars(select(Run).where(Run.id.in_(newest)))}
    return [
        RoundLine(round_, Outcomes(outcomes[round_.id]), answers[round_.id], runs.get(round_.id))
        for round_ in rounds
    ]


def round_line(round_: Round) -> RoundLine:
    """One round as in the overview."""
    answers = _counts(
        _answers().where(Response.round_id == round_.id).group_by(Response.round_id, Response.source)
    )
    run = db.session.scalars(select(Run).where(Run.round_id == round_.id).order_by(Run.id.desc())).first()
    return RoundLine(round_, outcomes_of(round_), answers[round_.id], run)


def outcomes_of(round_: Round) -> Outcomes:
    """The outcomes of a round's cases."""
    query = select(Case.round_id, Case.disposition, func.count()).where(Case.round_id == round_.id)
    return Outcomes(_counts(query.group_by(Case.round_id, Case.disposition))[round_.id])


def outcomes_by_stratum(round_: Round) -> dict[str, Outcomes]:
    """The outcomes of a round's cases in each stratum."""
    query = select(Case.stratum, Case.disposition, func.count()).where(Case.round_id == round_.id)
    counts = _counts(query.group_by(Case.stratum, Case.disposition).order_by(Case.stratum))
    return {stratum: Outcomes(found) for stratum, found in counts.items()}


def answers_by_day(round_: Round, source: Source = Source.SAMPLE) -> dict[date, int]:
    """Complete answers of a round from one source by the province's calendar day on which they came."""
    day = func.date(func.timezone(LOCAL_TIME.key, Response.submitted_at))
    query = select(day, func.count()).where(
        Response.round_id == round_.id,
        Response.status == ResponseStatus.COMPLETE,
        Response.source == source,
    )
    return dict(db.session.execute(query.group_by(day).order_by(day)).all())


def _answers() -> Select[Any]:
    return select(Response.round_id, Response.source, func.count()).where(
        Response.status == ResponseStatus.COMPLETE
    )


def _counts(query: Select[Any]) -> defaultdict[Any, dict[str, int]]:
    counts: defaultdict[Any, dict[str, int]] = defaultdict(dict)
    for key, kind, number in db.session.execute(query):
        counts[key][kind] = number
    return counts
