"""Observations as files for the statistics office and for everyone: CSV, XLSX and SDMX-CSV, with lineage."""

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pysdmx.io.csv.sdmx20.writer import write as write_sdmx_csv
from pysdmx.io.pd import PandasDataset
from pysdmx.model import Component, Components, Concept, DataType, Role, Schema
from sqlalchemy import select

from survey.disseminate.models import Indicator, Observation
from survey.disseminate.registry import owners_on
from survey.extensions import db
from survey.text import defused

AGENCY = "KHAOSAT"
TOTAL = "_T"
LINEAGE_COLUMNS = ("instrument_hash", "snapshot_hash", "recipe_hash", "code_version")
MEASURES = ("STD_ERROR", "CI_LOW", "CI_HIGH", "CV", "DEFF")
ATTRIBUTES = (
    "UNIT_MEASURE", "OBS_STATUS", "CONF_STATUS", "N", "TARGET", "VERDICT", "SYNTHETIC",
    "OWNERS", "LEGAL_BASIS", "INSTRUMENT_HASH", "SNAPSHOT_HASH", "RECIPE_HASH", "CODE_VERSION",
)  # fmt: skip


def table(observations: Sequence[Observation]) -> pd.DataFrame:
    """One row an observation, with its registry line, owners, legal basis and lineage."""
    lines = {line.code: line for line in db.session.scalars(select(Indicator))}
    return pd.DataFrame(
        [_row(observation, lines.get(observation.registry_code or "")) for observation in observations]
    )


def _row(observation: Observation, line: Indicator | None) -> dict[str, Any]:
    lineage = observation.lineage
    owners = owners_on(line, observation.published_at.date()) if line else []
    return {
        "survey": observation.survey,
        "indicator": observation.indicator,
        "registry": observation.registry_code,
        "label_vi": observation.definition["label"]["vi"],
        "label_en": observation.definition["label"].get("en", ""),
        "ref_area": observation.ref_area,
        "time_period": observation.time_period,
        "breakdown": observation.dimension or TOTAL,
        "level": observation.level or TOTAL,
        "unit_measure": observation.unit_measure,
        "obs_value": observation.obs_value,
        "std_error": observation.std_error,
        "ci_low": observation.ci_low,
        "ci_high": observation.ci_high,
        "cv": observation.cv,
        "deff": observation.deff,
        "n": observation.n,
        "obs_status": observation.obs_status,
        "conf_status": observation.conf_status,
        "target": observation.target,
        "target_op": observation.target_op,
        "verdict": observation.verdict,
        "synthetic": observation.is_synthetic,
        "owners": "; ".join(owner.agency.name for owner in owners),
        "legal_basis": line.legal_basis if line else "",
        "instrument_hash": lineage["instrument"]["hash"],
        "snapshot_hash": lineage["snapshot"]["hash"],
        "recipe_hash": lineage["recipe_hash"],
        "code_version": lineage["code_version"],
        "run": lineage["run"],
        "proposed_by": lineage["proposed_by"],
        "published_by": lineage["published_by"],
        "published_at": observation.published_at.isoformat(),
    }


