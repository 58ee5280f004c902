"""Bring questionnaires in, freeze their versions, open and close rounds."""

import csv
import secrets
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from survey.accounts.service import record
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.instrument import Instrument, build_instrument, read_xlsform
from survey.rounds.models import InstrumentVersion, Purpose, Round, RoundStatus, Survey


class SurveyClosed(Fault):
    status = HTTPStatus.FORBIDDEN
    title = "Cuộc khảo sát chưa mở hoặc đã kết thúc"


def load_questionnaire(path: Path, code: str | None = None) -> InstrumentVersion:
    """Bring in a questionnaire: a folder under questionnaires/ or an XLSForm file.

    The same content again returns the version that is there; other content under a version that is in
    the database is refused (`Conflict`), because a fielded version is frozen.
    Raises `survey.instrument.InstrumentErrors` with sheet, row, cause and remedy for a faulty form.
    """
    instrument = read_xlsform(path)
    survey = _survey(code or (path.name if path.is_dir() else instrument.form_id), instrument)
    plans = read_plans(path) if path.is_dir() else {}
    same = [version for version in survey.versions if version.version == instrument.version]
    if same and same[0].hash != instrument.hash:
        raise Conflict(
            f"Phiếu {survey.code} phiên bản {instrument.version} đã có với nội dung khác.",
            "Đổi `version` trong sheet settings rồi nhập lại; phiên bản đã dùng được giữ nguyên.",
        )
    version = same[0] if same else _new_version(survey, instrument)
    for name, plan in plans.items():
        setattr(version, name, plan)
    db.session.flush()
    return version


def _survey(code: str, instrument: Instrument) -> Survey:
    survey = db.session.scalar(select(Survey).where(Survey.code == code))
    if survey is None:
        survey = Survey(code=code, title={})
        db.session.add(survey)
    survey.title = {language: text for language, text in instrument.titles.by_language.items() if text}
    return survey


def _new_version(survey: Survey, instrument: Instrument) -> InstrumentVersion:
    version = InstrumentVersion(
        survey=survey,
        form_id=instrument.form_id,
        version=instrument.version,
        hash=instrument.hash,
        sheets=instrument.sheets,
        xml=instrument.xml,
    )
    db.session.add(version)
    record(
        "questionnaire.import", f"survey:{survey.code}", {"version": version.version, "hash": version.hash}
    )
    return version


def read_plans(folder: Path) -> dict[str, Any]:
    """The plans beside the sheets: what is measured, how it is weighted and checked, against which totals."""
    plans: dict[str, Any] = {}
    for name in ("indicators", "design", "edits"):
        path = folder / f"{name}.yaml"
        if path.exists():
            try:
                plans[name] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            except yaml.YAMLError as error:
                raise Fault(f"{path}: không đọc được YAML: {error}", "Sửa tệp rồi nhập lại.") from error
    plans["controls"] = [row for path in sorted(folder.glob("controls*.csv")) for row in _controls(path)]
    return plans


def _controls(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{"file": path.name, **row} for row in csv.DictReader(file)]


def instrument_of(version: InstrumentVersion) -> Instrument:
    """The compiled questionnaire of a version, kept by its hash for the life of the process."""
    if version.hash not in _sheets:
        _sheets[version.hash] = version.sheets
    return _compiled(version.hash)


_sheets: dict[str, dict[str, Any]] = {}


@lru_cache(maxsize=256)
def _compiled(hash_: str) -> Instrument:
    return build_instrument(_sheets[hash_])


def ensure_round(
    version: InstrumentVersion,
    code: str,
    *,
    purpose: Purpose,
    time_period: str,
    title: dict[str, str] | None = None,
) -> Round:
    """The round of this code, made in draft if it is not there."""
    found = db.session.scalar(select(Round).where(Round.survey_id == version.survey_id, Round.code == code))
    if found is None:
        found = Round(
            survey=version.survey,
            instrument_version=version,
            code=code,
            title=title or version.survey.title,
            purpose=purpose,
            time_period=time_period,
            project_token=secrets.token_urlsafe(24),
        )
        db.session.add(found)
        db.session.flush()
        record("round.add", f"round:{version.survey.code}/{code}", {"purpose": purpose})
    return found


