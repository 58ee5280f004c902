"""Cases of small-area models, which have no sampling design."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.small_area import fay_herriot, nested_error
from tests.reference.cases import Case, Datasets, refuse_unknown

Figures = dict[str, Any]
# metafor's names of the moment estimates
MOMENTS = {"PM": "fh", "EB": "fh", "HE": "pr"}


def _fay_herriot(case: Case, datasets: Datasets) -> Figures:
    request = case.request
    refuse_unknown("request fay_herriot", request, {"stat", "direct", "direct_variance", "x", "method"})
    terms = [":".join(_factor(name, term["kind"]) for name in term["var"]) for term in request["x"]["terms"]]
    right = " + ".join([*([] if request["x"]["intercept"] else ["0"]), *terms]) or "1"
    data = datasets.read(case.content["dataset"])
    method = MOMENTS.get(request["method"], request["method"].lower())
    fit = fay_herriot(data, f"{request['direct']} ~ {right}", request["direct_variance"], method)
    rows = zip(fit.coefficients["term"], fit.coefficients["estimate"], fit.coefficients["se"], strict=True)
    return {
        "sigma2_v": fit.sigma2_v,
        "beta": [{"name": name, "est": est, "se": se} for name, est, se in rows],
        "gamma": fit.areas["gamma"].tolist(),
        "eblup": fit.areas["estimate"].tolist(),
        "mse_prasad_rao": fit.areas["mse"].tolist(),
    }


def _factor(name: str, kind: str) -> str:
    return f"C({name})" if kind == "categorical" else name


def _nested_error(case: Case, datasets: Datasets) -> Figures:
    request = case.request
    known = {"stat", "y", "x", "area", "exclude_obs", "method", "population_means"}
    refuse_unknown("request nested_error_regression", request, known)
    data = datasets.read(case.content["dataset"])
    data = data[~data["obs"].isin(request.get("exclude_obs", []))]
    auxiliary = datasets.read(case.content["aux_dataset"]).set_index(request["area"])
    means = auxiliary.rename(columns=lambda name: name.removeprefix("ave_"))
    formula = f"{request['y']} ~ {' + '.join(request['x'])}"
    fit = nested_error(
        data, formula, request["area"], means, auxiliary["pop_segments"], request["method"].lower()
    )
    rows = zip(fit.coefficients["term"], fit.coefficients["estimate"], strict=True)
    return {
        "beta": [{"name": name, "est": est} for name, est in rows],
        "sigma2_u": fit.sigma2_u,
        "sigma2_e": fit.sigma2_e,
        "area": fit.areas.index.tolist(),
        "random_effect": fit.areas["random_effect"].tolist(),
        "eblup_mean_model": fit.areas["estimate"].tolist(),
        "eblup_mean_finite_population": fit.areas["estimate_finite"].tolist(),
    }


MODELS: dict[str, Callable[[Case, Datasets], Figures]] = {
    "fay_herriot": _fay_herriot,
    "nested_error_regression": _nested_error,
}
