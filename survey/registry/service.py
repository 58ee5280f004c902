"""Load the indicator registry: 198 lines of the provinces' plans, with dated owners."""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from survey.errors import NotFound
from survey.extensions import db
from survey.registry.models import Agency, Indicator, IndicatorOwner
from survey.text import plain

DATA = Path(__file__).parent / "data"
FACTS = (
    "component_vi",
    "co_agencies",
    "source_seed",
    "source_row",
    "source_line",
    "reference_population",
    "also_measurable_by",
    "numerator",
    "denominator",
    "survey_questions",
    "intl_standard",
    "notes",
    "lead_agency",
)


def load_registry() -> int:
    """Bring agencies, indicators and owners in from the files; the same files again change nothing."""
    agencies = _load_agencies()
    leads = {row["lead_agency"]: row["agencies"].split("|") for row in _rows("owners.csv")}
    dated = {row["source_seed"]: date.fromisoformat(row["dated"]) for row in _rows("documents.csv")}
    known = {indicator.code: indicator for indicator in db.session.scalars(select(Indicator))}
    rows = _rows("indicators.csv")
    for position, row in enumerate(rows, 1):
        indicator = known.get(row["id"])
        if indicator is None:
            indicator = Indicator(code=row["id"])
            db.session.add(indicator)
        _fill(indicator, row, position)
        owners = [agencies[code] for code in leads[row["lead_agency"]] if code]
        indicator.owners = list(_owners(indicator, owners, dated[row["source_seed"]], row["source_seed"]))
    db.session.flush()
    return len(rows)


def _load_agencies() -> dict[str, Agency]:
    rows = _rows("agencies.csv")
    known = {agency.code: agency for agency in db.session.scalars(select(Agency))}
    for row in rows:
        agency = known.setdefault(row["code"], Agency(code=row["code"]))
        db.session.add(agency)
        agency.name, agency.basis = row["name"], row["basis"]
        agency.valid_from, agency.valid_to = _date(row["valid_from"]), _date(row["valid_to"])
    for row in rows:
        known[row["code"]].successor = known[row["successor"]] if row["successor"] else None
    db.session.flush()
    return known


def _fill(indicator: Indicator, row: dict[str, str], position: int) -> None:
    indicator.position = position
    indicator.parent_row = row["parent_row"]
    indicator.name = {"vi": _full_name(row), "en": row["name_en"]}
    indicator.search_name = plain(f"{row['id']} {_full_name(row)}")
    indicator.group, indicator.province, indicator.unit = row["group"], row["province"], row["unit"]
    indicator.target_op, indicator.target_value = row["target_op"] or None, _number(row["target_value"])
    indicator.target_text, indicator.target_year = row["target_raw"], row["target_year"]
    indicator.legal_basis, indicator.document = row["legal_basis"], row["source_seed"]
    indicator.measured_by = row["measurable_by"]
    indicator.facts = {name: row[name] for name in FACTS if row[name]}


def _full_name(row: dict[str, str]) -> str:
    return f"{row['name_vi']} – {row['component_vi']}" if row["component_vi"] else row["name_vi"]


def _owners(
    indicator: Indicator, agencies: list[Agency], since: date, basis: str
) -> Iterable[IndicatorOwner]:
    """The agencies the document names and, from the day one of them ended, its successor."""
    there = {(owner.agency.code, owner.valid_from): owner for owner in indicator.owners}
    for first in agencies:
        agency: Agency | None = first
        start = since
        while agency is not None:
            owner = there.get((agency.code, start)) or IndicatorOwner(agency=agency, valid_from=start)
            owner.valid_to, owner.basis = agency.valid_to, basis if agency is first else agency.basis
            yield owner
            if agency.valid_to is None:
                break
            start, agency = agency.valid_to, agency.successor


def find_indicator(code: str) -> Indicator:
    """The registry line of this code; raise `NotFound`."""
    indicator = db.session.scalar(select(Indicator).where(Indicator.code == code))
    if indicator is None:
        raise NotFound(f"Danh mục không có chỉ tiêu {code}.", "Tìm ở trang danh mục chỉ tiêu.")
    return indicator


def provinces_of(codes: Iterable[str | None]) -> dict[str, str]:
    """Whose plan set each registry line's target: provinces that merged later had targets of their own."""
    known = [code for code in codes if code]
    lines = db.session.scalars(select(Indicator).where(Indicator.code.in_(known)))
    return {line.code: line.province for line in lines}


def owners_on(indicator: Indicator, day: date) -> list[IndicatorOwner]:
    """Who leads the indicator on a day; empty where an owner was abolished and nobody was named since."""
    return [
        owner
        for owner in indicator.owners
        if (owner.valid_from is None or owner.valid_from <= day)
        and (owner.valid_to is None or day < owner.valid_to)
    ]


def search(words: str = "", measured_by: str = "") -> list[Indicator]:
    """Registry lines whose name has every word, diacritics or not, in the order of the documents."""
    query = select(Indicator).order_by(Indicator.position)
    for word in plain(words).split():
        query = query.where(Indicator.search_name.contains(word, autoescape=True))
    if measured_by:
        query = query.where(Indicator.measured_by == measured_by)
    return list(db.session.scalars(query))


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str) -> float | None:
    """A single target value; a range such as 15–20 stays in the text of the target."""
    try:
        return float(text)
    except ValueError:
        return None


def _rows(name: str) -> list[dict[str, Any]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
