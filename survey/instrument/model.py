"""The questionnaire as it is run: an immutable tree of groups, repeats and questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any, TypeAlias

from survey.instrument.attachments import ITEMSETS, File
from survey.instrument.faults import Fault
from survey.instrument.tables import Table, is_list, tables_of
from survey.instrument.types import MEDIA_TYPES, METADATA, SILENT

Sheets: TypeAlias = dict[str, list[dict[str, str]]]
Translations: TypeAlias = Mapping[str, str]
NOTHING: Translations = MappingProxyType({})


@dataclass(frozen=True)
class Texts:
    """One text in several languages; a missing one falls back to the default language."""

    by_language: Translations = field(default_factory=dict)
    fallback: str = "vi"

    def __call__(self, language: str | None = None) -> str:
        found = self.by_language.get(language or self.fallback) or self.by_language.get(self.fallback)
        return found or next((text for text in self.by_language.values() if text), "")

    def __bool__(self) -> bool:
        return any(self.by_language.values())

    def language(self, wanted: str) -> str:
        """The language of the text that a reader of `wanted` gets."""
        codes = (wanted, self.fallback, *self.by_language)
        return next((code for code in codes if self.by_language.get(code)), wanted)


@dataclass(frozen=True)
class Choice:
    """One answer of a list: its stored name, its label, the extra columns of the choices sheet."""

    name: str
    label: Texts
    filters: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, Texts] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """What questions, groups and repeats share."""

    name: str
    variable: str
    path: str
    label: Texts
    relevant: str = ""
    appearance: str = ""
    level: str = ""
    parent: str = ""
    row: int | None = None


@dataclass(frozen=True)
class Question(Item):
    """One question, calculation, note or metadata item; `level` is "" or the repeat it stands in."""

    type: str = "text"
    hint: Texts = field(default_factory=lambda: Texts())
    guidance: Texts = field(default_factory=lambda: Texts())
    required_message: Texts = field(default_factory=lambda: Texts())
    constraint_message: Texts = field(default_factory=lambda: Texts())
    choices: tuple[Choice, ...] = ()
    list_name: str = ""
    file: str = ""
    choice_filter: str = ""
    required: str = ""
    constraint: str = ""
    calculation: str = ""
    default: str = ""
    is_dynamic_default: bool = False
    trigger: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    media: Mapping[str, Texts] = field(default_factory=dict)
    read_only: bool = False
    bind_type: str = "string"

    @property
    def is_metadata(self) -> bool:
        """Whether the device fills it in by itself."""
        return self.type in METADATA

    @property
    def is_silent(self) -> bool:
        """Whether nobody sees it: metadata, calculations, hidden values."""
        return self.is_metadata or self.type in SILENT

    @property
    def is_media(self) -> bool:
        """Whether the answer is the name of an attached file."""
        return self.type in MEDIA_TYPES

    @cached_property
    def choice_by_name(self) -> Mapping[str, Choice]:
        """The choices by their stored names."""
        return {choice.name: choice for choice in self.choices}

    @cached_property
    def choice_order(self) -> Mapping[str, int]:
        """The place of each choice name in its list."""
        return {choice.name: place for place, choice in enumerate(self.choices)}


@dataclass(frozen=True)
class Group(Item):
    """Questions that belong together; not a level of the answer document."""

    children: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Repeat(Item):
    """A group asked several times; in the answer document a list of documents."""

    children: tuple[Node, ...] = ()
    count: str = ""


Node: TypeAlias = Question | Group | Repeat


@dataclass(frozen=True)
class Page:
    """One screen of questions; `repeat` names the repeat whose instances it shows."""

    id: str
    title: Texts
    questions: tuple[Question, ...]
    repeat: str = ""
    group: str = ""


@dataclass(frozen=True, eq=False)
class Instrument:
    """A questionnaire as run: its questions, its screens, and the exact XForm bytes that are served for it.

    `media` are the names of the files that it refers to, `files` those of them that are at hand, `tables` the lists
    among these.
    """

    form_id: str
    version: str
    titles: Texts
    default_language: str
    languages: tuple[str, ...]
    xml: bytes
    sheets: Sheets
    items: tuple[Node, ...]
    pages: tuple[Page, ...]
    lists: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    media: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()
    root: str = "data"
    files: Mapping[str, File] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)

    def with_files(self, files: Mapping[str, File | bytes]) -> Instrument:
        """This instrument with its files at hand, by name; the lists among them (CSV, GeoJSON, XML) are read."""
        held = {name: file if isinstance(file, File) else File.of(file) for name, file in files.items()}
        lists = tables_of(
            {name: file.read() for name, file in held.items() if is_list(name) and name != ITEMSETS}
        )
        return replace(
            self,
            files=MappingProxyType({**self.files, **held}),
            tables=MappingProxyType({**self.tables, **lists}),
        )

    def title(self, language: str | None = None) -> str:
        """The title in that language."""
        return self.titles(language)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the XForm and of the names and contents of its files, in hex: the identity of this version."""
        digest = sha256(self.xml)
        for name, file in sorted(self.files.items()):
            digest.update(f"\n{name}\0{file.sha256}".encode())
        return digest.hexdigest()

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instrument) and self.hash == other.hash

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every question, group and repeat by its variable, in document order."""
        return MappingProxyType({node.variable: node for node in walk(self.items)})

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by its variable, in document order; the record's own id is not one."""
        found = {key: node for key, node in self.nodes.items() if isinstance(node, Question)}
        return MappingProxyType({key: node for key, node in found.items() if node.type != "instanceID"})

    @cached_property
    def repeats(self) -> Mapping[str, Repeat]:
        """Every repeat by its variable, in document order."""
        return MappingProxyType({key: node for key, node in self.nodes.items() if isinstance(node, Repeat)})

    def page(self, page_id: str) -> Page:
        """The page of that id; raises KeyError."""
        for page in self.pages:
            if page.id == page_id:
                return page
        raise KeyError(page_id)

    @cached_property
    def cache(self) -> dict[str, Any]:
        """Compiled forms of this instrument; filled by the modules that compile."""
        return {}


def walk(items: tuple[Node, ...]) -> Iterator[Node]:
    """Every node of the tree, parents before children."""
    for item in items:
        yield item
        if isinstance(item, Group | Repeat):
            yield from walk(item.children)
