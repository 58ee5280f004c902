"""The others who took part: their medians by pillar, for the narrowest group that has enough of them."""

import statistics
import uuid
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import func, select

from survey.assessment.plan import Assessment
from survey.assessment.reading import BadAssessment, assessment_of
from survey.assessment.scoring import share_of, tally
from survey.extensions import db
from survey.instrument import EvaluationError, evaluate
from survey.instrument.values import string
from survey.intake.models import Response, ResponseStatus
from survey.rounds.models import InstrumentVersion, Round

Answers = Mapping[str, Any]
Values = dict[str, str]
Stamp = tuple[tuple[int, int, datetime | None], ...]
ROUNDS_KEPT = 16


@dataclass(frozen=True)
class Member:
    """One respondent as the others see it: the share of each pillar, and the values that make groups."""

    shares: tuple[float | None, ...]
    values: Values


@dataclass(frozen=True)
class Peers:
    """Medians of the shares by pillar (None with too few) of the others in one round who share some values."""

    round: Round
    values: Values
    n: int
    medians: tuple[float | None, ...]
    is_narrowest: bool


@dataclass(frozen=True)
class Group:
    """Members who share some values: how many, and the known shares of each pillar in rising order."""

    n: int
    columns: tuple[list[float], ...]


@dataclass(frozen=True)
class Members:
    """All who completed a round, as of a stamp, and the groups asked for since.

    The stamp has a version, its count and the time of its last one, for each version that scores alike.
    """

    stamp: Stamp
    by_id: Mapping[uuid.UUID, Member]
    groups: dict[tuple[str, ...], Group] = field(default_factory=dict)


_kept: OrderedDict[tuple[int, str], Members] = OrderedDict()
"""Answers that were handed in never change, so that only newcomers are ever read."""
_keeping = Lock()


def peers_of(response: Response, plan: Assessment) -> Peers | None:
    """Whom to compare a response with; None where not even all others are as many as the plan asks for.

    Its own round is looked at first, from the narrowest group to the widest, then the earlier rounds of the same
    purpose. Everybody who completed the round with the same criteria counts, invited or not: it is no sample.
    """
    own = group_values(plan, response.answers)
    for round_ in _rounds(response):
        members = members_of(round_, plan)
        itself = members.by_id.get(response.id)
        for place, names in enumerate(plan.peers.groups):
            values = {name: own[name] for name in names}
            group = _group(members, values, plan)
            n = group.n - (itself is not None)
            if n >= plan.peers.minimum:
                return Peers(round_, values, n, _medians(group, itself, plan), place == 0)
    return None


def _group(members: Members, values: Values, plan: Assessment) -> Group:
    """Those with the same values; nobody where a value is not known."""
    if any(value in ("", *plan.peers.unknown.get(name, ())) for name, value in values.items()):
        return Group(0, ())
    key = tuple(f"{name}={value}" for name, value in values.items())
    if key not in members.groups:
        alike = [one for one in members.by_id.values() if values.items() <= one.values.items()]
        columns = zip(*(one.shares for one in alike), strict=True)
        known = tuple(sorted(share for share in column if share is not None) for column in columns)
        members.groups[key] = Group(len(alike), known)
    return members.groups[key]


def _medians(group: Group, itself: Member | None, plan: Assessment) -> tuple[float | None, ...]:
    own = itself.shares if itself else (None,) * len(group.columns)
    others = [_without(column, share) for column, share in zip(group.columns, own, strict=True)]
    return tuple(
        statistics.median(column) if len(column) >= plan.peers.minimum else None for column in others
    )


def _without(column: list[float], share: float | None) -> list[float]:
    """The others' shares."""
    if share is None:
        return column
    place = bisect_left(column, share)
    return column[:place] + column[place + 1 :]


def _rounds(response: Response) -> Iterable[Round]:
    """A response's own round, then the earlier ones; synthetic ones for synthetic ones only."""
    query = select(Round).where(
        Round.survey_id == response.round.survey_id,
        Round.purpose == response.round.purpose,
        Round.id < response.round_id,
    )
    yield response.round
    yield from db.session.scalars(query.order_by(Round.id.desc()))


def members_of(round_: Round, plan: Assessment) -> Members:
    """Everybody who completed a round with answers that give a level by the same criteria."""
    key, stamp = (round_.id, plan.scoring), _stamp(round_, plan)
    known = _kept.get(key)
    if known is None or known.stamp != stamp:
        known = Members(stamp, _brought_up(round_, stamp, plan, known.by_id if known else {}))
    with _keeping:
        _kept[key] = known
        _kept.move_to_end(key)
        while len(_kept) > ROUNDS_KEPT:
            _kept.popitem(last=False)
    return known


def _stamp(round_: Round, plan: Assessment) -> Stamp:
    version = Response.instrument_version_id
    query = (
        select(version, func.count(), func.max(Response.submitted_at))
        .where(Response.round_id == round_.id, Response.status == ResponseStatus.COMPLETE)
        .group_by(version)
        .order_by(version)
    )
    return tuple(tuple(row) for row in db.session.execute(query) if _scoring(row[0]) == plan.scoring)


def _scoring(version_id: int) -> str:
    """What turned the answers of a version into levels; "" where nothing did."""
    version = db.session.get_one(InstrumentVersion, version_id)
    try:
        return assessment_of(version).scoring if version.assessment else ""
    except BadAssessment:
        return ""


def _complete(round_: Round, stamp: Stamp, *columns: Any) -> Any:
    return select(*columns).where(
        Response.round_id == round_.id,
        Response.status == ResponseStatus.COMPLETE,
        Response.instrument_version_id.in_([version for version, *_ in stamp]),
    )


def _brought_up(
    round_: Round, stamp: Stamp, plan: Assessment, known: Mapping[uuid.UUID, Member]
) -> Mapping[uuid.UUID, Member]:
    """The members with those that came since, and without those that left."""
    ids = set(db.session.scalars(_complete(round_, stamp, Response.id)))
    query = _complete(round_, stamp, Response.id, Response.answers)
    if known:
        query = query.where(Response.id.in_(ids - known.keys()))
    came = {key: _member(plan, answers) for key, answers in db.session.execute(query)}
    stayed = {key: member for key, member in known.items() if key in ids}
    return {
        key: member for key, member in (stayed | came).items() if any(s is not None for s in member.shares)
    }


def _member(plan: Assessment, answers: Answers) -> Member:
    tallies = (tally(pillar, answers) for pillar in plan.pillars)
    shares = tuple(share_of(points, maximum) for points, maximum, _ in tallies)
    return Member(shares, group_values(plan, answers))


def group_values(plan: Assessment, answers: Answers) -> Values:
    """The values that make groups: answers, or expressions over them; "" where there is none."""
    known = {name: "" if answers.get(name) is None else answers[name] for name in plan.asked}
    for name, expression in plan.variables.items():
        known[name] = _value(expression, known)
    return {name: string(known[name]) for name in plan.peers.names}


def _value(expression: str, known: Answers) -> Any:
    try:
        return evaluate(expression, known)
    except EvaluationError:
        return ""
