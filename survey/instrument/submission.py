"""OpenRosa submissions: read with every guard up, and written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from survey.instrument.broken import DECLARATION as IN_DECLARATION
from survey.instrument.broken import OTHER_MARKS, WHOLE, broken, broken_xml, place_of

MAX_DEPTH = 200
MAX_BYTES = 20_000_000
MAX_NODES = 500_000
DECLARATION = re.compile(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
Element = Any


@dataclass(frozen=True)
class Header:
    """What identifies a submission; `root` is its parsed root element."""

    form_id: str
    version: str
    instance_id: str
    deprecated_id: str
    root: Element


def submission_header(xml: bytes) -> Header:
    """Parse a submission and read its identity.

    Raises BrokenSubmission for XML that is cut off, not UTF-8, nested over 200 levels, over 20 MB,
    that declares a document type or entities, or that lacks a form id or an instanceID.
    """
    root = parse_xml(xml)
    form_id = root.get("id", "")
    if not form_id:
        raise broken("no_form", "id")
    meta = meta_values(root)
    instance_id = meta.get("instanceID", "")
    if not instance_id:
        raise broken("no_instance", "meta/instanceID")
    if len(instance_id) > 255:
        raise broken("long_instance", "meta/instanceID")
    return Header(form_id, root.get("version", ""), instance_id, meta.get("deprecatedID", ""), root)


def parse_xml(xml: bytes) -> Element:
    """The root element of untrusted XML; raises BrokenSubmission."""
    _refuse_bytes(xml)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise broken_xml(error) from error
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise broken("document_type", "DOCTYPE")
    _refuse_shape(root)
    return root


def _refuse_bytes(xml: bytes) -> None:
    if not xml.strip():
        raise broken("empty", WHOLE)
    if len(xml) > MAX_BYTES:
        raise broken("too_large", WHOLE)
    if xml.startswith(OTHER_MARKS):
        raise broken("not_utf_8", WHOLE)
    if b"\0" in xml:
        raise broken("nul", place_of(xml, xml.index(0)))
    declared = DECLARATION.match(xml)
    if declared and declared.group(1).lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise broken("not_utf_8", IN_DECLARATION)
    if declared_type := DOCUMENT_TYPE.search(xml, 0, _start_of_root(xml)):
        raise broken("document_type", place_of(xml, declared_type.start()))


def _start_of_root(xml: bytes) -> int:
    match = re.search(rb"<[A-Za-z_\x80-\xff]", xml)
    return match.start() if match else len(xml)


def _refuse_shape(root: Element) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_NODES:
            where = {"vi": f"phần tử thứ {count}", "en": f"element {count}"}
            raise broken("too_deep" if depth > MAX_DEPTH else "too_many", where)


def local_name(element: Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def meta_values(root: Element) -> dict[str, str]:
    """The texts under meta, whichever prefix or namespace it came with."""
    for child in root:
        if local_name(child) == "meta":
            return {local_name(item): (item.text or "").strip() for item in child}
    return {}
