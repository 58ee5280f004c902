"""Load the registry from its files: a new target, definition, owner or document is a new row there."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from survey.errors import Fault
from survey.extensions import db
from survey.registry.files import DATA, day, number, rows
from survey.registry.models import (
    Agency,
    Indicator,
    IndicatorDefinition,
    IndicatorOwner,
    IndicatorTarget,
    LegalDocument,
)
from survey.text import plain

FACTS = (
    "component_vi",
    "co_agencies",
    "source_seed",
    "source_row",
    "source_line",
    "also_measurable_by",
    "survey_questions",
    "intl_standard",
    "notes",
    "lead_agency",
)
DEFINED = ("reference_population", "population"), ("numerator", "numerator"), ("denominator", "denominator")
"""Names in `Indicator.facts` of what its document's definition says, and the definition's columns."""
OPERATORS = (">=", ">", "=", "<=", "range", "tăng", "")
NOT_APPLICABLE = "na"


class BadRegistry(Fault):
    title = "Tệp danh mục sai"


def load_registry(folder: Path = DATA, today: date | None = None) -> int:
    """Bring everything in from the files, and tell how many lines there are; the same files change nothing.

    Raises `BadRegistry` that names file, row and remedy.
    """
    agencies, documents = _load_agencies(folder), _load_documents(folder)
    cited = {text: documents[row["code"]] for row in rows("documents.csv", folder)
             for text in row["texts"].split("|")}  # fmt: skip
    leads = {row["lead_agency"]: row["agencies"].split("|") for row in rows("owners.csv", folder)}
    definitions, targets = _by_line("definitions.csv", folder), _by_line("targets.csv", folder)
    known = {one.code: one for one in db.session.scalars(select(Indicator).options(*whole()))}
    lines = rows("indicators.csv", folder)
    with db.session.no_autoflush:  # one flush at the end, not one a line
        for position, row in enumerate(lines, 1):
            indicator = known.setdefault(row["id"], Indicator(code=row["id"]))
            db.session.add(indicator)
            _fill(indicator, row, position)
            indicator.given_by, indicator.basis = cited[row["source_seed"]], cited.get(row["legal_basis"])
            since = indicator.given_by.dated
            assert since is not None, row["source_seed"]
            owners = [agencies[code] for code in leads[row["lead_agency"]] if code]
            indicator.owners = list(_owners(indicator, owners, since, row["source_seed"]))
            _define(indicator, definitions.get(row["id"], []))
            _aim(indicator, targets.get(row["id"], []), documents, today or date.today())
    db.session.flush()
    return len(lines)


def whole() -> tuple[ORMOption, ...]:
    """Loader options that bring many lines in with all their dated parts, in a handful of queries."""
    return (
        selectinload(Indicator.owners).joinedload(IndicatorOwner.agency).joinedload(Agency.successor),
        selectinload(Indicator.definitions),
        selectinload(Indicator.targets).joinedload(IndicatorTarget.document),
        selectinload(Indicator.targets).joinedload(IndicatorTarget.superseded_by),
    )


def _by_line(name: str, folder: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of a file by registry line; raise `BadRegistry` for a line that does not exist."""
    codes = {row["id"] for row in rows("indicators.csv", folder)}
    found = sorted(rows(name, folder), key=lambda row: row["line"])
    unknown = next((row["line"] for row in found if row["line"] not in codes), None)
    if unknown is not None:
        raise BadRegistry(f"{name}: không có chỉ tiêu {unknown!r}.", "Ghi mã như trong indicators.csv.")
    return {line: list(members) for line, members in groupby(found, key=lambda row: row["line"])}


def _load_agencies(folder: Path) -> dict[str, Agency]:
    known = {agency.code: agency for agency in db.session.scalars(select(Agency))}
    listed = rows("agencies.csv", folder)
    for row in listed:
        agency = known.setdefault(row["code"], Agency(code=row["code"]))
        db.session.add(agency)
        agency.name, agency.basis = row["name"], row["basis"]
        agency.valid_from, agency.valid_to = day(row["valid_from"]), day(row["valid_to"])
    for row in listed:
        known[row["code"]].successor = known[row["successor"]] if row["successor"] else None
    db.session.flush()
    return known


def _load_documents(folder: Path) -> dict[str, LegalDocument]:
    known = {document.code: document for document in db.session.scalars(select(LegalDocument))}
    for row in rows("documents.csv", folder):
        document = known.setdefault(row["code"], LegalDocument(code=row["code"]))
        db.session.add(document)
        document.dated = day(row["dated"])
        for name in ("kind", "number", "issuer", "title", "mark", "note"):
            setattr(document, name, row[name])
    db.session.flush()
    return known


def _fill(indicator: Indicator, row: dict[str, str], position: int) -> None:
    indicator.position = position
    indicator.parent_row = row["parent_row"]
    indicator.name = {"vi": _full_name(row), "en": row["name_en"]}
    indicator.search_name = plain(f"{row['id']} {_full_name(row)}")
    indicator.group, indicator.province = row["group"], row["province"]
    indicator.legal_basis, indicator.document = row["legal_basis"], row["source_seed"]
    indicator.measured_by = row["measurable_by"]
    indicator.facts = {name: row[name] for name in FACTS if row[name]}


