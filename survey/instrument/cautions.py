"""What pyxform warns of: the form can be used, and something in it should be looked at."""

from __future__ import annotations

from survey.instrument.explain import known, row_of
from survey.instrument.faults import Fault
from survey.instrument.model import Sheets
from survey.instrument.remedies import Remedy, remedy

CAUTIONS: tuple[Remedy, ...] = (
    remedy(
        r"'choices' sheet, the 'label' value is invalid",
        "choices",
        "label",
        ("A choice has no label.", "Write what people read."),
        ("Một lựa chọn không có nhãn; người trả lời sẽ đọc mã.", "Ghi nội dung lựa chọn vào cột label."),
    ),
    remedy(
        r"'choices' sheet, the '(?P<value>[^']*)' value is invalid",
        "choices",
        "{value}",
        ("The column '{value}' cannot be used in a filter.", "Write the header without spaces."),
        ("Không lọc được theo cột '{value}'.", "Viết tiêu đề cột không có khoảng trắng."),
    ),
    remedy(
        r"'name' value '(?P<name>[^']*)' is problematic",
        "survey",
        "name",
        ("The name '{name}' differs from another only by capitals.", "Rename one of the two."),
        ("Tên '{name}' chỉ khác một tên khác ở chữ hoa, chữ thường.", "Đổi tên một trong hai."),
    ),
    remedy(
        r"Language '(?P<value>[^']*)' is missing the (?P<sheet>survey|choices) columns? (?P<name>[^.]*)\.",
        "",
        "",
        ("{value}: the sheet {sheet} has no columns {name}.", "Add them, or see the coverage below."),
        (
            "{value}: trang {sheet} chưa có cột {name}.",
            "Thêm cột; ô trống thì người trả lời đọc ngôn ngữ gốc.",
        ),
    ),
    remedy(
        r"uses or_other and translations",
        "survey",
        "type",
        ("or_other adds an untranslated question.", "Write the choice and its text question yourself."),
        ("or_other thêm một câu chỉ có tiếng Anh.", "Tự viết lựa chọn “Khác” và câu hỏi ghi rõ."),
    ),
    remedy(
        r"do not contain valid machine-readable codes: (?P<value>[^.]*)\.",
        "survey",
        "label::{value}",
        ("The language {value} has no code.", "Write it like English (en)."),
        ("Ngôn ngữ {value} không có mã.", "Viết tên kèm mã, ví dụ Tiếng Việt (vi), ខ្មែរ (km)."),
    ),
    remedy(
        r"form_id and id_string column headers",
        "settings",
        "id_string",
        ("Settings hold both form_id and id_string.", "Keep form_id."),
        ("Trang settings có cả form_id và id_string.", "Chỉ giữ form_id."),
    ),
    remedy(
        r"looking for a sheet named '(?P<sheet>[^']*)', .* were found: '(?P<value>[^']*)'",
        "",
        "",
        ("There is a sheet '{value}' and none named '{sheet}'.", "Rename it if it is meant."),
        (
            "Có trang '{value}', không có trang '{sheet}'.",
            "Đổi tên trang nếu viết sai; nếu không thì bỏ qua.",
        ),
    ),
    remedy(
        r"'disabled' column header",
        "survey",
        "disabled",
        ("The column 'disabled' is no longer used.", "Use relevant instead."),
        ("Cột 'disabled' không còn dùng.", "Dùng cột relevant."),
    ),
    remedy(
        r"Row without name, text, or label is being skipped",
        "survey",
        "type",
        ("A row has no type, name or label and is left out.", "Fill it in, or delete the row."),
        ("Một dòng không có loại, tên, nhãn nên bị bỏ qua.", "Điền đủ, hoặc xóa dòng."),
    ),
    remedy(
        r"is no longer supported on most devices",
        "survey",
        "type",
        ("Devices of today do not know this type.", "Remove the row."),
        ("Điện thoại hiện nay không hỗ trợ loại này.", "Bỏ dòng này."),
    ),
    remedy(
        r"(?P<value>Group|Repeat) has no label",
        "survey",
        "label",
        ("The {value} has no label.", "Write a title for its page."),
        ("Nhóm hoặc khối lặp không có nhãn, nên trang không có tiêu đề.", "Ghi tiêu đề vào cột label."),
    ),
    remedy(
        r"select one external is only meant for filtered selects",
        "survey",
        "choice_filter",
        ("An external list without a filter.", "Add a choice_filter, or use select_one."),
        ("Danh sách ngoài không có bộ lọc.", "Thêm choice_filter, hoặc dùng select_one."),
    ),
    remedy(
        r"Use the max-pixels parameter",
        "survey",
        "parameters",
        ("Photos are sent in full size.", "Write max-pixels=1024 in the column parameters."),
        ("Ảnh được gửi với kích thước gốc, chậm khi mạng yếu.", "Ghi max-pixels=1024 vào cột parameters."),
    ),
)


def caution(text: str, sheets: Sheets) -> Fault:
    """One warning of pyxform with its place, in Vietnamese where the catalogue knows it."""
    text = " ".join(text.split())
    for found in CAUTIONS:
        if match := found.pattern.search(text):
            return known(found, match, text, sheets)
    return Fault("", row_of(text), "", text, "", text, "")
