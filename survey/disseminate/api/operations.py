"""What the API can do, once: its addresses are routed, its queries checked and its description made from here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from survey.disseminate.api import answers, records
from survey.disseminate.api.entities import (
    LARGEST_ID,
    AdministrativeValue,
    Indicator,
    IndicatorQuery,
    NoQuery,
    Observation,
    ObservationQuery,
    Page,
    ValueQuery,
)


@dataclass(frozen=True)
class Operation:
    """One deed: its rule as Flask and its path as OpenAPI write it, what it takes, gives and says of itself."""

    name: str
    rule: str
    path: str
    answer: Callable[..., Struct]
    query: type[Struct]
    gives: Any
    summary: str
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    """JSON Schema of each variable part of the path."""
    method: str = "GET"
    takes: type[Struct] | None = None
    """What its JSON body holds."""
    scope: str = ""
    """What a token must allow; empty: open to everyone."""
    media_type: str = "application/json"


CODE = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$"}
NUMBER = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}

OPERATIONS = (
    Operation("observations", "/observations", "/observations", answers.observations, ObservationQuery,
              Page[Observation], "Published figures with errors, targets and lineage"),
    Operation("observation", "/observations/<int:number>", "/observations/{number}", answers.observation, NoQuery,
              Observation, "One published figure", {"number": NUMBER}),
    Operation("indicators", "/indicators", "/indicators", answers.indicators, IndicatorQuery,
              Page[Indicator], "Lines of the indicator registry: targets, owners, legal basis"),
    Operation("indicator", "/indicators/<code>", "/indicators/{code}", answers.indicator, NoQuery,
              Indicator, "One line of the registry", {"code": CODE}),
    Operation("values", "/administrative-values", "/administrative-values", records.values, ValueQuery,
              Page[AdministrativeValue], "Values that agencies report from their records"),
    Operation("value", "/administrative-values/<int:number>", "/administrative-values/{number}", records.value, NoQuery,
              AdministrativeValue, "One value that an agency reported", {"number": NUMBER}),
)  # fmt: skip

ADDED: list[Operation] = []
"""Operations of rooms on higher floors, which route them themselves and enter them here to be described."""


def described() -> tuple[Operation, ...]:
    """All that the description tells of."""
    return (*OPERATIONS, *ADDED)
