"""What the rules found in the last run that looked, record by record: filtered, paged, and judged as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from sqlalchemy import select

from survey.cases.models import Area, Case
from survey.editing.service import edited, is_data
from survey.errors import NotFound
from survey.extensions import db
from survey.intake.models import Response
from survey.process.correcting.records import broken_rules, judged
from survey.process.edits import INSTANCE, EditRule, edits_of
from survey.process.folders import run_folder
from survey.process.models import Run
from survey.process.service import AFFECTED_FILE, affected_records, recipe_of, runs_of
from survey.process.tables import KEY
from survey.rounds.models import Round
from survey.rounds.service import instrument_of

PAGE = 25


@dataclass(frozen=True)
class Wanted:
    """Which records a page lists; empty: all."""

    rule: str = ""
    severity: str = ""
    stratum: str = ""
    area: str = ""
    words: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """As an address says it."""
        names = {
            "quy-tac": self.rule,
            "muc": self.severity,
            "tang": self.stratum,
            "xa": self.area,
            "tim": self.words,
        }
        return {name: value for name, value in names.items() if value}


@dataclass(frozen=True)
class Found:
    """One record that rules name: what it broke in the run, and what it breaks now."""

    response: Response
    case_code: str
    stratum: str
    area: str
    level: str
    instance: int
    rules: tuple[EditRule, ...]
    open: tuple[EditRule, ...]
    corrected: int


@dataclass(frozen=True)
class Findings:
    """A page of records, how many there are on all pages, and what one can filter by."""

    run: Run | None
    records: tuple[Found, ...] = ()
    count: int = 0
    page: int = 1
    strata: tuple[str, ...] = ()
    areas: Mapping[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.count // PAGE))


def rules_of(round_: Round) -> tuple[EditRule, ...]:
    """The rules of the round's questionnaire."""
    return edits_of(round_.instrument_version, recipe_of(round_).levels)


def last_look(round_: Round) -> Run | None:
    """The newest run of a round that looked its data over."""
    return next((run for run in runs_of(round_) if run.snapshot_id and _looked(run)), None)


def _looked(run: Run) -> bool:
    return bool(run.edits) and (run_folder(run) / AFFECTED_FILE).exists()


def findings(round_: Round, wanted: Wanted, page: int) -> Findings:
    """The records that the rules named in the last run, errors first, as they stand now."""
    run = last_look(round_)
    if run is None:
        return Findings(None)
    listed = _listed(round_, affected_records(run))
    strata = tuple(sorted(listed["stratum"].dropna().unique()))
    areas = {
        str(k): v for k, v in sorted(dict(zip(listed["area"], listed["area_name"], strict=True)).items()) if k
    }
    chosen = _chosen(listed, wanted)
    order = ["severity", KEY, "number", "table"]
    grouped = chosen.groupby([KEY, "table", "number"], sort=False, dropna=False)
    records = grouped.agg(
        {"severity": "min", "code": list, "case_code": "first", "stratum": "first", "area_name": "first"}
    )
    records = records.reset_index().sort_values(order, kind="stable")
    pages = max(1, -(-len(records) // PAGE))
    page = min(max(page, 1), pages)
    shown = records.iloc[(page - 1) * PAGE : page * PAGE]
    return Findings(run, _judged(round_, shown), len(records), page, strata, areas)


def affected_keys(round_: Round, rule: str) -> list[str]:
    """The keys of the responses that a rule named in the last run; raise `NotFound` where none looked."""
    run = last_look(round_)
    if run is None:
        raise NotFound("Đợt này chưa có lượt nào kiểm tra dữ liệu.", "Tính một lượt trước.")
    affected = affected_records(run)
    return sorted(set(affected.loc[affected["code"] == rule, KEY].astype(str)))


def _listed(round_: Round, affected: pd.DataFrame) -> pd.DataFrame:
    """A row a failure with the case's code, stratum and place, and the table and instance of the rule."""
    tables = {rule.code: rule.table for rule in rules_of(round_)}
    known = affected[affected["code"].isin(list(tables))]
    query = (
        select(Response.instance_id, Case.code, Case.stratum, Area.code, Area.full_name)
        .join(Case, Case.id == Response.case_id)
        .outerjoin(Area, Area.id == Case.area_id)
        .where(Response.round_id == round_.id)
    )
    columns = [KEY, "case_code", "stratum", "area", "area_name"]
    cases = pd.DataFrame(db.session.execute(query).all(), columns=columns).drop_duplicates(KEY)
    listed = known.merge(cases.astype({KEY: "object"}), on=KEY, how="left")
    for name in columns[1:]:
        listed[name] = listed[name].astype(object).where(listed[name].notna(), "")
    return listed.assign(table=listed["code"].map(tables), number=listed[INSTANCE].fillna(0).astype(int))


def _chosen(listed: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    for column, value in (
        ("code", wanted.rule),
        ("severity", wanted.severity),
        ("stratum", wanted.stratum),
        ("area", wanted.area),
    ):
        if value:
            listed = listed[listed[column] == value]
    if words := wanted.words.strip().upper().replace("-", ""):
        listed = listed[listed["case_code"].str.upper().str.contains(words, regex=False)]
    return listed


def _judged(round_: Round, shown: pd.DataFrame) -> tuple[Found, ...]:
    rules = rules_of(round_)
    by_code = {rule.code: rule for rule in rules}
    query = select(Response).where(Response.round_id == round_.id, Response.instance_id.in_(list(shown[KEY])))
    states = {
        state.response.instance_id: state
        for state in edited([r for r in db.session.scalars(query) if is_data(r)])
    }
    now: dict[Any, list[EditRule]] = {}
    if states:
        report = judged(instrument_of(round_.instrument_version), rules, list(states.values()))
        now = broken_rules(report, rules)
    return tuple(
        Found(
            states[row[KEY]].response,
            row["case_code"],
            row["stratum"],
            row["area_name"],
            row["table"],
            int(row["number"]),
            tuple(by_code[code] for code in dict.fromkeys(row["code"])),
            tuple(now.get((row[KEY], (row["table"], int(row["number"]))), ())),
            len(states[row[KEY]].corrections),
        )
        for row in shown.to_dict("records")
        if row[KEY] in states
    )
