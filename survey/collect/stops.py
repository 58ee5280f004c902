"""Where one can be in a draft."""

from dataclasses import dataclass

Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Stop:
    """Where to go: a page, a repeat's list, or the review (both empty).

    `numbers` say which instance of each repeat around it, from 1; empty outside repeats.
    """

    page_id: str = ""
    numbers: Numbers = ()
    repeat: str = ""


REVIEW = Stop()
