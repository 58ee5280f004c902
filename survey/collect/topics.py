"""The words of the pages around the form, by topic; `survey.collect.words` has those of the form itself."""

from markupsafe import Markup, escape

from survey.collect.speech import HOUSE, tagged
from survey.collect.words_assisted import ASSISTED
from survey.collect.words_privacy import PRIVACY
from survey.collect.words_withdrawal import WITHDRAWAL
from survey.text import in_language

TOPICS = {**WITHDRAWAL, **PRIVACY, **ASSISTED}


def tell(key: str, language: str, **values: object) -> str:
    """The words of a key in a language, Vietnamese where it has none, with `{name}`s filled in."""
    return in_language(TOPICS[key], language).format(**values)


def spoken_topic(key: str, language: str, **values: object) -> Markup:
    """The same as HTML, Vietnamese and marked as such where the language has none."""
    code = language if language in TOPICS[key] else HOUSE
    return tagged(escape(TOPICS[key][code]).format(**values), code, language)
