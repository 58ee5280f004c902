"""From the description of a design in a case to the library's `Design`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from analysis import Design
from tests.reference.cases import Case, Datasets, Inexpressible, expressible, refuse_unknown

LONELY = {"average": "average_r"}  # R has no standard error where there is nothing to average over
PPS_NAMES = {"brewer": "brewer", "overton": "overton", "HR": "hartley_rao"}


def design_of(case: Case, datasets: Datasets) -> Design:
    """The design before any step."""
    kind = case.design["type"]
    expressible("design type", kind, READERS)
    refuse_unknown(f"{kind} design", case.design, {"type", *FIELDS[kind].split()})
    return READERS[kind](case, datasets)


def _linearised(case: Case, datasets: Datasets) -> Design:
    given = case.design
    lonely = given.get("lonely_psu", "fail")
    options: dict[str, Any] = {
        "weight": given.get("weights"),
        "probability": given.get("probs"),
        "strata": given.get("strata"),
        "clusters": given.get("clusters"),
        "fpc": given.get("fpc"),
        "lonely_psu": LONELY.get(lonely, lonely),
        "residuals": "r",
        "lonely_in_domains": given.get("lonely_adjust_domain", False),
    }
    return Design(datasets.read(case.content["dataset"]), **options, **_pps(given, datasets))


def _pps(given: dict[str, Any], datasets: Datasets) -> dict[str, Any]:
    pps = given.get("pps")
    if pps is None:
        return {}
    if isinstance(pps, str):
        expressible("pps", pps, PPS_NAMES)
    method = PPS_NAMES[pps] if isinstance(pps, str) else _joint(pps, datasets)
    return {"pps": method, "pps_variance": given.get("pps_variance", "HT").lower()}


def _joint(pps: dict[str, str], datasets: Datasets) -> np.ndarray[Any, Any]:
    return datasets.read(pps["joint_probabilities"]).to_numpy(dtype=float)


def _replicate(case: Case, datasets: Datasets) -> Design:
    given = case.design
    replicates = given["replicates"]
    refuse_unknown("replicates", replicates, set(REPLICATE_FIELDS.split()))
    if replicates["weights_are"] != "combined":
        raise Inexpressible(f"replicate weights that are {replicates['weights_are']}")
    return Design.from_replicates(
        datasets.read(case.content["dataset"]),
        weight=given["weights"],
        replicates=datasets.read(replicates["file"]).to_numpy(dtype=float),
        scale=replicates["scale"],
        rscales=replicates["rscales"],
        mse=replicates["mse"],
    )


READERS: dict[str, Callable[[Case, Datasets], Design]] = {
    "linearization": _linearised,
    "replicate": _replicate,
}
FIELDS = {
    "linearization": "strata clusters fpc weights probs nest lonely_psu lonely_adjust_domain pps pps_variance",
    "replicate": "weights replicates",
}
# the last four only describe where the weights came from
REPLICATE_FIELDS = "file weights_are scale rscales mse n_reps method fay_rho built_from"
