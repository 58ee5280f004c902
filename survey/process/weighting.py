"""From the sample to calibrated weights: the steps of design.yaml, one after the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Design
from survey.cases.models import Disposition
from survey.instrument import evaluate_column
from survey.process.recipe import BadRecipe, Level, Recipe
from survey.process.tables import CASES, KEY, ROOT, Tables

Floats = npt.NDArray[np.float64]

WEIGHT = "weight"
FRAME_ONLY = ("responded", "disposition", "unit")


@dataclass
class Weighting:
    """The state between two steps: the cases with their weights so far, then the respondents' design."""

    level: Level
    recipe: Recipe
    cases: pd.DataFrame
    data: pd.DataFrame
    sample: pd.DataFrame = field(default_factory=pd.DataFrame)
    design: Design | None = None
    log: list[dict[str, Any]] = field(default_factory=list)

    def record(
        self, step: str, weights: "pd.Series[float]", before: "pd.Series[float] | None" = None, **detail: Any
    ) -> None:
        """Add a step's diagnostics to the log; `before` are the weights that the step multiplied."""
        positive = weights[weights > 0].astype(float)
        kish = float(len(positive) * (positive**2).sum() / positive.sum() ** 2) if len(positive) else None
        self.log.append(
            {
                "level": self.level.name,
                "step": step,
                "n": len(positive),
                "sum": float(positive.sum()),
                "min": float(positive.min()) if len(positive) else None,
                "max": float(positive.max()) if len(positive) else None,
                "kish_deff": kish,
                "effective_n": len(positive) / kish if kish else None,
                "weights": _distribution(positive.to_numpy()),
                "factors": None if before is None else _distribution(_factors(before, positive)),
                **detail,
            }
        )


QUANTILES = (5, 50, 95)
CLASSES = 24


def _factors(before: "pd.Series[float]", after: "pd.Series[float]") -> Floats:
    return (after / before.reindex(after.index).astype(float)).to_numpy()


def _distribution(values: Floats) -> dict[str, Any] | None:
    """Quantiles and a histogram of what a step gave; one class when all values are the same."""
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    alike = np.isclose(low, high, rtol=1e-9)
    counts, edges = ([len(values)], [low, high]) if alike else np.histogram(values, bins=CLASSES)
    return {
        "low": low,
        "high": high,
        "quantiles": {f"p{q}": float(np.percentile(values, q)) for q in QUANTILES},
        "edges": [float(edge) for edge in edges],
        "counts": [int(count) for count in counts],
    }


def level_table(tables: Tables, level: Level, recipe: Recipe) -> pd.DataFrame:
    """The level's rows with the parent's and the case's columns joined and the derived variables added."""
    table = tables[ROOT]
    cases = tables.get(CASES, pd.DataFrame())
    if len(cases):
        taken = [name for name in cases if name == "case_id" or name not in (*table.columns, *FRAME_ONLY)]
        table = table.merge(
            cases[taken].astype({"case_id": "Int64"}), on="case_id", how="left", validate="m:1"
        )
    if level.repeat:
        table = tables[level.repeat].merge(
            table, on=KEY, how="left", validate="m:1", suffixes=("", "_parent")
        )
    return add_variables(table, recipe.variables)


def add_variables(table: pd.DataFrame, variables: dict[str, str]) -> pd.DataFrame:
    """The derived columns of indicators.yaml; those that name columns of another level are left out."""
    derived = dict[str, Any]()
    for name, expression in variables.items():
        try:
            derived[name] = evaluate_column(expression, table.assign(**derived))
        except KeyError:
            continue
    return table.assign(**derived)


def weighted_design(tables: Tables, level: Level, recipe: Recipe) -> tuple[Design, list[dict[str, Any]]]:
    """The design of a level with its final weights, and the record of each step.

    Raises `BadRecipe` for an unknown step or column, and the errors of `analysis` (for instance
    `NoConvergence`, naming margin and level) when weights cannot be had.
    """
    data = level_table(tables, level, recipe)
    work = Weighting(level, recipe, tables.get(CASES, pd.DataFrame()), data)
    for step in level.steps:
        if step["step"] not in STEPS:
            raise BadRecipe(
                f"design.yaml, {level.name}: không có bước {step['step']!r}.", f"Có: {', '.join(STEPS)}."
            )
        STEPS[step["step"]](work, step)
    if work.design is None:
        work.data = _with_weights(work) if work.log else work.data
        work.design = _design(work, _given_weight(work))
    return work.design, work.log


