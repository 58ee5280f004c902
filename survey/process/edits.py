"""A survey's edit rules: read from edits.yaml, evaluated on whole tables, counted, with the records they hit."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from survey.errors import Fault
from survey.instrument import EvaluationError, ExpressionError, compile_expression, holds
from survey.process.recipe import Level
from survey.process.tables import KEY, ROOT, Tables
from survey.rounds.models import InstrumentVersion

FILE = "edits.yaml"
INSTANCE = "instance"
SEVERITIES = ("error", "warning")
REQUIRED = ("code", "level", "must", "severity", "message")
ALLOWED = (*REQUIRED, "when")
COUNTS = ["code", "level", "severity", "checked", "failed", "share"]
FIXED = "fixed"
LARGEST_RELIABILITY = 1000
AFFECTED = ["code", "severity", KEY, INSTANCE]


class BadEditRules(Fault):
    title = "Quy tắc kiểm tra chưa đúng"


@dataclass(frozen=True)
class EditRule:
    """Where `when` is true, `must` has to be; `table` is the microdata table of the rule's level."""

    code: str
    level: str
    table: str
    when: str
    must: str
    severity: str
    message: Mapping[str, str]

    @property
    def variables(self) -> frozenset[str]:
        """The names that the rule refers to."""
        return compile_expression(self.when).variables | compile_expression(self.must).variables


@dataclass(frozen=True, eq=False)
class EditReport:
    """What the rules found.

    `counts`: one row a rule with code, level, severity, rows checked (where `when` is true), rows failed and
    failed / checked (NaN when none was checked). `affected`: one row a failure with code, severity,
    response_key and the instance of a repeat (missing at the root).
    """

    counts: pd.DataFrame
    affected: pd.DataFrame

    def lines(self, rules: Iterable["EditRule"]) -> list[dict[str, Any]]:
        """What each rule found, with the rule itself, as it is kept with a run; `share` None: none checked."""
        counts = self.counts.astype(object).where(self.counts.notna(), None).to_dict("records")
        return [
            {**count, "when": rule.when, "must": rule.must, "message": dict(rule.message)}
            for rule, count in zip(rules, counts, strict=True)
        ]

    @property
    def errors(self) -> int:
        """How many failures of rules of severity error there are."""
        return int((self.affected["severity"] == "error").sum())


def load_edits(folder: Path, levels: Mapping[str, Level]) -> tuple[EditRule, ...]:
    """The rules of a questionnaire's folder, none if it has no edits.yaml; raise `BadEditRules`."""
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadEditRules(f"{FILE}: không đọc được: {error}", "Sửa cú pháp YAML, lưu bằng UTF-8.") from error
    return read_edits(document, levels)


def edits_of(version: InstrumentVersion, levels: Mapping[str, Level]) -> tuple[EditRule, ...]:
    """The rules kept with an instrument version; raise `BadEditRules`."""
    return read_edits(version.edits, levels) if version.edits else ()


def read_edits(document: Any, levels: Mapping[str, Level]) -> tuple[EditRule, ...]:
    """The rules of an edits.yaml document; raise `BadEditRules` that names the rule which is wrong.

    `levels` are those of design.yaml: a rule is evaluated on the rows of its level.
    """
    entries = document.get("edits") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise BadEditRules(
            f"{FILE}: không có danh sách `edits`.", "Viết `edits:` rồi mỗi quy tắc một mục `-`."
        )
    reliability_of(document)
    rules = tuple(_rule(entry, levels) for entry in entries)
    codes = [rule.code for rule in rules]
    for code in codes:
        if codes.count(code) > 1:
            raise BadEditRules(f"{FILE}, {code}: mã này dùng hai lần.", "Đặt cho mỗi quy tắc một mã riêng.")
    return rules


def reliability_of(document: Mapping[str, Any]) -> dict[str, float]:
    """How much each variable is trusted (1 where not given; `fixed`: never changed); raise `BadEditRules`."""
    entries = document.get("reliability") or {}
    if not isinstance(entries, Mapping):
        raise BadEditRules(f"{FILE}, reliability: không phải danh sách biến và số.", "Viết `tên biến: 2`.")
    return {str(name): _reliability(str(name), value) for name, value in entries.items()}


def _reliability(name: str, value: Any) -> float:
    if value == FIXED:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LARGEST_RELIABILITY:
        raise BadEditRules(
            f"{FILE}, reliability, {name}: {value!r} không dùng được.",
            f"Ghi số lớn hơn 0, nhiều nhất {LARGEST_RELIABILITY}, hoặc fixed.",
        )
    return float(value)


