"""A message on its way out: what is handed to a carrier, and how that may fail."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Dispatch:
    """A message ready to go. `id` stays the same over all attempts, so that a carrier can drop a repetition."""

    id: str
    to: str
    text: str
    subject: str = ""
    stop_link: str = ""


class NotSent(Exception):
    """A message did not go; the text holds no address."""

    def __init__(self, reason: str, dispatch: Dispatch | None = None) -> None:
        shown = " ".join(reason.split())
        super().__init__((shown.replace(dispatch.to, "…") if dispatch else shown)[:500])


class Postponed(NotSent):
    """This message did not go now; later it may."""


class ChannelDown(NotSent):
    """Nothing goes by this channel now: the others wait too."""


class Refused(NotSent):
    """The carrier will not take this message however often it is tried."""


class Bounced(Refused):
    """There is no such recipient."""


class Sender(Protocol):
    """Open for a number of messages, then closed."""

    def __enter__(self) -> "Sender": ...

    def __exit__(self, *_: object) -> None: ...

    def send(self, dispatch: Dispatch) -> str:
        """Hand a message over and return the carrier's id of it; raise `NotSent`."""
        ...
