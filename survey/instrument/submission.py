"""OpenRosa submissions: read with every guard up, and written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from survey.instrument.faults import BrokenSubmission

MAX_DEPTH = 200
MAX_BYTES = 20_000_000
MAX_NODES = 500_000
DECLARATION = re.compile(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._\-]+)[\"']")
RESEND = "Send the record again from the device; if it fails again, export it and report it."
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
        raise BrokenSubmission("The record does not say which form it answers", "attribute id", RESEND)
    meta = meta_values(root)
    instance_id = meta.get("instanceID", "")
    if not instance_id:
        raise BrokenSubmission("The record has no instanceID", "meta/instanceID", RESEND)
    if len(instance_id) > 255:
        raise BrokenSubmission("The instanceID is longer than 255 characters", "meta/instanceID", RESEND)
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
        where = f"line {error.lineno}" if error.lineno else "the beginning"
        raise BrokenSubmission("The record is not complete, well-formed XML", where, RESEND) from error
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise BrokenSubmission("The record declares a document type", "DOCTYPE", "Send it without.")
    _refuse_shape(root)
    return root


def _refuse_bytes(xml: bytes) -> None:
    if not xml.strip():
        raise BrokenSubmission("The record is empty", "the whole file", RESEND)
    if len(xml) > MAX_BYTES:
        raise BrokenSubmission(
            f"The record is larger than {MAX_BYTES // 10**6} MB", "the whole file", "Shorten it."
        )
    if b"\0" in xml:
        raise BrokenSubmission("The record holds a NUL byte", f"byte {xml.index(0)}", RESEND)
    declared = DECLARATION.match(xml)
    if declared and declared.group(1).lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise BrokenSubmission("The record is not in UTF-8", "XML declaration", "Send it in UTF-8.")
    if b"<!DOCTYPE" in xml[: _start_of_root(xml)] or b"<!ENTITY" in xml[: _start_of_root(xml)]:
        raise BrokenSubmission(
            "The record declares a document type or entities", "DOCTYPE", "Send it without."
        )


def _start_of_root(xml: bytes) -> int:
    match = re.search(rb"<[A-Za-z_\x80-\xff]", xml)
    return match.start() if match else len(xml)


def _refuse_shape(root: Element) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_NODES:
            what = "nested too deeply" if depth > MAX_DEPTH else "of too many elements"
            raise BrokenSubmission(f"The record is {what}", f"element {count}", RESEND)


def local_name(element: Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def meta_values(root: Element) -> dict[str, str]:
    """The texts under meta, whichever prefix or namespace it came with."""
    for child in root:
        if local_name(child) == "meta":
            return {local_name(item): (item.text or "").strip() for item in child}
    return {}