def check_reliability(document: Mapping[str, Any], tables: Tables) -> None:
    """Raise `BadEditRules` for a variable that no table has."""
    known = {str(name) for table in tables.values() for name in table}
    for name in reliability_of(document):
        if name not in known:
            raise BadEditRules(f"{FILE}, reliability: không có biến {name!r}.", "Sửa tên biến.")


def check_edits(rules: tuple[EditRule, ...], tables: Tables, now: datetime | None = None) -> EditReport:
    """Evaluate the rules on the microdata tables; raise `BadEditRules` for a name that no table has.

    A rule on a repeat sees the repeat's columns and, beside them, those of its response. An empty answer is
    the empty text, as in the questionnaire: guard with `when` where a question may not have been asked.
    """
    results = [_check(rule, tables, now) for rule in rules]
    counts = pd.DataFrame([count for count, _ in results], columns=COUNTS)
    hits = [hit for _, hit in results if len(hit)]
    affected = pd.concat(hits, ignore_index=True) if hits else pd.DataFrame(columns=AFFECTED)
    return EditReport(counts, affected)


def _rule(entry: Mapping[str, Any], levels: Mapping[str, Level]) -> EditRule:
    code = str(entry.get("code") or "(không có code)")
    for name in REQUIRED:
        if entry.get(name) in (None, ""):
            raise BadEditRules(f"{FILE}, {code}: thiếu mục {name}.", "Thêm mục này vào quy tắc.")
    for name in entry:
        if name not in ALLOWED:
            raise BadEditRules(f"{FILE}, {code}: không có mục {name!r}.", f"Các mục: {', '.join(ALLOWED)}.")
    if entry["severity"] not in SEVERITIES:
        raise BadEditRules(
            f"{FILE}, {code}: severity {entry['severity']!r} không dùng được.", "Chọn error hoặc warning."
        )
    if entry["level"] not in levels:
        raise BadEditRules(
            f"{FILE}, {code}: level {entry['level']!r} không có trong design.yaml.",
            f"Có: {', '.join(levels)}.",
        )
    if not isinstance(entry["message"], Mapping) or not entry["message"].get("vi"):
        raise BadEditRules(f"{FILE}, {code}: message thiếu tiếng Việt.", "Viết message: {vi: …, en: …}.")
    when, must = (_expression(code, name, entry.get(name, "true()")) for name in ("when", "must"))
    level = levels[entry["level"]]
    table = level.repeat or ROOT
    return EditRule(code, level.name, table, when, must, entry["severity"], dict(entry["message"]))


def _expression(code: str, name: str, text: Any) -> str:
    try:
        return compile_expression(str(text)).text
    except ExpressionError as error:
        cause = error.cause_vi or error.cause
        raise BadEditRules(
            f"{FILE}, {code}, {name}: {cause} (ký tự {error.position + 1} của {text!r}).",
            "Sửa biểu thức rồi nhập lại.",
        ) from error


def _check(rule: EditRule, tables: Tables, now: datetime | None) -> tuple[tuple[Any, ...], pd.DataFrame]:
    table = rule_table(rule, tables)
    try:
        checked = holds(rule.when, table, now=now)
        failed = checked & ~holds(rule.must, table, now=now)
    except (ExpressionError, EvaluationError) as error:
        cause = (error.cause_vi or error.cause) if isinstance(error, ExpressionError) else str(error)
        raise BadEditRules(
            f"{FILE}, {rule.code}: {cause}.", "Sửa tên biến hoặc level của quy tắc."
        ) from error
    hits = table.loc[failed, [KEY]].assign(code=rule.code, severity=rule.severity)
    hits[INSTANCE] = table.loc[failed, INSTANCE] if INSTANCE in table else pd.NA
    hits[INSTANCE] = hits[INSTANCE].astype("Int64")
    share = float(failed.sum() / checked.sum()) if checked.any() else np.nan
    count = (rule.code, rule.level, rule.severity, int(checked.sum()), int(failed.sum()), share)
    return count, hits[AFFECTED]


def rule_table(rule: EditRule, tables: Tables) -> pd.DataFrame:
    """The rows of the rule's level, with the columns of the response that it names and they lack."""
    if rule.table not in tables:
        raise BadEditRules(
            f"{FILE}, {rule.code}: dữ liệu không có bảng {rule.table!r}.", f"Có: {', '.join(tables)}."
        )
    table = tables[rule.table]
    lacking = sorted((rule.variables - set(table.columns)) & set(tables[ROOT].columns))
    if not lacking:
        return table
    return table.merge(tables[ROOT][[KEY, *lacking]], on=KEY, how="left", validate="many_to_one")
