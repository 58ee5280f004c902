"""Text as people search it: lower case, without Vietnamese diacritics."""

import unicodedata


def plain(text: str) -> str:
    """`Điện thoại thông minh` -> `dien thoai thong minh`."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
