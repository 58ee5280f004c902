"""What a person is told about an answer: always what to do, in Vietnamese, English and Khmer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from survey.instrument.faults import Texts
from survey.instrument.grammar import Binary, Negate, Number, Path, Tree
from survey.instrument.model import Question
from survey.instrument.model import Texts as Translated
from survey.instrument.numerals import written
from survey.instrument.values import text_of_number

REQUIRED: dict[str, Texts] = {
    "select_one": {"vi": "Chọn một câu trả lời", "en": "Choose an answer"},
    "select_multiple": {"vi": "Chọn ít nhất một câu trả lời", "en": "Choose at least one answer"},
    "rank": {"vi": "Xếp thứ tự các lựa chọn", "en": "Put the choices in order"},
    "integer": {"vi": "Nhập một số", "en": "Enter a number"},
    "range": {"vi": "Chọn một số", "en": "Choose a number"},
    "decimal": {"vi": "Nhập một số", "en": "Enter a number"},
    "date": {"vi": "Nhập ngày, ví dụ 25/12/2026", "en": "Enter a date, for example 25/12/2026"},
    "dateTime": {
        "vi": "Nhập ngày và giờ, ví dụ 25/12/2026 14:30",
        "en": "Enter a date and time, for example 25/12/2026 14:30",
    },
    "time": {"vi": "Nhập giờ, ví dụ 14:30", "en": "Enter a time, for example 14:30"},
    "geopoint": {"vi": "Chọn vị trí", "en": "Choose the place"},
    "image": {"vi": "Chụp hoặc chọn ảnh", "en": "Take or choose a picture"},
    "acknowledge": {"vi": "Đánh dấu để xác nhận", "en": "Tick to confirm"},
}
MOMENTS: dict[str, Texts] = {
    **{kind: REQUIRED[kind] for kind in ("date", "dateTime", "time")},
    "month": {"vi": "Nhập tháng và năm, ví dụ 12/2026", "en": "Enter a month and year, for example 12/2026"},
    "year": {
        "vi": "Nhập năm bằng 4 chữ số, ví dụ 2026",
        "en": "Enter the year in 4 digits, for example 2026",
    },
}
ANSWER: Texts = {"vi": "Nhập câu trả lời", "en": "Enter an answer"}
CONSTRAINT: Texts = {"vi": "Sửa câu trả lời này cho phù hợp", "en": "Change this answer so that it fits"}
CHOICE: Texts = {"vi": "Chọn một câu trả lời trong danh sách", "en": "Choose an answer from the list"}
UNKNOWN: Texts = {
    "vi": "Bỏ mục này: câu hỏi không có trong phiếu",
    "en": "Remove it: the form has no such question",
}
CHARACTERS: Texts = {
    "vi": "Bỏ ký tự đặc biệt không hiển thị được",
    "en": "Remove characters that cannot be shown",
}
INTEGER: Texts = {"vi": "Nhập một số nguyên, ví dụ 12", "en": "Enter a whole number, for example 12"}
DECIMAL: Texts = {"vi": "Nhập một số, ví dụ 1,5", "en": "Enter a number, for example 1.5"}
MONEY: Texts = {
    "vi": "Nhập số tiền, ví dụ 1.000.000 hoặc 1 triệu",
    "en": "Enter an amount, for example 1,000,000 or 1 million",
}
MILLIONS: Texts = {
    "vi": "Nhập số tiền theo triệu đồng, ví dụ 1500 hoặc 1,5 tỷ",
    "en": "Enter an amount in millions of đồng, for example 1500 or 1.5 billion",
}
GEO: Texts = {
    "vi": "Nhập vị trí: vĩ độ rồi kinh độ, ví dụ 10.24 105.97",
    "en": "Enter latitude, then longitude",
}
LINE: Texts = {
    "vi": "Đánh dấu ít nhất hai điểm của tuyến",
    "en": "Mark at least two points of the line",
}
SHAPE: Texts = {
    "vi": "Đánh dấu ít nhất ba điểm của vùng",
    "en": "Mark at least three points of the area",
}
TEXT: Texts = {"vi": "Nhập câu trả lời bằng chữ", "en": "Enter the answer as text"}
FILE: Texts = {
    "vi": "Chọn lại tệp: tên tệp không hợp lệ",
    "en": "Choose the file again: its name is not valid",
}
REPEAT: Texts = {"vi": "Nhập từng mục của danh sách này", "en": "Enter this list item by item"}


def too_long(limit: int) -> Texts:
    """The message for a text over the limit, in characters."""
    number = f"{limit:,}"
    vietnamese = number.replace(",", ".")
    return {
        "vi": f"Viết ngắn lại, nhiều nhất {vietnamese} ký tự",
        "en": f"Shorten it to at most {number} characters",
    }


def which_number(readings: Sequence[Decimal]) -> Texts:
    """What to write instead of a number that may be several, or is written another language's way."""
    vietnamese, english = ([written(value, code) for value in readings] for code in ("vi", "en"))
    if len(readings) == 1:
        return {
            "vi": f"Có phải {written(readings[0], 'vi', grouped=True)}? Viết {vietnamese[0]}",
            "en": f"Is it {written(readings[0], 'en', grouped=True)}? Write {english[0]}",
        }
    return {
        "vi": f"{' hay '.join(vietnamese)}? Số này hiểu được hai cách: viết {' hoặc '.join(vietnamese)}",
        "en": f"{' or '.join(english)}? This can be read in two ways: write {' or '.join(english)}",
    }


