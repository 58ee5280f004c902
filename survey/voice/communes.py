"""The communes of today, found by the name that somebody types, with or without accents."""

from dataclasses import dataclass

from sqlalchemy import select

from survey.cases.models import Area, AreaKind
from survey.extensions import db
from survey.text import plain

MOST_EXAMPLES = 3


@dataclass(frozen=True)
class Commune:
    """An area of today, in the order of the alphabet."""

    id: int
    code: str
    name: str
    full_name: str


class UnknownCommune(ValueError):
    """No commune, or several, go by the typed name: a key of words.py and what fills it in."""

    def __init__(self, typed: str, similar: list[Commune]) -> None:
        super().__init__(typed)
        self.key = "several_communes" if similar else "no_commune"
        examples = "; ".join(commune.full_name for commune in similar[:MOST_EXAMPLES])
        self.values = {"typed": typed, "examples": examples}


def communes() -> list[Commune]:
    """All of them."""
    query = select(Area.id, Area.code, Area.name, Area.full_name).where(
        Area.kind == AreaKind.COMMUNE, Area.valid_to.is_(None)
    )
    found = [Commune(*row) for row in db.session.execute(query)]
    return sorted(found, key=lambda commune: (plain(commune.name), commune.full_name))


def find(known: list[Commune], typed: str) -> Commune | None:
    """The one that is called this, or the only one whose name contains it; None for nothing typed.

    Raises `UnknownCommune` with the similar ones.
    """
    wanted = plain(" ".join(typed.split()))
    if not wanted:
        return None
    called = [commune for commune in known if plain(commune.full_name) == wanted]
    called = called or [commune for commune in known if plain(commune.name) == wanted]
    similar = called or [commune for commune in known if wanted in plain(commune.full_name)]
    if len(similar) != 1:
        raise UnknownCommune(typed, similar)
    return similar[0]


def names() -> tuple[tuple[str, str], ...]:
    """Code and short name of each, for labels on maps."""
    return tuple((commune.code, commune.name) for commune in communes())


def full_name(code: str | None) -> str:
    """The full name of a code, "" where there is none."""
    return next((commune.full_name for commune in communes() if commune.code == code), "")
