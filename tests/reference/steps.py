"""From the steps of a case to weighting calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analysis import Design
from tests.reference.cases import Inexpressible, expressible, refuse_unknown

Step = dict[str, Any]
COMPARE: dict[str, Callable[[pd.Series, Any], pd.Series]] = {
    "==": lambda column, value: column == value,
    "!=": lambda column, value: (column != value) & column.notna(),
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    "in": lambda column, value: column.isin(value),
}


def apply_steps(design: Design, steps: list[Step]) -> Design:
    """Run the steps in order."""
    for step in steps:
        expressible("step", step["op"], STEPS)
        refuse_unknown(f"step {step['op']}", step, {"op", *FIELDS[step["op"]].split()})
        design = STEPS[step["op"]](design, step)
    return design


def _domain(design: Design, step: Step) -> Design:
    mask = np.ones(len(design.data), dtype=bool)
    for term in step["where"]:
        refuse_unknown("condition", term, {"col", "op", "value"})
        expressible("comparison", term["op"], COMPARE)
        column = design.data[term["col"]]
        mask &= COMPARE[term["op"]](column, _like(column, term["value"])).to_numpy(dtype=bool)
    return design.domain(mask)


def _poststratify(design: Design, step: Step) -> Design:
    return design.poststratify(step["by"], _table(design, step["by"], step["totals"]))


def _rake(design: Design, step: Step) -> Design:
    margins = {tuple(m["by"]): _table(design, m["by"], m["totals"]) for m in step["margins"]}
    return design.rake(margins, variance="r")  # the file's standard errors are those of R's own rake()


def _standardise(design: Design, step: Step) -> Design:
    shares = _table(design, step["by"], step["population"], "share")
    if step.get("excluding_missing"):
        design = design.domain(design.data[step["excluding_missing"]].notna().all(axis=1))
    return design.standardise(step["by"], shares, over=step["over"])


def _trim(design: Design, step: Step) -> Design:
    lower, upper = step.get("lower", 0.0), step.get("upper", float("inf"))
    return design.trim(lower, upper, strict=step.get("strict", False))


def _calibrate(design: Design, step: Step) -> Design:
    bounds = step.get("bounds")
    return design.calibrate(
        calibration_totals(design, step),
        distance=step["distance"],
        bounds=None if bounds is None else tuple(_bound(b, k) for k, b in enumerate(bounds)),
        bounds_are_weights=step.get("bounds_are_weights", False),
        model_variance=step.get("variance_column"),
        by_unit=_unit_of(design, step),
        tolerance=step.get("epsilon", 1e-7),  # R's defaults
        max_iterations=step.get("maxit", 50),
    )


def _bound(value: float | None, position: int) -> float:
    return (-np.inf, np.inf)[position] if value is None else value


def _unit_of(design: Design, step: Step) -> str | list[str] | None:
    """The columns within which g is constant: one named, or those that identify the cluster of a stage."""
    if "aggregate_stage" in step:
        return [*design.strata[:1], *design.clusters[: step["aggregate_stage"]]]
    return step.get("aggregate_by")


def calibration_totals(design: Design, step: Step) -> dict[Any, Any]:
    """Totals for every level, the omitted one being the intercept less the others."""
    population = next((t["total"] for t in step["totals"] if t["term"] == "(Intercept)"), None)
    totals: dict[Any, Any] = {} if population is None else {"(Intercept)": population}
    for term in step["model"]["terms"]:
        name = tuple(term["var"])
        given = [t for t in step["totals"] if tuple(t.get("var", ())) == name]
        totals[name] = _TERMS[term["kind"]](design, term, given, population)
    return totals


def _numeric_total(design: Design, term: Step, given: list[Step], population: float | None) -> float:
    if len(given) != 1 or len(term["var"]) != 1:
        raise Inexpressible(f"numeric calibration term {term['var']}")
    return given[0]["total"]


def _level_totals(
    design: Design, term: Step, given: list[Step], population: float | None
) -> dict[tuple[Any, ...], float]:
    columns = [design.data[name] for name in term["var"]]
    levels = {tuple(_like(c, v) for c, v in zip(columns, t["level"], strict=True)): t["total"] for t in given}
    omitted = term.get("omitted_level")
    if omitted is not None:
        parts = omitted if isinstance(omitted, list) else [omitted]
        key = tuple(_like(c, v) for c, v in zip(columns, parts, strict=True))
        if population is None:
            raise Inexpressible("an omitted level without an intercept")
        levels[key] = population - sum(levels.values())
    return levels


_TERMS: dict[str, Callable[..., Any]] = {"numeric": _numeric_total, "categorical": _level_totals}


def _to_replicates(design: Design, step: Step) -> Design:
    options = {"fay_rho": step["fay_rho"]} if step.get("fay_rho") else {}
    mse = step.get("mse", False)
    return design.to_replicates(step["method"].lower(), mse=mse, df_rule="rank", redo=False, **options)


def _table(
    design: Design, by: list[str], rows: list[Step], value: str = "total"
) -> dict[tuple[Any, ...], float]:
    return {tuple(_like(design.data[name], row[name]) for name in by): row[value] for row in rows}


def _like(column: pd.Series, value: Any) -> Any:
    """A level as the data spell it ("1" in the file may be the number 1 in the data)."""
    if isinstance(value, list):
        return [_like(column, one) for one in value]
    if isinstance(value, str) and pd.api.types.is_numeric_dtype(column):
        return float(value) if "." in value else int(value)
    if not isinstance(value, str) and not pd.api.types.is_numeric_dtype(column):
        return str(value)
    return value


STEPS: dict[str, Callable[[Design, Step], Design]] = {
    "domain": _domain,
    "poststratify": _poststratify,
    "rake": _rake,
    "standardize": _standardise,
    "trim_weights": _trim,
    "calibrate": _calibrate,
    "to_replicates": _to_replicates,
}
FIELDS: dict[str, str] = {
    "domain": "where",
    "poststratify": "by totals",
    "rake": "margins maxit epsilon",
    "standardize": "by over population excluding_missing",
    "trim_weights": "lower upper strict",
    "calibrate": "model totals distance bounds bounds_are_weights variance_column aggregate_stage aggregate_by "
    "epsilon maxit",
    "to_replicates": "method mse fay_rho",
}
