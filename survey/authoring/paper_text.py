"""Labels for print: the little Markdown of XLSForms as runs of plain, bold and slanted text."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from survey.collect.texts import marked
from survey.instrument.texts import QUOTED

TAG = re.compile(r"(</?(?:strong|em)>|<br>|<a href=\"[^\"]*\"[^>]*>|</a>)")
ADDRESS = re.compile(r"<a href=\"([^\"]*)\"")

Runs = list[dict[str, Any]]
GAP = "……"


def runs(text: str, quote: Callable[[str], str] = lambda name: GAP) -> Runs:
    """A text as `{text, bold, italic}` pieces; `quote` says what stands for the answer to ${name}.

    A link keeps its address, which on paper is all there is of it.
    """
    found: Runs = []
    bold = italic = 0
    address = ""
    for piece in TAG.split(str(marked(QUOTED.sub(lambda match: quote(match.group(1)), text)))):
        link = ADDRESS.match(piece)
        if link:
            address = link.group(1)
        elif piece in ("<strong>", "</strong>"):
            bold += 1 if piece == "<strong>" else -1
        elif piece in ("<em>", "</em>"):
            italic += 1 if piece == "<em>" else -1
        elif piece:
            said = {"<br>": "\n", "</a>": f" ({address})"}.get(piece, piece)
            found.append({"text": unescape(said), "bold": bold > 0, "italic": italic > 0})
    return found


def plain_of(pieces: Runs) -> str:
    """The text of runs."""
    return "".join(str(piece["text"]) for piece in pieces)
