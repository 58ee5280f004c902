"""What every report begins and ends with: agencies, place and day, recipients, where its numbers come from."""

import hashlib
from collections.abc import Sequence
from datetime import date

from survey import formats
from survey.disseminate.models import Observation
from survey.reports.document import Report, Section
from survey.reports.words import FRAME, RECIPIENTS

MARK_LETTERS = 16


def framed(
    subject: str, sections: Sequence[Section], figures: Sequence[Observation], day: date, lang: str
) -> Report:
    """The report around its sections; synthetic figures make it say so on its first page."""
    words = FRAME[lang]
    return Report(
        kind=words["kind"],
        subject=subject,
        lang=lang,
        day=day,
        parent_agency=words["parent"],
        agency=words["agency"],
        number=words["number"],
        place_and_day=words["place"].format(day=day),
        recipients=RECIPIENTS[lang],
        signer=words["signer"],
        sections=sections,
        warning=words["synthetic"] if any(figure.is_synthetic for figure in figures) else "",
        sources=words["sources"].format(
            count=formats.number(len(figures), lang=lang), day=formats.date(day, lang), mark=mark_of(figures)
        ),
    )


def mark_of(figures: Sequence[Observation]) -> str:
    """A short mark that tells one set of figures from another: SHA-256 of what was published."""
    told = [
        (o.survey, o.indicator, o.time_period, o.dimension, o.level, o.obs_value, o.ci_low, o.ci_high, o.n)
        for o in figures
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:MARK_LETTERS]
