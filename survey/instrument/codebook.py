"""The codebook: every variable with its question, its codes, and who was asked; as CSV (as DDI: ddi.py)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from survey.instrument.lookups import all_choices
from survey.instrument.messages import Bounds, bounds
from survey.instrument.model import Instrument, Question, Texts
from survey.instrument.wording import conditions_of, conjuncts

ASKED_NOTHING = frozenset({"note", "instanceID"})


@dataclass(frozen=True)
class Code:
    """One value of a variable and its label by language."""

    value: str
    label: Mapping[str, str]


@dataclass(frozen=True)
class Variable:
    """One variable of the data; `level` is "" for the response itself or the repeat it belongs to.

    `question` and `label` are the question's text in the languages that have it, `relevant` the condition
    under which it is asked (its groups' included), `bounds` the least and greatest number that it takes,
    None where there is none, `row` its row in the survey sheet.
    """

    name: str
    label: Mapping[str, str]
    question: Mapping[str, str]
    hint: Mapping[str, str]
    guidance: Mapping[str, str]
    type: str
    choices: tuple[Code, ...]
    level: str
    relevant: str
    required: str
    constraint: str
    calculation: str
    is_metadata: bool
    bounds: Bounds
    row: int | None


def codebook(instrument: Instrument) -> list[Variable]:
    """Every variable in the order of the questionnaire; notes hold no data and are left out."""
    return [
        _variable(instrument, item)
        for item in instrument.questions.values()
        if item.type not in ASKED_NOTHING
    ]


def _variable(instrument: Instrument, question: Question) -> Variable:
    codes = tuple(
        Code(choice.name, _given(instrument, choice.label)) for choice in all_choices(instrument, question)
    )
    text = _given(instrument, question.label)
    return Variable(
        question.variable,
        text,
        text,
        _given(instrument, question.hint),
        _given(instrument, question.guidance),
        question.type,
        codes,
        question.level,
        universe(instrument, question),
        question.required,
        question.constraint,
        question.calculation,
        question.is_metadata,
        answer_bounds(question),
        question.row,
    )


def _given(instrument: Instrument, texts: Texts) -> Mapping[str, str]:
    """The text in the languages that have it: what falls back to another language is no translation."""
    given = texts.by_language
    return {language: given[language] for language in [*instrument.languages, *given] if given.get(language)}


def universe(instrument: Instrument, question: Question) -> str:
    """The condition under which a question is asked: its own and those of the groups around it."""
    conditions = [condition.expression for condition in conditions_of(instrument, question)]
    if len(conditions) < 2:
        return "".join(conditions)
    return " and ".join(f"({condition})" for condition in conditions)


def answer_bounds(question: Question) -> Bounds:
    """The least and the greatest number that a question takes, as far as its constraint says so by itself."""
    least: float | None = None
    most: float | None = None
    for condition in conjuncts(question.constraint) if question.constraint else ():
        low, high = bounds(condition) or (None, None)
        least = low if least is None else least
        most = high if most is None else most
    return least, most


def codebook_csv(instrument: Instrument) -> str:
    """The codebook as CSV (UTF-8, commas): a row per variable, codes as `value=label; …`."""
    output = StringIO()
    writer = csv.writer(output)
    labels = [f"label::{language}" for language in instrument.languages]
    writer.writerow(
        ["name", "type", "level", *labels, "choices", "relevant", "required", "constraint", "calculation"]
    )
    for item in codebook(instrument):
        texts = [_cell(item.label.get(language, "")) for language in instrument.languages]
        codes = "; ".join(
            f"{code.value}={code.label.get(instrument.default_language, '')}" for code in item.choices
        )
        rules = (_cell(rule) for rule in (item.relevant, item.required, item.constraint, item.calculation))
        writer.writerow([item.name, item.type, item.level, *texts, _cell(codes), *rules])
    return output.getvalue()


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
