"""Bring questionnaires in, freeze their versions, open and close rounds."""

import re
import secrets
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from survey import formats
from survey.accounts.service import record
from survey.errors import Conflict, Fault, NotFound
from survey.extensions import db
from survey.formats import LOCAL_TIME
from survey.instrument import (
    Instrument,
    build_instrument,
    form_in,
    names_beside,
    read_xlsform,
    refuse_files,
)
from survey.instrument.faults import shorten
from survey.rounds.consent import keep_consent_texts
from survey.rounds.files import held_files, keep_files
from survey.rounds.models import InstrumentVersion, Purpose, Round, RoundStatus, Survey
from survey.rounds.plans import read_plans


class BadCode(Fault):
    title = "Mã khảo sát không dùng được"


# Codes stand in addresses and file names; /manage/upload is a page of its own.
CODE = re.compile(r"(?!upload$)\w[\w.-]{0,63}")

LONGEST_PROMISE = timedelta(days=5 * 366)


class SurveyClosed(Fault):
    status = HTTPStatus.FORBIDDEN
    title = "Cuộc khảo sát chưa mở hoặc đã kết thúc"


def load_questionnaire(path: Path, code: str | None = None) -> InstrumentVersion:
    """Bring in a questionnaire with the files beside it: a folder under questionnaires/ or an XLSForm file.

    The same content again returns the version that is there; other content under a version that is in
    the database is refused (`Conflict`), because a fielded version is frozen.
    Raises `survey.instrument.InstrumentErrors` with sheet, row, cause and remedy for a faulty form, and for a file
    that it names and that is missing or not what it should be.
    """
    path = form_in(path)
    instrument = read_xlsform(path)
    refuse_files(instrument, names_beside(path))
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
    keep_consent_texts(version, instrument)
    return version


def _survey(code: str, instrument: Instrument) -> Survey:
    if not CODE.fullmatch(code):
        raise BadCode(
            f"form_id “{shorten(code)}” không làm mã khảo sát được.",
            "Đặt mã khảo sát riêng: tối đa 64 chữ, chữ số, dấu gạch nối, dấu chấm, không có dấu cách.",
        )
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
    keep_files(version, instrument.files)
    record(
        "questionnaire.import", f"survey:{survey.code}", {"version": version.version, "hash": version.hash}
    )
    return version


def instrument_of(version: InstrumentVersion) -> Instrument:
    """The compiled questionnaire of a version with its files, kept by its hash for the life of the process."""
    found = _compiled.get(version.hash)
    if found is None:
        found = build_instrument(version.sheets, held_files(version))
        if len(_compiled) >= MOST_COMPILED:
            _compiled.pop(next(iter(_compiled)), None)
        _compiled[version.hash] = found
    return found


_compiled: dict[str, Instrument] = {}
MOST_COMPILED = 256


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
    keep_consent_texts(round_.instrument_version, instrument_of(round_.instrument_version))
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


FIELDED = Round.purpose != Purpose.PREVIEW
"""Holds for every round but the previews of a version, which no page, file or figure shows as a round."""


def find_round(survey_code: str, code: str | None = None) -> Round:
    """A round of a survey: by code, or the latest."""
    survey = find_survey(survey_code)
    query = select(Round).where(Round.survey_id == survey.id, FIELDED).order_by(Round.id.desc())
    if code:
        query = query.where(Round.code == code)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound(f"Khảo sát {survey_code} chưa có đợt {code or 'nào'}.", "Mở một đợt trước.")
    return found


def public_round(survey_code: str) -> Round:
    """The open round that the survey's public page serves; raise `SurveyClosed` when there is none."""
    survey = find_survey(survey_code)
    query = select(Round).where(Round.survey_id == survey.id, Round.status == RoundStatus.OPEN, FIELDED)
    found = db.session.scalars(query.order_by(Round.id.desc())).first()
    if found is None or found.purpose == Purpose.VERIFICATION:
        raise SurveyClosed(
            "Hiện không nhận câu trả lời cho khảo sát này.", "Xem kết quả các đợt trước ở trang chủ."
        )
    return found


_BY_TOKEN = (
    select(Round)
    .where(Round.project_token == bindparam("token"), FIELDED)
    .options(joinedload(Round.instrument_version))
)


def round_of_token(token: str) -> Round:
    """The round of an OpenRosa project token; raise `NotFound`."""
    found = db.session.scalar(_BY_TOKEN, {"token": token})
    if found is None:
        raise NotFound("Địa chỉ dự án không đúng.", "Quét lại mã QR của dự án hoặc hỏi người quản lý.")
    return found


def preview_of_token(token: str) -> Round:
    """The preview of a version by the secret in its address; raise `NotFound`."""
    found = db.session.scalar(select(Round).where(Round.project_token == token, ~FIELDED))
    if found is None:
        raise NotFound("Địa chỉ xem thử không đúng.", "Mở lại từ trang của phiên bản phiếu hỏi.")
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
            f"Không có phiên bản “{shorten(version)}” của mẫu phiếu này.",
            "Tải lại mẫu phiếu từ máy chủ, hoặc báo người quản lý cuộc khảo sát.",
        )
    return found


def promise_withdrawal(round_: Round, last_day: date) -> None:
    """Let people take answers back until the end of a day, local time; figures are signed after it.

    A day that people may have read cannot be brought forward: raise `Fault` for that, and for a day gone by.
    """
    today = datetime.now(LOCAL_TIME).date()
    if last_day < today:
        raise Fault(f"Ngày {formats.date(last_day)} đã qua.", "Chọn hôm nay hoặc một ngày sau.")
    if last_day > today + LONGEST_PROMISE:
        raise Fault(
            f"Ngày {formats.date(last_day)} quá xa: trước ngày đó không số liệu nào được ký.",
            "Chọn một ngày trong vòng 5 năm.",
        )
    promised = round_.withdraw_until
    if round_.opened_at and promised and formats.local_day(promised) > last_day:
        raise Fault(
            f"Người trả lời đã được báo là rút lại được đến hết ngày {formats.date(promised)}.",
            "Giữ ngày này hoặc chọn ngày sau đó.",
        )
    round_.deidentify_at = datetime.combine(last_day + timedelta(days=1), time(), LOCAL_TIME)
    record("round.withdraw_until", f"round:{round_.survey.code}/{round_.code}", {"day": last_day.isoformat()})