def which_day(readings: Sequence[date]) -> Texts:
    """What to write instead of a date that has its month first, or only two digits of its year."""
    days = [f"{day:%d/%m/%Y}" for day in readings]
    return {
        "vi": f"Có phải {' hay '.join(days)}? Viết ngày trước, tháng sau và đủ 4 chữ số của năm: {' hoặc '.join(days)}",
        "en": f"Is it {' or '.join(days)}? Write the day, then the month and all 4 digits of the year: "
        f"{' or '.join(days)}",
    }


def required(question: Question) -> Texts:
    """What to do about an unanswered question."""
    return own(question.required_message) or REQUIRED.get(question.type, ANSWER)


def constraint(question: Question, tree: Tree | None) -> Texts:
    """What to do about an answer outside its constraint; simple bounds are spelt out."""
    return own(question.constraint_message) or (bounds_message(tree) if tree else None) or CONSTRAINT


def own(texts: Translated) -> Texts:
    """The questionnaire's own message in every language it has, the default one for the others."""
    if not texts:
        return {}
    return {
        **dict.fromkeys(("vi", "en", "km"), texts()),
        **{code: text for code, text in texts.by_language.items() if text},
    }


def bounds_message(tree: Tree) -> Texts | None:
    """ "Nhập số từ 0 đến 120" for `. >= 0 and . <= 120`; None for anything less simple."""
    found = bounds(tree)
    if found is None:
        return None
    low, high = found
    if low is not None and high is not None:
        return {
            "vi": f"Nhập số từ {_vi(low)} đến {_vi(high)}",
            "en": f"Enter a number from {_en(low)} to {_en(high)}",
        }
    if low is not None:
        return {"vi": f"Nhập số từ {_vi(low)} trở lên", "en": f"Enter a number of at least {_en(low)}"}
    if high is not None:
        return {"vi": f"Nhập số không quá {_vi(high)}", "en": f"Enter a number of at most {_en(high)}"}
    return None


def _en(value: float) -> str:
    return text_of_number(value)


def _vi(value: float) -> str:
    return text_of_number(value).replace(".", ",")


Bounds = tuple[float | None, float | None]


def bounds(tree: Tree) -> Bounds | None:
    """The least and the greatest answer that `. >= a and . <= b` allows; None for anything less simple."""
    if not isinstance(tree, Binary):
        return None
    if tree.operator == "and":
        left, right = bounds(tree.left), bounds(tree.right)
        if left is None or right is None:
            return None
        return _first(left[0], right[0]), _first(left[1], right[1])
    value = _constant(tree.right)
    if value is None or not _is_answer(tree.left):
        return None
    return {">=": (value, None), "<=": (None, value)}.get(tree.operator)


def _first(a: float | None, b: float | None) -> float | None:
    return a if a is not None else b


def _constant(tree: Tree) -> float | None:
    if isinstance(tree, Negate):
        inner = _constant(tree.operand)
        return None if inner is None else -inner
    return tree.value if isinstance(tree, Number) else None


def _is_answer(tree: Tree) -> bool:
    return isinstance(tree, Path) and tree.start == "." and all(step.axis == "self" for step in tree.steps)
