"""From the converter's tree to the Instrument."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pyxform.aliases import BINDING_CONVERSIONS  # type: ignore[import-untyped]
from pyxform.utils import default_is_dynamic  # type: ignore[import-untyped]

from survey.instrument.attachments import File, find_files, itemsets
from survey.instrument.cautions import caution
from survey.instrument.convert import Converted, convert
from survey.instrument.faults import Fault, InstrumentErrors
from survey.instrument.inspection import inspect, merged
from survey.instrument.languages import HOUSE, UNNAMED, code_of, default_name, language_names, texts
from survey.instrument.limits import refuse_excess
from survey.instrument.lint import refuse_faults
from survey.instrument.model import (
    Choice,
    Group,
    Instrument,
    Node,
    Question,
    Repeat,
    Sheets,
    Texts,
)
from survey.instrument.pages import pages_of
from survey.instrument.rows import rows_by_path
from survey.instrument.sheets import form_in, read_sheets
from survey.instrument.types import SELECTS_MANY, SELECTS_ONE, type_name

NO_FILES: Mapping[str, File] = MappingProxyType({})
CHOICE_COLUMNS = frozenset({"name", "label", "media", "list_name", "list name", "sms_option"})


def read_xlsform(path: Path) -> Instrument:
    """The instrument of an XLSForm with its files: a folder of CSV sheets, or a .xlsx, .xls, .csv or .md file.

    Raises InstrumentErrors with every fault found; whether all files are there says `refuse_files`.
    """
    path = form_in(Path(path))
    sheets = read_sheets(path)
    form = _form(_document(sheets), path.stem)
    return build_instrument(sheets, find_files(form.media, path), path.stem)


def build_instrument(sheets: Sheets, files: Mapping[str, File] = NO_FILES, form_id: str = "") -> Instrument:
    """The instrument of sheets and of the files beside them, by name.

    Equal sheets without files give the same object while it is in the cache; files may lie in a folder that goes.
    """
    document = _document(sheets)
    return _complete(_form(document, form_id), files) if files else _cached(document, form_id)


def _document(sheets: Sheets) -> str:
    if not sheets.get("survey"):
        fault = Fault(
            "survey",
            None,
            "",
            "There is no survey sheet, or it is empty.",
            "Add a sheet 'survey' with type, name and label.",
            "Không có trang survey, hoặc trang này trống.",
            "Thêm trang tên survey với các cột type, name, label.",
        )
        raise InstrumentErrors((fault,))
    return json.dumps(sheets, ensure_ascii=False)


@lru_cache(maxsize=64)
def _cached(document: str, form_id: str) -> Instrument:
    return _complete(_form(document, form_id), NO_FILES)


def _complete(form: Instrument, files: Mapping[str, File]) -> Instrument:
    named = {name: file for name, file in files.items() if name in form.media}
    instrument = form.with_files({**named, **itemsets(form.sheets)})
    try:
        refuse_faults(instrument)
    except InstrumentErrors as errors:
        raise InstrumentErrors(errors.faults, instrument.warnings) from errors
    return instrument


@lru_cache(maxsize=64)
def _form(document: str, form_id: str) -> Instrument:
    """The form as it stands in its sheets, without its files and not yet compiled."""
    sheets = _with_form_id(json.loads(document), form_id)
    refuse_excess(sheets)
    fallback = code_of(default_name(sheets))
    try:
        converted = convert(sheets, default_name(sheets))
    except InstrumentErrors as errors:
        raise InstrumentErrors(merged(errors.faults, inspect(sheets))) from errors
    return _Builder(sheets, converted, fallback).instrument()


def _with_form_id(sheets: Sheets, form_id: str) -> Sheets:
    settings = sheets.get("settings") or [{}]
    if form_id and not any("form_id" in row or "id_string" in row for row in settings):
        first = {**settings[0], "form_id": form_id}
        return {**sheets, "settings": [first, *settings[1:]]}
    return sheets


@dataclass(frozen=True)
class _Place:
    path: str
    level: str = ""
    parent: str = ""


class _Builder:
    def __init__(self, sheets: Sheets, converted: Converted, fallback: str) -> None:
        self.sheets, self.converted, self.fallback = sheets, converted, fallback
        self.root = str(converted.tree["name"])
        self.rows = rows_by_path(sheets["survey"], self.root)
        self.variables = _variables(converted.tree, f"/{self.root}")
        lists = converted.tree.get("choices") or {}
        self.lists = {name: tuple(self.choice(item) for item in items) for name, items in lists.items()}
        self.lists.update(self.external_lists())

    def instrument(self) -> Instrument:
        tree = self.converted.tree
        items = tuple(self.nodes(tree, _Place(f"/{self.root}")))
        names = language_names(self.sheets)
        codes = dict.fromkeys((self.fallback, *map(code_of, names)))
        return Instrument(
            form_id=str(tree["id_string"]),
            version=str(tree.get("version") or ""),
            titles=texts(tree.get("title"), self.fallback),
            default_language=self.fallback or HOUSE,
            languages=tuple(codes),
            xml=self.converted.xml,
            sheets=self.sheets,
            items=items,
            pages=pages_of(items),
            lists=MappingProxyType(self.lists),
            media=self.converted.media,
            settings=MappingProxyType(self.settings()),
            warnings=tuple(caution(text, self.sheets) for text in self.converted.warnings),
            root=self.root,
        )

    def external_lists(self) -> dict[str, tuple[Choice, ...]]:
        """The lists of the external_choices sheet, which pyxform leaves to a file of its own."""
        lists: dict[str, list[Choice]] = {}
        for row in self.sheets.get("external_choices", []):
            labels = {
                column.partition("::")[2] or UNNAMED: cell
                for column, cell in row.items()
                if "label" in column
            }
            filters = {column: cell for column, cell in row.items() if column not in CHOICE_COLUMNS}
            choice = Choice(row.get("name", ""), self.text(labels), filters)
            lists.setdefault(row.get("list_name") or row.get("list name", ""), []).append(choice)
        return {name: tuple(choices) for name, choices in lists.items() if name}

    def settings(self) -> dict[str, str]:
        return {key: value for row in reversed(self.sheets.get("settings", [])) for key, value in row.items()}

    def text(self, value: Any) -> Texts:
        return texts(value, self.fallback)

    def media(self, value: Any) -> Mapping[str, Texts]:
        return {kind: self.text(names) for kind, names in (value or {}).items()}

    def choice(self, item: Mapping[str, Any]) -> Choice:
        extra = item.get("extra_data") or {}
        filters = {key: str(value) for key, value in extra.items() if key not in CHOICE_COLUMNS and value}
        return Choice(str(item["name"]), self.text(item.get("label")), filters, self.media(item.get("media")))

    def nodes(self, parent: Mapping[str, Any], place: _Place) -> Iterator[Node]:
        for child in _inner(parent):
            yield self.node(child, f"{place.path}/{child['name']}", place)

    def node(self, element: Mapping[str, Any], path: str, place: _Place) -> Node:
        kind, bind = str(element.get("type", "group")), element.get("bind") or {}
        variable = self.variables[path]
        control = element.get("control") or {}
        common: dict[str, Any] = {
            "name": str(element["name"]),
            "variable": variable,
            "path": path,
            "label": self.text(element.get("label")),
            "relevant": _expression(bind, "relevant"),
            "appearance": str(control.get("appearance") or ""),
            "level": place.level,
            "parent": place.parent,
            "row": self.rows.get(path),
        }
        if kind == "repeat":
            inner = _Place(path, variable, variable)
            children = tuple(self.nodes(element, inner))
            return Repeat(**common, children=children, count=str(control.get("jr:count") or ""))
        if kind in ("group", "survey"):
            return Group(**common, children=tuple(self.nodes(element, _Place(path, place.level, variable))))
        return self.question(element, kind, path, common)

    def question(self, element: Mapping[str, Any], kind: str, path: str, common: dict[str, Any]) -> Question:
        bind = element.get("bind") or {}
        bind_type = self.converted.binds.get(path, {}).get("type", "string")
        control_tag = str((element.get("control") or {}).get("tag") or "")
        default = str(element.get("default") or "")
        itemset = str(element.get("itemset") or element.get("list_name") or element.get("query") or "")
        choices = tuple(self.choice(item) for item in element.get("choices") or ())
        folded = type_name(kind, bind_type, control_tag, element["name"])
        is_select = folded in SELECTS_ONE | SELECTS_MANY
        return Question(
            **common,
            type=folded,
            hint=self.text(element.get("hint")),
            guidance=self.text(element.get("guidance_hint")),
            required_message=self.text(bind.get("jr:requiredMsg")),
            constraint_message=self.text(bind.get("jr:constraintMsg")),
            choices=(choices or self.lists.get(itemset, ())) if is_select else (),
            list_name="" if "." in itemset else itemset,
            file=itemset if "." in itemset else "",
            choice_filter=str(element.get("choice_filter") or ""),
            required=_expression(bind, "required"),
            constraint=_expression(bind, "constraint"),
            calculation=_expression(bind, "calculate"),
            default=default,
            is_dynamic_default=bool(default) and bool(default_is_dynamic(default, kind)),
            trigger=tuple(element.get("trigger") or ()),
            parameters=MappingProxyType(_parameters(element.get("parameters"))),
            media=self.media(element.get("media")),
            read_only=_expression(bind, "readonly") == "true()",
            bind_type=bind_type,
        )


def _expression(bind: Mapping[str, Any], key: str) -> str:
    text = str(bind.get(key) or "").strip()
    text = str(BINDING_CONVERSIONS.get(text, text))
    return "" if text == "false()" and key != "relevant" else text


def _parameters(value: Any) -> dict[str, str]:
    """Parameters as pyxform leaves them: a dict, or the cell's text where it did not read them."""
    if isinstance(value, Mapping):
        return {str(key): str(item) for key, item in value.items()}
    pairs = (part.partition("=") for part in re.split(r"[;,\s]+", str(value or "")) if "=" in part)
    return {key: item for key, _, item in pairs}


