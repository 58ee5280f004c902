"""What the API takes and gives: these types are checked on the way in, encoded on the way out, and its description."""

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

T = TypeVar("T")
LARGEST_ID = 2**31 - 1

Texts = Annotated[dict[str, str], Meta(description="by language code, such as vi and en")]
# No control characters: no code has one, and PostgreSQL takes no NUL.
Code = Annotated[str, Meta(max_length=128, pattern="^[^\\x00-\\x1f\\x7f]+$")]
Limit = Annotated[int, Meta(ge=1, le=1000, description="at most so many items")]
After = Annotated[int, Meta(ge=0, le=LARGEST_ID, description="only items after this one; see `next`")]


class Page(Struct, Generic[T]):
    """Part of a list, in a fixed order; `next` is the address of what follows, null at the end."""

    items: list[T]
    total: int
    next: str | None


class Problem(Struct):
    """What was wrong with a request and what to do (RFC 9457)."""

    title: str
    status: int
    detail: str
    remedy: str


class Target(Struct):
    """What an indicator is to reach; `value` is null where the document gives no single number."""

    operator: str | None
    value: float | None
    text: Annotated[str, Meta(description="as the document writes it")]
    year: str


class Owner(Struct):
    """An agency that leads an indicator, from the first day to the day before the last."""

    name: str
    valid_from: date | None
    valid_to: date | None


class Indicator(Struct):
    """A line of the indicator registry."""

    code: str
    position: Annotated[int, Meta(description="order in the registry")]
    name: Texts
    topic: str
    province: Annotated[str, Meta(description="whose plan sets the target")]
    unit: str
    target: Target
    legal_basis: str
    document: str
    measured_by: str
    owners: list[Owner]
    facts: Annotated[
        dict[str, Any], Meta(description="numerator, denominator, standards, source line, notes")
    ]


class Withdrawal(Struct):
    """When a figure was taken back, and what the office says about it."""

    at: datetime
    note: str


class Observation(Struct):
    """One published figure, with its error, its target and all that is needed to compute it again."""

    id: int
    survey: str
    indicator: str
    registry_code: str | None
    label: Texts
    ref_area: str
    time_period: str
    breakdown: Annotated[str | None, Meta(description="null: the total")]
    level: str | None
    unit_measure: Annotated[str, Meta(description="PT: percent")]
    obs_value: Annotated[float | None, Meta(description="null where not published")]
    std_error: float | None
    ci_low: float | None
    ci_high: float | None
    cv: float | None
    df: float | None
    deff: float | None
    n: int
    obs_status: Annotated[
        str, Meta(description="SDMX CL_OBS_STATUS: A normal, U low reliability, L withheld")
    ]
    conf_status: str
    target: float | None
    target_operator: str | None
    verdict: Literal["met", "not_met", "undecided"] | None
    synthetic: Annotated[bool, Meta(description="true: answers were generated, not to be quoted")]
    current: Annotated[bool, Meta(description="false: a later release replaced it, or it was withdrawn")]
    revised: Annotated[bool, Meta(description="true: it says something else than the figure it replaced")]
    revision_note: Annotated[str | None, Meta(description="what its release changed in figures, and why")]
    replaces: Annotated[int | None, Meta(description="the number of the figure published before it")]
    replaced_by: Annotated[int | None, Meta(description="the number of the figure published after it")]
    withdrawn: Annotated[
        Withdrawal | None, Meta(description="not null: taken back, its numbers are not given any more")
    ]
    published_at: datetime
    definition: dict[str, Any]
    lineage: dict[str, Any]


class Place(Struct):
    """Where a value is about; codes are re-used across kinds, such as of a province before and after the merger."""

    kind: str
    code: str
    name: str


class ReportedBy(Struct):
    """The document that a value comes from, and the agency that led the line on its date."""

    agency: str
    number: str
    date: date


class AdministrativeValue(Struct):
    """What an agency reports of a registry line from its records: no estimate, hence without error."""

    id: int
    registry_code: str
    area: Place
    time_period: str
    value: Annotated[float | None, Meta(description="null where told in words, or withdrawn")]
    numerator: float | None
    denominator: float | None
    text: Annotated[str, Meta(description="where the report gives words")]
    unit: str
    source: ReportedBy
    note: str
    status: Literal["published", "withdrawn"]
    current: Annotated[bool, Meta(description="false: replaced by a later value, or withdrawn")]
    revises: Annotated[int | None, Meta(description="the value that this one replaced")]
    revision_note: str
    withdrawal_note: str
    synthetic: Annotated[bool, Meta(description="true: simulated, not to be quoted")]
    published_at: datetime | None


class ValueQuery(Struct, forbid_unknown_fields=True):
    """Which administrative values; a filter that is not given leaves all."""

    registry_code: Code | UnsetType = UNSET
    area: Annotated[Code | UnsetType, Meta(description="an area's code")] = UNSET
    time_period: Code | UnsetType = UNSET
    current: Annotated[bool, Meta(description="false: also those replaced or withdrawn")] = True
    limit: Limit = 100
    after: After = 0


class IndicatorQuery(Struct, forbid_unknown_fields=True):
    """Which registry lines."""

    search: Annotated[
        str,
        Meta(max_length=200, pattern="^[^\\x00-\\x1f\\x7f]*$", description="words, with or without accents"),
    ] = ""
    measured_by: Code | UnsetType = UNSET
    limit: Limit = 100
    after: After = 0


class ObservationQuery(Struct, forbid_unknown_fields=True):
    """Which figures; a filter that is not given leaves all."""

    indicator: Code | UnsetType = UNSET
    registry_code: Code | UnsetType = UNSET
    survey: Code | UnsetType = UNSET
    time_period: Code | UnsetType = UNSET
    breakdown: Annotated[
        Code | UnsetType, Meta(description="a breakdown's name; `total` for figures without one")
    ] = UNSET
    level: Code | UnsetType = UNSET
    current: Annotated[bool, Meta(description="false: also those that a later release replaced")] = True
    limit: Limit = 100
    after: After = 0


class NoQuery(Struct, forbid_unknown_fields=True):
    """Nothing to choose."""
