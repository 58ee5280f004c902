"""The plans of a survey as types: what is measured, over which design, with which weighting steps."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.errors import Fault
from survey.instrument import ExpressionError, compile_expression
from survey.process.units import Unit, unit_of


class BadRecipe(Fault):
    title = "Phương án xử lý chưa đúng"


SHARE, RATIO = "share", "ratio"
ESTIMANDS: dict[str, tuple[str, ...]] = {
    SHARE: ("numerator",),
    RATIO: ("numerator", "denominator"),
    "mean": ("value",),
    "total": ("value",),
    "median": ("value",),
}
"""What an indicator may estimate, and the expressions that it needs for it."""
MAY = {SHARE: ("denominator",)}
EXPRESSIONS = ("numerator", "denominator", "value")
EVERYBODY = "true()"


@dataclass(frozen=True)
class Indicator:
    """What is estimated of a population, as defined in indicators.yaml.

    A share has conditions as `numerator` and `denominator`, a ratio of totals numbers; a mean, total or
    median is of the number `value`. Expressions that an estimand has no use for are empty.
    """

    code: str
    level: str
    label: dict[str, str]
    estimand: str
    unit: Unit
    population: str
    numerator: str
    denominator: str
    value: str
    missing: str
    missing_in: tuple[str, ...]
    missing_values: tuple[str, ...]
    breakdowns: tuple[str, ...]
    registry: str | None
    held_against_target: bool
    definition: dict[str, Any]


@dataclass(frozen=True)
class Level:
    """One table of microdata and the design it is estimated under."""

    name: str
    repeat: str | None
    strata: tuple[str, ...]
    clusters: tuple[str, ...]
    weight: str | None
    steps: tuple[dict[str, Any], ...]
    lonely_psu: str
    fpc: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """All that turns a snapshot into estimates; its hash is part of every figure's lineage."""

    indicators: tuple[Indicator, ...]
    levels: dict[str, Level]
    variables: dict[str, str]
    breakdowns: dict[str, dict[str, Any]]
    controls: pd.DataFrame
    quality: dict[str, float]
    deff: str
    ref_area: str
    document: dict[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 of the plans' content in their order, independent of layout and comments."""
        text = json.dumps(self.document, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def read_recipe(
    indicators: Mapping[str, Any], design: Mapping[str, Any], controls: list[dict[str, str]]
) -> Recipe:
    """The recipe of a survey's plans; raise `BadRecipe` that names the entry which is wrong."""
    if not indicators.get("indicators") or not design.get("levels"):
        raise BadRecipe(
            "Khảo sát này chưa có indicators.yaml hoặc design.yaml.",
            "Thêm hai tệp vào thư mục phiếu rồi chạy `khaosat questionnaire import`.",
        )
    levels = {name: _level(name, entry) for name, entry in design["levels"].items()}
    return Recipe(
        indicators=tuple(_indicator(entry, levels) for entry in indicators["indicators"]),
        levels=levels,
        variables=dict(indicators.get("variables") or {}),
        breakdowns=dict(indicators.get("breakdowns") or {}),
        controls=pd.DataFrame(controls),
        quality=dict(design.get("quality") or {}),
        deff=design.get("deff", "replace"),
        ref_area=str((design.get("ref_area") or {}).get("code", "")),
        document={"indicators": dict(indicators), "design": dict(design), "controls": controls},
    )


def read_document(document: Mapping[str, Any]) -> Recipe:
    """The recipe of a document as runs keep it."""
    return read_recipe(document["indicators"], document["design"], document["controls"])


DESIGN_KEYS = ("strata", "clusters", "fpc", "lonely_psu")


def _level(name: str, entry: Mapping[str, Any]) -> Level:
    rows = entry.get("rows", "root")
    design = entry.get("design") or {}
    unknown = [key for key in design if key not in DESIGN_KEYS]
    if unknown:
        raise BadRecipe(
            f"design.yaml, {name}, design: không có mục {unknown[0]!r}.",
            f"Mục dùng được: {', '.join(DESIGN_KEYS)}.",
        )
    stages = max(1, len(design.get("clusters", ())))
    if len(design.get("fpc", ())) > stages:
        raise BadRecipe(
            f"design.yaml, {name}, design: mục 'fpc' có {len(design['fpc'])} cột cho {stages} giai đoạn chọn mẫu.",
            "Ghi nhiều nhất một cột cho mỗi giai đoạn trong `clusters:`.",
        )
    return Level(
        name=name,
        repeat=rows["repeat"] if isinstance(rows, Mapping) else None,
        strata=tuple(design.get("strata", ())),
        clusters=tuple(design.get("clusters", ())),
        weight=entry.get("weight"),
        steps=tuple(entry.get("weighting") or ()),
        lonely_psu=design.get("lonely_psu", "fail"),
        fpc=tuple(design.get("fpc", ())),
    )


def _indicator(entry: Mapping[str, Any], levels: Mapping[str, Level]) -> Indicator:
    where = f"indicators.yaml, {entry.get('code', '(không có code)')}"
    try:
        indicator = Indicator(
            code=entry["code"],
            level=entry["level"],
            label=dict(entry["label"]),
            estimand=_estimand(entry, where),
            unit=unit_of(entry),
            population=entry.get("population", EVERYBODY),
            numerator=entry.get("numerator", ""),
            denominator=entry.get("denominator", "" if "value" in entry else EVERYBODY),
            value=entry.get("value", ""),
            missing=entry.get("missing", "keep"),
            missing_in=tuple(entry.get("missing_in", ())),
            missing_values=tuple(str(value) for value in entry.get("missing_values", ())),
            breakdowns=tuple(entry.get("breakdowns", ())),
            registry=entry.get("registry"),
            held_against_target=bool(entry.get("held_against_target", False)),
            definition=dict(entry),
        )
        for expression in (indicator.population, *(getattr(indicator, name) for name in EXPRESSIONS)):
            if expression:
                compile_expression(expression)
    except KeyError as missing:
        raise BadRecipe(f"{where}: thiếu mục {missing}.", "Thêm mục này vào tệp.") from missing
    except ValueError as wrong:
        raise BadRecipe(f"{where}: {wrong}.", "Sửa mục này rồi nhập lại.") from wrong
    except ExpressionError as error:
        raise BadRecipe(f"{where}: {error}", "Sửa biểu thức rồi nhập lại.") from error
    if indicator.level not in levels:
        raise BadRecipe(
            f"{where}: level {indicator.level!r} không có trong design.yaml.", f"Có: {', '.join(levels)}."
        )
    return indicator


def _estimand(entry: Mapping[str, Any], where: str) -> str:
    """What the entry estimates; raise `BadRecipe` where its expressions or its unit do not go with it."""
    estimand = str(entry.get("estimand", SHARE))
    if estimand not in ESTIMANDS:
        raise BadRecipe(f"{where}: không có estimand {estimand!r}.", f"Có: {', '.join(ESTIMANDS)}.")
    needs = ESTIMANDS[estimand]
    lacking = next((name for name in needs if name not in entry), None)
    if lacking:
        raise KeyError(lacking)
    foreign = [name for name in EXPRESSIONS if name in entry and name not in (*needs, *MAY.get(estimand, ()))]
    if foreign:
        raise BadRecipe(
            f"{where}: estimand {estimand} không dùng mục {foreign[0]!r}.",
            f"Mục dùng được: {', '.join(needs)}.",
        )
    if estimand != SHARE and "unit" not in entry:
        raise KeyError("unit")
    if estimand == SHARE and not unit_of(entry).is_percent:
        raise BadRecipe(f"{where}: estimand share tính bằng phần trăm.", "Ghi `unit: percent`.")
    return estimand
