"""A visitor on the web pages, without JavaScript: reads each form and fills in what it asks."""

from typing import Any
from urllib.parse import urljoin

import httpx
from lxml import html

MOST_PAGES = 60


class LostOnTheWay(RuntimeError):
    """The pages did not lead to the thanks page."""


def answer_on_the_web(base: str, token: str, answers: dict[str, Any]) -> None:
    """Open the invitation `/k/<token>`, answer page by page, and hand the answers in."""
    with httpx.Client(base_url=base, follow_redirects=True, timeout=60.0) as browser:
        page = browser.get(f"/k/{token}")
        for _ in range(MOST_PAGES):
            form = _form(page)
            if form is None:
                break
            page = _submit(browser, page, form, answers)
        if "data-receipt" not in page.text:
            raise LostOnTheWay(f"{page.url}: {page.status_code} {_words(page)}")


def decline(base: str, token: str) -> None:
    """Open the invitation and press the button for those who do not wish to answer."""
    with httpx.Client(base_url=base, follow_redirects=True, timeout=60.0) as browser:  # cookies of its own
        page = browser.get(f"/k/{token}")
        forms = [form for form in html.fromstring(page.text).forms if "tu-choi" in (form.action or "")]
        if not forms:
            raise LostOnTheWay(f"{page.url}: no way to decline")
        answer = _submit(browser, page, forms[0], {})
        if answer.is_error:
            raise LostOnTheWay(f"{answer.url}: {answer.status_code} {_words(answer)}")


def _form(page: httpx.Response) -> Any:
    """The form that leads on, marked `data-next` in the template; none on the thanks page."""
    page.raise_for_status()
    return next((form for form in html.fromstring(page.text).forms if "data-next" in form.attrib), None)


def _submit(
    browser: httpx.Client, page: httpx.Response, form: Any, answers: dict[str, Any]
) -> httpx.Response:
    """Fill in the fields that the answers know and press the button."""
    asked = {name for name in form.fields if name}
    data: dict[str, Any] = {name: value for name, value in form.form_values() if name not in answers}
    data.update({name: value for name, value in answers.items() if name in asked})
    target = urljoin(str(page.url), form.action or str(page.url))
    return browser.post(target, data=data, headers={"Referer": str(page.url)})


def _words(page: httpx.Response) -> str:
    return " ".join(html.fromstring(page.text).text_content().split())[:500]
