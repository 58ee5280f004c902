"""Change from the last round of the same survey, tested, where both rounds measured the same thing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select, tuple_

from analysis import Design, change_between, combine_changes
from survey.extensions import db
from survey.instrument import compile_expression
from survey.process.completing import completed
from survey.process.concept import CONCEPT
from survey.process.estimation import COLUMNS, DENOMINATOR, VALUE, domain_of, scale_of
from survey.process.folders import present
from survey.process.methods.outcome import REFUSALS, found, refused
from survey.process.models import MethodKind, MethodResult, Run, RunStatus
from survey.process.recipe import EXPRESSIONS, RATIO, Indicator, Recipe, read_document
from survey.process.tables import read_tables
from survey.process.weighting import weighted_design
from survey.rounds.models import Round

METHOD = "change_between"
UP, DOWN, UNDECIDED = "up", "down", "undecided"
UNTESTED = ("median",)
# What must be the same in both rounds, and how a reader knows it.
FIELD_WORDS = {
    "population": "dân số mục tiêu",
    "numerator": "tử số",
    "denominator": "mẫu số",
    "missing": "cách xử lý giá trị thiếu",
    "missing_in": "cách xử lý giá trị thiếu",
    "missing_values": "cách xử lý giá trị thiếu",
    "age": "độ tuổi",
    "estimand": "đại lượng ước lượng",
    "value": "giá trị được đo",
    "unit": "đơn vị tính",
    "level": "bảng dữ liệu",
}


@dataclass(frozen=True)
class Change:
    """After less before for one domain, in the unit of the indicator (points for percentages)."""

    dimension: str
    level: str
    before: float
    after: float
    difference: float
    std_error: float
    ci_low: float
    ci_high: float
    df: float
    p_value: float
    correlation: float
    n_before: int
    n_after: int
    n_psu_both: int

    @property
    def verdict(self) -> str:
        """Up or down where the whole interval lies on one side of no change."""
        return UP if self.ci_low > 0 else DOWN if self.ci_high < 0 else UNDECIDED


@dataclass(frozen=True)
class Changes:
    """A run's changes by indicator, and the round that they are counted from."""

    results: Mapping[str, MethodResult]

    @property
    def since(self) -> Mapping[str, Any] | None:
        """The run, code and period of the round before; None where there is none."""
        return next((result.summary for result in self.results.values()), None)

    def by_domain(self, indicator: str) -> dict[tuple[str, str], Change]:
        """The indicator's changes by dimension and level, both empty for the total."""
        result = self.results.get(indicator)
        changes = [Change(**_own(line)) for line in result.lines] if result else []
        return {(change.dimension, change.level): change for change in changes}

    def reason(self, indicator: str) -> str:
        """Why the indicator has none; empty where it has, or where there is no round before."""
        result = self.results.get(indicator)
        return result.reason if result else ""


def _own(line: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: line[field.name] for field in fields(Change)}


def changes_of(run: Run) -> Changes:
    """The changes that a run worked out."""
    return Changes({row.indicator: row for row in run.results if row.kind == MethodKind.CHANGE})


def previous_run(run: Run) -> Run | None:
    """The newest finished run of the round before: the same survey and purpose, an earlier period."""
    own = run.round
    query = (
        select(Run)
        .join(Round, Round.id == Run.round_id)
        .where(
            Round.survey_id == own.survey_id,
            Round.purpose == own.purpose,
            tuple_(Round.time_period, Round.id) < (own.time_period, own.id),
            Run.status == RunStatus.DONE,
        )
    )
    return db.session.scalars(
        query.order_by(Round.time_period.desc(), Round.id.desc(), Run.id.desc())
    ).first()


def compared_with_last(
    run: Run, recipe: Recipe, designs: Mapping[str, Sequence[Design]]
) -> list[MethodResult]:
    """Each indicator's change since the round before, or why it cannot be told; nothing without such a round.

    `designs` are those of each imputation, one without any.
    """
    previous = previous_run(run)
    if previous is None or previous.snapshot is None:
        return []
    since = {
        "run": previous.id,
        "round": previous.round.code,
        "time_period": previous.round.time_period,
    }
    before = _Before(previous)
    return [_result(indicator, recipe, designs, before, since) for indicator in recipe.indicators]


class _Before:
    """The round before: its recipe, and its designs as they are asked for."""

    def __init__(self, run: Run) -> None:
        assert run.snapshot is not None
        self.snapshot, self.recipe = run.snapshot, read_document(run.recipe)
        self.is_there = present(run.snapshot.folder).exists()
        self._designs: dict[str, list[Design]] = {}

    def designs(self, level: str) -> list[Design]:
        """The weighted designs of a level, one an imputation, worked out once."""
        if level not in self._designs:
            repeats = completed(read_tables(self.snapshot), self.recipe).tables
            plan = self.recipe.levels[level]
            self._designs[level] = [weighted_design(tables, plan, self.recipe)[0] for tables in repeats]
        return self._designs[level]

    def indicator(self, code: str) -> Indicator | None:
        """The indicator of this code as it was defined then."""
        return next((indicator for indicator in self.recipe.indicators if indicator.code == code), None)