def _given_weight(work: Weighting) -> str:
    weight = work.level.weight or WEIGHT
    if weight not in work.data:
        raise BadRecipe(
            f"design.yaml, {work.level.name}: bảng không có cột trọng số {weight!r}.",
            "Ghi `weight:` là một biến của phiếu, hoặc bắt đầu các bước bằng design_weight.",
        )
    if not work.log:
        work.record("given", work.data[weight].astype(float), weight=weight)
    return weight


def _design(work: Weighting, weight: str) -> Design:
    missing = [name for name in (*work.level.strata, *work.level.clusters) if name not in work.data]
    if missing:
        raise BadRecipe(
            f"design.yaml, {work.level.name}: bảng không có cột {', '.join(missing)}.", "Sửa `design:`."
        )
    return Design(
        _whole_sample(work.data.assign(**{weight: work.data[weight].astype(float)}), work, weight),
        weight=weight,
        strata=list(work.level.strata),
        clusters=list(work.level.clusters),
        nest=True,
        lonely_psu=work.level.lonely_psu,  # type: ignore[arg-type]
    )


def _whole_sample(data: pd.DataFrame, work: Weighting, weight: str) -> pd.DataFrame:
    """The respondents' rows followed by the cases that did not answer, with weight 0.

    Units in which nobody answered were drawn all the same: without them a stratum seems to have fewer units
    than it has, and the error comes out wrong or, with one unit left, not at all.
    """
    if work.sample.empty or work.level.repeat:
        return data
    silent = work.sample[~work.sample["case_id"].isin(data["case_id"])]
    rows = silent[[name for name in silent if name in data and name != weight]].assign(**{weight: 0.0})
    return pd.concat([data, rows.astype({"case_id": "Int64"})], ignore_index=True) if len(rows) else data


def _design_weight(work: Weighting, _: dict[str, Any]) -> None:
    """The inverse of the inclusion probability over all stages of the sample."""
    if "probability" not in work.cases:
        raise BadRecipe(
            "Đợt này không có mẫu, nên không có trọng số thiết kế.", "Rút mẫu: khaosat sample draw."
        )
    work.cases = work.cases.assign(**{WEIGHT: 1.0 / work.cases["probability"]})
    work.sample = work.cases[work.cases["disposition"] != Disposition.INELIGIBLE]
    work.record("design_weight", work.cases[WEIGHT])


def _nonresponse(work: Weighting, step: dict[str, Any]) -> None:
    """Respondents take on the weight of nonrespondents in the same class.

    Cases found ineligible leave first: they stand for ineligible units, not for people who did not answer.
    """
    work.cases = work.cases[work.cases["disposition"] != Disposition.INELIGIBLE]
    before = _case_weights(work)
    design = Design(
        work.cases, weight=WEIGHT, strata=list(work.level.strata), clusters=list(work.level.clusters)
    )
    adjusted = design.adjust_nonresponse(responded="responded", classes=list(step["classes"]))
    weights = pd.Series(adjusted.weights(), index=adjusted.data.index, dtype=float)
    after = work.cases.assign(**{WEIGHT: weights.reindex(work.cases.index).fillna(0.0)})
    classes = after.groupby(list(step["classes"]))["responded"].agg(["size", "mean"]).reset_index()
    work.cases = after[after["responded"]]
    work.record("nonresponse", work.cases[WEIGHT], before, classes=classes.to_dict("records"))


def _within_household(work: Weighting, step: dict[str, Any]) -> None:
    """One of `size` eligible persons was selected with equal chance: times `size`."""
    work.data = _with_weights(work)
    size = work.data[step["size"]].astype(float)
    if (size.isna() | (size < 1)).any():
        raise BadRecipe(
            f"Biến {step['size']} trống hoặc nhỏ hơn 1 ở một số phiếu.", "Sửa các phiếu đó trước."
        )
    before = work.data[WEIGHT]
    work.data = work.data.assign(**{WEIGHT: before * size})
    work.record("within_household", work.data[WEIGHT], before, size=step["size"])


