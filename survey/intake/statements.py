"""The one statement that every submission runs, built once: it is most of what a submission costs."""

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from survey.intake.models import Response, ResponseEvent

_RESPONSE: Table = Response.__table__  # type: ignore[assignment]
_EVENT: Table = ResponseEvent.__table__  # type: ignore[assignment]
_COLUMNS = (
    "id", "round_id", "instrument_version_id", "case_id", "instance_id", "mode", "source", "status", "answers",
    "content_hash", "resume_code", "language", "revision", "submitted_at",
    "consent_hash", "consent_language", "consent_given", "consented_at",
)  # fmt: skip

_new = (
    insert(_RESPONSE)
    .values({name: bindparam(name, type_=_RESPONSE.c[name].type) for name in _COLUMNS})
    .on_conflict_do_nothing(index_elements=["round_id", "instance_id"])
    .returning(_RESPONSE.c.id)
    .cte("new")
)
_event = select(
    _new.c.id,
    bindparam("event", type_=_EVENT.c.kind.type),
    bindparam("detail", type_=_EVENT.c.detail.type),
)
KEEP = (
    insert(_EVENT)
    .from_select(["response_id", "kind", "detail"], _event, include_defaults=False)
    .returning(_EVENT.c.response_id)
)
"""Insert a response with its first event; gives the response's id, or nothing if its key is there."""
