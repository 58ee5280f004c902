"""The codebook as DDI-Codebook 2.5, the form in which data archives keep it (ddialliance.org)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from survey.instrument.codebook import Variable, codebook
from survey.instrument.expression import compile_expression
from survey.instrument.limits import FORBIDDEN
from survey.instrument.model import Group, Instrument, Node, Question, Repeat, walk
from survey.instrument.phrases import PHRASES
from survey.instrument.types import SELECTS_MANY
from survey.instrument.values import text_of_number
from survey.instrument.wording import conditions_of, conjuncts, dependencies, in_words

DDI = "ddi:codebook:2_5"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
NUMERIC = frozenset({"integer", "decimal", "range"})
CATEGORIES = {
    "date": "date",
    "today": "date",
    "time": "time",
    "dateTime": "date",
    "start": "date",
    "end": "date",
}
ROOT = "root"
SEPARATED = {
    "vi": "Các mã đã chọn, cách nhau bằng dấu cách.",
    "en": "The codes chosen, separated by spaces.",
}
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Study:
    """What the questionnaire itself does not say of the study, by language."""

    producer: Texts = field(default_factory=dict)
    population: Texts = field(default_factory=dict)


def codebook_ddi(instrument: Instrument, study: Study | None = None) -> bytes:
    """The codebook as DDI-Codebook 2.5: document, study, a file per level of the data, groups, variables.

    Files bear the names of the microdata tables: `root` for responses, else the repeat's. The order of
    elements is that of the schema (codebook.xsd of 2012-01-17). The same questionnaire gives the same bytes.
    """
    return _Writer(instrument, study or Study()).document()


class _Writer:
    def __init__(self, instrument: Instrument, study: Study) -> None:
        self.instrument, self.study = instrument, study
        self.variables = codebook(instrument)
        self.levels = ["", *instrument.repeats]
        self.ids = {item.name: f"V{place}" for place, item in enumerate(self.variables, start=1)}
        self.notes = _notes_before(instrument)

    def document(self) -> bytes:
        root = etree.Element(f"{{{DDI}}}codeBook", nsmap={None: DDI})  # type: ignore[dict-item]
        root.set("version", "2.5")
        _set_language(root, self.instrument.default_language)
        self.citation(_add(_add(root, "docDscr"), "citation"))
        study = _add(root, "stdyDscr")
        self.citation(_add(study, "citation"))
        if self.study.population:
            summary = _add(_add(study, "stdyInfo"), "sumDscr")
            self.translated(summary, "universe", self.study.population)
        for level in self.levels:
            self.file(root, level)
        data = _add(root, "dataDscr")
        self.groups(data)
        for item in self.variables:
            self.variable(data, item)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def citation(self, citation: Any) -> None:
        form = self.instrument
        titles = _add(citation, "titlStmt")
        _add(titles, "titl", form.title() or form.form_id)
        others = {code: form.titles.by_language.get(code, "") for code in form.languages}
        self.translated(
            titles, "parTitl", {code: text for code, text in others.items() if text and text != form.title()}
        )
        _add(titles, "IDNo", form.form_id)
        if self.study.producer:
            self.translated(_add(citation, "prodStmt"), "producer", self.study.producer)
        if form.version:
            _add(_add(citation, "verStmt"), "version", form.version)

    def file(self, root: Any, level: str) -> None:
        text = _add(_add(root, "fileDscr", ID=self.file_id(level)), "fileTxt")
        _add(text, "fileName", level or ROOT)
        if level:
            _add(text, "fileCont", self.instrument.nodes[level].label() or level)
        count = sum(item.level == level for item in self.variables)
        _add(_add(text, "dimensns"), "varQnty", str(count))

    def file_id(self, level: str) -> str:
        return f"F{self.levels.index(level) + 1}"

    def groups(self, data: Any) -> None:
        """A varGrp per group, repeat and question of several answers; all of them before the first var."""
        nodes = self.instrument.nodes.values()
        holders = [node for node in nodes if isinstance(node, Group | Repeat) and self.holds_data(node)]
        ids = {holder.variable: f"G{place}" for place, holder in enumerate(holders, start=1)}
        for holder in holders:
            kind = "repetition" if isinstance(holder, Repeat) else "section"
            variables = [self.ids[child.variable] for child in holder.children if child.variable in self.ids]
            inner = [ids[child.variable] for child in holder.children if child.variable in ids]
            self.group(data, ids[holder.variable], holder, kind, var=variables, varGrp=inner)
        several = [item for item in self.variables if item.type in SELECTS_MANY]
        for place, item in enumerate(several, start=len(holders) + 1):
            question = self.instrument.questions[item.name]
            self.group(data, f"G{place}", question, "multipleResp", var=[self.ids[item.name]])

    def holds_data(self, holder: Group | Repeat) -> bool:
        return any(node.variable in self.ids for node in walk(holder.children))

    def group(self, data: Any, identity: str, node: Node, kind: str, **members: list[str]) -> None:
        references = {key: " ".join(ids) for key, ids in members.items() if ids}
        group = _add(data, "varGrp", ID=identity, type=kind, **references, name=node.variable)
        self.translated(group, "labl", self.texts(node))

    def variable(self, data: Any, item: Variable) -> None:
        """One var element; its parts in the order of the schema's varType."""
        number = item.type in NUMERIC
        files, interval = self.file_id(item.level), "contin" if number else "discrete"
        variable = _add(data, "var", ID=self.ids[item.name], name=item.name, files=files, intrvl=interval)
        self.translated(variable, "labl", item.label)
        self.question(variable, item)
        _range(variable, item)
        self.translated(variable, "universe", self.universe(item))
        for code in item.choices:
            category = _add(variable, "catgry")
            _add(category, "catValu", code.value)
            self.translated(category, "labl", code.label)
        if item.type in SELECTS_MANY:
            self.translated(variable, "codInstr", SEPARATED)
        if item.calculation:
            self.derivation(variable, item)
        kind = {"category": CATEGORIES[item.type]} if item.type in CATEGORIES else {}
        _add(variable, "varFormat", type="numeric" if number else "character", formatname=item.type, **kind)
        rules = {"relevant": item.relevant, "constraint": item.constraint, "required": item.required}
        for rule, text in rules.items():
            if text:
                _add(variable, "notes", text, type=rule)

    def question(self, variable: Any, item: Variable) -> None:
        if not item.question:
            return
        question = _add(variable, "qstn")
        for note in self.notes.get(item.name, ()):
            self.translated(question, "preQTxt", self.texts(note))
        self.translated(question, "qstnLit", item.question)
        self.translated(question, "ivuInstr", item.hint)
        self.translated(question, "ivuInstr", item.guidance)

    def universe(self, item: Variable) -> Texts:
        """Who is asked, in words; the expression itself stands in a note of type `relevant`."""
        conditions = [
            (condition.node, tree)
            for condition in conditions_of(self.instrument, self.instrument.questions[item.name])
            for tree in conjuncts(condition.expression)
        ]
        if not conditions:
            return {}
        said = [code for code in self.instrument.languages if code in PHRASES] or ["vi"]
        return {
            code: in_words(self.instrument, conditions, code, lambda node: node.variable).text
            for code in said
        }

    def derivation(self, variable: Any, item: Variable) -> None:
        derivation = _add(variable, "derivation")
        node = self.instrument.questions[item.name]
        sources = dependencies(self.instrument, node, compile_expression(item.calculation).tree)
        if sources:
            _add(derivation, "drvdesc", ", ".join(source.variable for source in sources))
        _add(derivation, "drvcmd", item.calculation, syntax="XLSForm")

    def texts(self, node: Node) -> Texts:
        return node.label.by_language

    def translated(self, parent: Any, tag: str, texts: Texts) -> None:
        ordered = dict.fromkeys([*self.instrument.languages, *texts])
        for language in ordered:
            if texts.get(language):
                _set_language(_add(parent, tag, texts[language]), language)


