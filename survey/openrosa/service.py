"""Submissions of ODK Collect, KoboCollect and Enketo, handed to the one door for answers."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from survey.cases.models import Case
from survey.cases.service import case_of_code
from survey.errors import Fault, NotFound
from survey.instrument import BrokenSubmission, Header, Submission, parse_submission, submission_header
from survey.instrument.faults import in_language, shorten
from survey.intake.models import Mode
from survey.intake.service import AnswersRefused, Arrival, Receipt, Upload, submit
from survey.rounds.models import InstrumentVersion, Round
from survey.rounds.service import instrument_of, version_of

LONGEST_INSTANCE_ID = 128


class SubmissionBroken(Fault):
    """What was sent is not a submission at all."""

    title = "Phiếu gửi lên không đọc được"


class UnknownCase(Fault):
    """The submission names a case that this round does not have."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "Mã phiếu không đúng"


@dataclass(frozen=True)
class Package:
    """One POST: the record, some or all of its files, and what is known of the device."""

    xml: bytes
    uploads: tuple[Upload, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)


def receive(round_: Round, package: Package) -> Receipt:
    """Take a submission in; the caller commits.

    Raises `SubmissionBroken`, `NotFound` for another form, `UnknownCase`, and what
    `survey.intake.service.submit` raises.
    """
    try:
        header = submission_header(package.xml)
        version = _version(round_, header)
        submission = parse_submission(instrument_of(version), package.xml, header)
    except BrokenSubmission as fault:
        what = f"Phiếu gửi lên không đọc được: {fault.place()}"
        raise SubmissionBroken(what, in_language(fault.remedy, "vi")) from fault
    if submission.faults:
        raise AnswersRefused(instrument_of(version), submission.faults)
    return submit(
        round_,
        Arrival(
            instance_id=submission.instance_id,
            answers=submission.answers,
            mode=Mode.OPENROSA,
            case=_case(round_, version, submission),
            version=version,
            replaces=submission.deprecated_id,
            uploads=package.uploads,
            detail=package.detail,
        ),
    )


def _version(round_: Round, header: Header) -> InstrumentVersion:
    if len(header.instance_id) > LONGEST_INSTANCE_ID:
        raise SubmissionBroken(f"instanceID dài quá {LONGEST_INSTANCE_ID} ký tự.", "Gửi lại từ thiết bị.")
    if header.form_id != round_.instrument_version.form_id:
        raise NotFound(
            f"Dự án này không có mẫu phiếu “{shorten(header.form_id)}”.",
            f"Mẫu phiếu của dự án là “{round_.instrument_version.form_id}”. Kiểm tra lại địa chỉ máy chủ.",
        )
    return version_of(round_, header.version)


def _case(round_: Round, version: InstrumentVersion, submission: Submission) -> Case | None:
    """The case whose code stands in the answers, under the name that design.yaml gives."""
    code = submission.answers.get(version.design.get("case_variable", ""))
    if not code:
        return None
    try:
        return case_of_code(round_, str(code))
    except NotFound as fault:
        raise UnknownCase(fault.message, fault.remedy) from fault
