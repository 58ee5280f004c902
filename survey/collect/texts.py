"""Labels and hints as pages show them: answers filled in, the little Markdown that XLSForms use."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from survey.collect.speech import tagged
from survey.instrument import Instrument, Question, Texts, filled
from survey.instrument.model import Item

# As ODK Collect does, and no more: emphasis, links to the web, headings as bold lines.
MARKS = (
    (re.compile(r"^#{1,6}\s+(.+)$", re.MULTILINE), r"<strong>\1</strong>"),
    (re.compile(r"\*\*(.+?)\*\*|__(.+?)__"), r"<strong>\1\2</strong>"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])|(?<!\w)_([^_\n]+)_(?!\w)"), r"<em>\1\2</em>"),
    (re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)"), r'<a href="\2" rel="noopener">\1</a>'),
    (re.compile(r"\n"), "<br>"),
)
STYLING = re.compile(r"&lt;/?(?:span|div|p)\b.*?&gt;", re.IGNORECASE)


def marked(text: str) -> Markup:
    """A text as HTML: everything escaped, then emphasis, links and line breaks put in."""
    html = STYLING.sub("", str(escape(text.strip())))
    for pattern, replacement in MARKS:
        html = pattern.sub(replacement, html)
    return Markup(html)  # escaped above; the patterns add fixed tags


def no_file(name: str) -> str:
    """The address of a questionnaire's file where none is at hand."""
    return ""


@dataclass(frozen=True)
class Reading:
    """Who reads what: the questionnaire, the answers so far, the language, the repeat instance, where its files are."""

    instrument: Instrument
    answers: Mapping[str, Any]
    language: str
    index: tuple[int, ...] = ()
    file_address: Callable[[str], str] = no_file

    def text(self, item: Item, texts: Texts) -> str:
        """A text with the answers it quotes, plain."""
        return filled(self.instrument, item, texts(self.language), self.answers, self.language, self.index)

    def html(self, item: Item, texts: Texts) -> Markup:
        """The same as HTML, with its language where the reader's has no such text."""
        return tagged(marked(self.text(item, texts)), texts.language(self.language), self.language)

    def label(self, question: Question) -> Markup:
        """A question's label; its name where it has none."""
        return self.html(question, question.label) or escape(question.name)
