"""What a recipe may hold and of which kind each entry is, told before anything is looked up."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from survey.process.recipe import DESIGN_KEYS, BadRecipe, Level
from survey.process.recipes.reading import Path, RecipeText, Wrong, entry
from survey.process.weighting import check_steps

PARTS = ("levels", "quality", "deff", "control_sets")
"""The entries of a recipe: those of design.yaml that decide on figures, and which totals it takes."""
LEVEL_KEYS = ("rows", "design", "weight", "weighting")
QUALITY = ("minimum_n", "cv_publish", "cv_caution")
LONELY = ("fail", "certainty", "adjust", "average", "remove")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Judge:
    """Tells what is wrong with a text's entries, each on its line."""

    text: RecipeText

    def wrong(self, path: Path, message: str, remedy: str) -> Wrong:
        return Wrong(self.text.line(*path), entry(path), message, remedy)

    def names(self, path: Path, value: Any, allowed: tuple[str, ...]) -> Iterator[Wrong]:
        """Entries that are not allowed here; `value` is a mapping."""
        for name in value:
            if name not in allowed:
                yield self.wrong((*path, name), "không có mục này.", f"Mục dùng được: {', '.join(allowed)}.")


def shape_faults(text: RecipeText) -> list[Wrong]:
    """What is wrong with the entries and kinds of a recipe, from top to bottom."""
    return sorted(_faults(Judge(text)), key=lambda fault: fault.line)


def _faults(judge: Judge) -> Iterator[Wrong]:
    document = judge.text.document
    yield from judge.names((), document, PARTS)
    for name, part in PART_FAULTS.items():
        if name in document:
            yield from part(judge, document[name])
    if "levels" not in document:
        yield Wrong(1, "", "thiếu mục `levels`.", "Chép mục này từ phương án 0 rồi sửa.")


def _levels(judge: Judge, levels: Any) -> Iterator[Wrong]:
    if not isinstance(levels, Mapping) or not levels:
        yield judge.wrong(("levels",), "cần ít nhất một bảng.", "Viết `levels:` rồi tên bảng ở dòng dưới.")
        return
    for name, level in levels.items():
        path: Path = ("levels", name)
        if not isinstance(level, Mapping):
            yield judge.wrong(path, "cần các mục của bảng.", f"Mục dùng được: {', '.join(LEVEL_KEYS)}.")
            continue
        yield from judge.names(path, level, LEVEL_KEYS)
        yield from _rows(judge, (*path, "rows"), level.get("rows", "root"))
        yield from _design(judge, (*path, "design"), level.get("design"))
        yield from _weighting(judge, path, level)


def _rows(judge: Judge, path: Path, rows: Any) -> Iterator[Wrong]:
    repeat = rows.get("repeat") if isinstance(rows, Mapping) and set(rows) == {"repeat"} else None
    if rows != "root" and not _is_name(repeat):
        yield judge.wrong(
            path, f"giá trị {rows!r} không dùng được.", "Viết `root` hoặc `{repeat: tên khối}`."
        )


def _design(judge: Judge, path: Path, design: Any) -> Iterator[Wrong]:
    if design is None:
        return
    if not isinstance(design, Mapping):
        yield judge.wrong(path, "cần các mục thiết kế mẫu.", f"Mục dùng được: {', '.join(DESIGN_KEYS)}.")
        return
    yield from judge.names(path, design, DESIGN_KEYS)
    for name in ("strata", "clusters", "fpc"):
        if not _is_names(design.get(name, [])):
            yield judge.wrong((*path, name), "cần danh sách tên biến.", "Viết như [stratum] hoặc [].")
            return
    if design.get("lonely_psu", LONELY[0]) not in LONELY:
        yield judge.wrong(
            (*path, "lonely_psu"), "giá trị không dùng được.", f"Một trong: {', '.join(LONELY)}."
        )
    if len(design.get("fpc", ())) > max(1, len(design.get("clusters", ()))):
        yield judge.wrong(
            (*path, "fpc"), "nhiều cột hơn số giai đoạn.", "Nhiều nhất một cột cho mỗi giai đoạn."
        )


def _weighting(judge: Judge, path: Path, level: Mapping[str, Any]) -> Iterator[Wrong]:
    steps, here = level.get("weighting"), (*path, "weighting")
    if not steps:
        if not _is_name(level.get("weight")):
            yield judge.wrong(path, "không nói trọng số từ đâu.", "Thêm `weighting:` hoặc `weight:`.")
        return
    if not isinstance(steps, list):
        yield judge.wrong(
            here, "cần danh sách các bước.", "Mỗi bước một dòng, như `- {step: design_weight}`."
        )
        return
    for number, step in enumerate(steps):
        if not isinstance(step, Mapping) or not isinstance(step.get("step"), str):
            yield judge.wrong(
                (*here, number), "bước không có tên.", "Viết như `{step: rake, margins: [sex]}`."
            )
            return
    yield from _steps(judge, here, path[-1], steps)


def _steps(judge: Judge, here: Path, level: str | int, steps: list[Any]) -> Iterator[Wrong]:
    """The first step that is unknown, told something wrong or out of place: the ones after it may depend on it."""
    bare = Level(str(level), None, (), (), None, (), "fail")
    for number in range(len(steps)):
        try:
            check_steps(replace(bare, steps=tuple(steps[: number + 1])))
        except BadRecipe as fault:
            named = next((key for key in steps[number] if repr(key) in fault.message and key != "step"), None)
            path = (*here, number) if named is None else (*here, number, named)
            # the line says where already: what comes after the place is what is wrong
            told = fault.message.partition("): ")[2] or fault.message.partition(": ")[2]
            yield judge.wrong(path, told or fault.message, fault.remedy)
            return


def _quality(judge: Judge, quality: Any) -> Iterator[Wrong]:
    if not isinstance(quality, Mapping):
        yield judge.wrong(("quality",), "cần các giới hạn.", f"Mục dùng được: {', '.join(QUALITY)}.")
        return
    yield from judge.names(("quality",), quality, QUALITY)
    for name, value in quality.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            yield judge.wrong(
                ("quality", name), f"giá trị {value!r} không phải số không âm.", "Viết như 0.2 hoặc 30."
            )


def _deff(judge: Judge, deff: Any) -> Iterator[Wrong]:
    if deff is not True and deff is not False and deff != "replace":
        yield judge.wrong(("deff",), f"giá trị {deff!r} không dùng được.", "Viết true, false hoặc replace.")


def _control_sets(judge: Judge, sets: Any) -> Iterator[Wrong]:
    if not isinstance(sets, Mapping):
        yield judge.wrong(
            ("control_sets",), "cần tên tệp và số của bộ tổng thể.", "Viết như `controls.csv: 2`."
        )
        return
    for file, number in sets.items():
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 10**6:
            yield judge.wrong(
                ("control_sets", file), "cần số của một bộ tổng thể.", "Viết như `controls.csv: 2`."
            )


PART_FAULTS: dict[str, Callable[[Judge, Any], Iterator[Wrong]]] = {
    "levels": _levels,
    "quality": _quality,
    "deff": _deff,
    "control_sets": _control_sets,
}


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_NAME


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(_is_name(name) for name in value)
