"""The codebook: every variable with its question, its codes, and who was asked; as CSV and as DDI."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from lxml import etree

from survey.instrument.lookups import all_choices
from survey.instrument.model import Instrument, Question

DDI = "ddi:codebook:2_5"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
NUMERIC = frozenset({"integer", "decimal", "range"})
ASKED_NOTHING = frozenset({"note", "instanceID"})


@dataclass(frozen=True)
class Code:
    """One value of a variable and its label by language."""

    value: str
    label: Mapping[str, str]


@dataclass(frozen=True)
class Variable:
    """One variable of the data; `level` is "" for the response itself or the repeat it belongs to.

    `question` and `label` are the question's text by language, `relevant` the condition under which it
    is asked (its groups' included), `row` its row in the survey sheet.
    """

    name: str
    label: Mapping[str, str]
    question: Mapping[str, str]
    hint: Mapping[str, str]
    type: str
    choices: tuple[Code, ...]
    level: str
    relevant: str
    required: str
    constraint: str
    calculation: str
    is_metadata: bool
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
        Code(choice.name, _filled(instrument, choice.label)) for choice in all_choices(instrument, question)
    )
    text = _filled(instrument, question.label)
    return Variable(
        question.variable,
        text,
        text,
        dict(question.hint.by_language),
        question.type,
        codes,
        question.level,
        universe(instrument, question),
        question.required,
        question.constraint,
        question.calculation,
        question.is_metadata,
        question.row,
    )


def _filled(instrument: Instrument, texts: Any) -> Mapping[str, str]:
    """The text in every language of the form, with the fallback spelt out."""
    return {language: texts(language) for language in instrument.languages} if texts else {}


def universe(instrument: Instrument, question: Question) -> str:
    """The condition under which a question is asked: its own and those of the groups around it."""
    conditions: list[str] = []
    node: Any = question
    while node is not None:
        if node.relevant:
            conditions.append(node.relevant)
        node = instrument.nodes.get(node.parent)
    if len(conditions) < 2:
        return "".join(conditions)
    return " and ".join(f"({condition})" for condition in reversed(conditions))


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


def codebook_ddi(instrument: Instrument) -> bytes:
    """The codebook as DDI-Codebook 2.5 (ddialliance.org): study, one file per level, variables."""
    root = etree.Element(f"{{{DDI}}}codeBook", nsmap={None: DDI})  # type: ignore[dict-item]
    root.set("version", "2.5")
    citation = _add(_add(root, "stdyDscr"), "citation")
    study = _add(citation, "titlStmt")
    _add(study, "titl", instrument.title() or instrument.form_id)
    _add(study, "IDNo", instrument.form_id)
    if instrument.version:
        _add(_add(citation, "verStmt"), "version", instrument.version)
    levels = ["", *instrument.repeats]
    for level in levels:
        name = _add(_add(root, "fileDscr", ID=_file_id(levels, level)), "fileTxt")
        _add(name, "fileName", f"{instrument.form_id}{'-' if level else ''}{level}".replace("/", "-"))
    data = _add(root, "dataDscr")
    for place, item in enumerate(codebook(instrument), start=1):
        _ddi_variable(data, item, f"V{place}", _file_id(levels, item.level), instrument)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _file_id(levels: list[str], level: str) -> str:
    return f"F{levels.index(level) + 1}"


def _ddi_variable(data: Any, item: Variable, identity: str, file: str, instrument: Instrument) -> None:
    """One var element; its parts in the order of the schema's varType."""
    number = item.type in NUMERIC
    interval = "contin" if number else "discrete"
    variable = _add(data, "var", ID=identity, name=item.name, files=file, intrvl=interval)
    _translated(variable, "labl", item.label, instrument)
    if item.question:
        question = _add(variable, "qstn")
        _translated(question, "qstnLit", item.question, instrument)
        _translated(question, "ivuInstr", item.hint, instrument)
    if item.relevant:
        _add(variable, "universe", item.relevant)
    for code in item.choices:
        category = _add(variable, "catgry")
        _add(category, "catValu", code.value)
        _translated(category, "labl", code.label, instrument)
    if item.calculation:
        _add(_add(variable, "derivation"), "drvcmd", item.calculation)
    _add(variable, "varFormat", type="numeric" if number else "character")
    for rule, text in (("constraint", item.constraint), ("required", item.required)):
        if text:
            _add(variable, "notes", text, type=rule)


def _translated(parent: Any, tag: str, texts: Mapping[str, str], instrument: Instrument) -> None:
    languages = [code for code in instrument.languages if texts.get(code)] or list(texts)
    for language in languages:
        element = _add(parent, tag, texts[language])
        if 2 <= len(language) <= 8 and language.isalpha():
            element.set(XML_LANGUAGE, language)


def _add(parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, f"{{{DDI}}}{tag}", attributes)
    element.text = text
    return element
