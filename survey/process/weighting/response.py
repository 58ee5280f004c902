"""The steps that come before calibration: chance of selection, response, selection within the household."""

from typing import Any

import pandas as pd

from analysis import Design
from survey.cases.models import Disposition
from survey.process.recipe import BadRecipe
from survey.process.weighting.sample import ANSWERED
from survey.process.weighting.state import WEIGHT, Weighting

PROPENSITY_GROUPS = 5
GROUP = "propensity_class"


def design_weight(work: Weighting, _: dict[str, Any]) -> None:
    """The inverse of the inclusion probability over all stages of the sample."""
    if "probability" not in work.cases:
        raise BadRecipe(
            "Đợt này không có mẫu, nên không có trọng số thiết kế.", "Rút mẫu: khaosat sample draw."
        )
    work.cases = work.cases.assign(**{WEIGHT: 1.0 / work.cases["probability"]})
    work.sample = work.cases[work.cases["disposition"] != Disposition.INELIGIBLE]
    work.record("design_weight", work.cases[WEIGHT])


def nonresponse(work: Weighting, step: dict[str, Any]) -> None:
    """Respondents take on the weight of nonrespondents in the same class, or with about the same propensity.

    Cases found ineligible leave first: they stand for ineligible units, not for people who did not answer.
    """
    work.cases = work.cases[work.cases["disposition"] != Disposition.INELIGIBLE]
    before = work.case_weights()
    by, options = _classes(work, step)
    drawn = Design(
        work.cases, weight=WEIGHT, strata=list(work.level.strata), clusters=list(work.level.clusters)
    )
    adjusted = drawn.adjust_nonresponse(responded=ANSWERED, **options)
    after = work.cases.assign(**{WEIGHT: adjusted.weights().to_numpy()})
    if GROUP in by:
        cells: Any = adjusted.history[-1].step
        after[GROUP] = 1 + cells.cells.to_rows(cells.classes).astype(int)
    classes = after.groupby(by)[ANSWERED].agg(["size", "mean"]).reset_index()
    work.cases = after[after[ANSWERED]]
    work.record("nonresponse", work.cases[WEIGHT], before, classes=classes.to_dict("records"))


def _classes(work: Weighting, step: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The columns that tell the classes apart, and the options that make them."""
    if step.get("method", "classes") == "propensity":
        groups = step.get("groups", PROPENSITY_GROUPS)
        return [GROUP], {"method": "propensity", "formula": step["formula"], "n_classes": groups}
    return list(step["classes"]), {"classes": list(step["classes"])}


def within_household(work: Weighting, step: dict[str, Any]) -> None:
    """One of `size` eligible persons was selected with equal chance: times `size`."""
    work.weigh_rows()
    if step["size"] not in work.data:
        raise BadRecipe(
            f"design.yaml, {work.level.name}: bảng không có cột {step['size']}.",
            "Sửa `size:` của bước within_household.",
        )
    size = work.data[step["size"]].astype(float)
    if (size.isna() | (size < 1)).any():
        raise BadRecipe(
            f"Biến {step['size']} trống hoặc nhỏ hơn 1 ở một số phiếu.", "Sửa các phiếu đó trước."
        )
    before: pd.Series[float] = work.data[WEIGHT]
    work.data = work.data.assign(**{WEIGHT: before * size})
    work.record("within_household", work.data[WEIGHT], before, size=step["size"])
