"""Calls within R's formulas, such as log(x), I(x^2) or offset(z), computed as columns of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

CALL = re.compile(r"(?:log|log10|log1p|sqrt|exp|abs|I)\((?:[^()]|\([^()]*\))*\)")
OFFSET = re.compile(r"offset\((.*)\)")
NAME = re.compile(r"(?<![\w.`])[A-Za-z][\w.]*(?![\w.(])")


@dataclass(frozen=True)
class Prepared:
    """A formula in plain names; `spelled` gives R's spelling of each column that was computed."""

    response: str
    terms: list[str]
    offset: str | None
    columns: dict[str, pd.Series]
    spelled: dict[str, str]

    def in_r(self, name: str) -> str:
        """The name of a coefficient as R writes it."""
        for plain, written in self.spelled.items():
            name = re.sub(rf"(^|:){plain}(?=$|:)", lambda found, w=written: found[1] + w, name)
        return name

    def written(self, term: str) -> str:
        """A term of R's in plain names."""
        for plain, written in self.spelled.items():
            term = term.replace(written, plain)
        return term


def prepare(data: pd.DataFrame, response: str, terms: list[str]) -> Prepared:
    """Compute what the formula asks for."""
    spelled: dict[str, str] = {}
    for text in (response, *terms):
        inner = OFFSET.fullmatch(text)
        for call in CALL.findall(inner[1] if inner else text):
            if call not in spelled.values():
                spelled[f"computed_{len(spelled)}"] = call
    columns = {plain: _computed(data, call) for plain, call in spelled.items()}
    found = Prepared(response, terms, None, columns, spelled)
    offsets = [text[1] for term in terms if (text := OFFSET.fullmatch(term))]
    return Prepared(
        found.written(response),
        [found.written(term) for term in terms if not OFFSET.fullmatch(term)],
        found.written(offsets[0]) if offsets else None,
        columns,
        spelled,
    )


def _computed(data: pd.DataFrame, call: str) -> pd.Series:
    expression = NAME.sub(lambda found: f"`{found[0]}`", call[1:] if call.startswith("I(") else call)
    values = data.eval(expression.replace("^", "**"), engine="python")
    return values.astype(np.float64)