def _result(
    indicator: Indicator,
    recipe: Recipe,
    designs: Mapping[str, Sequence[Design]],
    before: _Before,
    since: dict[str, Any],
) -> MethodResult:
    reason = _incomparable(indicator, recipe, before)
    if reason:
        return refused(MethodKind.CHANGE, indicator.code, METHOD, reason, since)
    old = before.indicator(indicator.code)
    assert old is not None
    try:
        pairs = [
            (_measured(old, then), _measured(indicator, now))
            for then, now in _paired(before.designs(old.level), designs[indicator.level])
        ]
        lines = list(_lines(indicator, _dimensions(indicator, recipe, before.recipe), pairs))
    except REFUSALS as fault:
        return refused(MethodKind.CHANGE, indicator.code, METHOD, fault, since)
    return found(MethodKind.CHANGE, indicator.code, METHOD, lines, since)


def _incomparable(indicator: Indicator, recipe: Recipe, before: _Before) -> str:
    """Why the two rounds do not measure the same thing of the same people; empty where they do."""
    old = before.indicator(indicator.code)
    if not before.is_there:
        return "Bản chụp dữ liệu của đợt trước không còn."
    if old is None:
        return "Đợt trước không có chỉ tiêu này."
    if indicator.estimand in UNTESTED:
        return "Chưa có kiểm định thay đổi cho trung vị."
    if not recipe.levels[indicator.level].clusters:
        return "Thiết kế không khai báo cụm, nên không biết đơn vị nào có ở cả hai đợt."
    now, then = recipe.document["design"], before.recipe.document["design"]
    if now.get("ref_area") != then.get("ref_area"):
        return "Địa bàn của hai đợt khác nhau (địa giới cũ và mới không so sánh trực tiếp được)."
    if now.get("population") != then.get("population"):
        return "Tổng thể của hai đợt được ghi khác nhau trong design.yaml."
    changed = _changed_fields(indicator, old)
    if changed:
        return f"Định nghĩa đã đổi từ đợt trước: {', '.join(changed)}."
    if _spelled(indicator, recipe) != _spelled(old, before.recipe):
        return "Cách tính biến dùng trong chỉ tiêu (mục `variables`) đã đổi từ đợt trước."
    return ""


def _changed_fields(indicator: Indicator, old: Indicator) -> list[str]:
    """The words of what is defined otherwise now."""
    names = dict.fromkeys((*CONCEPT, "estimand", "value", "unit", "level"))
    changed = (name for name in names if _field(indicator, name) != _field(old, name))
    return list(dict.fromkeys(FIELD_WORDS[name] for name in changed))


def _field(indicator: Indicator, name: str) -> Any:
    """As it is read, where reading fills in what a file leaves out."""
    if name == "unit":
        return indicator.unit.code
    return getattr(indicator, name) if hasattr(indicator, name) else indicator.definition.get(name)


def _spelled(indicator: Indicator, recipe: Recipe) -> dict[str, str]:
    """The derived variables that an indicator rests on, as they are computed."""
    written = (getattr(indicator, name) for name in ("population", *EXPRESSIONS))
    return _derived({name for text in written if text for name in compile_expression(text).variables}, recipe)


def _derived(names: set[str], recipe: Recipe) -> dict[str, str]:
    found_: dict[str, str] = {}
    waiting = [name for name in names if name in recipe.variables]
    while waiting:
        name = waiting.pop()
        found_[name] = recipe.variables[name]
        further = compile_expression(recipe.variables[name]).variables
        waiting += [each for each in further if each in recipe.variables and each not in found_]
    return found_


def _dimensions(indicator: Indicator, recipe: Recipe, before: Recipe) -> list[str]:
    """The breakdowns that mean the same in both rounds."""

    def meaning(name: str, of: Recipe) -> tuple[Any, ...]:
        return _derived({name}, of), (of.breakdowns.get(name) or {}).get("areas")

    return [name for name in indicator.breakdowns if meaning(name, recipe) == meaning(name, before)]


def _measured(indicator: Indicator, design: Design) -> Design:
    """The design with the indicator's numbers, confined to whom it counts."""
    columns = COLUMNS[indicator.estimand](indicator, design.data)
    return design.with_columns(columns).domain(domain_of(indicator, design.data))


def _paired(before: Sequence[Design], after: Sequence[Design]) -> list[tuple[Design, Design]]:
    """Each imputation of one round with one of the other; the round with fewer begins again."""
    return [(before[at % len(before)], after[at % len(after)]) for at in range(max(len(before), len(after)))]


def _lines(
    indicator: Indicator, dimensions: list[str], pairs: Sequence[tuple[Design, Design]]
) -> Iterator[dict[str, Any]]:
    """The total's change, then that of every level which both rounds have."""
    for dimension in (None, *dimensions):
        if dimension and not all(dimension in design.data for design in pairs[0]):
            continue
        tables = [
            change_between(
                *pair,
                VALUE,
                DENOMINATOR if indicator.estimand == RATIO else None,
                "total" if indicator.estimand == "total" else "mean",
                by=dimension,
            )
            for pair in pairs
        ]
        table = combine_changes(tables) if len(tables) > 1 else tables[0]
        scale = scale_of(indicator)
        for row in table.to_dict("records"):
            if row["df"] > 0:  # without degrees of freedom there is no test
                level = "" if dimension is None else str(row[dimension])
                yield _line(row, scale) | {"dimension": dimension or "", "level": level}


SCALED = {
    "before": "before",
    "after": "after",
    "difference": "change",
    "std_error": "se",
    "ci_low": "ci_low",
    "ci_high": "ci_high",
}


def _line(row: Mapping[Any, Any], scale: float) -> dict[str, Any]:
    plain = ("df", "p_value", "correlation", "n_before", "n_after", "n_psu_both")
    return {name: scale * row[source] for name, source in SCALED.items()} | {n: row[n] for n in plain}
