"""Which structures a query asks for, with those that they use or that use them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from survey.disseminate.sdmx.flows import AGENCY, VERSION, flows
from survey.disseminate.sdmx.structures import Structures, structures_of
from survey.errors import NotFound

ANY = ("*", "all")
LATEST = ("latest", "+", "~")
KINDS = {
    "Dataflow": "dataflow",
    "DataStructureDefinition": "datastructure",
    "ConceptScheme": "conceptscheme",
    "Codelist": "codelist",
}
"""How addresses name the kinds of artefacts."""
Key = tuple[str, str]


@dataclass(frozen=True)
class Catalogue:
    """All structures there are by kind and id, what each refers to, and their Vietnamese names."""

    artefacts: Mapping[Key, Any]
    uses: Mapping[Key, frozenset[Key]]
    vietnamese: Mapping[tuple[str, str], str]

    def find(self, kinds: Sequence[str], agency: str, ids: str, version: str) -> list[Key]:
        """The artefacts of an address; raise `NotFound` where there is none."""
        agencies, wanted, versions = (part.replace("+", ",").split(",") for part in (agency, ids, version))
        known = _any_of(agencies, AGENCY) and (
            _any_of(versions, VERSION) or version in LATEST or "" in versions
        )
        found = [key for key in self.artefacts if known and key[0] in kinds and _any_of(wanted, key[1])]
        if not found:
            raise NotFound(f"Không có cấu trúc {agency}:{ids}({version}).", "Xem /sdmx/2.1/dataflow.")
        return found

    def with_references(self, found: Sequence[Key], references: str) -> list[Any]:
        """The artefacts found, and those that `references` asks for (SDMX REST: none, children, …, or a kind)."""
        wanted = RELATIONS[references](self, found) if references in RELATIONS else {
            key for key in _connected(self, found) if key[0] == references
        }  # fmt: skip
        chosen = {*found, *wanted}
        return [artefact for key, artefact in self.artefacts.items() if key in chosen]


def _any_of(wanted: Sequence[str], own: str) -> bool:
    return own in wanted or any(word in ANY for word in wanted)


def catalogue() -> Catalogue:
    """The structures of everything that is published now; parts that flows share are there once."""
    artefacts: dict[Key, Any] = {}
    uses: dict[Key, set[Key]] = {}
    texts: dict[tuple[str, str], str] = {}
    for flow in flows():
        structures = structures_of(flow)
        texts |= structures.vietnamese
        artefacts |= {_key(artefact): artefact for artefact in structures}
        for key, used in _references(structures):
            uses.setdefault(key, set()).add(used)
    order = list(KINDS.values())
    in_order = dict(sorted(artefacts.items(), key=lambda entry: order.index(entry[0][0])))
    return Catalogue(in_order, {key: frozenset(used) for key, used in uses.items()}, texts)


def _key(artefact: Any) -> Key:
    return KINDS[type(artefact).__name__], artefact.id


def _references(structures: Structures) -> Iterator[tuple[Key, Key]]:
    definition = _key(structures.definition)
    yield _key(structures.dataflow), definition
    for used in (structures.concepts, *structures.codelists):
        yield definition, _key(used)


def _children(catalogue: Catalogue, keys: Sequence[Key] | set[Key]) -> set[Key]:
    return {used for key in keys for used in catalogue.uses.get(key, ())}


def _parents(catalogue: Catalogue, keys: Sequence[Key] | set[Key]) -> set[Key]:
    return {key for key, used in catalogue.uses.items() if used & set(keys)}


def _descendants(catalogue: Catalogue, keys: Sequence[Key] | set[Key]) -> set[Key]:
    children = _children(catalogue, keys)
    return children | _descendants(catalogue, children) if children else set()


def _connected(catalogue: Catalogue, keys: Sequence[Key] | set[Key]) -> set[Key]:
    around = set(keys)
    while more := (_children(catalogue, around) | _parents(catalogue, around)) - around:
        around |= more
    return around


RELATIONS = {
    "none": lambda catalogue, keys: set(),
    "children": _children,
    "descendants": _descendants,
    "parents": _parents,
    "ancestors": lambda catalogue, keys: (
        _parents(catalogue, keys) | _parents(catalogue, _parents(catalogue, keys))
    ),
    "parentsandsiblings": lambda catalogue, keys: (
        _parents(catalogue, keys) | _children(catalogue, _parents(catalogue, keys))
    ),
    "all": _connected,
}
