"""What ODK Collect does on the wire: list, download, ask where to send, send."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from lxml import etree
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from survey.instrument import submission_xml
from tests.factories import Fielded

NAMES = {
    "list": "http://openrosa.org/xforms/xformsList",
    "manifest": "http://openrosa.org/xforms/xformsManifest",
    "reply": "http://openrosa.org/http/response",
}


def instance_id() -> str:
    """A fresh instanceID."""
    return f"uuid:{uuid.uuid4()}"


@dataclass(frozen=True)
class Device:
    """A phone with the project's address."""

    client: FlaskClient
    fielded: Fielded

    @property
    def root(self) -> str:
        """The project's path."""
        return f"/openrosa/{self.fielded.project_token}"

    def record(
        self, answers: Mapping[str, Any], instance: str | None = None, replaces: str | None = None
    ) -> bytes:
        """A record's XML."""
        return submission_xml(
            self.fielded.instrument, answers, instance_id=instance or instance_id(), deprecated_id=replaces
        )

    def send(self, xml: bytes, files: Mapping[str, bytes] | None = None, query: str = "") -> TestResponse:
        """POST one record with its files."""
        parts: dict[str, Any] = {"xml_submission_file": _part(xml, "submission.xml", "text/xml")}
        for name, content in (files or {}).items():
            parts[name] = _part(content, name, "image/jpeg")
        boundary, body = encode_multipart(parts)
        return self.client.post(
            f"{self.root}/submission{query}",
            data=body,
            content_type=f"multipart/form-data; boundary={boundary}",
            headers={"X-OpenRosa-Version": "1.0"},
        )


def _part(content: bytes, name: str, media_type: str) -> FileStorage:
    return FileStorage(BytesIO(content), name, content_type=media_type)


def texts(reply: TestResponse, path: str) -> list[str]:
    """The texts at an XPath of the reply's document, prefixes as in `NAMES`."""
    return [element.text or "" for element in etree.fromstring(reply.data).xpath(path, namespaces=NAMES)]


def message(reply: TestResponse) -> str:
    """The one message of an OpenRosaResponse."""
    (text,) = texts(reply, "/reply:OpenRosaResponse/reply:message")
    return text
