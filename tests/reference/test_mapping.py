"""The mapping from cases to calls beyond the public file, and a runner that fails when it should."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.reference.cases import HERE, Case, Datasets, read_cases
from tests.reference.run import failures, main

CASES = {case.id: case for case in read_cases(HERE / "public.json.gz")}
DATASETS = Datasets(HERE / "data")


def changed(case_id: str, **request: object) -> Case:
    content = copy.deepcopy(CASES[case_id].content)
    content["request"].update(request)
    return Case(case_id, content["group"], content)


def test_a_wrong_figure_fails_and_is_named() -> None:
    content = copy.deepcopy(CASES["mean.strat.api00"].content)
    content["result"]["estimates"][0]["se"] *= 1 + 1e-6
    (line,) = failures(Case("wrong", "mean_total", content), DATASETS)
    assert line.startswith("api00 se: 9.4089")


def test_a_wrong_weight_fails() -> None:
    content = copy.deepcopy(CASES["trim.strat"].content)
    content["result"]["weights"]["head"][3] += 1e-4
    assert failures(Case("wrong", "trim", content), DATASETS)[0].startswith("weights.head[3]")


def test_what_cannot_be_expressed_fails() -> None:
    assert failures(changed("mean.strat.api00", stat="kappa"), DATASETS) == [
        "cannot be expressed: statistic kappa"
    ]


def test_the_command_counts_and_exits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = CASES["mean.strat.api00"].content
    bad = {**good, "id": "bad", "request": {"stat": "kappa"}}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [good, bad]}))
    assert main([str(path), "--data", str(HERE / "data")]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"
    assert main([str(path), "--data", str(HERE / "data"), "--group", "none"]) == 0


@pytest.mark.parametrize(
    "request_changes",
    [{"x": ["factor(sex)", "race_f", "sex:race_f"]}, {"x": ["race_f"], "family": "gaussian"}],
)
def test_other_formulas_can_be_expressed(request_changes: dict[str, object]) -> None:
    found = failures(changed("glm.nhanes.logit", **request_changes, wald_term="race_f"), DATASETS)
    assert found
    assert not any("cannot be expressed" in line or "Error" in line for line in found)


@pytest.mark.parametrize(
    ("case_id", "place", "name"),
    [
        ("mean.strat.api00", ("request",), "weights"),
        ("mean.strat.api00", ("design",), "offset"),
        ("ps.clus1.stype.mean.api00", ("steps", 0), "partial"),
        ("subset.strat.mean.api00.poor", ("steps", 0, "where", 0), "or"),
        ("rep.clus1_jk1.mean", ("design", "replicates"), "rho"),
        ("sae.fh.milk.reml", ("request",), "transform"),
    ],
)
def test_what_the_mapping_does_not_read_fails(case_id: str, place: tuple[Any, ...], name: str) -> None:
    content = copy.deepcopy(CASES[case_id].content)
    part = content
    for key in place:
        part = part[key]
    part[name] = "something"
    (line,) = failures(Case(case_id, content["group"], content), DATASETS)
    assert line.startswith("cannot be expressed: ")
    assert line.endswith(f"with {name}")


def test_a_missing_value_agrees_with_na_only() -> None:
    content = copy.deepcopy(CASES["total.clus2.enroll"].content)
    content["request"]["na_rm"] = False
    case = Case("missing", "mean_total", content)
    assert failures(case, DATASETS)[0].startswith("MissingValues: column 'enroll'")
    content["result"]["estimates"][0]["est"] = None
    assert failures(case, DATASETS) == []
