"""Population totals of controls.csv as the calibrating steps take them."""

from typing import Any

import pandas as pd

from survey.process.recipe import BadRecipe
from survey.process.weighting.state import WEIGHT, Weighting

CONTROLS = "controls.csv"
CROSS = ":"


def controls_of(work: Weighting, step: dict[str, Any]) -> pd.DataFrame:
    """The rows of the step's file of totals."""
    file = step.get("controls", CONTROLS)
    controls = work.recipe.controls
    rows = controls[controls["file"] == file] if len(controls) else controls
    if not len(rows):
        raise BadRecipe(f"Không có tệp {file} trong thư mục phiếu.", "Thêm tệp tổng thể, mỗi dòng có nguồn.")
    return rows


def level_totals(controls: pd.DataFrame, margin: str) -> "pd.Series[float]":
    """The totals of a margin's levels."""
    rows = _rows(controls, margin)
    return pd.Series(rows["total"].astype(float).to_numpy(), index=rows["level"].astype(str))


def number_total(controls: pd.DataFrame, name: str) -> float:
    """The total of a number: the one row of its margin."""
    rows = _rows(controls, name)
    if len(rows) > 1:
        raise BadRecipe(
            f"{controls['file'].iloc[0]}: {name!r} ở `totals:` là một số nên chỉ có một dòng, ở đây có {len(rows)}.",
            "Giữ một dòng, hoặc chuyển biến này sang `margins:`.",
        )
    return float(rows["total"].iloc[0])


def _rows(controls: pd.DataFrame, margin: str) -> pd.DataFrame:
    rows = controls[controls["margin"] == margin]
    if not len(rows):
        raise BadRecipe(
            f"{controls['file'].iloc[0]} không có biên {margin!r}.", "Thêm tổng thể cho biên này, có nguồn."
        )
    return rows


def crossed(data: pd.DataFrame, margin: str, key: str = "margins") -> "pd.Series[str]":
    """`sex:area_type` as one column with levels such as `male:urban`."""
    names = margin.split(CROSS)
    missing = [name for name in names if name not in data]
    if missing:
        raise BadRecipe(
            f"Biên {margin!r}: bảng không có cột {', '.join(missing)}.", f"Sửa `{key}:` trong design.yaml."
        )
    column = data[names[0]].astype(str)
    for name in names[1:]:
        column = column + CROSS + data[name].astype(str)
    return column


def levels_of_silent_rows(
    data: pd.DataFrame, margins: dict[str, "pd.Series[float]"]
) -> dict[str, "pd.Series[str]"]:
    """Rows of weight 0 get any level of a margin they have no answer for: they add nothing to its total."""
    silent = data[WEIGHT] == 0
    return {
        name: data[name].astype(object).mask(silent & ~data[name].isin(totals.index), totals.index[0])
        for name, totals in margins.items()
    }
