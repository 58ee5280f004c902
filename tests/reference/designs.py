"""From the description of a design in a case to the library's `Design`."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis import Design
from tests.reference.cases import Case, Datasets, Inexpressible

PPS_NAMES = {"brewer": "brewer", "overton": "overton", "HR": "hartley_rao"}


def design_of(case: Case, datasets: Datasets) -> Design:
    """The design before any step."""
    readers = {"linearization": _linearised, "replicate": _replicate}
    if case.design["type"] not in readers:
        raise Inexpressible(f"design type {case.design['type']}")
    return readers[case.design["type"]](case, datasets)


def _linearised(case: Case, datasets: Datasets) -> Design:
    given = case.design
    options: dict[str, Any] = {
        "weight": given.get("weights"),
        "probability": given.get("probs"),
        "strata": given.get("strata"),
        "clusters": given.get("clusters"),
        "fpc": given.get("fpc"),
        "lonely_psu": given.get("lonely_psu", "fail"),
        "lonely_in_domains": given.get("lonely_adjust_domain", False),
    }
    return Design(datasets.read(case.content["dataset"]), **options, **_pps(given, datasets))


def _pps(given: dict[str, Any], datasets: Datasets) -> dict[str, Any]:
    pps = given.get("pps")
    if pps is None:
        return {}
    method = PPS_NAMES[pps] if isinstance(pps, str) else _joint(pps, datasets)
    return {"pps": method, "pps_variance": given.get("pps_variance", "HT").lower()}


def _joint(pps: dict[str, str], datasets: Datasets) -> np.ndarray[Any, Any]:
    return datasets.read(pps["joint_probabilities"]).to_numpy(dtype=float)


def _replicate(case: Case, datasets: Datasets) -> Design:
    given = case.design
    replicates = given["replicates"]
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