def _full_name(row: dict[str, str]) -> str:
    return f"{row['name_vi']} – {row['component_vi']}" if row["component_vi"] else row["name_vi"]


def _owners(
    indicator: Indicator, agencies: list[Agency], since: date, basis: str
) -> Iterable[IndicatorOwner]:
    """The agencies that the document names, and from the day one of them ended its successor, each only once."""
    there = {(owner.agency.code, owner.valid_from): owner for owner in indicator.owners}
    leading: set[str] = {agency.code for agency in agencies}
    for first in agencies:
        for agency, start in _succession(first, since):
            if agency is not first and agency.code in leading:
                continue  # it led the line already, in its own right
            leading.add(agency.code)
            owner = there.get((agency.code, start)) or IndicatorOwner(agency=agency, valid_from=start)
            owner.valid_to, owner.basis = agency.valid_to, basis if agency is first else agency.basis
            yield owner


def _succession(agency: Agency | None, since: date) -> Iterator[tuple[Agency, date]]:
    """An agency and its successors, each with the day from which it leads."""
    while agency is not None:
        if agency.valid_to is None or agency.valid_to > since:
            yield agency, since
        since, agency = max(since, agency.valid_to or since), agency.successor


def _define(indicator: Indicator, versions: list[dict[str, str]]) -> None:
    """Its definition versions; the document's own, the first, is also what `unit` and `facts` tell."""
    if not versions:
        raise BadRegistry(f"definitions.csv: thiếu {indicator.code}.", "Thêm một dòng cho chỉ tiêu này.")
    there = {definition.valid_from: definition for definition in indicator.definitions}
    made = [_definition(there, row) for row in versions]
    indicator.definitions = sorted(made, key=lambda version: version.valid_from)
    first = indicator.definitions[0]
    indicator.unit = "" if first.unit == NOT_APPLICABLE else first.unit
    told = {name: getattr(first, column) for name, column in DEFINED}
    indicator.facts |= {name: text for name, text in told.items() if text not in ("", NOT_APPLICABLE)}


def _definition(there: dict[date, IndicatorDefinition], row: dict[str, Any]) -> IndicatorDefinition:
    since = date.fromisoformat(row["valid_from"])
    version = there.get(since) or IndicatorDefinition(valid_from=since)
    version.valid_to = day(row["valid_to"])
    for name in row.keys() - {"line", "valid_from", "valid_to"}:
        setattr(version, name, row[name])
    return version


def _aim(
    indicator: Indicator, aims: list[dict[str, str]], documents: dict[str, LegalDocument], today: date
) -> None:
    """Its targets, which supersedes which, and the one that figures are held against today."""
    there = {(target.document.code, target.year): target for target in indicator.targets}
    made: dict[tuple[str, str], IndicatorTarget] = {}
    for row in aims:
        key = row["document"], row["year"]
        made[key] = _target(there.get(key) or IndicatorTarget(year=row["year"]), row, documents)
    for row in aims:
        later = made.get((row["superseded_by"], row["year"]))
        if row["superseded_by"] and later is None:
            raise BadRegistry(
                f"targets.csv: {row['line']} được thay bằng {row['superseded_by']!r}, nhưng văn bản này không có"
                f" mục tiêu năm {row['year']}.",
                "Thêm dòng mục tiêu của văn bản mới.",
            )
        made[row["document"], row["year"]].superseded_by = later
    indicator.targets = sorted(made.values(), key=lambda target: target.valid_from)
    held = headline(indicator.targets, today)
    indicator.target_op = held.operator if held else None
    indicator.target_value = held.value if held else None
    indicator.target_text, indicator.target_year = (held.text, held.year) if held else ("", "")


def _target(
    target: IndicatorTarget, row: dict[str, str], documents: dict[str, LegalDocument]
) -> IndicatorTarget:
    if row["operator"] not in OPERATORS or row["document"] not in documents:
        raise BadRegistry(
            f"targets.csv, {row['line']}: phép so {row['operator']!r} hoặc văn bản {row['document']!r} không có.",
            f"Phép so: {', '.join(OPERATORS[:-1])}; văn bản: mã trong documents.csv.",
        )
    target.document = documents[row["document"]]
    target.operator, target.text, target.note = row["operator"] or None, row["text"], row["note"]
    target.value, target.low, target.high = (number(row[name]) for name in ("value", "low", "high"))
    years = re.findall(r"\d{4}", row["year"])
    target.due_year = int(years[-1]) if years else None
    target.valid_from = date.fromisoformat(row["valid_from"])
    return target


def headline(targets: Iterable[IndicatorTarget], on: date) -> IndicatorTarget | None:
    """The target that a figure of a day is held against: the next that is due, else the last that was."""
    holding = [target for target in targets if target.holds_on(on)]
    ahead = [target for target in holding if target.due_year is None or target.due_year >= on.year]
    return min(ahead or holding, key=lambda t: t.due_year or 0 if ahead else -(t.due_year or 0), default=None)
