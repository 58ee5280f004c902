"""From the request of a case to calls of the library, answered in the shape of the case's result."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis import Design
from analysis.models.tests import GroupTest
from analysis.replicates.replication import Replication
from analysis.weighting.narrow import Narrow
from analysis.weighting.trim import Trim
from tests.reference.cases import Case, expressible, refuse_unknown
from tests.reference.formulas import prepare

Request = dict[str, Any]
Figures = dict[str, Any]


def answer(design: Design, case: Case) -> Figures:
    """The figures that the library gives for a case."""
    stat = case.request["stat"]
    expressible("statistic", stat, STATISTICS)
    refuse_unknown(f"request {stat}", case.request, {"stat", *FIELDS[stat].split()})
    figures = STATISTICS[stat](design, case.request)
    figures["df"] = design.degrees_of_freedom
    figures["weights"] = _weights(design)
    return figures


def _weights(design: Design) -> Figures:
    """The final weights of the rows that R keeps: a calibrated design keeps those outside the domain, at 0."""
    weight = np.where(design.domain_mask, design.weight, 0.0)[_kept_by_r(design)]
    return {
        "n": len(weight),
        "n_nonzero": int((weight != 0).sum()),
        "sum": weight.sum(),
        "min": weight.min(),
        "max": weight.max(),
        "sumsq": weight @ weight,
        "head": list(weight[:10]),
    }


def _kept_by_r(design: Design) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if isinstance(design.variance, Replication):
        return design.domain_mask
    kept = design.variance.kept_rows(design.domain_mask)
    for record in design.history:
        if isinstance(record.step, Narrow):  # a domain taken before any calibration: its rows are dropped
            return kept & record.step.inside
        if record.step is not None and not isinstance(record.step, Trim):
            break
    return kept


def _common(request: Request) -> dict[str, Any]:
    options: dict[str, Any] = {"by": request.get("by"), "missing": "drop" if request.get("na_rm") else "fail"}
    if "deff" in request:
        options["deff"] = request["deff"]
    return options


def _estimate(method: str) -> Callable[[Design, Request], Figures]:
    def run(design: Design, request: Request) -> Figures:
        categorical = request.get("categorical", [])
        options = _common(request)
        if method == "population_variance":
            options["count"] = "r"
        else:
            options |= {"categorical": categorical, "empty": "keep"}
        call = getattr(design, method)
        by_ci = {ci: call(request["vars"], ci=ci, **options) for ci in ("t", "z")}
        return _figures(by_ci, request, design)

    return run


def _ratio(design: Design, request: Request) -> Figures:
    options = {**_common(request), "empty": "keep"}
    by_ci = {
        ci: design.ratio(request["numerator"], request["denominator"], ci=ci, **options) for ci in ("t", "z")
    }
    return _figures(by_ci, request, design)


def _figures(by_ci: dict[str, pd.DataFrame], request: Request, design: Design) -> Figures:
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
        if t["n"] == 0 and request["stat"] != "ratio":  # R adds up no rows to zero
            row |= {"est": 0.0, "se": 0.0, "ci_t": [0.0, 0.0], "ci_z": [0.0, 0.0]}
        if request.get("by"):
            row["by"] = {name: t[name] for name in request["by"]}
        rows.append(row)
    return {"estimates": rows, "vcov": np.asarray(table.attrs["vcov"]).tolist()}


def _name(row: pd.Series) -> str:
    return row["variable"] if row["level"] is None else f"{row['variable']}{row['level']}"


CIPROP = {"likelihood": "likelihood_r", "asin": "asin_r"}  # as R computes them


def _ciprop(design: Design, request: Request) -> Figures:
    options = _common(request)
    method = CIPROP.get(request["method"], request["method"])
    table = design.proportion(request["vars"], ci=method, **options)
    # R's profile of a replicate design is scaled by a sum of squares and never reaches the limits
    nowhere = request["method"] == "likelihood" and isinstance(design.variance, Replication)
    rows = [
        {
            "name": _name(row),
            "est": row["estimate"],
            "se": row["se"],
            "ci": [np.nan, np.nan] if nowhere else [row["ci_low"], row["ci_high"]],
            "method": request["method"],
        }
        for _, row in table.iterrows()
    ]
    return {"estimates": rows}


# R's own weights in Shah and Vaish's rule; its test whether p is at a jump has no room for rounding
RULES = {
    "shahvaish": "shahvaish_r",
    "math": "hf1_r",
    "hf1": "hf1_r",
    "school": "hf2_r",
    "hf2": "hf2_r",
    "hf3": "hf3_r",
    "hf4": "hf4_r",
}
INTERVALS = {"score": "score_r", "asin": "asin_r", "quantile": "replicates"}


def _interval(design: Design, request: Request) -> str:
    wanted = request["interval_type"]
    if isinstance(design.variance, Replication) and wanted in ("beta", "xlogit", "asin"):
        return "mean"  # survey 4.1-1 forgets the type of interval for replicate designs
    return INTERVALS.get(wanted, wanted)


def _df_of_quantiles(design: Design, request: Request) -> float | None:
    """With na_rm R takes a subset, even if of all rows, and counts the rank of its replicate weights anew."""
    if not isinstance(design.variance, Replication) or not request.get("na_rm") or request.get("by"):
        return None
    known = design.domain_mask & design.data[request["vars"]].notna().all(axis=1).to_numpy()
    counted = replace(design.variance, df=None)
    codes = np.where(known, 0, -1).astype(np.int64)
    return float(counted.degrees_of_freedom(design.weight, codes, 1)[0])


def _quantile(design: Design, request: Request) -> Figures:
    table = design.quantile(
        request["vars"],
        request["probs"],
        rule=RULES.get(request["qrule"], request["qrule"]),
        interval=_interval(design, request),
        df=_df_of_quantiles(design, request),
        **_common(request),
    )
    rows = []
    for _, row in table.iterrows():
        figures = {"name": row["variable"], "p": row["quantile"], "est": row["estimate"], "se": row["se"]}
        figures |= {"ci": [row["ci_low"], row["ci_high"]], "df_domain": row["df"]}
        if request.get("by"):
            figures["by"] = {name: row[name] for name in request["by"]}
        rows.append(figures)
    return {"estimates": rows}


INTERCEPT = {"1": "1", "0": "0", "-1": "0"}
LINKS = {"1/mu^2": "inverse_square"}
FACTOR = re.compile(r"(?:as\.)?factor\((\w[\w.]*)\)")


def _name_in_r(coefficient: str, terms: list[str]) -> str:
    """R writes factor(x)2 where the library writes x2."""
    for found in FACTOR.finditer(" ".join(terms)):
        coefficient = re.sub(rf"(^|:){re.escape(found[1])}", rf"\g<1>{found[0]}", coefficient)
    return coefficient


def _term(name: str) -> str:
    """A term of R's formula: a name, factor(name), or an interaction of such."""
    if name in INTERCEPT:
        return INTERCEPT[name]
    parts = []
    for piece in re.split(r"([:*])", name):
        category = FACTOR.fullmatch(piece)
        plain = piece if piece in ":*" else f"`{piece}`"
        parts.append(f"C({category[1]})" if category else plain)
    return "".join(parts)


