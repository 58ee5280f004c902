"""`small_area` of design.yaml: which indicators are modelled for which areas, with what beside the sample."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import pandas as pd

from survey.cases.models import AreaKind
from survey.process.methods.keys import chosen, names, section
from survey.process.recipe import BadRecipe, Recipe

NAME = "small_area"
AREA = "area"
NEEDS = ("area", "indicators", "auxiliary", "population", "covariates")
MAY = ("method", "areas", "transform", "unusable", "benchmark", "rows")
METHODS = ("fay_herriot",)
TRANSFORMS = ("none", "arcsine")
UNUSABLE = ("synthetic", "gvf", "refuse")
BENCHMARKS = ("difference", "ratio", "logit", "none")
MODELLED = ("share", "mean")


@dataclass(frozen=True)
class AreaPlan:
    """The section as types; `auxiliary` is indexed by area code, `kind` names the areas where it is known."""

    method: str
    area: str
    kind: AreaKind | None
    indicators: tuple[str, ...]
    file: str
    covariates: pd.DataFrame
    population: pd.Series
    transform: Literal["none", "arcsine"]
    unusable: Literal["synthetic", "gvf", "refuse"]
    benchmark: Literal["difference", "ratio", "logit"] | None
    source: str


def area_plan(recipe: Recipe) -> AreaPlan | None:
    """The plan of a recipe, None where it has no such section; raise `BadRecipe` that names the entry."""
    design = recipe.document["design"]
    if NAME not in design:
        return None
    entry = section(design, NAME, NEEDS, MAY)
    covariates = names(entry, NAME, "covariates")
    indicators = names(entry, NAME, "indicators")
    _refuse_unmodelled(recipe, indicators)
    table = _table(entry, (str(entry["population"]), *covariates))
    benchmark = chosen(entry, NAME, "benchmark", BENCHMARKS, "difference")
    return AreaPlan(
        method=chosen(entry, NAME, "method", METHODS, METHODS[0]),
        area=str(entry["area"]),
        kind=AreaKind(chosen(entry, NAME, "areas", tuple(AreaKind), "")) if "areas" in entry else None,
        indicators=indicators,
        file=str(entry["auxiliary"]),
        covariates=table[list(covariates)],
        population=table[str(entry["population"])],
        transform=cast(Any, chosen(entry, NAME, "transform", TRANSFORMS, "none")),
        unusable=cast(Any, chosen(entry, NAME, "unusable", UNUSABLE, "synthetic")),
        benchmark=None if benchmark == "none" else cast(Any, benchmark),
        source=str(next((row.get("source", "") for row in entry["rows"]), "")),
    )


def _refuse_unmodelled(recipe: Recipe, indicators: tuple[str, ...]) -> None:
    known = {indicator.code: indicator for indicator in recipe.indicators}
    for code in indicators:
        if code not in known:
            raise BadRecipe(
                f"design.yaml, {NAME}: không có chỉ tiêu {code!r}.",
                "Ghi một `code` của indicators.yaml.",
            )
        if known[code].estimand not in MODELLED:
            raise BadRecipe(
                f"design.yaml, {NAME}: chỉ tiêu {code!r} là {known[code].estimand}.",
                f"Mô hình này chỉ dùng cho: {', '.join(MODELLED)}.",
            )


def _table(entry: Mapping[str, Any], columns: tuple[str, ...]) -> pd.DataFrame:
    """The auxiliary file as numbers by area; raise `BadRecipe` with the row that is wrong."""
    where, rows = f"{entry['auxiliary']}", entry.get("rows")
    if not rows:
        raise BadRecipe(f"{where}: không có dòng nào.", "Nhập lại thư mục phiếu cùng với tệp này.")
    table = pd.DataFrame(rows)
    missing = [name for name in (AREA, *columns) if name not in table]
    if missing:
        raise BadRecipe(f"{where}: không có cột {', '.join(missing)}.", "Thêm cột vào tệp.")
    numbers = table[list(columns)].apply(pd.to_numeric, errors="coerce")
    wrong = numbers.isna().any(axis=1) | table[AREA].duplicated()
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        raise BadRecipe(
            f"{where}, dòng {at + 2} (địa bàn {table[AREA].iloc[at]!r}): trùng mã hoặc có ô không phải là số.",
            "Mỗi địa bàn một dòng, mọi cột là số viết với dấu chấm thập phân.",
        )
    indexed: pd.DataFrame = numbers.set_index(table[AREA].astype(str))
    return indexed
