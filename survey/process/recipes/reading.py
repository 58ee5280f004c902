"""A recipe's YAML read with the line of every entry, within limits that no honest recipe meets."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from survey.process.recipe import BadRecipe

LARGEST = 64_000  # bytes; the longest plan of our questionnaires has 3,000
DEEPEST = 12
MOST_EVENTS = 20_000
LONGEST_NUMBER = 30
TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
TEXT = "tag:yaml.org,2002:str"

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Wrong:
    """One thing to mend: on which line, in which entry, what, and how. Line 0: the text as a whole."""

    line: int
    entry: str
    message: str
    remedy: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"dòng {self.line}" if self.line else "", self.entry) if part)
        return f"{where}: {self.message}" if where else self.message


class UnfitRecipe(BadRecipe):
    """Everything that is wrong with a recipe, from top to bottom."""

    def __init__(self, *faults: Wrong) -> None:
        more = f" Và {len(faults) - 1} chỗ khác." if len(faults) > 1 else ""
        super().__init__(f"{str(faults[0])[:1].upper()}{str(faults[0])[1:]}", f"{faults[0].remedy}{more}")
        self.faults = faults


@dataclass(frozen=True)
class RecipeText:
    """What a recipe says, and on which line (from 1) each of its entries begins."""

    document: dict[str, Any]
    lines: dict[Path, int]

    def line(self, *path: str | int) -> int:
        """The line of an entry, or of the nearest one around it."""
        return next((self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines), 1)


def read_text(text: str) -> RecipeText:
    """The document of a recipe's YAML; raise `UnfitRecipe` with the line of what cannot be read or is not allowed.

    Aliases and tags are refused: a few lines of them stand for billions of entries, or for objects.
    """
    size = len(text.encode(errors="surrogatepass"))
    if size > LARGEST:
        _refuse(0, f"Phương án dài {size // 1000} KB.", f"Giữ trong {LARGEST // 1000} KB.")
    try:
        _refuse_dangerous(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        line, problem = _place(error, text)
        _refuse(line, f"không đọc được YAML ({problem}).", REMEDIES.get(problem[:20], GENERAL))
    lines: dict[Path, int] = {}
    faults = list(_walk(node, (), lines)) if node else []
    if faults:
        raise UnfitRecipe(*faults)
    if not isinstance(node, yaml.MappingNode):
        _refuse(1, "phương án phải là các mục `tên: giá trị`.", "Bắt đầu bằng `levels:`.")
    return RecipeText(yaml.safe_load(text), lines)


GENERAL = "Kiểm tra thụt dòng, dấu hai chấm và dấu ngoặc quanh dòng này."
REMEDIES = {"found character '\\t'": "Thụt dòng bằng dấu cách, không dùng phím Tab."}


def _refuse(line: int, message: str, remedy: str) -> None:
    raise UnfitRecipe(Wrong(line, "", message, remedy))


def _place(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line on which reading stopped, and the reader's own words."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return (mark.line + 1 if mark else 1), str(error.problem or error.context)
    position = getattr(error, "position", 0)
    return text[: position if isinstance(position, int) else 0].count("\n") + 1, "ký tự không được phép"


def _refuse_dangerous(text: str) -> None:
    """Go over the text without building anything of it."""
    depth = documents = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 1
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if documents > 1:
            _refuse(line, "có tài liệu YAML thứ hai.", "Bỏ dòng `---` này và phần sau nó.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse(line, "không dùng bí danh YAML (&tên, *tên).", "Viết lại đầy đủ chỗ này.")
        if tag := getattr(event, "tag", None):
            _refuse(line, f"không dùng thẻ YAML ({tag}).", "Bỏ phần bắt đầu bằng dấu chấm than.")
        if depth > DEEPEST:
            _refuse(line, f"lồng nhau quá {DEEPEST} lớp.", "Viết theo mẫu của phương án 0.")
        if number > MOST_EVENTS:
            _refuse(line, "quá nhiều mục.", f"Giữ dưới {MOST_EVENTS} mục.")


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Iterator[Wrong]:
    """Note the line of each entry; tell names that stand twice and values that a recipe has no use for."""
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _walk(item, (*path, number), lines)
    elif isinstance(node, yaml.MappingNode):
        yield from _walk_names(node, path, lines)
    elif isinstance(node, yaml.ScalarNode):
        yield from _judge_value(node, path)


def _walk_names(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> Iterator[Wrong]:
    for name, value in node.value:
        line, here = name.start_mark.line + 1, (*path, str(name.value))
        if name.tag != TEXT or not name.value:
            shown = repr(name.value) if isinstance(name.value, str) else "ở đây"
            yield Wrong(line, entry(path), f"tên mục {shown} không phải chữ.", "Đặt tên trong ngoặc kép.")
            continue
        if here in lines:
            yield Wrong(
                line, entry(here), f"mục này đã có ở dòng {lines[here]}.", "Giữ một mục, xóa mục kia."
            )
            continue
        lines[here] = line
        yield from _judge_value(name, path)
        yield from _walk(value, here, lines)


def _judge_value(node: yaml.ScalarNode, path: Path) -> Iterator[Wrong]:
    line, shown = node.start_mark.line + 1, str(node.value)[:40]
    number = node.tag in (f"tag:yaml.org,2002:{kind}" for kind in ("int", "float"))
    if node.tag not in TAGS:
        yield Wrong(line, entry(path), f"giá trị {shown!r} không phải chữ hay số.", "Đặt trong ngoặc kép.")
    elif number and (len(node.value) > LONGEST_NUMBER or not _is_finite(node)):
        yield Wrong(line, entry(path), f"{shown!r} không phải một số dùng được.", "Viết số như 0.3 hoặc 25.")
    elif node.tag == TEXT and not all(character.isprintable() for character in node.value):
        yield Wrong(
            line, entry(path), "có ký tự điều khiển hoặc xuống dòng.", "Gõ lại giá trị trên một dòng."
        )


def _is_finite(node: yaml.ScalarNode) -> bool:
    try:
        return math.isfinite(float(yaml.SafeLoader("").construct_object(node, deep=True)))
    except ValueError:  # 0x_ is a number to YAML's grammar and to nobody else
        return False


def entry(path: Path) -> str:
    """`levels, adult, weighting, bước 4, margins` of ("levels", "adult", "weighting", 3, "margins")."""
    return ", ".join(f"bước {part + 1}" if isinstance(part, int) else part for part in path)
