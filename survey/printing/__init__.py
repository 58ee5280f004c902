"""PDF documents and pictures: letters, posters, paper forms, reports, cards.

A document is a Typst layout of `layouts/` and data. Data are handed over as JSON and shown as text, so nothing that
people wrote can become markup. Fonts come with the service: Khmer and Vietnamese print alike on any machine.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import segno
import typst

from survey.printing.coverage import printable

LAYOUTS = Path(__file__).parent / "layouts"
FONTS = Path(__file__).parent / "fonts"
POINTS_PER_INCH = 72.0
QUIET_ZONE = 2
"""Modules of white around a QR code; layouts add paper around it, which makes up the four of the standard."""


def pdf(layout: str, data: Mapping[str, Any], at: datetime | None = None) -> bytes:
    """Set `layouts/<layout>.typ` with data as a tagged PDF (PDF/UA-1: headings and order for screen readers).

    In a layout the data are `json(bytes(sys.inputs.data))`. `at` is the time that the file carries: the same data at
    the same time give the same bytes. Characters that no font of ours has print as the replacement character.
    The time a page takes is about a millisecond.
    """
    return typst.compile(
        LAYOUTS / f"{layout}.typ",
        root=LAYOUTS,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(printable(data, FONTS), ensure_ascii=False)},
        pdf_standards="ua-1",
        timestamp=(at or datetime.now(UTC)).replace(microsecond=0),
    )


def png(layout: str, data: Mapping[str, Any]) -> bytes:
    """Set the one page of `layouts/<layout>.typ` with data as a picture, a dot a point of its page."""
    return typst.compile(
        LAYOUTS / f"{layout}.typ",
        root=LAYOUTS,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(printable(data, FONTS), ensure_ascii=False)},
        format="png",
        ppi=POINTS_PER_INCH,
    )


@cache
def _fonts() -> typst.Fonts:
    """Read once a process, and none of the machine's own."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def qr_svg(text: str) -> str:
    """A QR code as SVG: level M, which survives a fold or a stain, in the fewest modules that hold the text."""
    return segno.make(text, error="m", micro=False).svg_inline(border=QUIET_ZONE, scale=4)
