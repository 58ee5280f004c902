"""A visitor without JavaScript: reads the page, fills in the form, presses a button."""

from typing import Any

from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.page import page as checked_page

# A lost session, too much at once, too often: everything else leads on with a redirect.
ANSWERED_AT_ONCE = (400, 413, 429)


class Visitor:
    """One browser on the citizen's pages; every page it sees is checked for what every page must be."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.status = 0
        self.address = ""
        self.document: html.HtmlElement = html.Element("html")

    def open(self, address: str) -> "Visitor":
        """Go to an address."""
        return self._see(self.client.get(address, follow_redirects=True))

    def press(self, button: str = "next", **entered: Any) -> "Visitor":
        """Fill in the form that leads on, and press one of its buttons."""
        return self.submit(self.form(), {"-go": button} if button != "next" else {}, entered)

    def submit(self, form: Any, extra: dict[str, Any], entered: dict[str, Any]) -> "Visitor":
        """Send a form with what was entered in place of what it held."""
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(_as_browsers_read(value))
        data |= {name.replace("__", "/"): value for name, value in entered.items()} | extra
        address = form.action or self.address
        reply = self.client.post(address, data=data, follow_redirects=True)
        assert reply.history or reply.status_code in ANSWERED_AT_ONCE, "a reload would send the form again"
        return self._see(reply)

    def form(self, action: str = "") -> Any:
        """The form that leads on, or the one whose address contains `action`."""
        for form in self.document.forms:
            if (action and action in (form.action or "")) or (not action and "data-next" in form.attrib):
                return form
        raise AssertionError(f"no form {action or 'that leads on'} on {self.address}: {self.text}")

    def _see(self, reply: TestResponse) -> "Visitor":
        self.status, self.address = reply.status_code, reply.request.path
        query = reply.request.query_string.decode()
        self.address += f"?{query}" if query else ""
        self.document = checked_page(reply.text)
        return self

    @property
    def h1(self) -> str:
        """The page's heading."""
        return (
            " ".join(self.document.findtext(".//h1", "").split())
            or self.document.xpath("string(//h1)").strip()
        )

    @property
    def text(self) -> str:
        """All words of the page's main part."""
        return " ".join(self.document.xpath("string(//main)").split())

    @property
    def faults(self) -> list[str]:
        """The lines of the error summary, each checked to lead to a field that carries the message."""
        for target in self.document.xpath("//*[@id='error-summary']//a/@href[starts-with(., '#')]"):
            (control,) = self.document.xpath(f"//*[@id='{target[1:]}']")
            assert control.xpath("ancestor-or-self::*[contains(@class, 'invalid')]"), (
                f"{target} is not marked"
            )
        return [
            " ".join(line.text_content().split())
            for line in self.document.xpath("//*[@id='error-summary']//li")
        ]

    @property
    def asked(self) -> list[str]:
        """The variables that the page asks for."""
        return list(
            dict.fromkeys(
                name for name in self.form().fields if name and name[0] != "-" and name != "csrf_token"
            )
        )

    def value(self, name: str) -> Any:
        """What a field holds."""
        return _as_browsers_read(self.form().fields[name])


def _as_browsers_read(value: Any) -> Any:
    """A line feed right after the tag of a text area is not part of its text."""
    return value.removeprefix("\n") if isinstance(value, str) else value
