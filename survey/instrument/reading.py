"""A submission's XML into answers, with a fault for whatever does not fit the form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from survey.instrument import messages
from survey.instrument.answers import checked
from survey.instrument.broken import broken
from survey.instrument.faults import AnswerFault, Texts, TypeFault
from survey.instrument.model import Group, Instrument, Node, Question, Repeat
from survey.instrument.submission import Element, Header, local_name, submission_header

WHOLE = re.compile(r"[-+]?\d{1,19}", re.ASCII)
NUMERAL = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
# Written by the devices; never a question.
IGNORED = frozenset(
    {"instanceID", "deprecatedID", "timeStart", "timeEnd", "userID", "deviceID", "encryptedXmlFile", "entity"}
)
Index = tuple[int, ...]


@dataclass(frozen=True)
class Submission:
    """A submission as read: `unknown` are paths that the form does not have."""

    instance_id: str
    form_id: str
    version: str
    deprecated_id: str
    answers: dict[str, Any]
    attachments: tuple[str, ...]
    unknown: tuple[str, ...]
    faults: tuple[AnswerFault, ...]


@dataclass
class _Found:
    attachments: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    faults: list[AnswerFault] = field(default_factory=list)


def parse_submission(instrument: Instrument, xml: bytes, header: Header | None = None) -> Submission:
    """Read a submission of this instrument; raises BrokenSubmission if it is another form's or no XML.

    Unknown fields and values of the wrong type become faults; nothing is dropped in silence.
    """
    header = header or submission_header(xml)
    if header.form_id != instrument.form_id:
        raise broken("other_form", f"id={header.form_id!r} ≠ {instrument.form_id!r}")
    found = _Found()
    answers = _level(instrument.items, header.root, (), f"/{instrument.root}", found)
    return Submission(
        header.instance_id,
        header.form_id,
        header.version,
        header.deprecated_id,
        answers,
        tuple(dict.fromkeys(found.attachments)),
        tuple(found.unknown),
        tuple(found.faults),
    )


def _level(
    items: tuple[Node, ...], element: Element, index: Index, path: str, found: _Found
) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    nodes = {item.name: item for item in items}
    for child in element:
        name = local_name(child)
        node = nodes.get(name)
        if node is None:
            _unknown(child, name, f"{path}/{name}", index, found)
        else:
            READERS[type(node)](node, child, index, answers, found)
    return answers


def _unknown(child: Element, name: str, path: str, index: Index, found: _Found) -> None:
    in_meta = path.split("/")[2:3] == ["meta"]
    if in_meta and name == "meta":
        for inner in child:
            _unknown(inner, local_name(inner), f"{path}/{local_name(inner)}", index, found)
    if not name or (in_meta and (name == "meta" or name in IGNORED)):
        return
    found.unknown.append(path)
    found.faults.append(
        AnswerFault(path.partition("/")[2].partition("/")[2], index, "unknown", messages.UNKNOWN)
    )


def _group(node: Group, child: Element, index: Index, answers: dict[str, Any], found: _Found) -> None:
    answers.update(_level(node.children, child, index, node.path, found))


def _repeat(node: Repeat, child: Element, index: Index, answers: dict[str, Any], found: _Found) -> None:
    if any(name.rpartition("}")[2] == "template" for name in child.attrib):
        return
    rows = answers.setdefault(node.variable, [])
    rows.append(_level(node.children, child, (*index, len(rows)), node.path, found))


def _question(node: Question, child: Element, index: Index, answers: dict[str, Any], found: _Found) -> None:
    if node.type == "instanceID":
        return
    if len(child):
        found.unknown.append(f"{node.path}/{local_name(child[0])}")
        found.faults.append(AnswerFault(node.variable, index, "unknown", messages.UNKNOWN))
        return
    raw = child.text or ""
    if not raw.strip():
        return
    try:
        value = checked(node, RAW.get(node.type, _text)(raw))
    except TypeFault as fault:
        found.faults.append(AnswerFault(node.variable, index, fault.kind, fault.texts))
        return
    if node.is_media:
        found.attachments.append(value)
    answers[node.variable] = value


READERS: dict[type[Any], Callable[..., None]] = {Group: _group, Repeat: _repeat, Question: _question}


def _text(raw: str) -> str:
    return raw


def _integer(raw: str) -> int:
    return int(_matching(WHOLE, raw, messages.INTEGER))


def _decimal(raw: str) -> float:
    return float(_matching(NUMERAL, raw, messages.DECIMAL))


def _range(raw: str) -> float | int:
    value = _decimal(raw)
    return int(value) if value.is_integer() else value


def _matching(pattern: re.Pattern[str], raw: str, texts: Texts) -> str:
    raw = raw.strip()
    if not pattern.fullmatch(raw):
        raise TypeFault("type", texts)
    return raw


RAW: dict[str, Callable[[str], Any]] = {
    "integer": _integer,
    "decimal": _decimal,
    "range": _range,
    **dict.fromkeys(("select_multiple", "rank"), str.split),
    **dict.fromkeys(("date", "time", "dateTime", "start", "end", "today", "select_one"), str.strip),
    **dict.fromkeys(("geopoint", "geotrace", "geoshape", "start-geopoint"), str.strip),
}
