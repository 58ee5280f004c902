"""Sheets through pyxform: the XForm that is served, and the tree that the engine is built from."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pyxform.builder import create_survey_element_from_dict  # type: ignore[import-untyped]
from pyxform.xls2json import workbook_to_json  # type: ignore[import-untyped]
from pyxform.xls2json_backends import DefinitionData  # type: ignore[import-untyped]

from survey.instrument.attachments import media_names
from survey.instrument.explain import explain
from survey.instrument.faults import Fault, InstrumentErrors
from survey.instrument.model import Sheets

XFORMS = "{http://www.w3.org/2002/xforms}"


TOO_DEEP = Fault(
    "survey",
    None,
    "",
    "Groups are nested too deeply.",
    "Use fewer levels of groups.",
    "Các nhóm lồng nhau quá sâu.",
    "Giảm số cấp nhóm.",
)


@dataclass(frozen=True)
class Converted:
    """pyxform's tree, the XForm, what each of its binds says, by path, and the files that it names."""

    tree: Mapping[str, Any]
    xml: bytes
    binds: Mapping[str, Mapping[str, str]]
    warnings: tuple[str, ...]
    media: tuple[str, ...] = ()


def convert(sheets: Sheets, default_language: str) -> Converted:
    """Convert sheets; raises InstrumentErrors for whatever pyxform raises."""
    warnings: list[str] = []
    try:
        document = _definition(sheets, default_language)
        tree = workbook_to_json(workbook_dict=document, default_language=default_language, warnings=warnings)
        survey = create_survey_element_from_dict(tree)
        # Taken before to_xml, which changes the elements while it writes them.
        written = _written(survey)
        text = survey.to_xml(validate=False, pretty_print=False, warnings=warnings)
    except RecursionError as error:
        raise InstrumentErrors((TOO_DEEP,)) from error
    except Exception as error:
        raise InstrumentErrors((explain(error, sheets),)) from error
    try:
        form = etree.fromstring(text.encode())
    except etree.XMLSyntaxError as error:
        raise InstrumentErrors((TOO_DEEP if "depth" in str(error) else explain(error, sheets),)) from error
    _fill_translations(form)
    xml = etree.tostring(form, xml_declaration=True, encoding="UTF-8")
    binds = {bind.get("nodeset", ""): dict(bind.attrib) for bind in form.iter(f"{XFORMS}bind")}
    return Converted(written, xml, binds, tuple(warnings), media_names(form))


PARTS = [
    "name",
    "type",
    "label",
    "hint",
    "guidance_hint",
    "media",
    "bind",
    "control",
    "default",
    "choice_filter",
    "parameters",
    "trigger",
    "itemset",
    "list_name",
    "query",
    "title",
    "id_string",
    "version",
    "extra_data",
    "_dynamic_default",
]


def _written(element: Any) -> dict[str, Any]:
    """One element of pyxform's tree, and those below it, as plain dicts."""
    found: dict[str, Any] = {}
    for part in PARTS:
        value = getattr(element, part, None)
        if value:
            found[part] = deepcopy(value)
    inner = getattr(element, "children", None) or ()
    if inner:
        found["children"] = [_written(child) for child in inner]
    choices = getattr(element, "choices", None)
    if isinstance(choices, dict):
        found["choices"] = {name: _options(itemset) for name, itemset in choices.items()}
    elif choices:
        found["choices"] = _options(choices)
    return found


def _options(itemset: Any) -> list[dict[str, Any]]:
    return [_written(option) for option in itemset.options]


def _definition(sheets: Sheets, default_language: str) -> DefinitionData:
    known = {name: rows for name, rows in sheets.items() if name in DefinitionData.__dataclass_fields__}
    headers = {f"{name}_header": [dict.fromkeys(_columns(rows))] for name, rows in known.items()}
    rows = {name: [dict(row) for row in rows] for name, rows in known.items()}
    for row in rows.get("settings", ()):
        if "default_language" in row:
            row["default_language"] = default_language
    return DefinitionData(**rows, **headers, sheet_names=list(sheets))


def _columns(rows: list[dict[str, str]]) -> dict[str, None]:
    return {column: None for row in rows for column in row}


def _fill_translations(document: Any) -> None:
    """Put the default language's text where pyxform writes "-" for a missing translation."""
    translations = list(document.iter(f"{XFORMS}translation"))
    default = next((item for item in translations if item.get("default")), None)
    if default is None:
        return
    texts = {text.get("id"): text for text in default}
    for translation in translations:
        if translation is not default:
            for text in translation:
                _fill(text, texts.get(text.get("id")))


def _fill(text: Any, default: Any) -> None:
    if default is None:
        return
    by_form = {value.get("form"): value for value in default}
    for value in list(text):
        source = by_form.get(value.get("form"))
        if value.text == "-" and len(value) == 0 and source is not None:
            value.getparent().replace(value, deepcopy(source))
