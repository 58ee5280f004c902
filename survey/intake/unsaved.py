"""What was typed on a draft's pages and not taken in: kept beside the draft, so that nothing typed is lost.

It stands outside the draft's own row: keeping it changes no answer and no revision.
"""

from collections.abc import Collection, Mapping
from secrets import token_hex

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from survey.extensions import db
from survey.intake.models import Response, UnsavedPage

# Which window typed it, as a field of its own: no variable of an XLSForm begins with a hyphen.
WINDOW = "-window"

# A page, and which instance of each repeat around it, from 1.
Place = tuple[str, tuple[int, ...]]
Fields = Mapping[str, list[str]]


def keep(draft: Response, place: Place, fields: Fields, *, told: bool, notice: str = "") -> None:
    """Keep what a page's fields held, in place of what was kept; once `told`, its faults are shown until mended."""
    row = {"response_id": draft.id, "page": place[0], "numbers": written(place[1])}
    values = {"fields": {WINDOW: [new_window()], **fields}, "notice": notice}
    statement = insert(UnsavedPage).values({**row, **values, "told": told})
    shown = UnsavedPage.told | statement.excluded.told
    db.session.execute(
        statement.on_conflict_do_update(index_elements=list(row), set_={**values, "told": shown})
    )


def keep_unasked(draft: Response, place: Place, fields: Fields, window: str, shown: str) -> bool:
    """Keep what a window holds before its person says to; False where another window's is kept there.

    `shown` is the window whose fields this one began with.  Nothing becomes wrong by it, and no revision changes.
    """
    kept = kept_on(draft, place)
    if kept and window_of(kept) not in (window, shown):
        return False
    fields = {**fields, WINDOW: [window]}
    keep(draft, place, fields, told=False, notice=kept.notice if kept else "")
    return True


def window_of(kept: UnsavedPage | None) -> str:
    """Which window typed what is kept; "" where nothing is."""
    return str(kept.fields.get(WINDOW, [""])[0]) if kept else ""


def kept_on(draft: Response, place: Place) -> UnsavedPage | None:
    """What is kept of a page."""
    key = (draft.id, place[0], written(place[1]))
    return db.session.get(UnsavedPage, key, populate_existing=True)


def places_kept(draft: Response) -> set[Place]:
    """The pages with something typed that is not in the answers; another tab's version does not count."""
    query = select(UnsavedPage.page, UnsavedPage.numbers).where(
        UnsavedPage.response_id == draft.id, UnsavedPage.notice == ""
    )
    return {(page, read_numbers(numbers)) for page, numbers in db.session.execute(query)}


def tell(draft: Response) -> None:
    """From now on every kept page shows what is wrong on it."""
    db.session.execute(update(UnsavedPage).where(UnsavedPage.response_id == draft.id).values(told=True))


def forget(draft: Response, place: Place | None = None) -> None:
    """The page is right, or its answers were chosen over what was typed; without a place, all pages are."""
    statement = delete(UnsavedPage).where(UnsavedPage.response_id == draft.id)
    if place is not None:
        statement = statement.where(UnsavedPage.page == place[0], UnsavedPage.numbers == written(place[1]))
    db.session.execute(statement)


def forget_instance(draft: Response, pages: Collection[str], numbers: tuple[int, ...]) -> None:
    """An instance of a repeat was taken out: what was typed there goes, what was typed after it moves up."""
    last = len(numbers) - 1
    query = select(UnsavedPage).where(UnsavedPage.response_id == draft.id, UnsavedPage.page.in_(pages))
    found = [(read_numbers(kept.numbers), kept) for kept in db.session.scalars(query)]
    beside = [(place, kept) for place, kept in found if place[:last] == numbers[:last]]
    for place, kept in sorted(beside, key=lambda pair: pair[0]):
        if place[last] == numbers[last]:
            db.session.delete(kept)
        elif place[last] > numbers[last]:
            kept.numbers = written((*place[:last], place[last] - 1, *place[last + 1 :]))
        db.session.flush()


def new_window() -> str:
    """A name for what was typed in one window."""
    return token_hex(8)


def written(numbers: tuple[int, ...]) -> str:
    """Which instance of each repeat, as addresses and the table write it: "2.1"; empty outside repeats."""
    return ".".join(map(str, numbers))


def read_numbers(text: str) -> tuple[int, ...]:
    """The numbers that `written` wrote."""
    return tuple(int(part) for part in text.split(".") if part)
