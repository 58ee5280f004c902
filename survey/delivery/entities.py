"""What agencies' clients send and get: checked on the way in, encoded on the way out, and described from here."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from survey.disseminate.api.entities import LARGEST_ID, After, Limit

LINE = "^[^\\x00-\\x1f\\x7f]*$"
TEXT = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"
WORDS = "^[^\\x00-\\x20\\x7f][^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"
Reference = Annotated[
    str, Meta(max_length=100, pattern=LINE, description="number of the agency's own letter")
]


class Line(Struct):
    """One figure of a delivery."""

    observation: int
    change: Literal["new", "revised", "withdrawn"]
    replaces: Annotated[int | None, Meta(description="observation that was delivered before")]
    indicator: str
    registry_code: str | None
    time_period: str


class Delivery(Struct):
    """A signed package for the agency of the token."""

    id: int
    number: str
    made_at: datetime
    synthetic: Annotated[bool, Meta(description="true: answers were generated, not to be quoted")]
    lines: list[Line]
    bytes: Annotated[int, Meta(description="size of the package")]
    sha256: Annotated[str, Meta(description="of the package")]
    key_id: Annotated[str, Meta(description="which key signed; see /khoa-cong-khai.pem")]
    fetched_at: datetime | None
    acknowledged_at: datetime | None


class Objection(Struct):
    """A request for correction and what became of it."""

    id: int
    delivery: int
    observation: int | None
    text: str
    reference: str
    requested_at: datetime
    status: Literal["open", "accepted", "rejected"]
    answer: str
    answered_at: datetime | None


class Corrections(Struct):
    """All requests about one delivery, oldest first."""

    items: list[Objection]


class Acknowledged(Struct):
    """When a delivery was acknowledged; `first` is false where it had been before."""

    delivery: int
    acknowledged_at: datetime
    first: bool


class DeliveryQuery(Struct, forbid_unknown_fields=True):
    """Which deliveries."""

    acknowledged: Annotated[bool | UnsetType, Meta(description="false: only those not acknowledged")] = UNSET
    limit: Limit = 100
    after: After = 0


class Acknowledgement(Struct, forbid_unknown_fields=True):
    """What a client says when it has a package."""

    reference: Reference = ""
    note: Annotated[str, Meta(max_length=2000, pattern=TEXT)] = ""


class CorrectionRequest(Struct, forbid_unknown_fields=True):
    """What an agency holds to be wrong; `observation` null: in the delivery as a whole."""

    text: Annotated[str, Meta(min_length=1, max_length=4000, pattern=WORDS)]
    observation: Annotated[int, Meta(ge=1, le=LARGEST_ID)] | None = None
    reference: Reference = ""
