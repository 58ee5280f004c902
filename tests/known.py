"""The registry and the areas for tests: read from their files once a session, then copied back as rows.

`survey.registry.service.load_registry` and `survey.cases.areas.load_areas` take half a second; the tests of these two
call them themselves.
"""

from collections.abc import Callable

from sqlalchemy import select

from survey.cases import areas
from survey.cases.models import Area, AreaLink
from survey.extensions import db
from survey.registry import service
from survey.registry.models import (
    Agency,
    Indicator,
    IndicatorDefinition,
    IndicatorOwner,
    IndicatorTarget,
    LegalDocument,
)

REGISTRY = (Agency, LegalDocument, Indicator, IndicatorOwner, IndicatorDefinition, IndicatorTarget)
AREAS = (Area, AreaLink)
Tables = tuple[type[db.Model], ...]
_rows: dict[str, bytes] = {}


def load_registry() -> None:
    """All 198 lines with agencies, documents, definitions and targets; nothing where they are there."""
    _bring(REGISTRY, service.load_registry)


def load_areas() -> None:
    """The province, its communes, and what was before them; nothing where they are there."""
    _bring(AREAS, areas.load_areas)


def _bring(tables: Tables, load: Callable[[], int]) -> None:
    if tables[0].__tablename__ not in _rows:
        load()
        db.session.flush()
        _rows.update({one.__tablename__: _copied_out(one.__tablename__) for one in tables})
        return
    if db.session.scalar(select(tables[0]).limit(1)):
        return
    with db.session.connection().connection.cursor() as cursor:
        for one in tables:
            with cursor.copy(f"COPY {one.__tablename__} FROM STDIN") as copy:
                copy.write(_rows[one.__tablename__])


def _copied_out(table: str) -> bytes:
    with (
        db.session.connection().connection.cursor() as cursor,
        cursor.copy(f"COPY {table} TO STDOUT") as copy,
    ):
        return b"".join(bytes(part) for part in copy)
