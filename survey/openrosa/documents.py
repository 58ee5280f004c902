"""The XML documents of the OpenRosa API: form list, manifest, response."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5

from lxml import etree

FORM_LIST = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"
RESPONSE = "http://openrosa.org/http/response"


@dataclass(frozen=True)
class ListedForm:
    """A form as the form list names it; addresses are absolute."""

    form_id: str
    name: str
    version: str
    hash: str
    download_url: str
    manifest_url: str


@dataclass(frozen=True)
class MediaFile:
    """A file that a form needs beside it."""

    file_name: str
    hash: str
    download_url: str


def md5_of(content: bytes) -> str:
    """The hash as OpenRosa writes it; it tells versions apart and protects nothing."""
    return "md5:" + md5(content, usedforsecurity=False).hexdigest()


def form_list(forms: Iterable[ListedForm]) -> bytes:
    """The form list (docs.getodk.org/openrosa-form-list)."""
    root = etree.Element(f"{{{FORM_LIST}}}xforms", nsmap={None: FORM_LIST})
    for form in forms:
        entry = etree.SubElement(root, f"{{{FORM_LIST}}}xform")
        _add(entry, FORM_LIST, "formID", form.form_id)
        _add(entry, FORM_LIST, "name", form.name)
        _add(entry, FORM_LIST, "version", form.version)
        _add(entry, FORM_LIST, "hash", form.hash)
        _add(entry, FORM_LIST, "downloadUrl", form.download_url)
        _add(entry, FORM_LIST, "manifestUrl", form.manifest_url)
    return _written(root)


def manifest(files: Iterable[MediaFile]) -> bytes:
    """The list of a form's files (docs.getodk.org/openrosa-form-list)."""
    root = etree.Element(f"{{{MANIFEST}}}manifest", nsmap={None: MANIFEST})
    for file in files:
        entry = etree.SubElement(root, f"{{{MANIFEST}}}mediaFile")
        _add(entry, MANIFEST, "filename", file.file_name)
        _add(entry, MANIFEST, "hash", file.hash)
        _add(entry, MANIFEST, "downloadUrl", file.download_url)
    return _written(root)


def response(message: str) -> bytes:
    """The answer to a submission that was taken in (docs.getodk.org/openrosa-http)."""
    root = etree.Element(f"{{{RESPONSE}}}OpenRosaResponse", nsmap={None: RESPONSE})
    _add(root, RESPONSE, "message", message).set("nature", "submit_success")
    return _written(root)


def _add(parent: etree._Element, namespace: str, name: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    element.text = text
    return element


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
