"""Answers of whoever opened the page: estimated apart from the sample, combined with it only by a named method."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from analysis import Design
from analysis.opt_in import combine, probability_estimate, pseudo_weight
from survey import formats
from survey.process.estimation import COLUMNS, ESTIMATORS, VALUE, domain_of, scale_of
from survey.process.methods.opt_in_plan import OptInPlan, opt_in_plan
from survey.process.methods.outcome import REFUSALS, found, refused
from survey.process.models import MethodKind, MethodResult, Run
from survey.process.recipe import SHARE, BadRecipe, Indicator, Recipe
from survey.process.tables import OPT_IN, Tables
from survey.process.weighting.levels import add_variables

PROBABILITY, COMBINED = "probability", "combined"
UNWEIGHTED = "unweighted"
TERMS = ("term", "reference", "opt_in", "weighted", "smd_before", "smd_after")


@dataclass(frozen=True)
class SourceLine:
    """One way to estimate the indicator: from the sample, from volunteers, from both; `source` says which.

    An unweighted mean of volunteers has no error: it stands for nobody but themselves. `share` is the part
    of the volunteers in a combined figure.
    """

    source: str
    method: str
    value: float
    std_error: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    effective_n: float | None = None
    share: float | None = None

    @property
    def has_limits(self) -> bool:
        """Whether it has an interval."""
        return self.ci_low is not None and self.ci_high is not None


def opt_in_results(run: Run) -> list[MethodResult]:
    """What the run made of volunteers' answers, an indicator each."""
    return [row for row in run.results if row.kind == MethodKind.OPT_IN]


def source_lines(result: MethodResult) -> list[SourceLine]:
    """The estimates of a result: sample first, then volunteers, then both."""
    return [SourceLine(**{f.name: line.get(f.name) for f in fields(SourceLine)}) for line in result.lines]


def volunteers_apart(recipe: Recipe, tables: Tables, designs: Mapping[str, Design]) -> Iterator[MethodResult]:
    """A result for each indicator of the recipe's `opt_in`, or why it has none."""
    plan = opt_in_plan(recipe)
    for indicator in recipe.indicators:
        if plan is None or indicator.code not in plan.indicators:
            continue
        try:
            lines, summary = _estimated(plan, indicator, recipe, tables, designs[indicator.level])
        except REFUSALS as fault:
            yield refused(MethodKind.OPT_IN, indicator.code, plan.method, fault, {})
        else:
            yield found(MethodKind.OPT_IN, indicator.code, plan.method, lines, summary)


