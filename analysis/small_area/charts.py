"""Diagnostic charts of an area-level model, for a notebook or an SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.small_area.diagnostics import area_diagnostics
from analysis.small_area.fay_herriot import FayHerriot
from analysis.small_area.from_design import SmallAreas

if TYPE_CHECKING:
    import altair as alt

SIDE = 220
# x, its title, y, its title, and the line that points would follow
CHARTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("normal_quantile", "normal quantile", "std_residual", "standardised residual", "identity"),
    ("synthetic", "synthetic estimate", "std_residual", "standardised residual", "zero"),
    ("estimate", "model estimate", "direct", "direct estimate", "identity"),
    ("cv_direct", "CV, direct", "cv_model", "CV, model", "identity"),
    ("leverage", "leverage", "cook", "Cook's distance", "four_over_n"),
    ("n_rank", "area, by variance", "gamma", "weight of the direct estimate", "one"),
)


def diagnostic_charts(model: FayHerriot | SmallAreas) -> alt.ConcatChart:
    """Six panels: Q-Q of residuals, residuals by prediction, direct by model, CVs, influence, shrinkage.

    An Altair chart (Vega-Lite); the figures are those of `area_diagnostics`, the area is the tooltip. Needs
    altair, which is imported only here.
    """
    import altair as alt  # costs a second: only when drawing

    table = _plotted(model)
    panels = [_panel(table, *chart) for chart in CHARTS]
    return alt.concat(*panels, columns=3)


def _plotted(model: FayHerriot | SmallAreas) -> pd.DataFrame:
    table = area_diagnostics(model)
    n = len(table)
    rank = table["std_residual"].rank(method="first")
    order = (1 - table["gamma"]).rank(method="first")
    named = table.assign(area=table.index.astype(str), n_rank=order)
    named["normal_quantile"] = stats.norm.ppf((rank - 0.375) / (n + 0.25))
    return named.reset_index(drop=True)


def _panel(table: pd.DataFrame, x: str, x_title: str, y: str, y_title: str, line: str) -> Any:
    import altair as alt

    shown = table[["area", x, y]].dropna() if x != y else table[["area", x]].dropna()
    scale = alt.Scale(zero=False, nice=True)
    points = alt.Chart(shown, width=SIDE, height=SIDE)
    dots = points.mark_circle(size=30).encode(
        x=alt.X(x, title=x_title, scale=scale),
        y=alt.Y(y, title=y_title, scale=scale),
        tooltip=["area", x, y],
    )
    return (
        alt.Chart(_line(shown, x, y, line)).mark_line(strokeDash=[4, 4], color="gray").encode(x=x, y=y) + dots
    )


def _line(table: pd.DataFrame, x: str, y: str, kind: str) -> pd.DataFrame:
    """The two ends of the line that a good model's points follow."""
    ends = np.array([table[x].min(), table[x].max()])
    levels = {
        "identity": ends,
        "zero": ends * 0,
        "one": ends * 0 + 1,
        "four_over_n": ends * 0 + 4 / len(table),
    }
    return pd.DataFrame({x: ends, y: levels[kind]})