def open_round(round_: Round) -> None:
    """Let answers in. A production round needs its decision number and survey plan first."""
    if round_.purpose == Purpose.PRODUCTION and not (round_.decision_number and round_.survey_plan):
        raise Fault(
            "Chưa mở được: cuộc điều tra chính thức phải có số quyết định và phương án điều tra.",
            "Nhập số quyết định và đính kèm phương án (Luật Thống kê, Điều 27–35) rồi mở lại.",
        )
    round_.status, round_.closed_at = RoundStatus.OPEN, None
    round_.opened_at = round_.opened_at or datetime.now(UTC)
    record("round.open", f"round:{round_.survey.code}/{round_.code}")


def close_round(round_: Round) -> None:
    """Let no more answers in."""
    if round_.status != RoundStatus.CLOSED:
        round_.status, round_.closed_at = RoundStatus.CLOSED, datetime.now(UTC)
        record("round.close", f"round:{round_.survey.code}/{round_.code}")


def find_survey(code: str) -> Survey:
    """The survey of this code; raise `NotFound` with the codes there are."""
    survey = db.session.scalar(select(Survey).where(Survey.code == code))
    if survey is None:
        known = ", ".join(db.session.scalars(select(Survey.code).order_by(Survey.code))) or "(chưa có)"
        raise NotFound(f"Không có khảo sát “{code}”.", f"Các khảo sát hiện có: {known}.")
    return survey


def find_round(survey_code: str, code: str | None = None) -> Round:
    """A round of a survey: by code, or the latest."""
    survey = find_survey(survey_code)
    query = select(Round).where(Round.survey_id == survey.id).order_by(Round.id.desc())
    if code:
        query = query.where(Round.code == code)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound(f"Khảo sát {survey_code} chưa có đợt {code or 'nào'}.", "Mở một đợt trước.")
    return found


def public_round(survey_code: str) -> Round:
    """The open round that the survey's public page serves; raise `SurveyClosed` when there is none."""
    survey = find_survey(survey_code)
    query = select(Round).where(Round.survey_id == survey.id, Round.status == RoundStatus.OPEN)
    found = db.session.scalars(query.order_by(Round.id.desc())).first()
    if found is None or found.purpose == Purpose.VERIFICATION:
        raise SurveyClosed(
            "Hiện không nhận câu trả lời cho khảo sát này.", "Xem kết quả các đợt trước ở trang chủ."
        )
    return found


_BY_TOKEN = (
    select(Round)
    .where(Round.project_token == bindparam("token"))
    .options(joinedload(Round.instrument_version))
)


def round_of_token(token: str) -> Round:
    """The round of an OpenRosa project token; raise `NotFound`."""
    found = db.session.scalar(_BY_TOKEN, {"token": token})
    if found is None:
        raise NotFound("Địa chỉ dự án không đúng.", "Quét lại mã QR của dự án hoặc hỏi người quản lý.")
    return found


def version_of(round_: Round, version: str) -> InstrumentVersion:
    """The instrument version that a submission names: the round's, or another of the same form.

    An empty name means the round's version. Raises `NotFound`.
    """
    if version in ("", round_.instrument_version.version):
        return round_.instrument_version
    found = db.session.scalar(
        select(InstrumentVersion).where(
            InstrumentVersion.survey_id == round_.survey_id,
            InstrumentVersion.form_id == round_.instrument_version.form_id,
            InstrumentVersion.version == version,
        )
    )
    if found is None:
        raise NotFound(
            f"Không có phiên bản “{version}” của mẫu phiếu này.",
            "Tải lại mẫu phiếu từ máy chủ, hoặc báo người quản lý cuộc khảo sát.",
        )
    return found
