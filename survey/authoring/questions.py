"""The questions of a version in order, as its page lists them."""

from collections.abc import Iterator
from dataclasses import dataclass

from survey.authoring.conditions import in_words
from survey.authoring.flow import holders
from survey.instrument import Choice, Instrument, Page, Question
from survey.instrument.choices import all_choices

MOST_QUESTIONS = 500
MOST_CHOICES = 12
TYPES = {
    "select_one": "Chọn một",
    "select_multiple": "Chọn nhiều",
    "rank": "Xếp thứ tự",
    "text": "Văn bản",
    "integer": "Số nguyên",
    "decimal": "Số thập phân",
    "range": "Thang số",
    "date": "Ngày",
    "time": "Giờ",
    "dateTime": "Ngày giờ",
    "geopoint": "Điểm trên bản đồ",
    "geotrace": "Đường trên bản đồ",
    "geoshape": "Vùng trên bản đồ",
    "image": "Ảnh",
    "audio": "Ghi âm",
    "video": "Phim",
    "file": "Tệp",
    "barcode": "Mã vạch",
    "note": "Lời dẫn",
    "acknowledge": "Đánh dấu đã đọc",
    "calculate": "Tính tự động",
    "hidden": "Giá trị ẩn",
}


@dataclass(frozen=True)
class Rule:
    """A condition: its text, and in words where words say it."""

    expression: str
    words: str


@dataclass(frozen=True)
class Line:
    """One question: its row in the file, what it asks of whom, and what an answer must be."""

    row: int | None
    variable: str
    label: str
    type: str
    is_required: bool
    relevant: Rule | None
    constraint: Rule | None
    message: str
    calculation: str
    choices: tuple[Choice, ...]
    more_choices: int


@dataclass(frozen=True)
class Block:
    """The questions of one page; `place` is its number from 1, 0 for what nobody sees.

    `relevant` is the condition of the groups around it.
    """

    place: int
    title: str
    repeat: str
    relevant: Rule | None
    lines: tuple[Line, ...]


def blocks(instrument: Instrument) -> Iterator[Block]:
    """The questions page by page, then what is computed or recorded unseen; 500 questions at most."""
    left = MOST_QUESTIONS
    shown: set[str] = set()
    for place, page in enumerate(instrument.pages, start=1):
        lines = tuple(_line(instrument, question) for question in page.questions[:left])
        left -= len(lines)
        shown |= {question.variable for question in page.questions}
        repeat = instrument.repeats[page.repeat].label() or page.repeat if page.repeat else ""
        if lines:
            yield Block(place, _title(page.title(), lines), repeat, _around(instrument, page), lines)
    unseen = [question for name, question in instrument.questions.items() if name not in shown][:left]
    if unseen:
        yield Block(0, "", "", None, tuple(_line(instrument, question) for question in unseen))


def _around(instrument: Instrument, page: Page) -> Rule | None:
    """The condition of the page itself."""
    conditions = [holder.relevant for holder in holders(instrument, page) if holder.relevant]
    together = " and ".join(f"({one})" for one in conditions) if len(conditions) > 1 else "".join(conditions)
    return Rule(together, in_words(instrument, together)) if together else None


def _title(title: str, lines: tuple[Line, ...]) -> str:
    """The page's own title; none where it only repeats its one question."""
    return "" if len(lines) == 1 and lines[0].label == title else title


def _line(instrument: Instrument, question: Question) -> Line:
    choices = tuple(all_choices(instrument, question))
    return Line(
        question.row,
        question.variable,
        question.label(),
        TYPES.get(question.type, question.type),
        bool(question.required),
        _rule(instrument, question.relevant, question),
        _rule(instrument, question.constraint, question),
        question.constraint_message(),
        question.calculation,
        choices[:MOST_CHOICES],
        max(0, len(choices) - MOST_CHOICES),
    )


def _rule(instrument: Instrument, expression: str, question: Question) -> Rule | None:
    return Rule(expression, in_words(instrument, expression, question)) if expression else None
