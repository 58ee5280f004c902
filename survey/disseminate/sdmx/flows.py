"""A survey's published figures as a dataflow: which dimensions it has, and its rows under them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import pandas as pd
from sqlalchemy import select

from survey.disseminate import service
from survey.disseminate.models import Observation
from survey.disseminate.wording import breakdowns_in
from survey.extensions import db
from survey.process.labels import CROSS
from survey.registry.models import Indicator
from survey.registry.service import owners_on

AGENCY = "KHAOSAT"
VERSION = "1.0"
TOTAL = "_T"
INDICATOR, REF_AREA, TIME = "INDICATOR", "REF_AREA", "TIME_PERIOD"
VALUE = "OBS_VALUE"
NUMBERS = ("STD_ERROR", "CI_LOW", "CI_HIGH", "CV", "DEFF", "N", "TARGET")
TEXTS = ("UNIT_MEASURE", "OBS_STATUS", "CONF_STATUS", "VERDICT", "SYNTHETIC", "OWNERS", "LEGAL_BASIS",
         "INSTRUMENT_HASH", "SNAPSHOT_HASH", "RECIPE_HASH", "CODE_VERSION")  # fmt: skip
ATTRIBUTES = (*NUMBERS, *TEXTS)
NOT_IN_CODES = re.compile(r"[^A-Za-z0-9_@$-]")


@dataclass(frozen=True)
class Flow:
    """One dataflow: the current observations of one survey, at least one."""

    survey: str
    observations: Sequence[Observation]

    @property
    def id(self) -> str:
        """`DF_ICT_HO_GIA_DINH`."""
        return f"DF_{self.stem}"

    @property
    def stem(self) -> str:
        """What its structure and codelists are called after."""
        return identifier(self.survey)

    @cached_property
    def breakdowns(self) -> tuple[str, ...]:
        """Names of the breakdowns that are dimensions of their own; areas are another REF_AREA."""
        named = {name for one in self.observations for name, _ in parts_of(one) if not is_area(one, name)}
        return tuple(sorted(named))

    @property
    def dimensions(self) -> tuple[str, ...]:
        """In the order of a key; time stands last and is no part of it."""
        return (INDICATOR, REF_AREA, *(identifier(name) for name in self.breakdowns))

    @cached_property
    def data(self) -> pd.DataFrame:
        """One row an observation: dimensions, TIME_PERIOD, OBS_VALUE and all attributes."""
        query = select(Indicator).where(Indicator.code.in_({o.registry_code for o in self.observations}))
        lines = {line.code: line for line in db.session.scalars(query)}
        rows = [_row(one, self.breakdowns, lines.get(one.registry_code or "")) for one in self.observations]
        return pd.DataFrame(rows, columns=[*self.dimensions, TIME, VALUE, *ATTRIBUTES])


def flows() -> list[Flow]:
    """Every survey with current figures."""
    return list(flows_of(service.current()))


def flows_of(observations: Sequence[Observation]) -> Iterator[Flow]:
    """The observations by survey, in the order of its code."""
    for survey, own in groupby(sorted(observations, key=lambda one: one.survey), key=lambda one: one.survey):
        yield Flow(survey, list(own))


def identifier(name: str) -> str:
    """A name as SDMX identifiers are: `ict-ho-gia-dinh` -> `ICT_HO_GIA_DINH`."""
    return re.sub(r"\W", "_", name.upper())


def code_id(code: str) -> str:
    """A code as SDMX allows it: `60+` -> `GE60`, and `_` for any other sign that keys use or ids may not have."""
    if code.endswith("+"):
        code = f"GE{code[:-1]}"
    return NOT_IN_CODES.sub("_", code)


def parts_of(observation: Observation) -> list[tuple[str, str]]:
    """The breakdown as pairs of name and level: `sex:area_type`, `male:urban` are two."""
    if observation.dimension is None:
        return []
    levels = (observation.level or "").split(CROSS)
    return list(zip(observation.dimension.split(CROSS), levels, strict=False))


def is_area(observation: Observation, name: str) -> bool:
    """Whether a breakdown is by areas."""
    return "areas" in breakdowns_in(observation).get(name, {})


def _row(observation: Observation, breakdowns: Sequence[str], line: Indicator | None) -> dict[str, Any]:
    parts = dict(parts_of(observation))
    area = next((level for name, level in parts.items() if is_area(observation, name)), observation.ref_area)
    owners = owners_on(line, observation.published_at.date()) if line else []
    return {
        INDICATOR: code_id(observation.indicator),
        REF_AREA: code_id(area),
        **{identifier(name): code_id(parts.get(name, TOTAL)) for name in breakdowns},
        TIME: observation.time_period,
        VALUE: observation.obs_value,
        **_numbers(observation),
        **_texts(observation),
        "OWNERS": "; ".join(owner.agency.name for owner in owners),
        "LEGAL_BASIS": line.legal_basis if line else "",
    }


def _numbers(observation: Observation) -> dict[str, float | None]:
    return {name: getattr(observation, name.lower()) for name in NUMBERS}


def _texts(observation: Observation) -> Mapping[str, Any]:
    lineage = observation.lineage
    return {
        "UNIT_MEASURE": observation.unit_measure,
        "OBS_STATUS": observation.obs_status,
        "CONF_STATUS": observation.conf_status,
        "VERDICT": observation.verdict or "",
        "SYNTHETIC": str(observation.is_synthetic).lower(),
        "INSTRUMENT_HASH": lineage["instrument"]["hash"],
        "SNAPSHOT_HASH": lineage["snapshot"]["hash"],
        "RECIPE_HASH": lineage["recipe_hash"],
        "CODE_VERSION": lineage["code_version"],
    }