def _weights_lost(design: Design, request: Request) -> float:
    """R divides weights by their mean before rows with unknown values leave, its dispersion by that after."""
    if isinstance(design.variance, Replication):
        return 1.0
    named = [name for name in (request["y"], *request["x"], request["offset"]) if name is not None]
    pieces = [piece for name in named for piece in re.split("[:*]", name) if piece not in INTERCEPT]
    columns = [FACTOR.sub(r"\1", piece) for piece in pieces]
    domain = design.domain_mask & (design.weight > 0)
    known = domain & design.data[columns].notna().all(axis=1).to_numpy()
    before, after = (
        design.weight[rows].sum() / design.variance.kept_rows(rows).sum() for rows in (domain, known)
    )
    return float(after / before)


def _df_of_model(design: Design) -> float | None:
    """With replicates R counts degrees of freedom before rows with unknown values leave."""
    return design.degrees_of_freedom if isinstance(design.variance, Replication) else None


def _glm(design: Design, request: Request) -> Figures:
    prepared = prepare(design.data, request["y"], request["x"])
    design = design.with_columns(prepared.columns)
    request = {**request, "y": prepared.response, "x": prepared.terms, "offset": prepared.offset}
    right = " + ".join(_term(name) for name in request["x"]) or "1"
    link = request.get("link")
    model = design.glm(
        f"`{request['y']}` ~ {right}",
        family=request["family"].lower().replace(".", "_"),
        link=LINKS.get(link, link),
        offset=prepared.offset,
        tolerance=1e-8,  # where R stops
        df=_df_of_model(design),
    )
    rows = [
        {
            "name": prepared.in_r(_name_in_r(row["term"], request["x"])),
            "est": row["estimate"],
            "se": row["se"],
            "t": row["t"],
            "p_value": row["p_value"],
            "ci": [row["ci_low"], row["ci_high"]],
        }
        for _, row in model.coefficients.iterrows()
    ]
    figures = {
        "estimates": rows,
        "vcov": np.asarray(model.covariance).tolist(),
        "df_residual": model.df_residual,
        "dispersion": model.dispersion * _weights_lost(design, request),
        "deviance": model.deviance,
        "null_deviance": model.null_deviance,
    }
    if "wald_term" in request:
        test = model.test(FACTOR.sub(r"\1", prepared.written(request["wald_term"])))
        figures["wald"] = {
            "F": test.statistic,
            "df": test.df,
            "ddf": test.df_denominator,
            "p_value": test.p_value,
        }
    return figures


