"""What a change of version does to the data: one line per variable, for those who hold it."""

from __future__ import annotations

from dataclasses import dataclass

from survey.instrument.comparison import Change, Difference
from survey.instrument.faults import Texts, in_language


@dataclass(frozen=True)
class Line:
    """One line of the report: `variable`, what happened to it, and what that means for its data."""

    variable: str
    what: Texts
    consequence: Texts
    is_breaking: bool = False

    def message(self, language: str = "vi") -> str:
        """The line in that language."""
        mark = "! " if self.is_breaking else "  "
        what, consequence = in_language(self.what, language), in_language(self.consequence, language)
        return f"{mark}{self.variable}: {what}. {consequence}"


NEW: Texts = {"vi": "Phiếu cũ để trống biến này.", "en": "Old responses have none."}
GONE: Texts = {
    "vi": "Phiếu cũ giữ giá trị; phiếu mới không có.",
    "en": "Old responses keep it; new ones have none.",
}
RENAMED: Texts = {
    "vi": "Bảng xuất xếp theo tên: hai cột riêng. Giữ tên cũ nếu vẫn là một câu hỏi.",
    "en": "Exports line up by name: two columns. Keep the old name if it is the same question.",
}
# By aspect; a type that changes and still holds every old answer is told apart below.
CONSEQUENCES: dict[str, Texts] = {
    "type": {
        "vi": "Câu trả lời cũ có thể không hợp loại mới: giữ nguyên trong phiếu cũ, không chuyển.",
        "en": "Old answers may not fit the new type: they stay as they are in their version.",
    },
    "type wider": {
        "vi": "Mọi câu trả lời cũ vẫn đọc được.",
        "en": "Every old answer can still be read.",
    },
    "level": {
        "vi": "Chuyển vào hoặc ra khỏi khối lặp: dữ liệu cũ và mới ở hai bảng khác nhau.",
        "en": "Moved into or out of a repeat: old and new data stand in different tables.",
    },
    "choices gone": {
        "vi": "Câu trả lời cũ giữ các mã không còn trong danh sách.",
        "en": "Old answers keep codes that are no longer offered.",
    },
    "choices new": {
        "vi": "Trước đây không thể chọn: so sánh tỷ lệ cần thận trọng.",
        "en": "They could not be chosen before: compare shares with care.",
    },
    "choice": {
        "vi": "Mã giữ nguyên: nếu nghĩa đã đổi, hãy dùng mã mới.",
        "en": "The code is the same: give it a new one if the meaning changed.",
    },
    "label": {
        "vi": "Chỉ đổi lời: nếu nghĩa đã đổi, hãy đặt tên biến mới.",
        "en": "Wording only: give the variable a new name if the meaning changed.",
    },
    "relevant": {
        "vi": "Hỏi nhóm người khác: mẫu số của tỷ lệ thay đổi.",
        "en": "Asked of other people: the base of shares changes.",
    },
    "constraint": {
        "vi": "Câu trả lời cũ chưa được kiểm tra theo quy tắc mới.",
        "en": "Old answers were not held to the new rule.",
    },
    "required": {
        "vi": "Tỷ lệ không trả lời sẽ khác.",
        "en": "The share without an answer will differ.",
    },
    "calculation": {
        "vi": "Giá trị cũ tính theo công thức cũ, không tính lại.",
        "en": "Old values follow the old formula and are not computed again.",
    },
    "choice_filter": {
        "vi": "Danh sách được chọn lọc cách khác; mã giữ nguyên.",
        "en": "The list is filtered otherwise; its codes are the same.",
    },
    "default": {"vi": "Chỉ ảnh hưởng phiếu mới.", "en": "Concerns new responses only."},
    "path": {
        "vi": "Vị trí trong phiếu đổi, tên biến giữ nguyên: dữ liệu vẫn cùng cột.",
        "en": "It stands elsewhere in the form under the same name: the same column.",
    },
}


def migration_report(difference: Difference) -> tuple[Line, ...]:
    """What the difference means for data, breaking changes first, then in the order of the form."""
    lines = [
        *(_line_of_change(change) for change in difference.changed),
        *(Line(old, _renamed(new), RENAMED) for old, new in difference.renamed),
        *(Line(name, {"vi": "biến mới", "en": "new"}, NEW) for name in difference.new),
        *(Line(name, {"vi": "không còn", "en": "gone"}, GONE, True) for name in difference.gone),
    ]
    return tuple(sorted(lines, key=lambda line: not line.is_breaking))


def _renamed(new: str) -> Texts:
    return {"vi": f"có lẽ đã đổi tên thành {new}", "en": f"perhaps renamed to {new}"}


def _line_of_change(change: Change) -> Line:
    aspect = change.aspect.partition("::")[0]
    key = "type wider" if aspect == "type" and not change.is_breaking else aspect
    found = CONSEQUENCES.get(key) or CONSEQUENCES[aspect.partition(" ")[0]]
    what = f"{change.aspect}: {change.before or '–'} → {change.after or '–'}"
    return Line(change.variable, {"vi": what, "en": what}, found, change.is_breaking)