def _inner(parent: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The children that hold answers: declarations of attached lists and of entities do not."""
    return [
        child
        for child in parent.get("children") or ()
        if child.get("type") != "entity" and not str(child.get("type", "")).endswith("-external")
    ]


def _paths(parent: Mapping[str, Any], path: str) -> Iterator[tuple[str, bool]]:
    for child in _inner(parent):
        here = f"{path}/{child['name']}"
        kind = child.get("type", "group")
        yield here, kind == "group"
        if kind in ("group", "repeat"):
            yield from _paths(child, here)


def _variables(tree: Mapping[str, Any], root: str) -> dict[str, str]:
    """The shortest end of each path that no other question has; groups give way to questions."""
    paths = list(_paths(tree, root))
    ends = Counter(end for path, is_group in paths if not is_group for end in _ends(path))
    variables = {}
    for path, is_group in paths:
        if not is_group:
            # At the root there is no longer end: the bare name is free, since it is nobody's unique end.
            variables[path] = next((end for end in _ends(path) if ends[end] == 1), _ends(path)[-1])
    taken = set(variables.values())
    group_ends = Counter(end for path, is_group in paths if is_group for end in _ends(path))
    for path, is_group in paths:
        if is_group:
            free = (end for end in _ends(path) if group_ends[end] == 1 and end not in taken)
            variables[path] = next(free, path)
    return variables


def _ends(path: str) -> list[str]:
    parts = path.split("/")[2:]
    return ["/".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]
