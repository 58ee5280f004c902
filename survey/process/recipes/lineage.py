"""Whose population totals a run weighted to, as its page and the lineage of its figures say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby


@dataclass(frozen=True)
class TotalsUsed:
    """One list of totals: its set ("" for the questionnaire's own), who says so, for which day, of whom."""

    file: str
    control_set: str
    source: str
    reference_date: str
    population: str
    population_base: str
    status: str

    @property
    def day(self) -> date | None:
        """The reference date, where it is one."""
        try:
            return date.fromisoformat(self.reference_date)
        except ValueError:
            return None


def totals_used(controls: Iterable[Mapping[str, str]]) -> list[TotalsUsed]:
    """The lists among a recipe's rows of controls, file by file; several sources of one list stand together."""
    rows = sorted(controls, key=lambda row: row["file"])
    return [_told(file, list(group)) for file, group in groupby(rows, key=lambda row: row["file"])]


def _told(file: str, rows: list[Mapping[str, str]]) -> TotalsUsed:
    def said(name: str) -> str:
        return "; ".join(dict.fromkeys(str(row.get(name) or "") for row in rows)).strip("; ")

    return TotalsUsed(
        file=file,
        control_set=said("control_set"),
        source=said("source"),
        reference_date=said("reference_date"),
        population=said("population"),
        population_base=said("population_base"),
        status=said("status"),
    )
