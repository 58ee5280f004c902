"""Questionnaires written in the tests themselves."""

from __future__ import annotations

from textwrap import dedent

from survey.instrument import Instrument, build_instrument, markdown_sheets


def instrument(table: str) -> Instrument:
    """The instrument of an XLSForm written as a table of `|` cells."""
    return build_instrument(markdown_sheets(dedent(table)))
