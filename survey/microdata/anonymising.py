"""Rows made anonymous by a plan, and the report on how well they hide."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import pandas as pd

from analysis.disclosure import anonymity, primary_suppression, reidentification_risk, suppress_values
from survey.errors import Fault
from survey.formats import percent
from survey.microdata.plan import DOMINANT, KEY, PSEUDO, SENSITIVE, SIZE, Plan
from survey.microdata.recodes import in_words, recoded

WEIGHT = "weight"
STRATUM = "stratum_code"
"""The pseudo code of the stratum: whoever sums the weights of one can recognise it."""


class NotAnonymous(Fault):
    title = "Tệp chưa đủ ẩn danh"


@dataclass(frozen=True)
class Risk:
    """How rows hide at one moment: smallest group, fewest sensitive values, sample uniques, expected finds."""

    k: int
    l: dict[str, int]  # noqa: E741  the literature's name
    groups: int
    uniques: int
    unsafe: int
    expected: float
    highest: float


@dataclass(frozen=True)
class Dominated:
    """A size variable in which one unit has `share` of a group's total; `group` is empty for all rows."""

    variable: str
    group: str
    share: float


@dataclass(frozen=True)
class Report:
    """What was done to the rows, and the risk before and after; `inferable` counts the stratum as known."""

    rows: int
    keys: list[str]
    sensitive: list[str]
    k: int
    l: int  # noqa: E741
    before: Risk
    after: Risk
    inferable: Risk | None
    recodes: dict[str, str] = field(default_factory=dict)
    blanked: dict[str, int] = field(default_factory=dict)
    dominated: list[Dominated] = field(default_factory=list)
    withheld: dict[str, str] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        """Why the rows may not be released; empty when they may."""
        found = []
        if self.after.unsafe:
            found.append(
                f"{self.after.unsafe} dòng ở nhóm dưới k = {self.k} hoặc có ít hơn {self.l} giá trị nhạy cảm khác nhau"
            )
        found += [
            f"{one.variable}: một đơn vị chiếm {percent(100 * one.share)} của {one.group or 'toàn bộ'}"
            for one in self.dominated
        ]
        return found

    def as_mapping(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)

    @classmethod
    def of_mapping(cls, found: dict[str, Any]) -> Self:
        """Read it back."""
        risks = {name: Risk(**found[name]) for name in ("before", "after")}
        inferable = Risk(**found["inferable"]) if found["inferable"] else None
        dominated = [Dominated(**one) for one in found["dominated"]]
        return cls(**{**found, **risks, "inferable": inferable, "dominated": dominated})


@dataclass(frozen=True, eq=False)
class Anonymous:
    """The chosen variables after recoding and blanking, with the report."""

    data: pd.DataFrame
    report: Report


def anonymise(
    data: pd.DataFrame, weight: "pd.Series", plan: Plan, strata: Sequence[str], withheld: dict[str, str]
) -> Anonymous:
    """Recode, then blank the fewest key values until groups have k rows and l sensitive values.

    `weight` are the final weights of the rows, above 0. Nothing is refused here: `Report.faults` says what
    is left.
    """
    chosen = pd.DataFrame({one.name: data[one.name] for one in plan.variables}, index=data.index)
    changed = pd.DataFrame(
        {one.name: recoded(chosen[one.name], one.steps, one.name) for one in plan.variables}, index=data.index
    )
    keys, sensitive = plan.names(KEY), plan.names(SENSITIVE)
    known = _strata(data, strata)
    watched = [*keys, STRATUM] if plan.design == PSEUDO and known is not None else keys
    before = _risk(chosen.assign(**_known(known)), watched, sensitive, plan, weight)
    safe = _blanked(changed.assign(**_known(known)), watched, sensitive, plan) if plan.suppress else changed
    safe = safe[changed.columns].astype(changed.dtypes.to_dict())
    counts = {name: int((safe[name].isna() & changed[name].notna()).sum()) for name in keys}
    report = Report(
        rows=len(data),
        keys=keys,
        sensitive=sensitive,
        k=plan.k,
        l=plan.l,
        before=before,
        after=_risk(safe.assign(**_known(known)), watched, sensitive, plan, weight),
        inferable=_risk(safe.assign(**_known(known)), [*keys, STRATUM], sensitive, plan, weight)
        if known is not None
        else None,
        recodes={one.name: in_words(one.steps) for one in plan.variables if one.steps},
        blanked={name: count for name, count in counts.items() if count},
        dominated=[found for name in plan.names(SIZE) for found in _dominated(safe, name, keys)],
        withheld=withheld,
    )
    return Anonymous(safe, report)


