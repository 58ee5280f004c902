"""The flow of a questionnaire as a picture: a column of boxes, ways around on its right, loops on its left."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap

from survey.authoring.flow import Branch, Flow, Loop, Node, Screen

WIDTH = 248
GAP = 26
LINE = 19
PAD = 11
RAIL = 16
FIRST_RAIL = 28
LETTERS = 31
"""What fits on a line of a box at 14 px; a wide letter more or less stays inside the padding."""
MOST_LINES = 6


@dataclass(frozen=True)
class Box:
    """A box with lines of text; `kind` is its class: end, page, condition or loop."""

    kind: str
    x: int
    y: int
    height: int
    lines: tuple[str, ...]
    width: int = WIDTH

    @property
    def texts(self) -> list[tuple[int, str]]:
        """Each line with its baseline."""
        return [(self.y + PAD + LINE * place + LINE - 5, line) for place, line in enumerate(self.lines)]


@dataclass(frozen=True)
class Way:
    """Straight pieces, an arrow at their end; `kind` is the class: on, around, again, or join without an arrow."""

    kind: str
    points: tuple[tuple[int, int], ...]

    @property
    def path(self) -> str:
        """As the `d` of an SVG path."""
        first, *rest = self.points
        return f"M{first[0]} {first[1]}" + "".join(f"L{x} {y}" for x, y in rest)

    @property
    def arrow(self) -> str:
        """The arrow's head at the end, as a path."""
        (x1, y1), (x, y) = self.points[-2:]
        if x1 == x:
            back = y - 7 if y >= y1 else y + 7
            return f"M{x} {y}L{x - 5} {back}L{x + 5} {back}Z"
        back = x - 7 if x >= x1 else x + 7
        return f"M{x} {y}L{back} {y - 5}L{back} {y + 5}Z"


@dataclass(frozen=True)
class Word:
    """A word beside a way."""

    x: int
    y: int
    text: str


@dataclass
class Picture:
    """Shapes in a frame of `width` by `height` pixels."""

    width: int = 0
    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


def draw(flow: Flow) -> Picture:
    """The picture of a flow."""
    left = 8 + RAIL * _rails(flow.nodes, Loop)
    pen = _Pen(Picture(), left)
    pen.box("end", ("Bắt đầu",))
    pen.all(flow.nodes)
    pen.on()
    pen.box("end", (f"… {flow.left_out} trang nữa",) if flow.left_out else ("Xem lại và gửi",))
    picture = pen.picture
    picture.width = left + WIDTH + FIRST_RAIL + RAIL * _rails(flow.nodes, Branch)
    picture.height = pen.y + 2
    return picture


def _rails(nodes: tuple[Node, ...], kind: type[Branch] | type[Loop]) -> int:
    """How many lines run beside one another past these nodes."""
    return max((isinstance(node, kind) + _rails(_inside(node), kind) for node in nodes), default=0)


def _inside(node: Node) -> tuple[Node, ...]:
    return () if isinstance(node, Screen) else node.inside


class _Pen:
    """Where the column has come to, from above."""

    def __init__(self, picture: Picture, left: int) -> None:
        self.picture, self.left, self.y = picture, left, 2
        self.middle, self.right = left + WIDTH // 2, left + WIDTH

    def box(self, kind: str, texts: tuple[str, ...]) -> Box:
        """A box at this height; the pen goes below it."""
        lines = tuple(line for text in texts for line in _lines(text))
        drawn = Box(kind, self.left, self.y, 2 * PAD + LINE * len(lines), lines)
        self.picture.boxes.append(drawn)
        self.y += drawn.height
        return drawn

    def on(self, word: str = "") -> None:
        """An arrow down to what comes next."""
        self.picture.ways.append(Way("on", ((self.middle, self.y), (self.middle, self.y + GAP))))
        if word:
            self.picture.words.append(Word(self.middle + 10, self.y + 17, word))
        self.y += GAP

    def all(self, nodes: tuple[Node, ...], word: str = "") -> None:
        for place, node in enumerate(nodes):
            self.on(word if place == 0 else "")
            DRAWN[type(node)](self, node)

    def page(self, screen: Screen) -> None:
        self.box("page", (f"{screen.number}. {screen.title}", counted(screen)))

    def branch(self, branch: Branch) -> None:
        asked = self.box("condition", (f"Nếu {branch.words or branch.condition}",))
        start = asked.y + asked.height // 2
        self.all(branch.inside, "Có")
        rail = self.right + FIRST_RAIL - 8 + RAIL * _rails(branch.inside, Branch)
        self.y += GAP // 2
        end = ((self.right, start), (rail, start), (rail, self.y), (self.middle, self.y))
        self.picture.ways.append(Way("around", end))
        self.picture.ways.append(Way("join", ((self.middle, self.y - GAP // 2), (self.middle, self.y))))
        self.picture.words.append(Word(self.right + 3, start - 6, "Không"))

    def loop(self, loop: Loop) -> None:
        head = self.box("loop", (f"Lặp lại: {loop.title}", how_often(loop)))
        self.all(loop.inside)
        rail = self.left - 7 - RAIL * _rails(loop.inside, Loop)
        self.y += GAP // 2
        top = head.y + head.height // 2
        again = ((self.middle, self.y - GAP // 2), (self.middle, self.y), (rail, self.y), (rail, top))
        self.picture.ways.append(Way("again", (*again, (self.left, top))))


DRAWN = {Screen: _Pen.page, Branch: _Pen.branch, Loop: _Pen.loop}


def counted(screen: Screen) -> str:
    """How many questions a page has."""
    some = f", {screen.conditional} câu tùy câu trả lời" if screen.conditional else ""
    return f"{screen.questions} câu{some}"


def how_often(loop: Loop) -> str:
    """How many instances a repeat has."""
    return f"Số lần: {loop.count}" if loop.count else "Người trả lời thêm từng mục"


def _lines(text: str) -> list[str]:
    return wrap(text, LETTERS, max_lines=MOST_LINES, placeholder="…", break_long_words=True) or [""]
