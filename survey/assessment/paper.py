"""A result on paper: the same words and the same radar as the page."""

from dataclasses import asdict

from survey import formats
from survey.assessment.pages import result_page
from survey.assessment.radar import PAPER, draw
from survey.assessment.service import Standing
from survey.assessment.words import say
from survey.intake.models import ResponseStatus
from survey.printing import pdf, qr_svg
from survey.rounds.models import Purpose
from survey.text import in_language

HEADS = ("pillar", "level_word", "points", "share", "peer_median", "criterion", "now", "then", "gain")
WORDS = (
    *HEADS,
    "by_pillar",
    "peers",
    "lift",
    "lift_says",
    "advice",
    "method",
    "your_code",
    "you",
    "radar_says",
)
MARKED = {
    Purpose.DEMONSTRATION: {"vi": "SỐ LIỆU MÔ PHỎNG. Không phải kết quả điều tra.",
                            "en": "SYNTHETIC DATA. Not survey results."},
    Purpose.TEST: {"vi": "ĐỢT THỬ. Không được tính vào số liệu.", "en": "TEST ROUND. In no statistics."},
}  # fmt: skip


def result_pdf(standing: Standing, language: str, *, home: str, here: str) -> bytes:
    """The result as a tagged PDF; `home` is the address for the code, `here` that of this result (as a QR code).

    The same result gives the same bytes: the file carries the time at which the form was sent.
    """
    response = standing.response
    page = result_page(standing, language)
    code = standing.code
    data = {
        "lang": language,
        "title": in_language(standing.plan.title, language),
        "banner": in_language(MARKED.get(Purpose(response.round.purpose), {"vi": ""}), language),
        "sent": _sent(standing, language),
        "late": say("late", language) if response.status == ResponseStatus.LATE else "",
        "level": page.level,
        "points": page.points,
        "radar": str(draw(page.radar, PAPER)),
        "radar_alt": page.radar.summary,
        "has_peers": page.has_peers,
        "lines": [asdict(line) for line in page.lines],
        "peers": page.peers,
        "next_level": page.next_level,
        "ways": [asdict(way) for way in page.ways],
        "rules": page.rules,
        "code": f"{code[:4]}-{code[4:]}",
        "code_says": say("your_code_says", language, address=home),
        "qr": qr_svg(here),
        "words": {key: say(key, language) for key in WORDS},
    }  # fmt: skip
    return pdf("assessment", data, at=response.submitted_at)


def _sent(standing: Standing, language: str) -> str:
    response = standing.response
    day = formats.date(response.submitted_at, language)
    return say("sent_on", language, date=day, round=response.round.time_period)
