"""The catalogue of usual faults of questionnaires: how pyxform words them, what to do about them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Remedy:
    """A message of the converter and its explanation; named groups fill the texts."""

    pattern: re.Pattern[str]
    sheet: str
    column: str
    cause: str
    remedy: str
    cause_vi: str
    remedy_vi: str
    is_guess: bool = False


def remedy(
    pattern: str,
    sheet: str,
    column: str,
    english: tuple[str, str],
    vietnamese: tuple[str, str],
    is_guess: bool = False,
) -> Remedy:
    """One entry of a catalogue: the pattern of a message, its place, and (cause, remedy) in two languages."""
    return Remedy(re.compile(pattern), sheet, column, *english, *vietnamese, is_guess)


REMEDIES = (
    remedy(
        r"'name' value 'meta' is invalid",
        "survey",
        "name",
        ("The name 'meta' is reserved.", "Give the question or group another name, such as 'metadata'."),
        ("Tên 'meta' dành riêng cho hệ thống.", "Đặt tên khác, ví dụ 'metadata'."),
    ),
    remedy(
        r"'name' value '(?P<name>[^']*)' is invalid. Questions, groups",
        "survey",
        "name",
        ("The name '{name}' stands twice in the same group.", "Rename one of the two."),
        ("Tên '{name}' xuất hiện hai lần trong cùng một nhóm.", "Đổi tên một trong hai."),
    ),
    remedy(
        r"'name' value '(?P<name>[^']*)' is invalid. Repeat names must (?:be )?unique",
        "survey",
        "name",
        ("The repeat name '{name}' is used elsewhere.", "Give the repeat a name of its own."),
        ("Tên khối lặp '{name}' đã được dùng ở chỗ khác.", "Đặt tên riêng cho khối lặp."),
    ),
    remedy(
        r"Choice names must be unique",
        "choices",
        "name",
        (
            "The same choice name stands twice in one list.",
            "Rename one, or set allow_choice_duplicates to yes where a choice_filter tells them apart.",
        ),
        (
            "Một mã lựa chọn xuất hiện hai lần trong cùng danh sách.",
            "Đổi một mã, hoặc đặt allow_choice_duplicates là yes khi choice_filter phân biệt được.",
        ),
    ),
    remedy(
        r"Unknown question type '?(?P<value>caseid|calculate_here|text audit|audio audit|comments|enumerator)\b",
        "survey",
        "type",
        (
            "'{value}' is a question type of SurveyCTO.",
            "Use hidden for a value filled in beforehand, calculate for a formula, or remove the row.",
        ),
        (
            "'{value}' là loại câu hỏi riêng của SurveyCTO.",
            "Dùng hidden cho giá trị điền sẵn, calculate cho công thức, hoặc bỏ dòng này.",
        ),
    ),
    remedy(
        r"Unknown question type '?(?P<value>(?:begin|end)_(?:kobomatrix|score|rank))\b",
        "survey",
        "type",
        ("'{value}' is a question type of KoboToolbox.", "Write the rows as a group with table-list."),
        ("'{value}' là loại câu hỏi riêng của KoboToolbox.", "Viết các dòng thành nhóm table-list."),
    ),
    remedy(
        r"Unknown question type '?(?P<value>[^'.]+)",
        "survey",
        "type",
        (
            "'{value}' is not a question type.",
            "Use a type of XLSForm, such as text, integer, select_one LIST, date.",
        ),
        (
            "'{value}' không phải loại câu hỏi.",
            "Dùng loại của XLSForm, ví dụ text, integer, select_one DANH_SÁCH.",
        ),
    ),
    remedy(
        r"List name not in (?:external )?choices sheet: (?P<value>\S+)",
        "survey",
        "type",
        ("The list '{value}' is not on the choices sheet.", "Add its choices, or correct the list name."),
        ("Danh sách '{value}' không có trong trang choices.", "Thêm các lựa chọn, hoặc sửa tên danh sách."),
    ),
    remedy(
        r"There should be a choices sheet",
        "choices",
        "",
        (
            "There is no choices sheet, but questions need one.",
            "Add a sheet 'choices' with list_name, name and label.",
        ),
        ("Thiếu trang choices.", "Thêm trang choices có các cột list_name, name, label."),
    ),
    remedy(
        r"Could not find the name '(?P<name>[^']+)'",
        "",
        "",
        ("${{{name}}} names no question.", "Correct the name inside the braces."),
        ("${{{name}}} không phải tên câu hỏi nào.", "Sửa tên trong ngoặc nhọn."),
    ),
    remedy(
        r"unique anywhere in the 'survey'. The name '(?P<name>[^']+)' appears more than once",
        "",
        "",
        ("${{{name}}} is ambiguous: several questions have that name.", "Give each question its own name."),
        ("${{{name}}} không rõ: nhiều câu hỏi cùng tên.", "Đặt tên riêng cho từng câu hỏi."),
    ),
    remedy(
        r"There are multiple survey elements named '(?P<name>[^']+)'",
        "survey",
        "",
        ("${{{name}}} is ambiguous: several questions or groups have that name.", "Give each its own name."),
        ("${{{name}}} không rõ: nhiều câu hỏi hoặc nhóm cùng tên.", "Đặt tên riêng cho từng mục."),
        is_guess=True,
    ),
    remedy(
        r"There is no survey element named '(?P<name>[^']+)'",
        "survey",
        "",
        ("${{{name}}} names no question.", "Correct the name inside the braces."),
        ("${{{name}}} không phải tên câu hỏi nào.", "Sửa tên trong ngoặc nhọn."),
    ),
    remedy(
        r"survey element named '(?P<name>[^']+)' has no label or hint",
        "survey",
        "label",
        ("The question '{name}' has no label.", "Write the question in the column label."),
        ("Câu hỏi '{name}' chưa có nội dung.", "Ghi câu hỏi vào cột label."),
    ),
    remedy(
        r"Invalid headers provided for sheet: '(?P<value>\w+)'. One or more.*not found: '(?P<name>\w+)'",
        "",
        "",
        ("The column '{name}' is missing on the sheet {value}.", "Add it to the first row."),
        ("Trang {value} thiếu cột '{name}'.", "Thêm cột này vào dòng đầu."),
    ),
    remedy(
        r"Choice names with spaces cannot be added to multiple choice selects. See \[(?P<name>[^\]]*)\]",
        "choices",
        "name",
        ("The choice name '{name}' has a space, which separates answers.", "Write it with _ instead."),
        ("Mã lựa chọn '{name}' có dấu cách, vốn dùng để tách các câu trả lời.", "Thay dấu cách bằng _."),
    ),
    remedy(
        r"unhashable type: 'dict'|multiple values for argument|object is not iterable|NoneType",
        "survey",
        "",
        (
            "A column has both a plain and a translated form, or a strange name, and the converter stopped.",
            "Keep the columns of the XLSForm reference, each either plain or with ::language.",
        ),
        (
            "Một cột vừa có dạng thường vừa có dạng dịch, hoặc tên cột lạ, nên không chuyển đổi được.",
            "Chỉ giữ các cột của XLSForm, mỗi cột một dạng.",
        ),
        is_guess=True,
    ),
    remedy(
        r"Question or group with no name",
        "survey",
        "name",
        ("The row has no name.", "Write a name: letters, digits and _, beginning with a letter."),
        ("Dòng thiếu tên.", "Ghi tên: chữ không dấu, số và _, bắt đầu bằng chữ."),
    ),
    remedy(
        r"Names must begin with a letter",
        "",
        "",
        (
            "The name has characters that are not allowed.",
            "Use letters, digits, _ - . and begin with a letter or _.",
        ),
        ("Tên có ký tự không được dùng.", "Chỉ dùng chữ, số, _ - . và bắt đầu bằng chữ hoặc _."),
    ),
    remedy(
        r"Question with no type",
        "survey",
        "type",
        ("The row has no type.", "Write the question type, such as text or select_one LIST."),
        ("Dòng thiếu loại câu hỏi.", "Ghi loại, ví dụ text hoặc select_one DANH_SÁCH."),
    ),
    remedy(
        r"Missing calculation",
        "survey",
        "calculation",
        ("A calculate row has no calculation.", "Write the expression in the column calculation."),
        ("Dòng calculate thiếu biểu thức.", "Ghi biểu thức vào cột calculation."),
    ),
    remedy(
        r"[Uu]nmatched 'end_?(?P<value>\w+)'|[Uu]nmatched \"end (?P<name>\w+)",
        "survey",
        "type",
        ("An 'end {value}{name}' has no matching 'begin'.", "Remove it, or add the row that begins it."),
        ("'end {value}{name}' không có 'begin' tương ứng.", "Bỏ dòng này, hoặc thêm dòng begin."),
    ),
    remedy(
        r"[Uu]nmatched 'begin_?(?P<value>\w+)'|[Uu]nmatched begin statement: (?P<name>\w+)",
        "survey",
        "type",
        ("A 'begin {value}{name}' is never ended.", "Add the row 'end {value}{name}'."),
        ("'begin {value}{name}' chưa được đóng.", "Thêm dòng 'end {value}{name}'."),
    ),
    remedy(
        r"Choices must have a name|name.*value is invalid. Choices",
        "choices",
        "name",
        ("A choice has no name.", "Write the code that is stored when it is chosen."),
        ("Một lựa chọn thiếu mã.", "Ghi mã được lưu khi chọn."),
    ),
    remedy(
        r"[Dd]uplicate column header: (?P<value>.+)",
        "",
        "{value}",
        ("The column '{value}' appears twice.", "Keep one of them."),
        ("Cột '{value}' xuất hiện hai lần.", "Chỉ giữ một cột."),
    ),
    remedy(
        r"'definition' was not recognized as a supported type",
        "",
        "",
        ("The file is not a workbook, or it is broken.", "Save it again as .xlsx and import that."),
        (
            "Tệp không phải bảng tính, hoặc đã hỏng.",
            "Mở bằng Excel hoặc LibreOffice, lưu thành .xlsx rồi tải lên.",
        ),
    ),
)
