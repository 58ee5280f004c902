"""The plans of a survey as types: what is measured, over which design, with which weighting steps."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey.errors import Fault
from survey.instrument import ExpressionError, compile_expression


class BadRecipe(Fault):
    title = "Phương án xử lý chưa đúng"


@dataclass(frozen=True)
class Indicator:
    """A share of a population, as defined in indicators.yaml."""

    code: str
    level: str
    label: dict[str, str]
    population: str
    numerator: str
    denominator: str
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


def _level(name: str, entry: Mapping[str, Any]) -> Level:
    rows = entry.get("rows", "root")
    design = entry.get("design") or {}
    return Level(
        name=name,
        repeat=rows["repeat"] if isinstance(rows, Mapping) else None,
        strata=tuple(design.get("strata", ())),
        clusters=tuple(design.get("clusters", ())),
        weight=entry.get("weight"),
        steps=tuple(entry.get("weighting") or ()),
        lonely_psu=design.get("lonely_psu", "fail"),
    )


def _indicator(entry: Mapping[str, Any], levels: Mapping[str, Level]) -> Indicator:
    where = f"indicators.yaml, {entry.get('code', '(không có code)')}"
    try:
        indicator = Indicator(
            code=entry["code"],
            level=entry["level"],
            label=dict(entry["label"]),
            population=entry.get("population", "true()"),
            numerator=entry["numerator"],
            denominator=entry.get("denominator", "true()"),
            missing=entry.get("missing", "keep"),
            missing_in=tuple(entry.get("missing_in", ())),
            missing_values=tuple(str(value) for value in entry.get("missing_values", ())),
            breakdowns=tuple(entry.get("breakdowns", ())),
            registry=entry.get("registry"),
            held_against_target=bool(entry.get("held_against_target", False)),
            definition=dict(entry),
        )
        for expression in (indicator.population, indicator.numerator, indicator.denominator):
            compile_expression(expression)
    except KeyError as missing:
        raise BadRecipe(f"{where}: thiếu mục {missing}.", "Thêm mục này vào tệp.") from missing
    except ExpressionError as error:
        raise BadRecipe(f"{where}: {error}", "Sửa biểu thức rồi nhập lại.") from error
    if indicator.level not in levels:
        raise BadRecipe(
            f"{where}: level {indicator.level!r} không có trong design.yaml.", f"Có: {', '.join(levels)}."
        )
    return indicator
