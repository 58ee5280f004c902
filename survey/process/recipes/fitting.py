"""Whether a recipe fits the questionnaire, the sample and the totals that it is to be run with."""

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from survey.process.recipe import Level, Recipe
from survey.process.recipes.ground import Ground
from survey.process.recipes.reading import Path, RecipeText, Wrong, entry
from survey.process.weighting.controls import CONTROLS, CROSS

FORMULA_NAME = re.compile(r"\b[A-Za-z_]\w*\b(?!\s*\()")
MOST_NAMED = 6


@dataclass(frozen=True)
class Fit:
    """One level of a recipe against what there is."""

    text: RecipeText
    ground: Ground
    recipe: Recipe
    level: Level

    @cached_property
    def columns(self) -> set[str]:
        return self.ground.columns(self.level, self.recipe)

    @property
    def where(self) -> Path:
        return ("levels", self.level.name)

    def wrong(self, path: Path, message: str, remedy: str) -> Wrong:
        return Wrong(self.text.line(*path), entry(path), message, remedy)

    def unknown(self, path: Path, names: Collection[str], known: Collection[str]) -> Iterator[Wrong]:
        """Names that no variable has; none is told while the sample, which brings its own, is not drawn."""
        if not self.ground.sample_columns:
            return
        for name in names:
            if name not in known:
                version, code = self.ground.round.instrument_version.version, self.ground.round.code
                yield self.wrong(
                    path,
                    f"phiếu phiên bản {version} và mẫu của đợt {code} không có biến {name!r}.",
                    _nearest(name, known),
                )


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=3)
    told = f"Gần giống: {', '.join(near)}. " if near else ""
    return f"{told}Sửa tên, hoặc bỏ biến này khỏi phương án."


def fit_faults(text: RecipeText, ground: Ground, recipe: Recipe) -> list[Wrong]:
    """What of a recipe the round cannot give it: variables, levels, totals; from top to bottom."""
    found = [
        fault for level in recipe.levels.values() for fault in _level_faults(Fit(text, ground, recipe, level))
    ]
    return sorted(found, key=lambda fault: fault.line)


def _level_faults(fit: Fit) -> Iterator[Wrong]:
    level, path = fit.level, fit.where
    if level.repeat and level.repeat not in fit.ground.tables:
        yield fit.wrong(
            (*path, "rows"),
            f"phiếu không có khối lặp {level.repeat!r}.",
            "Viết `rows: root`, hoặc sửa tên khối.",
        )
        return
    for name in ("strata", "clusters", "fpc"):
        yield from fit.unknown((*path, "design", name), getattr(level, name), fit.columns)
    if not level.steps and level.weight:
        yield from fit.unknown((*path, "weight"), [level.weight], fit.columns)
    for number, step in enumerate(level.steps):
        yield from _step_faults(fit, (*path, "weighting", number), step)


def _step_faults(fit: Fit, path: Path, step: dict[str, Any]) -> Iterator[Wrong]:
    for key, names_of in VARIABLES.items():
        if key in step:
            known = fit.ground.sample_columns if key in OF_THE_SAMPLE else fit.columns
            yield from fit.unknown((*path, key), names_of(step[key]), known)
    if step["step"] == "nonresponse":
        of_design = (*fit.level.strata, *fit.level.clusters)
        yield from fit.unknown(path, of_design, fit.ground.sample_columns)
    if any(key in step for key in ("margins", "by", "totals")):
        yield from _totals_faults(fit, path, step)


def _each(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _parts(value: Any) -> list[str]:
    return [part for name in _each(value) for part in name.split(CROSS)]


def _of_formula(value: str) -> list[str]:
    return FORMULA_NAME.findall(value)


VARIABLES: dict[str, Callable[[Any], list[str]]] = {
    "classes": _each,
    "formula": _of_formula,
    "size": _each,
    "margins": _parts,
    "by": _each,
    "totals": _each,
    "by_unit": _each,
}
"""The keys of a step that name variables, and how to read the names."""
OF_THE_SAMPLE = ("classes", "formula")


def _totals_faults(fit: Fit, path: Path, step: dict[str, Any]) -> Iterator[Wrong]:
    controls = fit.recipe.controls
    file = step.get("controls", CONTROLS)
    rows = controls[controls["file"] == file] if len(controls) else controls
    if not len(rows):
        had = ", ".join(sorted(set(controls["file"]))) if len(controls) else "chưa có"
        remedy = f"Nhập ở trang Tổng thể của đợt. Đang có: {had}."
        yield fit.wrong((*path, "controls"), f"không có tệp tổng thể {file!r}.", remedy)
        return
    margins = {str(name): set(group["level"].astype(str)) for name, group in rows.groupby("margin")}
    wanted = [("margins", name) for name in step.get("margins", ())]
    wanted += [("totals", name) for name in step.get("totals", ())]
    wanted += [("by", CROSS.join(step["by"]))] if "by" in step else []
    for key, name in wanted:
        if name not in margins:
            remedy = f"Có: {', '.join(sorted(margins))}. Sửa tên, hoặc nhập tổng cho biên này."
            yield fit.wrong((*path, key), f"{file} không có biên {name!r}.", remedy)
        elif key != "totals":
            yield from _level_mismatch(fit, (*path, key), name, margins[name])


def _level_mismatch(fit: Fit, path: Path, margin: str, given: set[str]) -> Iterator[Wrong]:
    for message, remedy in level_mismatches(fit.ground, fit.recipe, margin, given):
        yield fit.wrong(path, message, remedy)


def level_mismatches(
    ground: Ground, recipe: Recipe, margin: str, given: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Levels of the totals that nobody can have, and levels that people can have without a total."""
    for place, name in enumerate(margin.split(CROSS)):
        known = ground.levels(name, recipe)
        if known is None:
            continue
        there = {level.split(CROSS)[place] for level in given if level.count(CROSS) >= place}
        if strange := sorted(there - known):
            yield (
                f"biên {margin!r}: phiếu và mẫu không có mức {_some(strange)} của biến {name!r}.",
                "Sửa mã mức trong bộ tổng thể, hoặc gộp mức đó với mức gần nhất.",
            )
        if lacking := sorted(known - there):
            yield (
                f"biên {margin!r}: bộ tổng thể thiếu mức {_some(lacking)} của biến {name!r}.",
                "Bổ sung tổng của mức này, hoặc gộp mức trong `variables:` của indicators.yaml.",
            )


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(map(repr, names[:MOST_NAMED])) + (f" và {more} mức nữa" if more > 0 else "")
