"""The codebook as people read it: each variable with its codes, who is asked, which answers pass, what it measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader

from survey.authoring.paper import language_name
from survey.formats import FILTERS
from survey.instrument import ExpressionError, Instrument, codebook, compile_expression
from survey.instrument.codebook import Variable
from survey.instrument.ddi import Study
from survey.instrument.model import Node
from survey.instrument.wording import Wording, conditions_of, conjuncts, dependencies, in_words
from survey.text import in_language

LANGUAGE = "vi"
"""The language of the page; labels stand in all of the questionnaire's."""
TYPES = {
    "select_one": "chọn một",
    "select_multiple": "chọn nhiều",
    "rank": "xếp thứ tự",
    "integer": "số nguyên",
    "decimal": "số thập phân",
    "range": "thang điểm",
    "text": "chữ",
    "date": "ngày",
    "time": "giờ",
    "dateTime": "ngày và giờ",
    "geopoint": "vị trí",
    "geotrace": "tuyến",
    "geoshape": "vùng",
    "image": "ảnh",
    "audio": "âm thanh",
    "video": "phim",
    "file": "tệp",
    "barcode": "mã vạch",
    "acknowledge": "xác nhận",
    "calculate": "tính ra",
    "hidden": "ẩn",
}
STYLES = ("khaosat.css", "desk.css")
EXPRESSIONS = ("population", "numerator", "denominator", "value")


@dataclass(frozen=True)
class Use:
    """An indicator that a variable enters, by its code and its name."""

    code: str
    label: str


@dataclass(frozen=True)
class Entry:
    """One variable; `who` and `rule` say its condition and its constraint in words."""

    variable: Variable
    type_name: str
    who: Wording | None
    rule: Wording | None
    sources: tuple[str, ...]
    indicators: tuple[Use, ...]
    breaks_down: bool


@dataclass(frozen=True)
class Level:
    """The variables of one table of the data: the response's own, or a repeat's."""

    name: str
    title: str
    entries: tuple[Entry, ...]


def levels_of(instrument: Instrument, indicators: Mapping[str, Any] | None = None) -> tuple[Level, ...]:
    """Every variable by level, in the order of the questionnaire.

    `indicators` is the indicators.yaml of the questionnaire.
    """
    uses, breaking = uses_of(indicators or {}), _breaking(indicators or {})
    entries = [_entry(instrument, item, uses, breaking) for item in codebook(instrument)]
    titles = {"": "Phiếu"} | {
        name: repeat.label(LANGUAGE) or name for name, repeat in instrument.repeats.items()
    }
    levels = (
        Level(level, title, tuple(entry for entry in entries if entry.variable.level == level))
        for level, title in titles.items()
    )
    return tuple(level for level in levels if level.entries)


def _entry(
    instrument: Instrument, item: Variable, uses: Mapping[str, list[Use]], breaking: set[str]
) -> Entry:
    question = instrument.questions[item.name]
    asked = [
        (condition.node, tree)
        for condition in conditions_of(instrument, question)
        for tree in conjuncts(condition.expression)
    ]
    ruled = [(question, tree) for tree in conjuncts(item.constraint)] if item.constraint else []
    made_of = (
        dependencies(instrument, question, compile_expression(item.calculation).tree)
        if item.calculation
        else []
    )
    return Entry(
        item,
        TYPES.get(item.type, item.type),
        in_words(instrument, asked, LANGUAGE, _name) if asked else None,
        in_words(instrument, ruled, LANGUAGE, _name) if ruled else None,
        tuple(node.variable for node in made_of),
        tuple(uses.get(item.name, ())),
        item.name in breaking,
    )


def _name(node: Node) -> str:
    return node.variable


def uses_of(indicators: Mapping[str, Any]) -> dict[str, list[Use]]:
    """The indicators that each variable enters, through variables that are made of it too."""
    made = {name: _names(str(text)) for name, text in (indicators.get("variables") or {}).items()}
    found: dict[str, list[Use]] = {}
    for entry in indicators.get("indicators") or ():
        use = Use(str(entry.get("code", "")), in_language(entry.get("label"), LANGUAGE))
        written = {name for key in EXPRESSIONS for name in _names(str(entry.get(key) or ""))}
        for name in sorted(_spread({*written, *(entry.get("questions") or ())}, made)):
            found.setdefault(name, []).append(use)
    return found


def _breaking(indicators: Mapping[str, Any]) -> set[str]:
    """The variables by which figures are broken down, or of which such a breakdown is made."""
    made = {name: _names(str(text)) for name, text in (indicators.get("variables") or {}).items()}
    return _spread(set(indicators.get("breakdowns") or ()), made)


def _names(expression: str) -> frozenset[str]:
    try:
        return compile_expression(expression).variables if expression else frozenset()
    except ExpressionError:
        return frozenset()


def _spread(names: set[str], made: Mapping[str, frozenset[str]]) -> set[str]:
    """The names and all that those among them that are made of others are made of."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += made.get(name, ())
    return found


def study_of(design: Mapping[str, Any]) -> Study:
    """Who makes the data and of whom they are, from design.yaml, for the DDI."""
    about = design.get("about") or {}
    return Study(_texts(about.get("asked_by")), _texts(design.get("population")))


def _texts(given: Any) -> dict[str, str]:
    if isinstance(given, Mapping):
        return {str(language): str(text) for language, text in given.items()}
    return {LANGUAGE: str(given)} if given else {}


def page_values(instrument: Instrument, indicators: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the codebook's templates show."""
    names = {language: language_name(instrument, language) for language in instrument.languages}
    return {"instrument": instrument, "levels": levels_of(instrument, indicators), "languages": names}


def codebook_html(instrument: Instrument, indicators: Mapping[str, Any] | None = None) -> str:
    """The codebook as one HTML file to keep or send, its styles inside."""
    environment = Environment(loader=PackageLoader("survey"), autoescape=True)
    environment.filters.update(FILTERS)
    styles = [files("survey").joinpath("static", name).read_text(encoding="utf-8") for name in STYLES]
    template = environment.get_template("authoring/codebook_file.html")
    return template.render(**page_values(instrument, indicators), styles="\n".join(styles), lang=LANGUAGE)