STATISTIC_NAMES = {
    "F": "F",
    "Chisq": "chisq",
    "Wald": "wald",
    "adjWald": "adj_wald",
    "lincom": "saddlepoint_r",  # what R fell back to, the package for the exact distribution being absent
    "saddlepoint": "saddlepoint_r",
}


def _chisq(design: Design, request: Request) -> Figures:
    expressible("chisq statistic", request["statistic"], STATISTIC_NAMES)
    statistic = STATISTIC_NAMES[request["statistic"]]
    replicated = isinstance(design.variance, Replication)
    # R counts the units and strata of all rows that it keeps, also those of weight zero
    kept = np.where(_kept_by_r(design), 0, -1).astype(np.int64)
    counted = (
        None if replicated else float(design.variance.degrees_of_freedom(np.ones(len(kept)), kept, 1)[0])
    )
    infinite = np.inf if replicated else None
    found = design.crosstab(request["row"], request["col"], statistic, df_denominator=infinite, df=counted)
    test = found.test
    parameter = [df for df in (test.df, test.df_denominator) if not np.isnan(df)]
    return {"statistic": test.statistic, "parameter": parameter, "p_value": test.p_value}


def _ttest(design: Design, request: Request) -> Figures:
    if request["group"] in ("0", "1"):
        found = design.ttest(request["y"], df=design.degrees_of_freedom - 1)  # R takes one off
    else:
        found = design.ttest(request["y"], request["group"], df=_df_of_model(design))
    figures = _test_figures(found)
    figures["ci"] = [found.ci_low, found.ci_high]
    return figures


RANK_TESTS = {"KruskalWallis": "wilcoxon", "vanderWaerden": "van_der_waerden"}


def _ranktest(design: Design, request: Request) -> Figures:
    test = RANK_TESTS.get(request["test"], request["test"])
    found = design.ranktest(request["y"], request["group"], test)
    figures = _test_figures(found)
    figures["parameter"] = [figures["parameter"]]
    if found.df > 1:  # for more than two groups R gives chi-squared as parameter and its df as statistic
        figures |= {"statistic": found.df, "parameter": [found.statistic * found.df]}
    return figures


def _test_figures(found: GroupTest) -> Figures:
    return {
        "statistic": found.statistic,
        "parameter": found.df_denominator,
        "p_value": found.p_value,
        "difference": found.difference,
    }


def _contrast(design: Design, request: Request) -> Figures:
    table = design.mean(request["vars"], by=request["by_contrast"])
    found = design.compare(table, request["coefficients"]).iloc[0]
    half = stats.norm.ppf(0.975) * found["se"]
    row = {
        "name": "contrast",
        "est": found["estimate"],
        "se": found["se"],
        "ci_t": [found["ci_low"], found["ci_high"]],
        "ci_z": [found["estimate"] - half, found["estimate"] + half],
    }
    return {"estimates": [row]}


def _table(design: Design, request: Request) -> Figures:
    first, *others = request["vars"]
    counted = design.total(first, by=others, categorical=[first])
    found = {
        (row["level"], *(row[name] for name in others)): row["estimate"] for _, row in counted.iterrows()
    }
    levels = [sorted(design.data.loc[design.domain_mask, name].dropna().unique()) for name in request["vars"]]
    cells = [
        {**dict(zip(request["vars"], map(str, cell), strict=True)), "est": found.get(cell, 0.0)}
        for cell in product(*levels)
    ]
    return {"cells": cells}


STATISTICS: dict[str, Callable[[Design, Request], Figures]] = {
    "mean": _estimate("mean"),
    "total": _estimate("total"),
    "var": _estimate("population_variance"),
    "ratio": _ratio,
    "ciprop": _ciprop,
    "quantile": _quantile,
    "chisq": _chisq,
    "contrast": _contrast,
    "glm": _glm,
    "ranktest": _ranktest,
    "ttest": _ttest,
    "table": _table,
}
FIELDS: dict[str, str] = {
    "mean": "vars categorical by na_rm deff",
    "total": "vars categorical by na_rm deff",
    "var": "vars by na_rm",
    "ratio": "numerator denominator by na_rm deff",
    "ciprop": "vars method na_rm",
    "quantile": "vars probs qrule interval_type by na_rm",
    "chisq": "row col statistic",
    "contrast": "vars by_contrast coefficients",
    "glm": "y x family link wald_term",
    "ranktest": "y group test",
    "ttest": "y group",
    "table": "vars",
}
