"""Telephone numbers and e-mail addresses as people and spreadsheets write them."""

import re

from survey.errors import Fault

# Mobile numbers since the change of 2018: 0, then 3, 5, 7, 8 or 9, then eight digits.
MOBILE = re.compile(r"[35789]\d{8}")
OLD_MOBILE = re.compile(r"1[2689]\d{8}")
LANDLINE = re.compile(r"2\d{9}")
SPREADSHEET = re.compile(r'^="(.*)"$|^\'')
SCIENTIFIC = re.compile(r"\d+[.,]\d+E\+\d+", re.IGNORECASE)
SEPARATORS = re.compile(r"[\s.\-()/\u00a0\u2010-\u2015]")
EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
LONGEST_EMAIL = 254


class BadContact(Fault):
    """A number or address that nothing can be sent to."""


def normal_phone(text: str) -> str:
    """A Vietnamese mobile number as +84 and nine digits; raise `BadContact`.

    Takes 0912 345 678, 84912345678, +84 (0)912.345.678, 0084…, and 912345678 as Excel leaves it.
    """
    shown = as_typed(text)
    if SCIENTIFIC.fullmatch(shown):
        raise BadContact(
            f"Số “{shown}” đã bị Excel đổi thành dạng lũy thừa.", "Định dạng cột là Văn bản rồi nhập lại số."
        )
    digits = SEPARATORS.sub("", shown)
    number = _national(digits)
    if MOBILE.fullmatch(number):
        return f"+84{number}"
    if LANDLINE.fullmatch(number):
        raise BadContact(f"“{shown}” là số cố định, không nhận được SMS.", "Dùng số di động.")
    if OLD_MOBILE.fullmatch(number):
        raise BadContact(f"“{shown}” là số di động 11 chữ số cũ.", "Đổi sang đầu số 10 chữ số (từ năm 2018).")
    if digits.startswith("+") and not digits.startswith("+84"):
        raise BadContact(f"“{shown}” không phải số Việt Nam.", "Dùng số di động Việt Nam.")
    raise BadContact(f"“{shown}” không phải số di động.", "Nhập 10 chữ số, ví dụ 0912 345 678.")


def _national(digits: str) -> str:
    """The number without 0, +84, 84 or 0084 before it."""
    for prefix in ("+84", "0084"):
        if digits.startswith(prefix):
            return digits.removeprefix(prefix).removeprefix("0")
    if digits.startswith("84") and len(digits) in (11, 12):
        return digits.removeprefix("84").removeprefix("0")
    return digits.removeprefix("0")


def normal_email(text: str) -> str:
    """An e-mail address with its domain in lower case; raise `BadContact`."""
    shown = as_typed(text)
    local, _, domain = shown.rpartition("@")
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if len(shown) > LONGEST_EMAIL or dots or not EMAIL.fullmatch(shown):
        raise BadContact(f"“{shown[:60]}” không phải địa chỉ e-mail.", "Nhập dạng ten@vi-du.vn, không dấu.")
    return f"{local}@{domain.lower()}"


def as_typed(text: str) -> str:
    """A cell without what spreadsheets put around it: ="0912…", a leading apostrophe."""
    shown = text.strip()
    found = SPREADSHEET.match(shown)
    if found:
        shown = found[1] if found[1] is not None else shown[1:]
    return shown.strip()[:300]
