"""How the invitations of a round stand, in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from survey.cases.models import Case, Disposition
from survey.config import Settings
from survey.extensions import db
from survey.invitations.contacts import ContactCounts, count_contacts
from survey.invitations.links import is_revoked, links_are_over, plan_of
from survey.invitations.models import Channel, Kind, Message, RevokedLink, State
from survey.invitations.outbox import count_states, troubles
from survey.invitations.senders import is_real
from survey.rounds.models import Round


@dataclass(frozen=True)
class Overview:
    """Counts of a round: its cases, links, contacts and messages (by kind, channel and state)."""

    cases: int
    answered: int
    refused: int
    without_link: int
    revoked: int
    contacts: ContactCounts
    messages: Mapping[tuple[str, str, str], int]
    troubles: Sequence[Message]
    links_end: date | None
    over: bool
    real: Mapping[Channel, bool]

    def count(self, state: State) -> int:
        """Messages in a state, of all kinds and channels."""
        return sum(number for (_, _, found), number in self.messages.items() if found == state)

    def lines(self) -> list[tuple[Kind, Channel, dict[State, int]]]:
        """A line a kind and channel that has messages."""
        return [
            (kind, channel, counts)
            for kind in Kind
            for channel in Channel
            if (counts := {state: self.messages.get((kind, channel, state), 0) for state in State})
            and sum(counts.values())
        ]


def overview(round_: Round, config: Settings) -> Overview:
    """The numbers of a round's invitations."""
    here = Case.round_id == round_.id
    outcomes = dict(
        db.session.execute(
            select(Case.disposition, func.count()).where(here).group_by(Case.disposition)
        ).all()
    )
    revoked = (
        select(func.count()).select_from(RevokedLink).join(Case, Case.id == RevokedLink.case_id).where(here)
    )
    return Overview(
        cases=sum(outcomes.values()),
        answered=outcomes.get(Disposition.COMPLETE, 0),
        refused=outcomes.get(Disposition.REFUSAL, 0),
        without_link=db.session.scalar(select(func.count()).where(here, is_revoked())) or 0,
        revoked=db.session.scalar(revoked) or 0,
        contacts=count_contacts(round_),
        messages=count_states(round_),
        troubles=troubles(round_),
        links_end=plan_of(round_).links_end,
        over=links_are_over(round_),
        real={channel: is_real(channel, config) for channel in Channel},
    )
