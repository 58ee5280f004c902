"""Self-assessments: where one is entered, what a response comes to, and what changed since another."""

import uuid
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from survey.assessment.lift import Lift, lift
from survey.assessment.peers import Peers, peers_of
from survey.assessment.plan import Assessment
from survey.assessment.reading import assessment_of
from survey.assessment.scoring import Result, assess
from survey.cases.service import tidy_code
from survey.errors import Conflict, NotFound
from survey.extensions import db
from survey.intake.drafts import receipt_code
from survey.intake.models import Response, ResponseStatus
from survey.rounds.models import InstrumentVersion, Round, Survey
from survey.rounds.service import SurveyClosed, public_round

LONGEST_CODE = 40
HANDED_IN = (ResponseStatus.COMPLETE, ResponseStatus.LATE)


class NoResult(NotFound):
    title = "Chưa có kết quả"


class NotComparable(Conflict):
    title = "Hai kết quả này không so sánh được"


@dataclass(frozen=True)
class Entry:
    """A survey that people may assess themselves with, and its newest version that has a self-assessment."""

    survey: Survey
    version: InstrumentVersion
    plan: Assessment

    @property
    def name(self) -> str:
        """Under which name its pages stand."""
        return self.plan.address or self.survey.code


@dataclass(frozen=True)
class Standing:
    """One response with its levels."""

    response: Response
    plan: Assessment
    result: Result

    @property
    def code(self) -> str:
        """What its owner keeps, to come back."""
        return receipt_code(self.response)

    def lifts(self) -> tuple[Lift, ...]:
        """The cheapest way up of each pillar that is not at the top."""
        ways = (lift(self.plan, score, self.response.answers) for score in self.result.pillars)
        return tuple(way for way in ways if way is not None)

    def nearest(self, level: int) -> tuple[Lift, ...]:
        """The pillars that the next level of the whole still lacks: those with the fewest steps to go."""
        lacking = self.plan.rules[level - 1].pillars - self.result.at_least(level)
        ways = (lift(self.plan, score, self.response.answers, level) for score in self.result.pillars)
        nearest = sorted((way for way in ways if way is not None), key=lambda way: way.steps)
        return tuple(nearest[: max(0, lacking)])

    def peers(self) -> Peers | None:
        """The others to be compared with."""
        return peers_of(self.response, self.plan)


def find_entry(name: str) -> Entry:
    """The self-assessment of an address or of a survey's code; raise `NotFound`."""
    version = db.session.scalars(
        select(InstrumentVersion)
        .join(Survey)
        .where(or_(InstrumentVersion.assessment["address"].as_string() == name, Survey.code == name))
        .where(InstrumentVersion.assessment["pillars"].as_string().is_not(None))
        .order_by(InstrumentVersion.id.desc())
        .limit(1)
    ).first()
    if version is None:
        raise NotFound(f"Không có bộ tự đánh giá “{name[:40]}”.", "Kiểm tra lại địa chỉ, hoặc về trang chủ.")
    return Entry(version.survey, version, assessment_of(version))


def open_round_of(entry: Entry) -> Round | None:
    """The round that takes answers now, if its version can be assessed."""
    try:
        found = public_round(entry.survey.code)
    except SurveyClosed:
        return None
    return found if found.instrument_version.assessment else None


def find_response(entry: Entry, response_id: uuid.UUID) -> Response:
    """A response of an entry's survey, also one that is not handed in yet; raise `NotFound`."""
    return _response(entry, Response.id == response_id, "Mở lại kết quả từ liên kết hoặc mã đã ghi.")


def response_of_code(entry: Entry, code: str) -> Response:
    """The response of a typed code, a draft's or a receipt's; raise `NotFound`."""
    tidied = tidy_code(code[:LONGEST_CODE])
    return _response(entry, Response.resume_code == tidied, "Kiểm tra lại 8 ký tự của mã.")


def _response(entry: Entry, where: object, remedy: str) -> Response:
    """Codes of other surveys are as unknown as those that nobody has: neither says that it exists."""
    query = (
        select(Response)
        .join(Round, Round.id == Response.round_id)
        .options(joinedload(Response.round), joinedload(Response.instrument_version))
        .where(Round.survey_id == entry.survey.id, where)  # type: ignore[arg-type]
    )
    found = db.session.scalar(query)
    if found is None or found.status not in (*HANDED_IN, ResponseStatus.DRAFT):
        raise NotFound("Không tìm thấy phiếu này trong bộ tự đánh giá.", remedy)
    return found


def standing(response: Response) -> Standing:
    """What a response that was handed in comes to; raise `NoResult` where there is nothing to assess."""
    version = response.instrument_version
    if response.status not in HANDED_IN or not version.assessment:
        raise NoResult("Phiếu này chưa được gửi nên chưa có kết quả.", "Trả lời hết các câu rồi gửi phiếu.")
    plan = assessment_of(version)
    result = assess(plan, response.answers)
    if result.level is None:
        raise NoResult(
            "Phiếu này không có câu trả lời nào để chấm điểm.",
            "Người trả lời đã không đồng ý tham gia, hoặc không tiêu chí nào áp dụng.",
        )
    return Standing(response, plan, result)


def in_order(one: Standing, other: Standing) -> tuple[Standing, Standing]:
    """Two results to be compared, the earlier first; raise `NotComparable`.

    Levels of other criteria are other levels: there is no change to tell between them.
    """
    if one.response.id == other.response.id:
        raise NotComparable("Hai mã này là của cùng một phiếu.", "Nhập mã của lần đánh giá khác.")
    if one.plan.scoring != other.plan.scoring:
        raise NotComparable(
            "Hai lần đánh giá dùng hai bộ tiêu chí khác nhau.", "Xem riêng từng kết quả bằng mã của nó."
        )
    if one.response.round.is_synthetic != other.response.round.is_synthetic:
        raise NotComparable("Một trong hai phiếu là của đợt mô phỏng.", "Chỉ so sánh hai lần trả lời thật.")
    first, second = sorted((one, other), key=lambda standing: standing.response.submitted_at)  # type: ignore[arg-type, return-value]
    return first, second
