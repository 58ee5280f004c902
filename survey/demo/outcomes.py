"""Synthetic answers: the ordered-logit models of `data/outcomes.yaml` drawn for a whole population."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from survey.demo.frame import ADULT_AGE, DATA

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Outcome:
    """One variable's ordered-logit model; see `data/outcomes.yaml`."""

    levels: Sequence[str]
    cutpoints: Sequence[float]
    effects: Mapping[str, float]
    trait: float
    area: float
    district: float
    requires: Mapping[str, Sequence[str]] = field(default_factory=dict)
    certain: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    asked_from_age: int = ADULT_AGE
    boost: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    item_nonresponse: bool = False


@dataclass(frozen=True)
class Places:
    """Effects common to all outcomes: of each enumeration area (frame order) and of each district."""

    district: NDArray[np.int64]
    area_effect: Floats
    district_effect: Floats

    def effect(self, model: Outcome, rng: np.random.Generator) -> Floats:
        """An outcome's effect by enumeration area: partly common to all outcomes, partly its own."""
        own_area = rng.standard_normal(len(self.area_effect))
        own_district = rng.standard_normal(len(self.district_effect))
        area = 0.8 * self.area_effect + 0.6 * own_area
        district = 0.8 * self.district_effect + 0.6 * own_district
        effect: Floats = (model.area * area + model.district * district[self.district]).astype(np.float32)
        return effect


def add_outcomes(
    frame: pd.DataFrame, households: pd.DataFrame, people: pd.DataFrame, rng: np.random.Generator
) -> None:
    """Draw every outcome of `data/outcomes.yaml` in order, as new columns of both tables."""
    models = yaml.safe_load((DATA / "outcomes.yaml").read_text(encoding="utf-8"))
    district = pd.Categorical(frame["district"])
    urban = (frame["area_type"] == "urban").to_numpy(np.float32)
    places = Places(
        district.codes.astype(np.int64),
        rng.standard_normal(len(frame)).astype(np.float32),
        rng.standard_normal(len(district.categories)).astype(np.float32),
    )
    shared = rng.standard_normal(len(households), dtype=np.float32)
    area, home = households["area"].to_numpy(), people["household"].to_numpy()
    own = rng.standard_normal(len(people), dtype=np.float32)
    decades = ((people["age"].to_numpy() - 45) / 10).astype(np.float32)
    covariates = {
        "households": {"urban": urban[area], "trait": shared},
        "adults": {
            "urban": urban[area][home],
            "trait": np.float32(0.5) * shared[home] + np.float32(0.75**0.5) * own,
            "age": decades,
            "age_squared": decades**2,
            "male": (people["sex"] == "male").to_numpy(np.float32),
        },
    }
    for table, rows, where in ((households, "households", area), (people, "adults", area[home])):
        for name, settings in models[rows].items():
            model = Outcome(**settings)
            latent = latent_values(model, covariates[rows], places, table, where, rng)
            table[name] = draw(model, latent, table, models["item_nonresponse"], rng)


def latent_values(
    model: Outcome,
    covariates: Mapping[str, Floats],
    places: Places,
    table: pd.DataFrame,
    where: NDArray[np.int32],
    rng: np.random.Generator,
) -> Floats:
    uniform = rng.random(len(table), dtype=np.float32)
    latent: Floats = np.log(np.maximum(uniform, np.float32(1e-7)) / (1 - uniform))
    latent += places.effect(model, rng)[where]
    latent += np.float32(model.trait) * covariates["trait"]
    for name, effect in model.effects.items():
        latent += np.float32(effect) * covariates[name]
    for name, gains in model.boost.items():
        for level, gain in gains.items():
            latent[(table[name] == level).to_numpy()] += np.float32(gain)
    return latent


def holds(condition: Mapping[str, Sequence[str]], table: pd.DataFrame) -> NDArray[np.bool_]:
    met = np.ones(len(table), bool)
    for name, values in condition.items():
        met &= table[name].isin(list(values)).to_numpy()
    return met


def draw(
    model: Outcome,
    latent: Floats,
    table: pd.DataFrame,
    item_nonresponse: Mapping[str, float],
    rng: np.random.Generator,
) -> "pd.Categorical[str]":
    """Cut latent values into levels, then apply what is certain, impossible, not told and not asked."""
    codes = np.searchsorted(np.array(model.cutpoints, np.float32), latent).astype(np.int8)
    codes[~holds(model.requires, table)] = 0
    if model.certain:
        codes[holds(model.certain, table)] = len(model.levels) - 1
    levels = list(model.levels)
    if model.item_nonresponse:
        bounds = np.cumsum(list(item_nonresponse.values()))
        untold = np.searchsorted(bounds, rng.random(len(table)), side="right")
        for position, reason in enumerate(item_nonresponse):
            codes[untold == position] = len(levels)
            levels.append(reason)
    asked = holds(model.asked, table)
    if model.asked_from_age > ADULT_AGE:
        asked &= (table["age"] >= model.asked_from_age).to_numpy()
    codes[~asked] = -1
    return pd.Categorical.from_codes(codes, categories=pd.Index(levels))
