"""What the API answers an agency's client: only of its own deliveries."""

from msgspec import UNSET
from sqlalchemy import select

from survey.delivery import entities, models, service
from survey.delivery.models import Token, Way
from survey.disseminate.api.answers import page_of
from survey.disseminate.api.entities import NoQuery, Page
from survey.errors import NotFound
from survey.extensions import db


def deliveries(token: Token, query: entities.DeliveryQuery) -> Page[entities.Delivery]:
    """The agency's deliveries, oldest first."""
    wanted = select(models.Delivery).where(models.Delivery.agency_id == token.agency_id)
    if query.acknowledged is not UNSET:
        wanted = wanted.where(models.Delivery.acknowledged_at.is_not(None) == query.acknowledged)
    return page_of(wanted, models.Delivery.id, query, lambda rows: [_delivery(row) for row in rows])


def delivery(token: Token, query: NoQuery, number: int) -> entities.Delivery:
    """One delivery."""
    return _delivery(own(token, number))


def own(token: Token, number: int) -> models.Delivery:
    """A delivery of the token's agency; raise `NotFound` for another's as for none."""
    found = service.find_delivery(number)
    if found.agency_id != token.agency_id:
        raise NotFound(f"Không có lần gửi {number}.", "Xem danh sách ở /api/v1/deliveries.")
    return found


def package(token: Token, query: NoQuery, number: int) -> bytes:
    """The ZIP; the first download is noted."""
    found = own(token, number)
    content = found.package
    service.mark_fetched(found)
    db.session.commit()
    return content


def acknowledge(
    token: Token, query: NoQuery, told: entities.Acknowledgement, number: int
) -> entities.Acknowledged:
    """Record that the package arrived."""
    found = own(token, number)
    first = service.acknowledge(found, _sender(token, told.reference), told.note)
    db.session.commit()
    assert found.acknowledged_at is not None
    return entities.Acknowledged(found.id, found.acknowledged_at, first)


def corrections(token: Token, query: NoQuery, number: int) -> entities.Corrections:
    """What was asked about a delivery, and how it was answered."""
    return entities.Corrections([_correction(one) for one in own(token, number).corrections])


def request_correction(
    token: Token, query: NoQuery, told: entities.CorrectionRequest, number: int
) -> entities.Objection:
    """Ask for a correction; the same words again give the same request."""
    sender = _sender(token, told.reference)
    correction, _ = service.request_correction(own(token, number), sender, told.text, told.observation)
    db.session.commit()
    return _correction(correction)


def _sender(token: Token, reference: str) -> service.Sender:
    return service.Sender(token.name, Way.API, reference)


def _delivery(row: models.Delivery) -> entities.Delivery:
    return entities.Delivery(
        id=row.id,
        number=row.number,
        made_at=row.made_at,
        synthetic=row.is_synthetic,
        lines=[_line(line) for line in row.lines],
        bytes=row.size,
        sha256=row.sha256,
        key_id=row.key_id,
        fetched_at=row.fetched_at,
        acknowledged_at=row.acknowledged_at,
    )


def _line(line: models.DeliveryLine) -> entities.Line:
    figure = line.observation
    return entities.Line(
        observation=figure.id,
        change=line.change,  # type: ignore[arg-type]
        replaces=line.replaces_id,
        indicator=figure.indicator,
        registry_code=figure.registry_code,
        time_period=figure.time_period,
    )


def _correction(row: models.Objection) -> entities.Objection:
    return entities.Objection(
        id=row.id,
        delivery=row.delivery_id,
        observation=row.observation_id,
        text=row.text,
        reference=row.reference,
        requested_at=row.requested_at,
        status=row.status,  # type: ignore[arg-type]
        answer=row.answer,
        answered_at=row.answered_at,
    )
