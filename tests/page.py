"""What every page of the service must be, checked on its HTML: used through the `page` fixture."""

from __future__ import annotations

from collections import Counter

from lxml import html

NEEDS_LABEL = "//input[not(@type='hidden' or @type='submit')] | //select | //textarea"


def page(text: str) -> html.HtmlElement:
    """The parsed page, after checking its language, title, heading, ids, labels and links to itself."""
    document = html.document_fromstring(text)
    ids = document.xpath("//@id")
    assert document.get("lang"), "the page does not say its language"
    assert document.findtext(".//title", "").partition("|")[0].strip(), "the page has no title of its own"
    assert document.xpath("string(//meta[@name='description']/@content)").strip(), "no description"
    assert len(document.xpath("//h1")) == 1, f"{len(document.xpath('//h1'))} h1 on the page"
    assert not [i for i, times in Counter(ids).items() if times > 1], "an id occurs twice"
    for control in document.xpath(NEEDS_LABEL):
        assert _is_labelled(document, control), f"no label for {control.get('name')}"
    for target in document.xpath("//a/@href[starts-with(., '#') and string-length(.) > 1]"):
        assert target[1:] in ids, f"{target} leads nowhere"
    for names in document.xpath("//@aria-describedby | //@aria-labelledby"):
        assert set(names.split()) <= set(ids), f"{names} names an id that is not on the page"
    return document


def _is_labelled(document: html.HtmlElement, control: html.HtmlElement) -> bool:
    by_id = f"//label[@for='{control.get('id')}']"
    return bool(document.xpath(by_id) or control.get("aria-label") or control.xpath("ancestor::label"))
