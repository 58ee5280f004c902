"""A report as it stands before it is set: headings, paragraphs and tables, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Table:
    """A table with its caption; `widths` are shares of the page's width, `numbers` the columns set to the right."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Section:
    """A numbered part of a report."""

    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Report:
    """A report in the layout of administrative documents; the number is filled in by whoever signs."""

    kind: str
    subject: str
    lang: str
    day: date
    parent_agency: str
    agency: str
    number: str
    place_and_day: str
    recipients: Sequence[str]
    signer: str
    sections: Sequence[Section]
    warning: str = ""
    sources: str = ""
    head: tuple[str, str] = field(
        default=("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
    )