def _notes_before(instrument: Instrument) -> dict[str, list[Question]]:
    """The notes that are read out right before a question, by its variable."""
    found: dict[str, list[Question]] = {}
    pending: list[Question] = []
    for question in instrument.questions.values():
        if question.type == "note":
            pending = [*(note for note in pending if note.parent == question.parent), question]
        elif not question.is_silent:
            found[question.variable] = [note for note in pending if note.parent == question.parent]
            pending = []
    return found


def _range(variable: Any, item: Variable) -> None:
    least, most = item.bounds
    ends = {"min": least, "max": most}
    given = {key: text_of_number(value) for key, value in ends.items() if value is not None}
    if item.type in NUMERIC and given:
        units = "INT" if item.type == "integer" else "REAL"
        _add(_add(variable, "valrng"), "range", UNITS=units, **given)


def _set_language(element: Any, language: str) -> None:
    if LANGUAGE.fullmatch(language):
        element.set(XML_LANGUAGE, language)


def _add(parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
    """A new element; characters that XML cannot hold are left out, whoever wrote them."""
    clean = {key: FORBIDDEN.sub("", value) for key, value in attributes.items()}
    element = etree.SubElement(parent, f"{{{DDI}}}{tag}", clean)
    element.text = None if text is None else FORBIDDEN.sub("", text)
    return element
