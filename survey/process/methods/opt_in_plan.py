"""`opt_in` of design.yaml: for which indicators the answers of the open page are estimated apart, and how."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from survey.process.methods.keys import chosen, names, section
from survey.process.recipe import BadRecipe, Recipe

NAME = "opt_in"
NEEDS = ("indicators", "covariates")
MAY = ("method", "doubly_robust", "combine")
METHODS = ("chen_li_wu", "elliott_valliant")
COMBINATIONS = ("none", "inverse_mse", "inverse_variance")
ESTIMATED = ("share", "mean")


@dataclass(frozen=True)
class OptInPlan:
    """The section as types; `combine` None leaves the two sources apart."""

    indicators: tuple[str, ...]
    covariates: tuple[str, ...]
    method: Literal["chen_li_wu", "elliott_valliant"]
    doubly_robust: bool
    combine: Literal["inverse_mse", "inverse_variance"] | None

    @property
    def formula(self) -> str:
        """The covariates as models are told them."""
        return "~ " + " + ".join(f"`{name}`" for name in self.covariates)


def opt_in_plan(recipe: Recipe) -> OptInPlan | None:
    """The plan of a recipe, None where it has no such section; raise `BadRecipe` that names the entry."""
    design = recipe.document["design"]
    if NAME not in design:
        return None
    entry = section(design, NAME, NEEDS, MAY)
    robust = entry.get("doubly_robust", False)
    if not isinstance(robust, bool):
        raise BadRecipe(f"design.yaml, {NAME}: doubly_robust {robust!r}.", "Ghi true hoặc false.")
    combine = chosen(entry, NAME, "combine", COMBINATIONS, "none")
    plan = OptInPlan(
        indicators=names(entry, NAME, "indicators"),
        covariates=names(entry, NAME, "covariates"),
        method=cast(Any, chosen(entry, NAME, "method", METHODS, METHODS[0])),
        doubly_robust=robust,
        combine=None if combine == "none" else cast(Any, combine),
    )
    _check_indicators(recipe, plan)
    return plan


def _check_indicators(recipe: Recipe, plan: OptInPlan) -> None:
    known = {indicator.code: indicator for indicator in recipe.indicators}
    for code in plan.indicators:
        if code not in known:
            raise BadRecipe(
                f"design.yaml, {NAME}: không có chỉ tiêu {code!r}.", "Ghi một `code` của indicators.yaml."
            )
        if known[code].estimand not in ESTIMATED or recipe.levels[known[code].level].repeat:
            raise BadRecipe(
                f"design.yaml, {NAME}: chỉ tiêu {code!r} không ước lượng được từ phiếu tự nguyện.",
                f"Chỉ dùng cho {' và '.join(ESTIMATED)} của bảng `rows: root`.",
            )
