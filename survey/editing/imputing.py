"""Missing values filled from donors: what is imputed and how, as the plans say, and the work on one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.imputation import Imputed, hot_deck, nearest_donor
from survey.errors import Fault
from survey.instrument import EvaluationError, ExpressionError, compile_expression, holds

HOT_DECK, NEAREST = "hot_deck", "nearest_donor"
METHODS = (HOT_DECK, NEAREST)
FILE = "design.yaml, imputation"
KEYS = ("seed", "repeats", "steps")
STEP_KEYS = ("level", "variables", "method", "classes", "distance", "where", "missing")
MOST_REPEATS = 50
EVERYBODY = "true()"


class BadImputation(Fault):
    title = "Phương án bù giá trị chưa đúng"


@dataclass(frozen=True)
class Step:
    """Variables of a level to be filled where `where` holds: empty ones, and those that hold a code of `missing`.

    `classes` are the variables within which donors are sought; `distance` (nearest_donor) numbers by which they
    are compared.
    """

    level: str
    variables: tuple[str, ...]
    method: str
    classes: tuple[str, ...]
    distance: tuple[str, ...]
    where: str
    missing: tuple[str, ...]

    @property
    def needs(self) -> frozenset[str]:
        """The columns that it uses."""
        return (
            frozenset((*self.variables, *self.classes, *self.distance))
            | compile_expression(self.where).variables
        )


@dataclass(frozen=True)
class Plan:
    """All steps in their order; with `repeats` above 1 each is drawn anew so often, and errors count it."""

    seed: int = 1
    repeats: int = 1
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Tally:
    """What was filled of one variable: how many rows it concerns, how many were filled, by how many donors.

    `most` is how often the donor that gave most gave.
    """

    level: str
    variable: str
    method: str
    rows: int
    imputed: int
    donors: int
    most: int

    @property
    def share(self) -> float:
        """Filled among those concerned, 0 to 1."""
        return self.imputed / self.rows if self.rows else 0.0


def read_plan(document: Any, levels: Mapping[str, Any]) -> Plan:
    """The plan of an `imputation:` section, empty where there is none; raise `BadImputation`, naming the entry."""
    if not document:
        return Plan()
    if not isinstance(document, Mapping) or not isinstance(document.get("steps"), list):
        raise BadImputation(f"{FILE}: không có danh sách `steps`.", "Viết `steps:` rồi mỗi bước một mục `-`.")
    _known(FILE, document, KEYS)
    seed, repeats = (
        _whole(document, name, most) for name, most in (("seed", 2**31), ("repeats", MOST_REPEATS))
    )
    steps = [
        _step(entry, f"{FILE}, bước {number}", levels) for number, entry in enumerate(document["steps"], 1)
    ]
    names = [(levels_table(levels, step.level), name) for step in steps for name in step.variables]
    for level, name in names:
        if names.count((level, name)) > 1:
            raise BadImputation(f"{FILE}: biến {name} được bù hai lần.", "Giữ một bước cho mỗi biến.")
    return Plan(seed, repeats, tuple(steps))


def levels_table(levels: Mapping[str, Any], name: str) -> str:
    """The table of a level: of two levels on one table a variable is the same."""
    return getattr(levels[name], "repeat", None) or "root"


def _whole(document: Mapping[str, Any], name: str, most: int) -> int:
    value = document.get(name, 1)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadImputation(f"{FILE}, {name}: {value!r} không dùng được.", f"Ghi số nguyên từ 1 đến {most}.")
    return value


def _known(where: str, entry: Mapping[str, Any], keys: Sequence[str]) -> None:
    for name in entry:
        if name not in keys:
            raise BadImputation(f"{where}: không có mục {name!r}.", f"Mục dùng được: {', '.join(keys)}.")


def _step(entry: Any, where: str, levels: Mapping[str, Any]) -> Step:
    if not isinstance(entry, Mapping):
        raise BadImputation(f"{where}: không phải một mục có tên.", f"Các mục: {', '.join(STEP_KEYS)}.")
    _known(where, entry, STEP_KEYS)
    if entry.get("level") not in levels:
        raise BadImputation(
            f"{where}: level {entry.get('level')!r} không có trong design.yaml.", f"Có: {', '.join(levels)}."
        )
    method = entry.get("method", HOT_DECK)
    if method not in METHODS:
        raise BadImputation(f"{where}: method {method!r} không có.", f"Có: {', '.join(METHODS)}.")
    variables, classes, distance, missing = (
        _names(entry, name, where) for name in ("variables", "classes", "distance", "missing")
    )
    if not variables:
        raise BadImputation(f"{where}: thiếu mục variables.", "Ghi `variables: [tên biến]`.")
    if (method == NEAREST) != bool(distance):
        raise BadImputation(
            f"{where}: method {method} {'cần' if method == NEAREST else 'không dùng'} mục distance.",
            "nearest_donor: ghi `distance: [biến số]`; hot_deck: bỏ mục này.",
        )
    if own := sorted(set(variables) & {*classes, *distance}):
        raise BadImputation(
            f"{where}: biến {own[0]} vừa được bù vừa dùng để tìm người cho.", "Dùng biến khác làm nhóm."
        )
    return Step(str(entry["level"]), variables, method, classes, distance, _condition(entry, where), missing)


def _names(entry: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = entry.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise BadImputation(f"{where}, {name}: {value!r} không phải danh sách.", f"Viết `{name}: [a, b]`.")
    return tuple(value)


def _condition(entry: Mapping[str, Any], where: str) -> str:
    text = str(entry.get("where", EVERYBODY))
    try:
        return compile_expression(text).text
    except ExpressionError as error:
        cause = error.cause_vi or error.cause
        raise BadImputation(
            f"{where}, where: {cause} (ký tự {error.position + 1} của {text!r}).", "Sửa biểu thức."
        ) from error


def impute(
    data: pd.DataFrame, step: Step, variable: str, seed: int, anew: bool
) -> tuple["pd.Series[Any]", "pd.Series[Any]", Tally]:
    """Fill one variable of a table: the column, the row label of each donor (missing where nothing was filled), counts.

    With `anew` donors are resampled first (approximate Bayesian bootstrap), so that repeats differ as the method
    of Rubin needs. Raises `analysis.errors.NoRespondents` where a class has nobody to give, `MissingValues` in a
    class or distance, `BadImputation` for a condition that cannot be judged.
    """
    concerned = data[_holds(step, data)]
    column = concerned[variable]
    gaps = column.isna() | column.astype("string").isin(list(step.missing)).fillna(False)
    table = concerned.assign(**{variable: column.mask(gaps.astype(bool))})
    found = _donated(table, step, variable, seed, anew)
    taken = found.flag.to_numpy(dtype=bool)
    donors = found.donor[taken].value_counts()
    result = data[variable].copy()
    result.loc[concerned.index[taken]] = found.values[taken].to_numpy()
    tally = Tally(
        step.level,
        variable,
        step.method,
        len(concerned),
        int(taken.sum()),
        len(donors),
        int(donors.max() if len(donors) else 0),
    )
    return result, found.donor[taken], tally


def _holds(step: Step, data: pd.DataFrame) -> Any:
    try:
        return np.asarray(holds(step.where, data), dtype=bool)
    except (ExpressionError, EvaluationError) as error:
        raise BadImputation(f"{FILE}, where {step.where!r}: {error}", "Sửa biểu thức.") from error


def _donated(table: pd.DataFrame, step: Step, variable: str, seed: int, anew: bool) -> Imputed:
    if step.method == NEAREST:
        numbers = {name: pd.to_numeric(table[name]) for name in step.distance}
        return nearest_donor(
            table.assign(**numbers), variable, list(step.distance), list(step.classes) or None
        )
    return hot_deck(table, variable, list(step.classes), seed=seed, repeats=2 if anew else 1)[0]