def _rake(work: Weighting, step: dict[str, Any]) -> None:
    """Weights meet the population totals of each margin in controls.csv."""
    work.data = _with_weights(work)
    controls = _controls(work, step.get("controls", "controls.csv"))
    margins = {name: _totals(controls, name) for name in step["margins"]}
    for name in margins:
        if name not in work.data:
            work.data = work.data.assign(**{name: _crossed(work.data, name)})
    before = work.data[WEIGHT]
    design = _design(work, WEIGHT)
    work.design = design.with_columns(_levels_of_silent_rows(design.data, margins)).rake(margins)
    after = pd.Series(work.design.weights().to_numpy()[: len(work.data)], index=work.data.index)
    work.record(
        "rake",
        after,
        before,
        margins=[_margin(work.data, name, before, after, margins[name]) for name in margins],
    )


def _levels_of_silent_rows(
    data: pd.DataFrame, margins: dict[str, "pd.Series[float]"]
) -> dict[str, "pd.Series[str]"]:
    """Rows of weight 0 get any level of a margin they have no answer for: they add nothing to its total."""
    silent = data[WEIGHT] == 0
    return {
        name: data[name].astype(object).mask(silent & ~data[name].isin(totals.index), totals.index[0])
        for name, totals in margins.items()
    }


def _case_weights(work: Weighting) -> "pd.Series[float]":
    if WEIGHT not in work.cases:
        raise BadRecipe(
            f"design.yaml, {work.level.name}: chưa có trọng số để điều chỉnh.",
            "Bắt đầu `weighting:` bằng bước design_weight.",
        )
    return work.cases[WEIGHT]


def _with_weights(work: Weighting) -> pd.DataFrame:
    """The respondents' rows with the weight of their case, once."""
    if WEIGHT in work.data:
        return work.data
    weights = _case_weights(work).set_axis(work.cases["case_id"])
    return work.data.assign(**{WEIGHT: work.data["case_id"].map(weights).astype(float)})


def _crossed(data: pd.DataFrame, margin: str) -> "pd.Series[str]":
    """`sex:area_type` as one column with levels such as `male:urban`."""
    names = margin.split(":")
    missing = [name for name in names if name not in data]
    if missing:
        raise BadRecipe(
            f"Biên {margin!r}: bảng không có cột {', '.join(missing)}.", "Sửa `margins:` trong design.yaml."
        )
    crossed = data[names[0]].astype(str)
    for name in names[1:]:
        crossed = crossed + ":" + data[name].astype(str)
    return crossed


def _controls(work: Weighting, file: str) -> pd.DataFrame:
    controls = work.recipe.controls
    rows = controls[controls["file"] == file] if len(controls) else controls
    if not len(rows):
        raise BadRecipe(f"Không có tệp {file} trong thư mục phiếu.", "Thêm tệp tổng thể, mỗi dòng có nguồn.")
    return rows


def _totals(controls: pd.DataFrame, margin: str) -> "pd.Series[float]":
    rows = controls[controls["margin"] == margin]
    if not len(rows):
        raise BadRecipe(
            f"{controls['file'].iloc[0]} không có biên {margin!r}.", "Thêm tổng thể cho biên này, có nguồn."
        )
    return pd.Series(rows["total"].astype(float).to_numpy(), index=rows["level"].astype(str))


def _margin(
    data: pd.DataFrame,
    name: str,
    before: "pd.Series[float]",
    after: "pd.Series[float]",
    target: "pd.Series[float]",
) -> dict[str, Any]:
    keys = data[name].astype(str)
    return {
        "margin": name,
        "levels": [
            {
                "level": level,
                "before": float(before[keys == level].sum()),
                "after": float(after[keys == level].sum()),
                "target": float(total),
            }
            for level, total in target.items()
        ],
    }


STEPS: dict[str, Callable[[Weighting, dict[str, Any]], None]] = {
    "design_weight": _design_weight,
    "nonresponse": _nonresponse,
    "within_household": _within_household,
    "rake": _rake,
}