def _strata(data: pd.DataFrame, strata: Sequence[str]) -> "pd.Series | None":
    names = [name for name in strata if name in data]
    return data[names].astype(str).agg(":".join, axis=1) if names else None


def _known(strata: "pd.Series | None") -> dict[str, Any]:
    return {} if strata is None else {STRATUM: strata}


def _risk(
    data: pd.DataFrame, keys: Sequence[str], sensitive: Sequence[str], plan: Plan, weight: "pd.Series"
) -> Risk:
    columns = list(keys)
    reports = {name: anonymity(data, columns, name, plan.k, plan.l) for name in sensitive}
    first = next(iter(reports.values()), None) or anonymity(data, columns, None, plan.k, plan.l)
    found = reidentification_risk(data.assign(**{WEIGHT: weight}), columns, WEIGHT)
    return Risk(
        first.k,
        {name: int(report.l or 0) for name, report in reports.items()},
        first.groups,
        found.uniques,
        int(_unsafe(data, columns, sensitive, plan).sum()),
        found.expected,
        found.highest,
    )


def _blanked(data: pd.DataFrame, keys: Sequence[str], sensitive: Sequence[str], plan: Plan) -> pd.DataFrame:
    """Blank key values, those of the variable with the most levels first; a stratum cannot be blanked."""
    order = sorted((name for name in keys if name != STRATUM), key=lambda name: -data[name].nunique())
    if STRATUM in keys:
        parts = [_blanked(part, order, sensitive, plan) for _, part in data.groupby(STRATUM)]
        return pd.concat(parts).loc[data.index]
    for name in sensitive or [None]:
        data = suppress_values(data, order, name, plan.k, plan.l).data
    return _sheltered(data, order, sensitive, plan)


def _sheltered(data: pd.DataFrame, keys: list[str], sensitive: Sequence[str], plan: Plan) -> pd.DataFrame:
    """Rows that no blanks of their own hide lose all keys, together with rows that their groups can spare.

    A group is left with k rows or more, so that whoever leaves it uncovers nobody.
    """
    lone = _unsafe(data, keys, sensitive, plan)
    if not lone.any():
        return data
    group = data[keys].astype(object).where(data[keys].notna(), "").astype(str).agg("\x1f".join, axis=1)
    size, place = group.map(group.value_counts()), group.groupby(group).cumcount()
    without = data[keys].isna().all(axis=1)
    spare = data.index[~lone & ~without & (place >= plan.k)]
    wanted = max(0, plan.k - int((lone | without).sum()))
    company = size.loc[spare].sort_values(ascending=False, kind="stable").index[:wanted]
    blank = lone | data.index.isin(company)
    return data.assign(**{name: data[name].astype(object).mask(blank) for name in keys})


def _unsafe(data: pd.DataFrame, keys: list[str], sensitive: Sequence[str], plan: Plan) -> "pd.Series":
    found = [anonymity(data, keys, name, plan.k, plan.l).unsafe for name in sensitive or [None]]
    return pd.concat(found, axis=1).any(axis=1)


def _dominated(data: pd.DataFrame, name: str, keys: Sequence[str]) -> list[Dominated]:
    """The groups, by each key alone, in which one unit has more than half of the total."""
    sizes = pd.to_numeric(data[name], errors="coerce").abs()
    known = data.assign(**{name: sizes.astype(float), "_all": ""})[sizes.notna() & (sizes > 0)]
    found = []
    for by in ["_all", *(key for key in keys if key != name)]:
        table = known[known[by].notna()].astype({by: str})  # nobody knows who is in the group of blanks
        if not len(table):
            continue
        cells = primary_suppression(table, by, value=name, minimum=1, dominance=(1, DOMINANT))
        largest = table.groupby(by)[name].max()
        for cell in cells[cells["suppressed"]].to_dict("records"):
            group = "" if by == "_all" else f"{by} = {cell[by]}"
            found.append(Dominated(name, group, float(largest[cell[by]] / cell["total"])))
    return found


def refuse_unsafe(report: Report) -> None:
    """Raise `NotAnonymous`, which says what is left and what helps."""
    if report.faults:
        raise NotAnonymous(
            f"{'; '.join(report.faults)}.",
            "Gộp các biến khóa thành khoảng rộng hơn, bỏ bớt một biến khóa, cho phép xóa trắng giá trị, hoặc cắt trên"
            " (max) biến quy mô.",
        )
