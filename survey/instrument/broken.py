"""Why a submission cannot be read at all: each cause with its remedy, in Vietnamese and English."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from survey.instrument.faults import BrokenSubmission, Texts


@dataclass(frozen=True)
class Cause:
    """What is wrong and what to do about it, by language."""

    what: Texts
    remedy: Texts


RESEND: Texts = {
    "vi": "Gửi lại từ máy; nếu vẫn lỗi, xuất phiếu ra tệp và báo người quản lý.",
    "en": "Send the record again from the device; if it fails again, export it and report it.",
}
PLAIN_XML: Texts = {
    "vi": "Gửi phiếu không có phần khai báo này; ODK Collect, KoboCollect và Enketo không bao giờ thêm nó.",
    "en": "Send it without; ODK Collect, KoboCollect and Enketo never add it.",
}
ENCODING: Texts = {
    "vi": "Lưu phiếu ở bảng mã UTF-8 rồi gửi lại.",
    "en": "Save the record in UTF-8 and send it again.",
}
SHORTEN: Texts = {
    "vi": "Rút ngắn phiếu: gửi ảnh và tệp thành phần riêng, không đặt trong XML.",
    "en": "Shorten it: send pictures and files as parts of their own, not in the XML.",
}
OTHER_PROJECT: Texts = {
    "vi": "Kiểm tra địa chỉ máy chủ, gửi phiếu tới dự án của mẫu phiếu đó.",
    "en": "Send it to that form's project.",
}


def _cause(vi: str, en: str, remedy: Texts = RESEND) -> Cause:
    return Cause({"vi": vi, "en": en}, remedy)


CAUSES = {
    "no_form": _cause(
        "Phiếu không ghi nó thuộc mẫu phiếu nào", "The record does not say which form it answers"
    ),
    "no_instance": _cause("Phiếu không có instanceID", "The record has no instanceID"),
    "long_instance": _cause("instanceID dài quá 255 ký tự", "The instanceID is longer than 255 characters"),
    "not_xml": _cause(
        "Phiếu không phải XML đầy đủ, đúng quy tắc", "The record is not complete, well-formed XML"
    ),
    "cut_off": _cause(
        "Phiếu bị cắt giữa chừng, không phải XML đầy đủ",
        "The record is cut off: not complete, well-formed XML",
    ),
    "crossed_tags": _cause(
        "Thẻ mở và thẻ đóng của XML không khớp nhau",
        "Tags do not match: the record is not well-formed XML",
    ),
    "more_after_end": _cause(
        "Có dữ liệu thừa sau khi phiếu kết thúc, nên không phải XML đúng quy tắc",
        "There is more after the end: the record is not well-formed XML",
    ),
    "unknown_entity": _cause(
        "Phiếu dùng một thực thể XML (&tên;) chưa được khai báo",
        "An entity that was never declared: the record is not well-formed XML",
        {
            "vi": "Viết ký tự đó trực tiếp, dấu & viết là &amp;, rồi gửi lại.",
            "en": "Write the character itself, and & as &amp;, then send it again.",
        },
    ),
    "bare_sign": _cause(
        "Có dấu & hoặc < viết trực tiếp, hoặc tên thẻ sai, nên không phải XML đúng quy tắc",
        "A bare & or <, or a wrong name of a tag: the record is not well-formed XML",
        {
            "vi": "Viết & là &amp; và < là &lt; rồi gửi lại.",
            "en": "Write & as &amp; and < as &lt;, then send it again.",
        },
    ),
    "bad_character": _cause(
        "Phiếu có ký tự mà XML không cho phép",
        "A character that well-formed XML cannot hold",
        {
            "vi": "Xóa ký tự đặc biệt ở câu trả lời đó rồi gửi lại.",
            "en": "Remove it and send the record again.",
        },
    ),
    "bad_bytes": _cause(
        "Phiếu có byte không thuộc bảng mã UTF-8, nên không phải XML đúng quy tắc",
        "Bytes that are not UTF-8: the record is not well-formed XML",
        ENCODING,
    ),
    "document_type": _cause(
        "Phiếu khai báo kiểu tài liệu (DOCTYPE) hoặc thực thể XML, không được nhận vì lý do an toàn",
        "The record declares a document type or entities",
        PLAIN_XML,
    ),
    "empty": _cause("Phiếu rỗng", "The record is empty"),
    "too_large": _cause("Phiếu lớn quá 20 MB", "The record is larger than 20 MB", SHORTEN),
    "nul": _cause("Phiếu có byte NUL", "The record holds a NUL byte"),
    "not_utf_8": _cause("Phiếu không ở bảng mã UTF-8", "The record is not in UTF-8", ENCODING),
    "too_deep": _cause("Phiếu lồng quá nhiều cấp", "The record is nested too deeply"),
    "too_many": _cause("Phiếu có quá nhiều phần tử", "The record is of too many elements"),
    "other_form": _cause("Phiếu thuộc mẫu phiếu khác", "The record answers another form", OTHER_PROJECT),
}
# What stands at the start of a file in UTF-16 or UTF-32.
OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
WHOLE: Texts = {"vi": "toàn bộ tệp", "en": "the whole file"}
DECLARATION: Texts = {"vi": "khai báo XML ở đầu tệp", "en": "XML declaration"}
# libxml2's numbers of what it found (xmlerror.h), for the faults that happen to phones and to forgers.
XML_FAULTS = {
    4: "not_xml",
    5: "more_after_end",
    9: "bad_character",
    23: "bare_sign",
    26: "unknown_entity",
    68: "bare_sign",
    73: "cut_off",
    74: "cut_off",
    76: "crossed_tags",
    77: "cut_off",
    81: "bad_bytes",
}


def broken(cause: str, where: str | Texts) -> BrokenSubmission:
    """The error of a cause at a place; a place that is the same in every language is a plain text."""
    found = CAUSES[cause]
    place = {"vi": where, "en": where} if isinstance(where, str) else where
    return BrokenSubmission(found.what, place, found.remedy)


def broken_xml(error: etree.XMLSyntaxError) -> BrokenSubmission:
    """The error of a parser's refusal, with line and column."""
    line, column = error.position
    where = place(line, column) if line else {"vi": "đầu tệp", "en": "the beginning"}
    return broken(XML_FAULTS.get(getattr(error, "code", 0), "not_xml"), where)


def place(line: int, column: int) -> Texts:
    """A place in the file, counted from 1."""
    return {"vi": f"dòng {line}, cột {column}", "en": f"line {line}, column {column}"}


def place_of(xml: bytes, position: int) -> Texts:
    """The place of a byte."""
    return place(xml.count(b"\n", 0, position) + 1, position - xml.rfind(b"\n", 0, position))