def csv_bytes(observations: Sequence[Observation]) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs for Vietnamese; formulas in text are defused."""
    safe = table(observations).map(defused)
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def xlsx_bytes(observations: Sequence[Observation]) -> bytes:
    """A workbook: figures, and the lineage of each run; text is never read as a formula."""
    buffer = io.BytesIO()
    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs=options) as writer:
        figures = table(observations)
        figures.to_excel(writer, sheet_name="so_lieu", index=False)
        writer.sheets["so_lieu"].freeze_panes(1, 3)
        writer.sheets["so_lieu"].autofit(max_width=400)
        runs = {str(o.lineage["run"]): o.lineage for o in observations}
        lineage = pd.DataFrame({"run": list(runs), "lineage": [_json(entry) for entry in runs.values()]})
        lineage.to_excel(writer, sheet_name="nguon_goc", index=False)
    return buffer.getvalue()


def lineage_json(observations: Sequence[Observation]) -> bytes:
    """The lineage of every run behind the observations."""
    runs = {str(o.lineage["run"]): o.lineage for o in observations}
    return json.dumps(runs, ensure_ascii=False, indent=2, sort_keys=True).encode()


def _json(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, sort_keys=True)


def sdmx_csv_bytes(observations: Sequence[Observation]) -> bytes:
    """SDMX-CSV 2.0, one dataflow a survey: INDICATOR, REF_AREA, a dimension per breakdown, TIME_PERIOD.

    A breakdown by area becomes another REF_AREA; in each other breakdown `_T` is the total.
    """
    parts = []
    for survey in sorted({observation.survey for observation in observations}):
        own = [observation for observation in observations if observation.survey == survey]
        parts.append(_dataflow_csv(survey, own))
    # One header per dataflow: they have different dimensions.
    return "\n".join(parts).encode()


def _dataflow_csv(survey: str, observations: Sequence[Observation]) -> str:
    breakdowns = sorted({o.dimension for o in observations if o.dimension and not _is_area(o)})
    data = pd.DataFrame([_sdmx_row(o, breakdowns) for o in observations])
    data[["OWNERS", "LEGAL_BASIS"]] = table(observations)[["owners", "legal_basis"]].to_numpy()
    dataset = PandasDataset(structure=_schema(survey, breakdowns), data=data)
    written = write_sdmx_csv([dataset])
    assert written is not None
    return written


def _is_area(observation: Observation) -> bool:
    breakdowns = observation.release.run.recipe["indicators"].get("breakdowns", {})
    return "areas" in breakdowns.get(observation.dimension, {})


def _sdmx_row(observation: Observation, breakdowns: Sequence[str]) -> dict[str, Any]:
    area = observation.level if observation.dimension and _is_area(observation) else observation.ref_area
    row: dict[str, Any] = {"INDICATOR": observation.indicator, "REF_AREA": area}
    for name in breakdowns:
        row[name.upper()] = observation.level if observation.dimension == name else TOTAL
    lineage = observation.lineage
    return row | {
        "TIME_PERIOD": observation.time_period,
        "OBS_VALUE": observation.obs_value,
        "STD_ERROR": observation.std_error,
        "CI_LOW": observation.ci_low,
        "CI_HIGH": observation.ci_high,
        "CV": observation.cv,
        "DEFF": observation.deff,
        "UNIT_MEASURE": observation.unit_measure,
        "OBS_STATUS": observation.obs_status,
        "CONF_STATUS": observation.conf_status,
        "N": observation.n,
        "TARGET": observation.target,
        "VERDICT": observation.verdict,
        "SYNTHETIC": observation.is_synthetic,
        "INSTRUMENT_HASH": lineage["instrument"]["hash"],
        "SNAPSHOT_HASH": lineage["snapshot"]["hash"],
        "RECIPE_HASH": lineage["recipe_hash"],
        "CODE_VERSION": lineage["code_version"],
    }


def _schema(survey: str, breakdowns: Sequence[str]) -> Schema:
    dimensions = ["INDICATOR", "REF_AREA", *(name.upper() for name in breakdowns), "TIME_PERIOD"]
    components = [
        *(_component(name, Role.DIMENSION) for name in dimensions),
        *(_component(name, Role.MEASURE, DataType.DOUBLE) for name in ("OBS_VALUE", *MEASURES)),
        *(_component(name, Role.ATTRIBUTE, TYPES.get(name, DataType.STRING)) for name in ATTRIBUTES),
    ]
    return Schema("dataflow", AGENCY, dataflow_id(survey), Components(components), "1.0")


TYPES = {"N": DataType.INTEGER, "TARGET": DataType.DOUBLE, "SYNTHETIC": DataType.BOOLEAN}


def _component(name: str, role: Role, kind: DataType = DataType.STRING) -> Component:
    level = "O" if role == Role.ATTRIBUTE else None
    return Component(name, role == Role.DIMENSION, role, Concept(name, dtype=kind), attachment_level=level)


def dataflow_id(survey: str) -> str:
    """`ict-ho-gia-dinh` -> `DF_ICT_HO_GIA_DINH`."""
    return "DF_" + survey.upper().replace("-", "_")


WRITERS: dict[str, Callable[[Sequence[Observation]], bytes]] = {
    "csv": csv_bytes,
    "xlsx": xlsx_bytes,
    "sdmx.csv": sdmx_csv_bytes,
    "lineage.json": lineage_json,
}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "sdmx.csv": "application/vnd.sdmx.data+csv;version=2.0.0; charset=utf-8",
    "lineage.json": "application/json",
}


def write_files(observations: Sequence[Observation], folder: Path) -> list[Path]:
    """Write one file a survey and format; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for survey in sorted({observation.survey for observation in observations}):
        own = [observation for observation in observations if observation.survey == survey]
        for suffix, write in WRITERS.items():
            path = folder / f"{survey}.{suffix}"
            path.write_bytes(write(own))
            written.append(path)
    return written
