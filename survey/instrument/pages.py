"""The screens of the web form: a group is a page, a loose question is a page, a repeat is a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from survey.instrument.model import Group, Node, Page, Question, Repeat, Texts


def pages_of(items: tuple[Node, ...]) -> tuple[Page, ...]:
    """The pages of a questionnaire in order; those on which nobody sees anything are dropped."""
    pages: list[Page] = []
    for item in items:
        if isinstance(item, Question):
            pages.append(Page(item.variable, item.label, (item,)))
        else:
            pages += _pages_of(item)
    shown = [page for page in pages if any(not question.is_silent for question in page.questions)]
    return tuple(_with_unique_ids(shown))


@dataclass
class _Open:
    """A page being filled while a group is walked."""

    holder: Group | Repeat
    repeat: str
    questions: list[Question] = field(default_factory=list)

    def close(self) -> Page:
        page = Page(
            self.holder.variable.strip("/"),
            self.title(),
            tuple(self.questions),
            self.repeat,
            self.holder.variable,
        )
        self.questions = []
        return page

    def title(self) -> Texts:
        return self.holder.label


def _pages_of(item: Group | Repeat) -> Iterator[Page]:
    repeat = item.variable if isinstance(item, Repeat) else item.level
    current = _Open(item, repeat)
    yield from _walk(item.children, current, "field-list" in item.appearance)
    if current.questions:
        yield current.close()


def _walk(children: tuple[Node, ...], current: _Open, together: bool) -> Iterator[Page]:
    """Questions gather on the page; a repeat, or a field-list of its own, makes a page between."""
    for child in children:
        if isinstance(child, Question):
            current.questions.append(child)
        elif isinstance(child, Repeat) or ("field-list" in child.appearance and not together):
            if current.questions:
                yield current.close()
            yield from _pages_of(child)
        else:
            yield from _walk(child.children, current, together)


def _with_unique_ids(pages: list[Page]) -> Iterator[Page]:
    seen: dict[str, int] = {}
    for page in pages:
        seen[page.id] = seen.get(page.id, 0) + 1
        place = seen[page.id]
        page_id = page.id if place == 1 else f"{page.id}-{place}"
        yield Page(page_id, page.title, page.questions, page.repeat, page.group)
