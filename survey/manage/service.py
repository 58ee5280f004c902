"""What managers do: bring questionnaires in, prepare and open rounds, hand out invitations."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from survey.accounts.service import record
from survey.cases.models import Case
from survey.cases.service import close_cases
from survey.errors import Conflict, Fault
from survey.extensions import db
from survey.instrument import read_xlsform
from survey.intake.duplicates import drop_traces
from survey.manage.packages import shown, unpack
from survey.process.plans import check_plans
from survey.rounds.models import InstrumentVersion, Purpose, Round, RoundStatus, Survey
from survey.rounds.plans import read_plans
from survey.rounds.service import close_round, ensure_round, instrument_of, load_questionnaire
from survey.text import defused

PACKAGE = ".zip"
FORM_FILES = (".xlsx", ".xlsm", ".xls", ".csv", ".md", PACKAGE)
BOM = "\ufeff"


class WrongFile(Fault):
    title = "Tệp chưa nhập được"


def surveys() -> list[Survey]:
    """Every survey, by code."""
    return list(db.session.scalars(select(Survey).order_by(Survey.code)))


def upload(file_name: str, content: bytes, code: str | None) -> InstrumentVersion:
    """Make a version of an uploaded XLSForm, alone or packed with its files; no answers come in before a round opens.

    Raises `WrongFile`, `BadPackage`, `Conflict` for a version that is there with other content, and `InstrumentErrors`.
    """
    suffix = Path(file_name).suffix.lower()
    if suffix not in FORM_FILES:
        raise WrongFile(f"“{shown(file_name)}” không phải tệp XLSForm.", f"Chọn tệp {', '.join(FORM_FILES)}.")
    if not content:
        raise WrongFile(f"“{shown(file_name)}” là tệp rỗng.", "Lưu lại tệp rồi tải lên.")
    with TemporaryDirectory() as folder:
        if suffix == PACKAGE:
            path = unpack(content, Path(folder))
        else:
            path = Path(folder) / f"form{suffix}"
            path.write_bytes(content)
        version = load_questionnaire(path, code or read_xlsform(path).form_id)
        if path.is_dir():
            check_plans(instrument_of(version), read_plans(path))
        return version


def add_round(version: InstrumentVersion, code: str, purpose: Purpose, time_period: str, title: str) -> Round:
    """A round in draft; raise `Conflict` for a code the survey has already."""
    if any(round_.code == code for round_ in version.survey.rounds):
        raise Conflict(f"Khảo sát {version.survey.code} đã có đợt {code}.", "Chọn mã khác.")
    titles = {"vi": title} if title else None
    return ensure_round(version, code, purpose=purpose, time_period=time_period, title=titles)


def set_gate(round_: Round, decision_number: str, survey_plan: str) -> None:
    """Keep the decision and the plan under which a round is held; an official round that opened keeps both."""
    passed = round_.purpose == Purpose.PRODUCTION and round_.status != RoundStatus.DRAFT
    if passed and not (decision_number and survey_plan):
        raise Fault(
            "Đợt chính thức đã mở phải có số quyết định và phương án điều tra.", "Sửa lại, không để trống."
        )
    before = {"decision_number": round_.decision_number, "survey_plan": round_.survey_plan}
    round_.decision_number, round_.survey_plan = decision_number or None, survey_plan or None
    record("round.gate", _subject(round_), {"before": before})


def end_fieldwork(round_: Round) -> int:
    """Close the round; cases that nobody reached become noncontacts. Returns how many."""
    close_round(round_)
    db.session.flush()
    drop_traces()
    return close_cases(round_)


INVITATION_COLUMNS = ("code", "link", "unit", "stratum", "psu", "disposition")


def invitations(round_: Round, link: Callable[[str], str]) -> Iterator[str]:
    """The round's cases as lines of CSV, each with its personal link; `link` makes one of a token.

    Written for Excel: UTF-8 with a byte order mark, no cell that could run as a formula.
    """
    query = select(Case).where(Case.round_id == round_.id).order_by(Case.stratum, Case.psu, Case.unit)
    first = db.session.scalars(query.limit(1)).first()
    places = sorted(first.frame_data) if first else []  # one frame, so the same columns for all
    yield BOM + _csv_line([*INVITATION_COLUMNS, *places])
    for case in db.session.scalars(query.execution_options(yield_per=1000)):
        fixed = [case.code, link(case.token), case.unit, case.stratum, case.psu, case.disposition]
        yield _csv_line([*fixed, *(case.frame_data.get(name, "") for name in places)])


def _csv_line(cells: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([defused(str(cell)) for cell in cells])
    return line.getvalue()


def record_download(round_: Round) -> None:
    """Invitation links are secrets: who took them is in the audit trail."""
    record("invitations.download", _subject(round_))


def _subject(round_: Round) -> str:
    return f"round:{round_.survey.code}/{round_.code}"
