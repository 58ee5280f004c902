"""Observations as files for the statistics office and for everyone: CSV, XLSX and SDMX-CSV, with lineage."""

import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
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
LINEAGE_COLUMNS = ("instrument_hash", "snapshot_hash", "recipe_hash", "code_version")


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
        writer.book.set_properties({"created": _last_published(observations)})
        figures = table(observations)
        figures.to_excel(writer, sheet_name="so_lieu", index=False)
        writer.sheets["so_lieu"].freeze_panes(1, 3)
        writer.sheets["so_lieu"].autofit(max_width=400)
        runs = {str(o.lineage["run"]): o.lineage for o in observations}
        lineage = pd.DataFrame({"run": list(runs), "lineage": [_json(entry) for entry in runs.values()]})
        lineage.to_excel(writer, sheet_name="nguon_goc", index=False)
    return buffer.getvalue()


def _last_published(observations: Sequence[Observation]) -> datetime | None:
    """What a workbook gives as its time, so that the same figures make the same bytes."""
    return max((one.published_at.astimezone(UTC) for one in observations), default=None)


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
    "sdmx.csv": sdmx_csv_bytes,
    "lineage.json": lineage_json,
}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "sdmx.csv": f"{SDMX_CSV}; charset=utf-8",
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
