"""Make deliveries, and take what agencies answer: that they received one, and what they hold to be wrong in it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from survey.accounts.models import User
from survey.accounts.service import record, require
from survey.delivery import outbox
from survey.delivery.models import CorrectionStatus, Delivery, DeliveryLine, Objection, Way
from survey.delivery.packages import make_package
from survey.delivery.queues import Queue, queue_of
from survey.delivery.signature import signer_of
from survey.disseminate.models import Observation
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.registry.models import Agency

LARGEST_ID = 2**31 - 1


class NothingToDeliver(Fault):
    title = "Không có gì mới để gửi"


@dataclass(frozen=True)
class Sender:
    """Who an answer comes from, and how: an agency's client, or a letter that staff typed in."""

    name: str
    way: Way
    reference: str = ""
    user: User | None = None


def find_agency(code: str) -> Agency:
    """The agency of this code; raise `NotFound`."""
    agency = db.session.scalar(select(Agency).where(Agency.code == code))
    if agency is None:
        raise NotFound(f"Không có cơ quan {code[:64]}.", "Xem mã cơ quan ở trang Gửi số liệu.")
    return agency


def find_delivery(number: int) -> Delivery:
    """The delivery of this id; raise `NotFound`."""
    found = db.session.get(Delivery, number) if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"Không có lần gửi {number}.", "Xem danh sách ở trang Gửi số liệu.")
    return found


def deliver(
    agency: Agency, user: User, home: Path, *, is_synthetic: bool = False, now: datetime | None = None
) -> Delivery:
    """Pack, sign and keep what an agency has still to get; push it too where the agency has an endpoint.

    The caller commits: package, lines and outbox are there together or not at all. Raises `NothingToDeliver` also
    for the second of two who press at once.
    """
    require(user, "deliver")
    db.session.refresh(agency, with_for_update=True)
    queue = queue_of(agency, is_synthetic=is_synthetic)
    if not queue.lines:
        raise NothingToDeliver(f"{agency.name} đã nhận mọi số liệu hiện có.", "Đợi số liệu mới được công bố.")
    signer = signer_of(home)
    package = make_package(queue, signer)
    delivery = Delivery(
        agency=agency,
        number=package.number,
        is_synthetic=is_synthetic,
        made_at=now or datetime.now(UTC),
        made_by=user,
        package=package.content,
        size=len(package.content),
        sha256=package.sha256,
        key_id=signer.key_id,
        lines=_lines(queue),
    )
    db.session.add(delivery)
    db.session.flush()
    outbox.queue_push(delivery, now)
    record(
        "delivery.make", _subject(delivery), {"lines": len(queue.lines), "sha256": package.sha256}, user=user
    )
    return delivery


def _lines(queue: Queue) -> list[DeliveryLine]:
    return [
        DeliveryLine(
            position=position, observation=line.observation, change=line.change, replaces=line.replaces
        )
        for position, line in enumerate(queue.lines, 1)
    ]


def _subject(delivery: Delivery) -> str:
    return f"delivery:{delivery.id}"


def deliveries(agency: Agency | None = None, most: int | None = None) -> list[Delivery]:
    """Deliveries, newest first."""
    query = select(Delivery).order_by(Delivery.id.desc()).limit(most)
    if agency:
        query = query.where(Delivery.agency_id == agency.id)
    return list(db.session.scalars(query))


def mark_fetched(delivery: Delivery, now: datetime | None = None) -> None:
    """Note the first time that the agency's own client took the package."""
    if delivery.fetched_at is None:
        delivery.fetched_at = now or datetime.now(UTC)
        record("delivery.fetch", _subject(delivery))


def acknowledge(delivery: Delivery, sender: Sender, note: str = "", now: datetime | None = None) -> bool:
    """Record that the agency has received a delivery; say whether it was the first time.

    The first answer stands: a client that says it again is told the same, nothing is overwritten.
    """
    db.session.refresh(delivery, with_for_update=True)
    if delivery.acknowledged_at is not None:
        return False
    delivery.acknowledged_at, delivery.acknowledged_way = now or datetime.now(UTC), sender.way
    delivery.acknowledged_by, delivery.acknowledged_reference = sender.name[:200], sender.reference[:100]
    delivery.acknowledged_note = note
    record("delivery.acknowledge", _subject(delivery), _how(sender), user=sender.user)
    return True


def request_correction(
    delivery: Delivery, sender: Sender, text: str, observation: int | None = None
) -> tuple[Objection, bool]:
    """Open a request for correction; the same words again give the one that is there, and False.

    `observation`: which figure of the delivery; raise `NotFound` for one that is not in it.
    """
    db.session.refresh(delivery, with_for_update=True)
    figure = _figure(delivery, observation)
    for known in delivery.corrections:
        if (known.text, known.observation) == (text, figure) and known.status == CorrectionStatus.OPEN:
            return known, False
    correction = Objection(
        delivery=delivery,
        observation=figure,
        text=text,
        reference=sender.reference[:100],
        way=sender.way,
        requested_by=sender.name[:200],
        status=CorrectionStatus.OPEN,
    )
    db.session.add(correction)
    db.session.flush()
    record(
        "correction.request",
        _subject(delivery),
        {"correction": correction.id} | _how(sender),
        user=sender.user,
    )
    return correction, True


def _figure(delivery: Delivery, observation: int | None) -> Observation | None:
    if observation is None:
        return None
    found = next((line.observation for line in delivery.lines if line.observation_id == observation), None)
    if found is None:
        raise NotFound(
            f"Lần gửi {delivery.number} không có số liệu số {observation}.", "Xem manifest.json trong gói."
        )
    return found


def _how(sender: Sender) -> dict[str, Any]:
    return {"way": sender.way, "by": sender.name, "reference": sender.reference}


def find_correction(number: int) -> Objection:
    """The request of this id; raise `NotFound`."""
    found = db.session.get(Objection, number) if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(f"Không có yêu cầu đính chính {number}.", "Xem danh sách ở trang Gửi số liệu.")
    return found


def answer_correction(
    correction: Objection, user: User, *, accepted: bool, answer: str, now: datetime | None = None
) -> None:
    """A statistician accepts a request, so that the figure needs a revision, or rejects it, with the reason.

    Raises `Conflict` when it is answered already, `Fault` without a reason.
    """
    require(user, "deliver")
    db.session.refresh(correction, with_for_update=True)
    if correction.status != CorrectionStatus.OPEN:
        raise Conflict("Yêu cầu này đã có trả lời.", "Xem câu trả lời ở trang của lần gửi.")
    if not answer.strip():
        raise Fault("Câu trả lời chưa có lý do.", "Ghi lý do để cơ quan gửi yêu cầu hiểu.")
    correction.status = CorrectionStatus.ACCEPTED if accepted else CorrectionStatus.REJECTED
    correction.answer, correction.answered_by = answer.strip(), user
    correction.answered_at = now or datetime.now(UTC)
    detail = {"correction": correction.id, "status": correction.status}
    record("correction.answer", _subject(correction.delivery), detail, user=user)


def open_corrections() -> list[Objection]:
    """Requests that wait for an answer, and accepted ones whose figure has not been revised yet; oldest first."""
    asked = Objection.status.in_((CorrectionStatus.OPEN, CorrectionStatus.ACCEPTED))
    found = db.session.scalars(select(Objection).where(asked).order_by(Objection.id))
    return [one for one in found if one.status == CorrectionStatus.OPEN or one.needs_revision]
