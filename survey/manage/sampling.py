"""Frames and samples: keep a frame, draw from it in two stages, make a case of each drawn unit."""

import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import SurveyError
from analysis.sampling import allocate, two_stage
from survey.cases.models import Sample
from survey.cases.service import add_sample
from survey.errors import Fault, NotFound
from survey.process.statistical_faults import in_vietnamese
from survey.rounds.models import Round
from survey.spreadsheets import ZIP_START, read_table, separator_of, text_of

FRAME_COLUMNS = ("unit", "stratum", "psu")
FEWEST_PSUS = 2  # per stratum: with one, no error can be estimated


class BadFrame(Fault):
    title = "Dàn mẫu chưa dùng được"


def frame_in(content: bytes) -> pd.DataFrame:
    """The frame in a CSV file of any code page or an .xlsx, all as text; raise `BadTable`, `BadFrame`."""
    if content.startswith(ZIP_START):
        return pd.DataFrame([record for _, record in read_table(content).records]).replace("", None)
    text, _ = text_of(content)
    separator, before = separator_of(text)
    try:
        return pd.read_csv(StringIO(text), dtype=str, sep=separator, skiprows=before)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadFrame(f"Không đọc được tệp CSV: {error}.", "Lưu lại dạng CSV UTF-8 rồi nhập lại.") from error


def keep_frame(frame: pd.DataFrame, name: str, files: str) -> Path:
    """Store a frame under a name: a row a unit, with unit (unique), stratum, psu and what else is known."""
    missing = [column for column in FRAME_COLUMNS if column not in frame]
    if missing:
        raise BadFrame(
            f"Dàn mẫu thiếu cột {', '.join(missing)}.", f"Cần các cột: {', '.join(FRAME_COLUMNS)}."
        )
    for column in FRAME_COLUMNS:
        if frame[column].isna().any():
            row = int(frame[column].isna().to_numpy().argmax()) + 2
            raise BadFrame(f"Cột {column} trống ở dòng {row}.", "Điền đủ rồi nhập lại.")
    repeated = frame["unit"][frame["unit"].duplicated()]
    if len(repeated):
        raise BadFrame(f"Đơn vị {repeated.iloc[0]} có hai dòng.", "Mỗi đơn vị chỉ có một dòng.")
    path = _path(name, files)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    frame.to_parquet(temporary, index=False)
    temporary.replace(path)
    return path


def read_frame(name: str, files: str) -> pd.DataFrame:
    """A kept frame; raise `NotFound` with the names there are."""
    path = _path(name, files)
    if not path.exists():
        known = ", ".join(sorted(other.stem for other in path.parent.glob("*.parquet"))) or "(chưa có)"
        raise NotFound(f"Không có dàn mẫu {name}.", f"Có: {known}. Nhập bằng `khaosat frame import`.")
    return pd.read_parquet(path)


def _path(name: str, files: str) -> Path:
    if not name.replace("-", "").replace("_", "").isalnum():
        raise BadFrame(f"Tên dàn mẫu {name!r} không dùng được.", "Dùng chữ, số, gạch nối.")
    return Path(files) / "frames" / f"{name}.parquet"


def draw_sample(
    round_: Round,
    frame: pd.DataFrame,
    *,
    units: int,
    per_psu: int,
    allocation: str = "square_root",
    seed: int = 1,
) -> Sample:
    """Stratified two-stage sample: PSUs with probability proportional to size, then `per_psu` units in each.

    PSUs are shared among strata by `allocation`, at least two each; the frame's order stratifies further.
    The sample has about `units` units (whole PSUs). The method is kept with the sample.
    """
    sizes = frame.groupby("stratum")["unit"].size()
    psus = frame.groupby("stratum")["psu"].nunique()
    wanted = max(round(units / per_psu), FEWEST_PSUS * len(sizes))
    per_psu = max(1, min(per_psu, units // wanted)) if wanted * per_psu > units else per_psu
    try:
        shares = allocate(wanted, sizes, allocation, minimum=FEWEST_PSUS).clip(upper=psus)
        drawn = two_stage(frame, "psu", shares.to_dict(), per_psu, strata="stratum", seed=seed)
    except SurveyError as error:
        told = in_vietnamese(error)
        raise BadFrame(f"Không rút được mẫu. {told.message} ({told.detail})", told.remedy) from error
    method = {
        "stages": ["psu: PPS systematic", "unit: systematic"],
        "allocation": allocation,
        "psus": {str(stratum): int(count) for stratum, count in shares.items()},
        "per_psu": per_psu,
        "seed": seed,
        "frame": {"units": len(frame), "hash": _hash(frame)},
    }
    return add_sample(round_, method, drawn[_kept(frame)].to_dict("records"))


def _kept(frame: pd.DataFrame) -> list[Any]:
    return [
        *FRAME_COLUMNS,
        "probability",
        *(name for name in frame if name not in (*FRAME_COLUMNS, "probability")),
    ]


def _hash(frame: pd.DataFrame) -> str:
    return hashlib.sha256(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes()).hexdigest()
