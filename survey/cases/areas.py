"""Load the areas from the files in `cases/data`: the same files again change nothing."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from survey.cases.models import Area, AreaKind, AreaLink
from survey.extensions import db
from survey.text import plain

DATA = Path(__file__).parent / "data"
MERGER = date(2025, 7, 1)
PROVINCES_OLD = {"83": "Bến Tre", "84": "Trà Vinh", "86": "Vĩnh Long"}
FACTS = (
    "type_2025",
    "clause_NQ1687_art1",
    "area_km2",
    "population_registered_2025",
    "population_registered_flag",
    "census2019_population_exact",
    "former_province",
    "former_districts",
    "lon",
    "lat",
)


def load_areas() -> int:
    """The merged province, its 124 communes, and what was before them; return how many areas there are."""
    known = {(area.kind, area.code): area for area in db.session.scalars(select(Area))}
    province = _area(known, AreaKind.PROVINCE, "86", "Vĩnh Long", "Tỉnh Vĩnh Long", since=MERGER)
    for code, name in PROVINCES_OLD.items():
        _area(known, AreaKind.PROVINCE_OLD, code, name, f"Tỉnh {name} (trước 01/7/2025)", until=MERGER)
    for row in _rows("districts_before_2025.csv"):
        parent = known[AreaKind.PROVINCE_OLD, row["province_code"]]
        _area(known, AreaKind.DISTRICT_OLD, row["district_code"], _short(row["district"]), row["district"],
              parent=parent, until=MERGER)  # fmt: skip
    for row in _rows("communes_before_2025.csv"):
        parent = known[AreaKind.DISTRICT_OLD, row["district_code"]]
        _area(known, AreaKind.COMMUNE_OLD, row["commune_code"], _short(row["commune"]), row["commune"],
              parent=parent, until=MERGER)  # fmt: skip
    for row in _rows("communes_2025.csv"):
        facts = {name: row[name] for name in FACTS if row[name]}
        _area(known, AreaKind.COMMUNE, row["code"], row["name"], row["full_name"],
              parent=province, since=MERGER, facts=facts)  # fmt: skip
    db.session.flush()
    _load_crosswalk(known)
    return len(known)


def _area(
    known: dict[tuple[str, str], Area],
    kind: AreaKind,
    code: str,
    name: str,
    full_name: str,
    *,
    parent: Area | None = None,
    since: date | None = None,
    until: date | None = None,
    facts: dict[str, Any] | None = None,
) -> Area:
    area = known.get((kind, code))
    if area is None:
        area = known[kind, code] = Area(kind=kind, code=code)
        db.session.add(area)
    area.name, area.full_name, area.search_name = name, full_name, plain(full_name)
    area.parent, area.valid_from, area.valid_to, area.facts = parent, since, until, facts or {}
    return area


def _load_crosswalk(known: dict[tuple[str, str], Area]) -> None:
    there = set(db.session.execute(select(AreaLink.predecessor_id, AreaLink.successor_id)).all())
    for row in _rows("crosswalk_2025.csv"):
        old = known[AreaKind.COMMUNE_OLD, row["old_commune_code"]]
        new = known[AreaKind.COMMUNE, row["new_commune_code"]]
        if (old.id, new.id) in there:
            continue
        relation = "whole" if row["relation"] == "whole" else "part"
        basis = f"NQ 1687/NQ-UBTVQH15, Điều 1, khoản {row['clause_NQ1687_art1']}"
        db.session.add(AreaLink(predecessor=old, successor=new, relation=relation, since=MERGER, basis=basis))


def area_names(kind: AreaKind) -> dict[str, str]:
    """Full names by code of every area of a kind; a name that occurs twice says which parent it belongs to."""
    query = select(Area).where(Area.kind == kind).options(selectinload(Area.parent)).order_by(Area.code)
    areas = list(db.session.scalars(query))
    times = Counter(area.full_name for area in areas)
    return {
        area.code: f"{area.full_name} ({area.parent.name})"
        if times[area.full_name] > 1 and area.parent
        else area.full_name
        for area in areas
    }


KINDS_OF_PLACE = ("Thành phố", "Thị xã", "Thị trấn", "Huyện", "Phường", "Xã")


def _short(full_name: str) -> str:
    for kind in KINDS_OF_PLACE:
        short = full_name.removeprefix(kind + " ")
        if short != full_name and not short.isdigit():  # "Phường 8" is called by its whole name
            return short
    return full_name


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
