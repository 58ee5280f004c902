"""The citizen's forms: every field keeps what was typed, every message says what to do."""

from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)

from survey.formats import number
from survey.voice.communes import Commune, UnknownCommune, find
from survey.voice.lists import fields, rules
from survey.voice.models import Kind
from survey.voice.wording import ADDRESS, PHONE, clean, one_line
from survey.voice.words import say

SHORTEST_TEXT = 10
LONGEST_NAME = 200
SCALE = ("1", "2", "3", "4", "5")
TRAP, OPENED, GO = "website", "-opened", "-go"
LABELS = ("kind", "field", "rating", "text", "commune", "name", "phone", "email")


def offered(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Values and labels as WTForms takes them."""
    return [SelectChoice(value, label) for value, label in pairs]


def refuse_long(text: str, most: int, key: str, language: str) -> None:
    """Say by how much a text is too long; raise `ValidationError`."""
    if len(text) > most:
        counts = {"length": len(text), "most": most, "over": len(text) - most}
        told = {name: number(count, lang=language) for name, count in counts.items()}
        raise ValidationError(say(key, language, **told))


class MessageForm(Form):
    """An opinion, complaint or rating; the view checks the page's token, so that a lost session loses nothing."""

    kind = RadioField(validate_choice=False)
    field = SelectField(validate_choice=False)
    rating = RadioField(validate_choice=False)
    text = TextAreaField(filters=[lambda text: clean(text or "")], render_kw={"rows": 6})
    commune = StringField(
        filters=[lambda text: one_line(text or "")], render_kw={"list": "communes", "autocomplete": "off"}
    )
    name = StringField(filters=[lambda text: one_line(text or "")], render_kw={"autocomplete": "name"})
    phone = StringField(
        filters=[lambda text: one_line(text or "")],
        render_kw={"autocomplete": "tel", "inputmode": "tel", "class": "short"},
    )
    email = StringField(
        filters=[lambda text: one_line(text or "")], render_kw={"autocomplete": "email", "inputmode": "email"}
    )

    def __init__(self, typed: dict[str, Any] | None, language: str, known: list[Commune]) -> None:
        super().__init__(MultiDict(typed) if typed is not None else None)
        self.language, self.known = language, known
        self.place: Commune | None = None
        for name in LABELS:
            self[name].label.text = say(name, language)
        self.kind.choices = offered((kind, say(f"kind_{kind}", language)) for kind in Kind)
        self.field.choices = offered(
            [("", say("choose", language)), *((f.code, f.name(language)) for f in fields().values())]
        )
        self.rating.choices = offered((mark, say(f"rating_{mark}", language)) for mark in SCALE)
        self.rating.description = say("rating_hint", language)
        self.text.description = say("text_hint", language, most=number(rules().longest_text, lang=language))
        self.commune.description = say("commune_hint", language)
        for required in (self.kind, self.field, self.text):
            required.flags.mandatory = True  # marks the others as optional; the browser does not check

    @property
    def is_rating(self) -> bool:
        """Whether a mark is asked for."""
        return self.kind.data == Kind.RATING

    def validate_kind(self, field: RadioField) -> None:
        """One of the three."""
        if field.data not in set(Kind):
            raise ValidationError(say("choose_kind", self.language))

    def validate_field(self, field: SelectField) -> None:
        """One of the file's."""
        if field.data not in fields():
            raise ValidationError(say("choose_field", self.language))

    def validate_rating(self, field: RadioField) -> None:
        """Needed for a rating; a mark given besides is not kept."""
        if self.is_rating and field.data not in SCALE:
            raise ValidationError(say("choose_rating", self.language))

    def validate_text(self, field: TextAreaField) -> None:
        """Long enough to be understood, short enough to be read; a rating needs no words."""
        text = (field.data or "").strip()
        refuse_long(text, rules().longest_text, "too_long", self.language)
        if len(text) < SHORTEST_TEXT and not (self.is_rating and not text):
            raise ValidationError(say("write_text", self.language))

    def validate_commune(self, field: StringField) -> None:
        """Found by its name."""
        try:
            self.place = find(self.known, field.data or "")
        except UnknownCommune as fault:
            raise ValidationError(say(fault.key, self.language, **fault.values)) from fault

    def validate_name(self, field: StringField) -> None:
        """Of a length that fits."""
        if len(field.data or "") > LONGEST_NAME:
            raise ValidationError(say("long_name", self.language))

    def validate_phone(self, field: StringField) -> None:
        """Digits, however they are grouped."""
        if field.data and not PHONE.fullmatch(digits(field.data)):
            raise ValidationError(say("bad_phone", self.language))

    def validate_email(self, field: StringField) -> None:
        """Looks like an address."""
        if field.data and not ADDRESS.fullmatch(field.data):
            raise ValidationError(say("bad_email", self.language))


def digits(phone: str) -> str:
    """A telephone number without the signs that group it."""
    return "".join(letter for letter in phone if letter not in " .-()")


class CodeForm(Form):
    """Find one's message by its code."""

    code = StringField(
        filters=[lambda text: one_line(text or "")[:20]],
        render_kw={
            "class": "short",
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
        },
    )

    def __init__(self, language: str, typed: str | None = None) -> None:
        super().__init__(MultiDict({"code": typed}) if typed is not None else None)
        self.code.label.text = say("code", language)
        self.code.description = say("code_hint", language)
        self.code.flags.mandatory = True


class ReplyForm(Form):
    """Something added by the sender."""

    reply = TextAreaField(filters=[lambda text: clean(text or "").strip()], render_kw={"rows": 4})

    def __init__(self, language: str, typed: Any = None) -> None:
        super().__init__(typed)
        self.language = language
        self.reply.label.text = say("add_reply", language)
        self.reply.description = say(
            "reply_hint", language, most=number(rules().longest_reply, lang=language)
        )
        self.reply.flags.mandatory = True

    def validate_reply(self, field: TextAreaField) -> None:
        """Not empty, not too long."""
        if not field.data:
            raise ValidationError(say("write_reply", self.language))
        refuse_long(field.data, rules().longest_reply, "reply_long", self.language)


class SatisfactionForm(Form):
    """How the sender finds the answer."""

    satisfaction = RadioField(validate_choice=False)

    def __init__(self, language: str, typed: Any = None) -> None:
        super().__init__(typed)
        self.language = language
        self.satisfaction.label.text = say("rate_answer", language)
        self.satisfaction.choices = offered((mark, say(f"rating_{mark}", language)) for mark in SCALE)
        self.satisfaction.flags.mandatory = True

    def validate_satisfaction(self, field: RadioField) -> None:
        """One of five."""
        if field.data not in SCALE:
            raise ValidationError(say("choose_rating", self.language))


class WithdrawForm(Form):
    """Deleting for good needs a tick."""

    sure = BooleanField()

    def __init__(self, language: str, typed: Any = None) -> None:
        super().__init__(typed)
        self.language = language
        self.sure.label.text = say("withdraw_sure", language)
        self.sure.description = say("withdraw_says", language)

    def validate_sure(self, field: BooleanField) -> None:
        """Ticked."""
        if not field.data:
            raise ValidationError(say("withdraw_tick", self.language))
