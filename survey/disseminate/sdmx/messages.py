"""Messages in the format that the reader asks for: SDMX-ML 2.1 and 3.0, SDMX-JSON 2.0, SDMX-CSV 1.0 and 2.0."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pandas as pd
from lxml import etree
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset
from pysdmx.io.writer import write_sdmx
from pysdmx.model import Organisation
from pysdmx.model.message import Header
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_options_header

from survey.disseminate.sdmx.flows import AGENCY, Flow
from survey.disseminate.sdmx.json_data import json_data
from survey.disseminate.sdmx.structures import Structures, structures_of

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ALIASES = {
    "text/xml": "+xml", "application/xml": "+xml", "application/json": "+json", "text/csv": "+csv",
    "application/*": "", "text/*": "+csv", "*/*": "",
}  # fmt: skip
"""General names of media types, as the endings that they may stand for."""


@dataclass(frozen=True)
class Wanted:
    """A message in the making: whose, and its rows."""

    structures: Structures
    dataset: PandasDataset
    at: datetime


def _header(at: datetime) -> Header:
    return Header(id=f"KS{at:%Y%m%dT%H%M%S%f}", sender=Organisation(id=AGENCY), prepared=at)


def _written(kind: Format) -> Callable[[Wanted], str]:
    has_header = "xml" in kind.value

    def write(wanted: Wanted) -> str:
        text = write_sdmx([wanted.dataset], kind, **({"header": _header(wanted.at)} if has_header else {}))
        assert text is not None
        return text

    return write


DATA: Mapping[str, Callable[[Wanted], str]] = {
    kind.value: _written(kind)
    for kind in (
        Format.DATA_SDMX_ML_2_1_GEN,
        Format.DATA_SDMX_ML_2_1_STR,
        Format.DATA_SDMX_ML_3_0,
        Format.DATA_SDMX_CSV_1_0_0,
        Format.DATA_SDMX_CSV_2_0_0,
    )
} | {Format.DATA_SDMX_JSON_2_0_0.value: lambda wanted: json_data(wanted.structures, wanted.dataset.data)}
STRUCTURE = {
    kind.value: kind
    for kind in (Format.STRUCTURE_SDMX_ML_2_1, Format.STRUCTURE_SDMX_ML_3_0, Format.STRUCTURE_SDMX_JSON_2_0_0)
}
FIRST = {
    "2.1": (Format.DATA_SDMX_ML_2_1_GEN.value, Format.STRUCTURE_SDMX_ML_2_1.value),
    "3.0": (Format.DATA_SDMX_JSON_2_0_0.value, Format.STRUCTURE_SDMX_JSON_2_0_0.value),
}
"""What each version of the interface answers by default: data, structures."""


def chosen(accept: MIMEAccept, offered: Iterable[str], first: str) -> str | None:
    """The offered media type that a reader likes best; `first` where none is named; None where none will do."""
    kinds = [first, *(kind for kind in offered if kind != first)]
    if not accept:
        return first
    for value, quality in accept:
        found = next((kind for kind in kinds if quality > 0 and _is(kind, value)), None)
        if found:
            return found
    return None


def _is(kind: str, value: str) -> bool:
    """Whether a media type is what a reader named, of any version where none was named."""
    name, options = parse_options_header(value)
    own, own_options = parse_options_header(kind)
    if name in ALIASES:
        return own.endswith(ALIASES[name])
    version = options.get("version")
    return own == name and (version is None or own_options["version"].startswith(version))


def data_message(flow: Flow, rows: pd.DataFrame, kind: str, at: datetime | None = None) -> str:
    """Rows of a flow in one format; `at` is the time of preparation that the message carries."""
    structures = structures_of(flow)
    dataset = PandasDataset(structure=structures.schema, data=rows.reset_index(drop=True))
    return DATA[kind](Wanted(structures, dataset, at or datetime.now(UTC)))


def structure_message(
    artefacts: Iterable[Any], texts: Mapping[tuple[str, str], str], kind: str, at: datetime | None = None
) -> str:
    """Structures in one format, with the Vietnamese names beside the English ones in SDMX-ML."""
    header = _header(at or datetime.now(UTC))
    text = write_sdmx(list(artefacts), STRUCTURE[kind], header=header, prettyprint=False)
    assert text is not None
    return _with_vietnamese(text, texts) if "xml" in kind else _without_empty_groups(text)


def _without_empty_groups(text: str) -> str:
    """pysdmx writes `groups: []` where there are none; the schema wants one or no list."""
    message = json.loads(text)
    for definition in message["data"].get("dataStructures", ()):
        components = definition["dataStructureComponents"]
        if not components.get("groups", True):
            del components["groups"]
    return json.dumps(message, ensure_ascii=False)


def _with_vietnamese(text: str, texts: Mapping[tuple[str, str], str]) -> str:
    """pysdmx writes one name of each thing, marked as English."""
    root = etree.fromstring(text.encode())
    for name in list(root.iter("{*}Name")):
        owner = name.getparent()
        if owner is None:
            continue
        around = owner.getparent()
        is_item = around is not None and around.get("id") is not None
        key = (around.get("id"), owner.get("id")) if is_item and around is not None else (owner.get("id"), "")
        if vietnamese := texts.get(key):  # type: ignore[arg-type]
            other = etree.Element(name.tag, {XML_LANG: "vi"})
            other.text = vietnamese
            name.addnext(other)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True).decode()


ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<mes:Error xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"'
    ' xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">'
    '<mes:ErrorMessage code="{code}"><com:Text xml:lang="vi">{text}</com:Text></mes:ErrorMessage></mes:Error>'
)
ERROR_CODES = {400: "140", 404: "100", 406: "140", 501: "501"}
"""SDMX's codes: 100 no results found, 140 syntax error, 501 not implemented, 500 internal."""


def error_message(status: int, text: str) -> str:
    """An SDMX-ML error, which both versions of the interface give."""
    return ERROR.format(code=ERROR_CODES.get(status, "500"), text=escape(text))
