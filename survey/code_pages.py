"""Vietnamese text of before Unicode: TCVN3 (ABC), VNI and Windows-1258 told from Unicode, and converted.

Files of old accounting programs and workbooks set in .VnTime or VNI-Times come in these. What a text is, its
syllables tell: read rightly they are Vietnamese, read wrongly they are not.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

UTF_8, UTF_16, WINDOWS_1258, TCVN3, VNI = "UTF-8", "UTF-16", "Windows-1258", "TCVN3 (ABC)", "VNI"
SURE = 0.8
LEAD = 0.2
"""A reading is believed when this share of its accented words are syllables, so far ahead of the next reading."""
LEGIBLE = 0.5
"""Text of which so many accented words are syllables is what it says it is."""
FEWEST_WORDS = 3
SAMPLE = 200_000  # characters or bytes that a file is judged by

# TCVN 5712:1993, bytes A1 to FE in their order; glibc's iconv has the same table. Gaps hold what ABC fonts lack.
_TCVN3_LETTERS = "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵ"
_TCVN3 = {bytes([0xA1 + place]).decode("latin-1"): letter for place, letter in enumerate(_TCVN3_LETTERS)}

# VNI writes a vowel and after it, as a letter of its own, its mark; these are the letters in Windows-1252.
_TONES = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVE = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_HORNED = {"ô": "ơ", "ö": "ư"}
_ALONE = {**_HORNED, "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni_pairs() -> Iterable[tuple[str, str]]:
    for vowel in "aeouyôö":
        yield from ((vowel + mark, _HORNED.get(vowel, vowel) + tone) for mark, tone in _TONES.items())
    for vowel in "aeo":
        yield from ((vowel + mark, vowel + "\u0302" + tone) for mark, tone in _CIRCUMFLEX.items())
    yield from (("a" + mark, "a\u0306" + tone) for mark, tone in _BREVE.items())
    yield from _ALONE.items()


_VNI = {written: unicodedata.normalize("NFC", letter) for written, letter in _vni_pairs()}
_VNI |= {
    f"{vowel}{mark}": letter.upper()
    for written, letter in _VNI.items()
    for vowel in {written[0].upper()}
    for mark in {written[1:], written[1:].upper()}
}
_VNI_WRITTEN = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))

_SYLLABLE = re.compile(
    "(b|ch?|d|đ|gi?|gh|h|kh?|l|m|ngh?|nh?|ph?|qu|r|s|th?|tr|v|x)?"
    "(i[aeêu]?|iêu|yê?u?|eo?|êu?|a[iouy]?|ă|â[uy]?|o[aăeio]?|oa[iouy]|oeo|ôi?|ơi?"
    "|u[aâêiôơy]?|uâ[yn]?|uôi|uy[aêu]|ư[aiu]?|ươ[iu]?)"
    "(ch?|k|m|ngh?|nh?|p|t)?"
)
_TONE_MARKS = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_PUNCTUATION = "“”‘’«»…–—•°§ \t\"'()[]{}<>.,;:!?/%+-*=&#_|\\0123456789"
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and the code page it was in; raise `UnicodeError` where that cannot be told.

    A file in Unicode whose letters are those of an old font is converted too.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return mended(content.decode("utf-16"), UTF_16)
    try:
        return mended(content.decode("utf-8-sig"), UTF_8)
    except UnicodeDecodeError as error:
        page = _believed({page: read(content[:SAMPLE]) for page, read in _READ.items()})
        if page is None:
            raise UnicodeError("no known code page") from error
        return _READ[page](content), page


def mended(text: str, page: str = UTF_8) -> tuple[str, str]:
    """The text, converted where it is Unicode only outside: letters of TCVN3 or VNI fonts copied as they look."""
    sample = text[:SAMPLE]
    if len(_accented(sample)) < FEWEST_WORDS or _vietnamese(sample) > LEGIBLE:
        return text, page
    believed = _believed({page: sample, TCVN3: from_tcvn3(sample), VNI: from_vni(sample)}) or page
    return converter(believed)(text), believed


def converter(page: str) -> Callable[[str], str]:
    """What turns one cell of a workbook in this code page into Unicode."""
    return {TCVN3: from_tcvn3, VNI: from_vni}.get(page, str)


def has_lost_letters(text: str) -> bool:
    """Whether letters became question marks, as in "T?nh V?nh Long": saved in a code page without them."""
    return len(set(_LOST.findall(text))) >= FEWEST_WORDS


def from_tcvn3(text: str) -> str:
    """Text of an ABC font such as .VnTime, given as the Windows-1252 letters it is stored in."""
    return unicodedata.normalize("NFC", "".join(_TCVN3.get(letter, letter) for letter in text))


def from_vni(text: str) -> str:
    """Text of a VNI font, given as the Windows-1252 letters it is stored in."""
    return _VNI_WRITTEN.sub(lambda found: _VNI[found.group()], text)


_READ: dict[str, Callable[[bytes], str]] = {
    TCVN3: lambda content: from_tcvn3(content.decode("latin-1")),
    VNI: lambda content: from_vni(content.decode("latin-1")),
    WINDOWS_1258: lambda content: unicodedata.normalize("NFC", content.decode("cp1258", "replace")),
}


def _believed(readings: dict[str, str]) -> str | None:
    """The reading that is plainly Vietnamese where no other is."""
    ranked = sorted(((_vietnamese(text), page) for page, text in readings.items()), reverse=True)
    (best, page), (second, _) = ranked[:2]
    return page if best >= SURE and best - second >= LEAD else None


def _vietnamese(text: str) -> float:
    """The share of the words beyond ASCII that are Vietnamese syllables; 1 where there is no such word."""
    words = _accented(text)
    return sum(map(_is_syllable, words)) / len(words) if words else 1.0


def _accented(text: str) -> list[str]:
    words = (word.strip(_PUNCTUATION) for word in re.split(r"[\s,;|/()\-]+", text))
    return [word for word in words if not word.isascii()]


def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word.lower())
    bare = unicodedata.normalize("NFC", _TONE_MARKS.sub("", parts))
    return len(_TONE_MARKS.findall(parts)) <= 1 and _SYLLABLE.fullmatch(bare) is not None
