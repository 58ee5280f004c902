"""Estimates of communes that borrow strength from one another, beside the direct ones (Fay and Herriot 1979)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from analysis import Design
from analysis.small_area import SmallAreas, area_diagnostics, bias_test, from_design, normality
from survey.process.estimation import COLUMNS, VALUE, domain_of, scale_of
from survey.process.methods.area_plan import AreaPlan, area_plan
from survey.process.methods.outcome import REFUSALS, found, refused
from survey.process.models import MethodKind, MethodResult, Run
from survey.process.recipe import BadRecipe, Indicator, Recipe
from survey.process.tables import CASES, Tables

AREA_COLUMN = "_area"
CASE = "case_id"
LEAST_PSUS = 2
REPLICATES = 99  # of the bootstrap behind the tests of bias


@dataclass(frozen=True)
class AreaLine:
    """One area: the direct figure and the modelled one, in the unit of the indicator; None where there is none."""

    area: str
    n: int
    n_psu: float | None
    direct: float | None
    direct_se: float | None
    direct_cv: float | None
    estimate: float
    rmse: float
    cv: float | None
    ci_low: float
    ci_high: float
    gamma: float
    basis: str
    variance_source: str

    @property
    def has_limits(self) -> bool:
        """Limits are there for every area that is modelled."""
        return True


def area_results(run: Run) -> list[MethodResult]:
    """What the run made of small areas, an indicator each."""
    return [row for row in run.results if row.kind == MethodKind.SMALL_AREA]


def area_lines(result: MethodResult) -> list[AreaLine]:
    """The areas of a result in the order of the auxiliary file."""
    return [AreaLine(**{field.name: line[field.name] for field in fields(AreaLine)}) for line in result.lines]


def small_areas(recipe: Recipe, tables: Tables, designs: Mapping[str, Design]) -> Iterator[MethodResult]:
    """A result for each indicator of the recipe's `small_area`, or why it has none."""
    plan = area_plan(recipe)
    chosen = [] if plan is None else [row for row in recipe.indicators if row.code in plan.indicators]
    for indicator in chosen:
        assert plan is not None
        try:
            model = _modelled(plan, indicator, tables, designs[indicator.level])
            lines, summary = (
                list(_lines(model, scale_of(indicator))),
                _summary(plan, model, scale_of(indicator)),
            )
        except REFUSALS as fault:
            yield refused(MethodKind.SMALL_AREA, indicator.code, plan.method, fault, {})
        else:
            yield found(MethodKind.SMALL_AREA, indicator.code, plan.method, lines, summary)


def _modelled(plan: AreaPlan, indicator: Indicator, tables: Tables, design: Design) -> SmallAreas:
    columns = COLUMNS[indicator.estimand](indicator, design.data)
    area = _areas(plan, tables, design.data).astype("string").astype(object)
    measured = design.with_columns({**columns, AREA_COLUMN: area.where(area.notna(), None)})
    return from_design(
        measured.domain(domain_of(indicator, design.data)),
        VALUE,
        AREA_COLUMN,
        plan.covariates,
        plan.population,
        unusable=plan.unusable,
        transform=plan.transform,
        benchmark=plan.benchmark,
    )


def _areas(plan: AreaPlan, tables: Tables, data: pd.DataFrame) -> "pd.Series[Any]":
    """Where each row lies: as the frame says where it does, since people drawn from it are not asked."""
    cases = tables.get(CASES, pd.DataFrame())
    if plan.area in cases and CASE in data:
        return data[CASE].map(cases.set_index(CASE)[plan.area])
    if plan.area in data:
        return data[plan.area]
    raise BadRecipe(
        f"design.yaml, small_area: bảng không có cột {plan.area!r}.", "Thêm cột này vào dàn mẫu hoặc phiếu."
    )


SCALED = ("direct", "direct_se", "estimate", "se", "ci_low", "ci_high")
PLAIN = ("n_psu", "direct_cv", "cv", "gamma", "basis", "variance_source")


def _lines(model: SmallAreas, scale: float) -> Iterator[dict[str, Any]]:
    for code, row in model.areas.iterrows():
        values = {name: scale * row[name] for name in SCALED} | {name: row[name] for name in PLAIN}
        if not has_own_error(row):
            values |= {"direct_se": None, "direct_cv": None}
        yield {"area": str(code), "n": int(row["n"]), **values, "rmse": values["se"]}


def has_own_error(area: "pd.Series[Any]") -> bool:
    """Whether an area's own sample tells its error: from one PSU, or where all say the same, it comes out as zero."""
    return bool(area["n_psu"] >= LEAST_PSUS and area["direct_se"] > 0)


def _summary(plan: AreaPlan, model: SmallAreas, scale: float) -> dict[str, Any]:
    """How good the model is, and whether its areas add up to the direct figure of the whole."""
    areas = model.areas
    whole = float(np.average(areas["estimate"], weights=areas["population"]))
    before = float(np.average(areas["eblup"], weights=areas["population"]))
    diagnostics = area_diagnostics(model)
    measured = diagnostics[areas.loc[diagnostics.index].apply(has_own_error, axis=1)]
    tests = pd.concat([normality(model), bias_test(model, REPLICATES)], ignore_index=True)
    return {
        "area": plan.area,
        "kind": plan.kind,
        "file": plan.file,
        "source": plan.source,
        "transform": plan.transform,
        "benchmark": plan.benchmark,
        "coefficients": model.fit.coefficients.to_dict("records"),
        "sigma_v": float(np.sqrt(model.fit.sigma2_v)),
        "target": scale * model.target,
        "target_se": scale * model.target_se,
        "before_benchmark": scale * before,
        "after_benchmark": scale * whole,
        "sampled": int((areas["n"] > 0).sum()),
        "fitted": int(model.fit.sampled.sum()),
        "areas": len(areas),
        "far": int((diagnostics["std_residual"].abs() > 2).sum()),
        "better": int((measured["cv_gain"] < 1).sum()),
        "measured": len(measured),
        "median_cv_direct": float(measured["cv_direct"].median()),
        "median_cv_model": float(measured["cv_model"].median()),
        "tests": {row["test"]: row["p_value"] for row in tests.to_dict("records")},
    }