def _estimated(
    plan: OptInPlan, indicator: Indicator, recipe: Recipe, tables: Tables, design: Design
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    rows, left_out = _volunteers(plan, indicator, recipe, tables)
    reference = _reference(plan, indicator, design)
    weighted = pseudo_weight(rows, reference, plan.formula, plan.method)
    varies = 0 < rows[VALUE].mean() < 1  # an answer that all gave has no odds
    interval: Any = "logit" if indicator.estimand == SHARE and varies else "wald"
    estimates = [weighted.mean(VALUE, interval=interval)]
    outcome, family = f"{VALUE} {plan.formula}", ("binomial" if indicator.estimand == SHARE else "gaussian")
    if plan.doubly_robust:
        estimates.append(weighted.doubly_robust(outcome, family, interval=interval))  # type: ignore[arg-type]
    table = reference.mean(VALUE)
    scale = scale_of(indicator)
    shown = ESTIMATORS[indicator.estimand](reference, False)
    lines = [_sampled(shown, scale), _plain_mean(rows, scale), *(_line(one, scale) for one in estimates)]
    if plan.combine is not None:
        covariance = weighted.covariance_with(
            VALUE,
            outcome=outcome if plan.doubly_robust else None,
            family=family,  # type: ignore[arg-type]
        )
        joint = combine(estimates[-1], probability_estimate(table), plan.combine, covariance)
        lines.append(_joint(joint, scale, len(rows) + int(table["n"].iloc[0])))
    return lines, _summary(plan, weighted.overlap, left_out)


def _volunteers(
    plan: OptInPlan, indicator: Indicator, recipe: Recipe, tables: Tables
) -> tuple[pd.DataFrame, int]:
    """The volunteers whom the indicator counts with its number and the covariates, and how many lack one."""
    table = add_variables(tables.get(OPT_IN, pd.DataFrame()), recipe.variables)
    least = int(recipe.quality.get("minimum_n", 30))
    if not len(table):
        raise BadRecipe(
            "Chưa có phiếu tự nguyện nào trong bản chụp dữ liệu.", "Mở phiếu công khai rồi tính lượt mới."
        )
    _refuse_unknown(plan, table, "phiếu tự nguyện")
    counted = table.assign(**COLUMNS[indicator.estimand](indicator, table))[domain_of(indicator, table)]
    known = counted[[VALUE, *plan.covariates]].notna().all(axis=1)
    if known.sum() < least:
        raise BadRecipe(
            f"Mới có {formats.number(int(known.sum()))} phiếu tự nguyện dùng được, dưới {formats.number(least)}.",
            "Đợi thêm phiếu rồi tính lượt mới.",
        )
    return _as_categories(counted[known], plan), int((~known).sum())


def _reference(plan: OptInPlan, indicator: Indicator, design: Design) -> Design:
    """The sample's design confined to whom the indicator counts, with its number."""
    _refuse_unknown(plan, design.data, "bảng của mẫu")
    columns = COLUMNS[indicator.estimand](indicator, design.data)
    plain = _as_categories(design.data, plan)
    measured = design.with_columns({**columns, **{name: plain[name] for name in plan.covariates}})
    known = ~np.isnan(measured.data[VALUE].to_numpy(dtype=float))
    return measured.domain(domain_of(indicator, design.data) & known)


def _refuse_unknown(plan: OptInPlan, table: pd.DataFrame, where: str) -> None:
    missing = [name for name in plan.covariates if name not in table]
    if missing:
        raise BadRecipe(
            f"design.yaml, opt_in: {where} không có biến {', '.join(missing)}.",
            "Chọn biến mà cả mẫu và phiếu tự nguyện đều có.",
        )


def _as_categories(table: pd.DataFrame, plan: OptInPlan) -> pd.DataFrame:
    """Covariates as models take them: text as objects, numbers as floats."""
    plain = {
        name: table[name].astype(float)
        if pd.api.types.is_numeric_dtype(table[name])
        else table[name].astype(object)
        for name in plan.covariates
    }
    return table.assign(**plain)


def _sampled(table: pd.DataFrame, scale: float) -> dict[str, Any]:
    row = table.iloc[0]
    values = {name: scale * row[name] for name in ("ci_low", "ci_high")}
    return {
        "source": PROBABILITY,
        "method": "direct",
        "value": scale * row["estimate"],
        "std_error": scale * row["se"],
        **values,
        "n": int(row["n"]),
    }


def _plain_mean(rows: pd.DataFrame, scale: float) -> dict[str, Any]:
    value = scale * float(rows[VALUE].mean())
    return {"source": OPT_IN, "method": UNWEIGHTED, "value": value, "n": len(rows)}


def _line(one: Any, scale: float) -> dict[str, Any]:
    return {
        "source": OPT_IN,
        "method": one.method,
        "value": scale * one.estimate,
        "std_error": scale * one.se,
        "ci_low": scale * one.ci_low,
        "ci_high": scale * one.ci_high,
        "n": one.n_opt_in,
        "effective_n": one.effective_n,
    }


def _joint(one: Any, scale: float, n: int) -> dict[str, Any]:
    return {
        "source": COMBINED,
        "method": one.method,
        "value": scale * one.estimate,
        "std_error": scale * one.rmse,
        "ci_low": scale * one.ci_low,
        "ci_high": scale * one.ci_high,
        "n": n,
        "share": one.opt_in_share,
    }


def _summary(plan: OptInPlan, overlap: Any, left_out: int) -> dict[str, Any]:
    """Whether volunteers and sample are the same kinds of people."""
    return {
        "covariates": list(plan.covariates),
        "common_support": overlap.common_support,
        "largest_smd": overlap.largest_smd,
        "left_out": left_out,
        "balance": overlap.balance[list(TERMS)].to_dict("records"),
    }
