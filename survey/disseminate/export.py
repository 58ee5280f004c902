"""Observations as files for the statistics office and for everyone, with lineage.

CSV, XLSX, JSON and Parquet have the same columns with the same values; SDMX-CSV has those of its standard.
"""

import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pysdmx.io.format import Format
from sqlalchemy import select

from survey.disseminate.models import Observation
from survey.disseminate.sdmx.flows import flows_of
from survey.disseminate.sdmx.messages import data_message
from survey.extensions import db
from survey.registry.models import Indicator
from survey.registry.service import owners_on
from survey.text import defused

TOTAL = "_T"
SDMX_CSV = Format.DATA_SDMX_CSV_2_0_0.value
TYPES = {
    **dict.fromkeys(("obs_value", "std_error", "ci_low", "ci_high", "cv", "deff", "target"), pa.float64()),
    **dict.fromkeys(("n", "run", "observation"), pa.int64()),
    "synthetic": pa.bool_(),
}
"""Arrow types of the columns that are no text."""


def table(observations: Sequence[Observation]) -> pd.DataFrame:
    """One row an observation, with its registry line, owners, legal basis and lineage."""
    return pd.DataFrame(_rows(observations))


def _rows(observations: Sequence[Observation]) -> list[dict[str, Any]]:
    lines = {line.code: line for line in db.session.scalars(select(Indicator))}
    return [_row(observation, lines.get(observation.registry_code or "")) for observation in observations]


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
        "observation": observation.id,
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
        writer.book.set_properties({"created": _published(observations)})  # or every download differs
        figures = table(observations)
        figures.to_excel(writer, sheet_name="so_lieu", index=False)
        writer.sheets["so_lieu"].freeze_panes(1, 3)
        writer.sheets["so_lieu"].autofit(max_width=400)
        runs = {str(o.lineage["run"]): o.lineage for o in observations}
        lineage = pd.DataFrame({"run": list(runs), "lineage": [_json(entry) for entry in runs.values()]})
        lineage.to_excel(writer, sheet_name="nguon_goc", index=False)
    return buffer.getvalue()


def _published(observations: Sequence[Observation]) -> datetime:
    """The time of the last publication, without its zone, which a workbook cannot say."""
    return max(o.published_at for o in observations).astimezone(UTC).replace(tzinfo=None)


def json_bytes(observations: Sequence[Observation]) -> bytes:
    """A JSON array with an object an observation; what is not known is null."""
    return json.dumps(_rows(observations), ensure_ascii=False, allow_nan=False, indent=1).encode()


def parquet_bytes(observations: Sequence[Observation]) -> bytes:
    """Apache Parquet; a column keeps its type where no figure has a value of it."""
    rows = _rows(observations)
    schema = pa.schema([(name, TYPES.get(name, pa.string())) for name in rows[0]])
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), buffer, compression="zstd")
    return buffer.getvalue()


def lineage_json(observations: Sequence[Observation]) -> bytes:
    """The lineage of every run behind the observations."""
    runs = {str(o.lineage["run"]): o.lineage for o in observations}
    return json.dumps(runs, ensure_ascii=False, indent=2, sort_keys=True).encode()


def _json(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, sort_keys=True)


def sdmx_csv_bytes(observations: Sequence[Observation]) -> bytes:
    """SDMX-CSV 2.0, one dataflow a survey, as the SDMX interface gives it.

    Each has a header of its own, as they have different dimensions.
    """
    return "\n".join(data_message(flow, flow.data, SDMX_CSV) for flow in flows_of(observations)).encode()


WRITERS: dict[str, Callable[[Sequence[Observation]], bytes]] = {
    "csv": csv_bytes,
    "xlsx": xlsx_bytes,
    "json": json_bytes,
    "parquet": parquet_bytes,
    "sdmx.csv": sdmx_csv_bytes,
    "lineage.json": lineage_json,
}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "sdmx.csv": f"{SDMX_CSV}; charset=utf-8",
    "lineage.json": "application/json",
}
NAMES = {
    "csv": {"vi": "Bảng CSV", "en": "CSV table"},
    "xlsx": {"vi": "Bảng tính Excel", "en": "Excel workbook"},
    "json": {"vi": "JSON", "en": "JSON"},
    "parquet": {"vi": "Apache Parquet", "en": "Apache Parquet"},
    "sdmx.csv": {"vi": "SDMX-CSV 2.0", "en": "SDMX-CSV 2.0"},
    "lineage.json": {"vi": "Nguồn gốc số liệu, JSON", "en": "Lineage of the figures, JSON"},
}
"""What the formats are called."""


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
