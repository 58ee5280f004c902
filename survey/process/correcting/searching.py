"""Smallest changes for all records that break rules: searched in the background, with progress."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Flask
from procrastinate import JobContext
from sqlalchemy import select

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.editing.models import Outcome, Proposal, ProposalSearch, SearchStatus
from survey.editing.service import DEED, LARGEST_ID, Edited, edited, is_data
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.intake.models import Response
from survey.process.correcting.findings import last_look, rules_of
from survey.process.correcting.proposing import SECONDS, Suggestion, suggest
from survey.process.correcting.records import broken_rules, judged
from survey.process.jobs import QUEUE, enqueue, jobs
from survey.process.service import affected_records
from survey.process.tables import KEY
from survey.rounds.models import Round
from survey.rounds.service import instrument_of

CHUNK = 20
MOVING = (SearchStatus.QUEUED, SearchStatus.RUNNING)

log = logging.getLogger(__name__)


@jobs.task(queue=QUEUE, name="search_proposals", pass_context=True)
def search_proposals(context: JobContext, search_id: int) -> None:
    """Search for every record that the rules named; a failure is told on the page."""
    app: Flask = context.additional_context["app"]
    with app.app_context():
        search_all(search_id)


def enqueue_search(search_id: int) -> None:
    """Hand a committed search to the workers."""
    enqueue("search_proposals", f"proposals-{search_id}", search_id=search_id)


def request_search(round_: Round, user: User) -> ProposalSearch:
    """Queue a search; the caller commits and hands it to a worker.

    Raises `Conflict` while one is under way, `NotFound` where no run has looked the data over.
    """
    require(user, DEED)
    db.session.refresh(round_, with_for_update=True)  # two presses must not queue two searches
    if last_look(round_) is None:
        raise NotFound("Đợt này chưa có lượt nào kiểm tra dữ liệu.", "Tính một lượt trước.")
    latest = latest_search(round_)
    if latest is not None and latest.status in MOVING:
        raise Conflict("Đang tìm đề xuất cho đợt này.", "Xem tiến độ, hoặc hủy rồi tìm lại.")
    search = ProposalSearch(round_id=round_.id, requested_by_id=user.id)
    db.session.add(search)
    db.session.flush()
    record("proposal.search", f"proposal_search:{search.id}", user=user)
    return search


def latest_search(round_: Round) -> ProposalSearch | None:
    """The newest search of a round."""
    query = select(ProposalSearch).where(ProposalSearch.round_id == round_.id)
    return db.session.scalars(query.order_by(ProposalSearch.id.desc())).first()


def cancel_search(round_: Round, search_id: int) -> None:
    """Stop a search at its next record; what it found stays. Raises `NotFound`, `Conflict`."""
    search = db.session.get(ProposalSearch, search_id) if search_id <= LARGEST_ID else None
    if search is None or search.round_id != round_.id:
        raise NotFound("Không có lần tìm này.", "Xem trang đề xuất của đợt.")
    db.session.refresh(search, ["status"], with_for_update=True)
    if search.status not in MOVING:
        raise Conflict("Lần tìm này đã kết thúc.", "Không cần hủy.")
    search.status, search.finished_at = SearchStatus.CANCELLED, datetime.now(UTC)
    record("proposal.cancel", f"proposal_search:{search.id}")


def search_all(search_id: int, seconds: float = SECONDS) -> None:
    """Search record by record; progress is committed every few. Safe to start again: it begins anew."""
    search = db.session.get_one(ProposalSearch, search_id)
    if search.status not in MOVING:
        return
    try:
        _search(search, seconds)
    except Exception as error:
        db.session.rollback()
        search = db.session.get_one(ProposalSearch, search_id)
        search.status, search.finished_at = SearchStatus.FAILED, datetime.now(UTC)
        search.message = (
            str(error)[:1000] if isinstance(error, Fault) else f"Lỗi ngoài dự kiến: {type(error).__name__}"
        )
        db.session.commit()
        if not isinstance(error, Fault):
            raise
        log.warning("proposal search %s failed: %s", search_id, error)


def _search(search: ProposalSearch, seconds: float) -> None:
    round_ = search.round
    run = last_look(round_)
    keys = sorted(set(affected_records(run)[KEY].astype(str))) if run else []
    db.session.query(Proposal).filter_by(search_id=search.id).delete()
    search.status, search.total, search.done = SearchStatus.RUNNING, len(keys), 0
    db.session.commit()
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        for proposal in _proposals(round_, part, seconds):
            proposal.search_id = search.id
            db.session.add(proposal)
        db.session.refresh(search, ["status"], with_for_update=True)
        if search.status == SearchStatus.CANCELLED:
            db.session.commit()
            return
        search.done += len(part)
        db.session.commit()
    search.status, search.finished_at = SearchStatus.DONE, datetime.now(UTC)
    db.session.commit()


def _proposals(round_: Round, keys: list[str], seconds: float) -> Iterator[Proposal]:
    rules, instrument = rules_of(round_), instrument_of(round_.instrument_version)
    query = select(Response).where(Response.round_id == round_.id, Response.instance_id.in_(keys))
    states = edited(
        [each for each in db.session.scalars(query.order_by(Response.instance_id)) if is_data(each)]
    )
    broken = broken_rules(judged(instrument, rules, states), rules) if states else {}
    by_key = {state.response.instance_id: state for state in states}
    for (key, place), its in broken.items():
        state = by_key[key]
        yield _proposal(state, place, suggest(round_, instrument, rules, tuple(its), state, place, seconds))


def _proposal(state: Edited, place: tuple[str, int], found: Suggestion) -> Proposal:
    return Proposal(
        response_id=state.response.id,
        level=place[0],
        instance=place[1],
        outcome=found.outcome,
        rules=[rule.code for rule in found.rules],
        variables=[each.variable for each in found.values],
        cost=found.cost,
    )


def proposals_of(search: ProposalSearch, page: int, size: int = 25) -> tuple[list[Proposal], int]:
    """A page of what a search found, the smallest changes first, and how many there are in all."""
    query = select(Proposal).where(Proposal.search_id == search.id)
    count = db.session.query(Proposal).filter_by(search_id=search.id).count()
    order = (Proposal.outcome != Outcome.FOUND, Proposal.cost, Proposal.id)
    return list(db.session.scalars(query.order_by(*order).limit(size).offset((page - 1) * size))), count
