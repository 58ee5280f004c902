"""From the request of a case to calls of the library, answered in the shape of the case's result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analysis import Design
from tests.reference.cases import Case, Inexpressible

Request = dict[str, Any]
Figures = dict[str, Any]


def answer(design: Design, case: Case) -> Figures:
    """The figures that the library gives for a case."""
    stat = case.request["stat"]
    if stat not in STATISTICS:
        raise Inexpressible(f"statistic {stat}")
    figures = STATISTICS[stat](design, case.request)
    figures["df"] = design.degrees_of_freedom
    figures["weights"] = _weights(design)
    return figures


def _weights(design: Design) -> Figures:
    weight = np.where(design.domain_mask, design.weight, 0.0)
    return {
        "n": len(weight),
        "n_nonzero": int((weight != 0).sum()),
        "sum": weight.sum(),
        "min": weight.min(),
        "max": weight.max(),
        "sumsq": weight @ weight,
        "head": list(weight[:10]),
    }


def _common(request: Request) -> dict[str, Any]:
    options: dict[str, Any] = {"by": request.get("by"), "missing": "drop" if request.get("na_rm") else "fail"}
    if "deff" in request:
        options["deff"] = request["deff"]
    return options


def _estimate(method: str) -> Callable[[Design, Request], Figures]:
    def run(design: Design, request: Request) -> Figures:
        categorical = request.get("categorical", [])
        options = _common(request)
        if method != "population_variance":
            options["categorical"] = categorical
        call = getattr(design, method)
        by_ci = {ci: call(request["vars"], ci=ci, **options) for ci in ("t", "z")}
        return _figures(by_ci, request)

    return run


def _ratio(design: Design, request: Request) -> Figures:
    by_ci = {
        ci: design.ratio(request["numerator"], request["denominator"], ci=ci, **_common(request))
        for ci in ("t", "z")
    }
    return _figures(by_ci, request)


def _figures(by_ci: dict[str, pd.DataFrame], request: Request) -> Figures:
    table, other = by_ci["t"], by_ci["z"]
    rows = []
    for (_, t), (_, z) in zip(table.iterrows(), other.iterrows(), strict=True):
        row = {
            "name": _name(t),
            "est": t["estimate"],
            "se": t["se"],
            "ci_t": [t["ci_low"], t["ci_high"]],
            "ci_z": [z["ci_low"], z["ci_high"]],
            "df_domain": t["df"],
            "deff": t["deff"],
        }
        if request.get("by"):
            row["by"] = {name: t[name] for name in request["by"]}
        rows.append(row)
    return {"estimates": rows, "vcov": np.asarray(table.attrs["vcov"]).tolist()}


def _name(row: pd.Series) -> str:
    return row["variable"] if row["level"] is None else f"{row['variable']}{row['level']}"


def _ciprop(design: Design, request: Request) -> Figures:
    options = _common(request)
    table = design.proportion(request["vars"], ci=request["method"], **options)
    rows = [
        {
            "name": _name(row),
            "est": row["estimate"],
            "se": row["se"],
            "ci": [row["ci_low"], row["ci_high"]],
            "method": request["method"],
        }
        for _, row in table.iterrows()
    ]
    return {"estimates": rows}


def _table(design: Design, request: Request) -> Figures:
    counted = design.total("one", by=request["vars"])
    cells = [
        {**{name: row[name] for name in request["vars"]}, "est": row["estimate"]}
        for _, row in counted.iterrows()
    ]
    return {"cells": cells}


STATISTICS: dict[str, Callable[[Design, Request], Figures]] = {
    "mean": _estimate("mean"),
    "total": _estimate("total"),
    "var": _estimate("population_variance"),
    "ratio": _ratio,
    "ciprop": _ciprop,
    "table": _table,
}
