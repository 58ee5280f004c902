"""The text of a message: its places to fill, and how many SMS it takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from survey.errors import Fault
from survey.formats import date as written_date
from survey.invitations.links import plan_of
from survey.invitations.models import Channel, InvitationPlan, Kind
from survey.invitations.words import MESSAGES, OPEN_DEADLINE, own
from survey.rounds.models import Round
from survey.rounds.service import instrument_of
from survey.text import in_language, unaccented

PLACES = ("link", "title", "deadline")
PLACE = re.compile(r"\{([^{}]*)\}")
WITH_MARKS = ("km",)
"""Languages that cannot be read without their marks."""
LINK_LETTERS = 32
"""Letters of a token: 24 random bytes in base 64."""
LONGEST = 2000
"""Characters of a text as it is written by a manager."""

# GSM 03.38: what a 7-bit SMS can hold; the second line costs two places each.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€")
# Characters of one message, and of each part of a longer one.
GSM_PARTS, UCS2_PARTS = (160, 153), (70, 67)
CONTROLS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""What no message should carry: control characters, marks that turn the reading direction, broken code points."""


class BadText(Fault):
    title = "Nội dung tin chưa dùng được"


@dataclass(frozen=True)
class Template:
    """The text of one kind in one language; an SMS has no subject and may go without diacritics."""

    subject: str
    text: str
    plain: bool = False


@dataclass(frozen=True)
class Length:
    """What a text costs as SMS."""

    characters: int
    segments: int
    unicode: bool


def template_of(plan: InvitationPlan, kind: Kind, channel: Channel, language: str) -> Template:
    """The round's own text, or the house's."""
    words = plan.texts.get(text_key(kind, channel, language)) or own(MESSAGES[f"{kind}.{channel}"], language)
    return Template(words.get("subject", ""), words["text"], bool(words.get("plain")))


def text_key(kind: Kind, channel: Channel, language: str) -> str:
    return f"{kind}.{channel}.{language}"


def keep_template(plan: InvitationPlan, kind: Kind, channel: Channel, language: str, given: Template) -> None:
    """Keep a round's own text; raise `BadText` for one that could not be sent."""
    check_text(given.text)
    check_places(given.subject)
    if channel == Channel.EMAIL and not tidy_line(given.subject):
        raise BadText("Thư điện tử chưa có tiêu đề.", "Nhập tiêu đề.")
    words = {"subject": tidy_line(given.subject), "text": tidy_text(given.text), "plain": given.plain}
    plan.texts = {**plan.texts, text_key(kind, channel, language): words}


def check_text(text: str) -> None:
    """Raise `BadText` for a text without the link, with places nobody fills, or too long."""
    check_places(text)
    if "{link}" not in text:
        raise BadText("Nội dung chưa có {link}.", "Thêm {link} ở chỗ đặt liên kết riêng của từng người.")
    if len(text) > LONGEST:
        raise BadText(f"Nội dung dài {len(text)} ký tự.", f"Rút còn nhiều nhất {LONGEST} ký tự.")


def check_places(text: str) -> None:
    unknown = sorted({name for name in PLACE.findall(text) if name not in PLACES})
    if unknown:
        places = ", ".join(f"{{{name}}}" for name in PLACES)
        raise BadText(f"Không có chỗ điền {{{unknown[0][:30]}}}.", f"Chỉ dùng {places}.")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with `{name}` replaced where `values` has the name; nothing else in it has a meaning."""
    return PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def written(round_: Round, template: Template, language: str) -> Template:
    """The template with title and deadline filled in; `{link}` stays until the message is sent."""
    values = {"title": title_of(round_, language), "deadline": deadline(round_, language)}
    subject, text = tidy_line(filled(template.subject, values)), tidy_text(filled(template.text, values))
    if template.plain and language not in WITH_MARKS:
        subject, text = unaccented(subject), unaccented(text)
    return Template(subject[:200], text, template.plain)


def title_of(round_: Round, language: str) -> str:
    """The round's own title, or where it has none the survey's, which design.yaml may give in more languages."""
    own = round_.title if round_.title != round_.survey.title else None
    return in_language(own or round_.instrument_version.design.get("title") or round_.title, language)


def deadline(round_: Round, language: str) -> str:
    """The last day of the round's links, in words where there is none."""
    last = plan_of(round_).links_end
    return written_date(last, language) if last else OPEN_DEADLINE.get(language, OPEN_DEADLINE["vi"])


def languages_of(round_: Round) -> tuple[str, ...]:
    """The languages that messages of a round may be written in, its own first."""
    instrument = instrument_of(round_.instrument_version)
    first = instrument.default_language
    return (first, *(language for language in instrument.languages if language != first))


def tidy_line(text: str) -> str:
    """One line without control characters: no header can be added by way of a subject."""
    return " ".join(CONTROLS.sub(" ", text).split())


def tidy_text(text: str) -> str:
    """Lines without control characters."""
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def sms_length(text: str) -> Length:
    """How many parts a text takes: GSM 7-bit where every letter is in its alphabet, else UCS-2 (3GPP TS 23.038)."""
    if all(letter in GSM or letter in GSM_TWICE for letter in text):
        size, (one, part) = sum(2 if letter in GSM_TWICE else 1 for letter in text), GSM_PARTS
        return Length(size, 1 if size <= one else -(-size // part), unicode=False)
    size, (one, part) = len(text.encode("utf-16-be")) // 2, UCS2_PARTS
    return Length(size, 1 if size <= one else -(-size // part), unicode=True)


@dataclass(frozen=True)
class Example:
    """A message as one person would get it, and its length as SMS with and without diacritics."""

    subject: str
    text: str
    length: Length
    plain_length: Length


def example(round_: Round, template: Template, language: str, site: str) -> Example:
    """The template filled in for nobody in particular, with a link of the usual length."""
    ready = written(round_, template, language)
    text = filled(ready.text, {"link": f"{site}/k/{'x' * LINK_LETTERS}"})
    return Example(ready.subject, text, sms_length(text), sms_length(unaccented(text)))
