"""The phrases that conditions are said in, by language; a language without its own reads Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping

VIETNAMESE: Mapping[str, str] = {
    "and": " và ",
    "or": " hoặc ",
    "not": "không phải ({a})",
    "=": "{a} = {b}",
    "!=": "{a} khác {b}",
    "<": "{a} nhỏ hơn {b}",
    "<=": "{a} không quá {b}",
    ">": "{a} lớn hơn {b}",
    ">=": "{a} từ {b} trở lên",
    "empty": "{a} để trống",
    "answered": "{a} có trả lời",
    "selected": "{a} có chọn {b}",
    "not selected": "{a} không chọn {b}",
    "between": "{a} từ {b} đến {c}",
    "regex": "{a} đúng mẫu {b}",
    "true": "luôn luôn",
    "false": "không bao giờ",
    "quote": "“{a}”",
    "this": "câu trả lời này",
    "question": "câu {number}",
    "questions": "câu {numbers}",
    "calculated": "“{name}” (tính từ {sources})",
    "depends": "tùy theo {a}",
    "depends on nothing": "theo điều kiện sau",
    "count-selected": "số ý chọn ở {a}",
    "string-length": "số ký tự của {a}",
    "count": "số lượng {a}",
    "sum": "tổng của {a}",
    "max": "số lớn nhất của {a}",
    "min": "số nhỏ nhất của {a}",
    "int": "phần nguyên của {a}",
    "round": "{a} làm tròn",
    "abs": "độ lớn của {a}",
    "today": "ngày hôm nay",
    "now": "lúc này",
    "+": "{a} + {b}",
    "-": "{a} − {b}",
    "*": "{a} × {b}",
    "div": "{a} ÷ {b}",
    "mod": "phần dư của {a} ÷ {b}",
    "decimal mark": ",",
    "group mark": ".",
}
ENGLISH: Mapping[str, str] = {
    "and": " and ",
    "or": " or ",
    "not": "not ({a})",
    "=": "{a} = {b}",
    "!=": "{a} is not {b}",
    "<": "{a} is less than {b}",
    "<=": "{a} is at most {b}",
    ">": "{a} is more than {b}",
    ">=": "{a} is at least {b}",
    "empty": "{a} is left empty",
    "answered": "{a} is answered",
    "selected": "{a} includes {b}",
    "not selected": "{a} does not include {b}",
    "between": "{a} is from {b} to {c}",
    "regex": "{a} has the pattern {b}",
    "true": "always",
    "false": "never",
    "quote": "“{a}”",
    "this": "this answer",
    "question": "question {number}",
    "questions": "questions {numbers}",
    "calculated": "“{name}” (worked out from {sources})",
    "depends": "depending on {a}",
    "depends on nothing": "by the following condition",
    "count-selected": "the number of answers ticked in {a}",
    "string-length": "the number of characters of {a}",
    "count": "the number of {a}",
    "sum": "the total of {a}",
    "max": "the largest of {a}",
    "min": "the smallest of {a}",
    "int": "the whole part of {a}",
    "round": "{a} rounded",
    "abs": "the size of {a}",
    "today": "today's date",
    "now": "the present time",
    "+": "{a} + {b}",
    "-": "{a} − {b}",
    "*": "{a} × {b}",
    "div": "{a} ÷ {b}",
    "mod": "the remainder of {a} ÷ {b}",
    "decimal mark": ".",
    "group mark": ",",
}
PHRASES: Mapping[str, Mapping[str, str]] = {"vi": VIETNAMESE, "en": ENGLISH}


def phrases(language: str) -> Mapping[str, str]:
    """The phrases of a language."""
    return PHRASES.get(language, VIETNAMESE)


def joined(parts: list[str], word: str) -> str:
    """ "A, B hoặc C" for three parts and " hoặc "."""
    return word.join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
