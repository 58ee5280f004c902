"""Counts as spreadsheets hold them: 1.234,5 in Vietnamese or 1,234.5 and 1234.5 plainly, never guessed."""

import re
from collections.abc import Mapping, Sequence

from survey.errors import Fault

VIETNAMESE, PLAIN = "vi", "en"
GAPS = re.compile(r"(?<=\d)[\u0020\u00a0\u2009\u202f](?=\d{3}(?!\d))")
FORMS: Mapping[str, tuple[re.Pattern[str], str, str]] = {
    VIETNAMESE: (re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?|\d+(,\d+)?", re.ASCII), ".", ","),
    PLAIN: (re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?", re.ASCII), ",", "."),
}
EXAMPLES = {VIETNAMESE: "1.234.567,5", PLAIN: "1,234,567.5"}
LONGEST = 25


class AmbiguousNumbers(Fault):
    """The numbers can be read in two ways, and the file does not tell which."""

    title = "Số trong tệp đọc được theo hai cách"


def as_number(text: str, form: str) -> float | None:
    """The count that a text is in a form; None where it is none. Signs, letters and formulas are none."""
    pattern, group, mark = FORMS[form]
    digits = GAPS.sub("", text.strip())
    if len(digits) > LONGEST or not pattern.fullmatch(digits):
        return None
    return float(digits.replace(group, "").replace(mark, "."))


def form_of(texts: Sequence[str]) -> str:
    """The form in which all these texts are counts; raise `AmbiguousNumbers` where both are, and differ.

    Texts that are a count in neither form do not count here; whoever reads them one by one tells each.
    """
    known = [text for text in texts if any(as_number(text, form) is not None for form in FORMS)]
    fitting = [form for form in FORMS if all(as_number(text, form) is not None for text in known)]
    unlike = [text for text in known if len({as_number(text, form) for form in FORMS}) > 1]
    if not fitting:
        shown = ", ".join(dict.fromkeys(unlike[:3] + unlike[-1:]))
        raise AmbiguousNumbers(
            f"Tệp lẫn hai cách viết số ({shown}).", "Viết mọi số theo một cách rồi tải lại."
        )
    if len(fitting) > 1 and unlike:
        first, other = (f"{as_number(unlike[0], form):g}" for form in FORMS)
        raise AmbiguousNumbers(
            f"“{unlike[0]}” là {first} theo lối Việt Nam (dấu chấm phân nhóm) hay {other} (dấu chấm thập phân)?",
            f"Chọn cách viết số: Việt Nam ({EXAMPLES[VIETNAMESE]}) hoặc quốc tế ({EXAMPLES[PLAIN]}).",
        )
    return fitting[0]
