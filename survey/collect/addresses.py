"""From an address to its draft, and from a draft to the address of what comes next."""

import uuid

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as Reply

from survey.collect.blueprint import allow_framing
from survey.collect.rights import require_right
from survey.collect.stops import REVIEW, Stop
from survey.errors import NotFound
from survey.extensions import db
from survey.intake import drafts
from survey.intake.models import Response, ResponseStatus
from survey.rounds.models import Purpose, Round
from survey.rounds.service import SurveyClosed, instrument_of


class DraftClosed(SurveyClosed):
    """The round ended before the draft was sent: its answers stay, but count only if the round opens again."""

    def __init__(self, draft: Response) -> None:
        super().__init__(
            "Đợt khảo sát này đã kết thúc trước khi phiếu được gửi.", "Câu trả lời vẫn được giữ."
        )
        self.draft = draft


def open_draft(survey: str, response_id: uuid.UUID, *, lock: bool = False) -> Response:
    """The draft of an address, its language changed if the address asks; raise `CodeNeeded`, `DraftClosed`."""
    draft = drafts.find_draft(response_id, lock=lock)
    allow_framing(draft.round)
    if draft.round.survey.code != survey:
        raise NotFound("Không tìm thấy phiếu này.", "Mở lại khảo sát từ liên kết ban đầu.")
    require_right(draft)
    if draft.status == ResponseStatus.DRAFT and not draft.round.is_open:
        raise DraftClosed(draft)
    if draft.status == ResponseStatus.DRAFT and (language := language_of(draft)) != draft.language:
        drafts.speak(draft, language)
        db.session.commit()
    return draft


def language_of(draft: Response) -> str:
    """The language asked for by `lang`, if the questionnaire has it; else the draft's own."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in languages_of(draft) else draft.language


def languages_of(draft: Response) -> tuple[str, ...]:
    """The languages that the questionnaire has."""
    return instrument_of(draft.instrument_version).languages


def mode() -> dict[str, int]:
    """Whether the person came from the review, to be led back there."""
    return {"sua": 1} if "sua" in request.args else {}


def to(draft: Response, stop: Stop) -> Reply:
    return redirect(address_of(draft, stop, **(mode() if stop != REVIEW else {})), 303)


def to_thanks(draft: Response, **query: int) -> Reply:
    return redirect(draft_address("collect.thanks", draft, **query), 303)


def address_of(draft: Response, stop: Stop, **query: int) -> str:
    numbers = {"numbers": stop.numbers} if stop.numbers else {}
    if stop.repeat:
        return draft_address("collect.instances", draft, repeat=stop.repeat, **numbers, **query)
    if stop == REVIEW:
        return draft_address("collect.review", draft)
    return draft_address("collect.page", draft, page_id=stop.page_id, **numbers, **query)


def draft_address(endpoint: str, draft: Response, **values: object) -> str:
    return url_for(endpoint, survey=draft.round.survey.code, response_id=draft.id, **values)  # type: ignore[arg-type]


def banners(round_: Round) -> dict[str, bool]:
    """What the page must say about its round."""
    return {
        "synthetic": round_.is_synthetic,
        "test_round": round_.purpose == Purpose.TEST,
        "preview": round_.is_preview,
    }
