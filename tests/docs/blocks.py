"""Run the ```python blocks of a page in one namespace and compare what they print with the ```text after each.

`python -m tests.docs.blocks docs/statistics/guide.md` writes the real outputs into the page.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<shown>.*?)```\n)?", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One block of code: where it stands in the page, the output shown there and the output it really has."""

    line: int
    code: str
    shown: str
    printed: str


def run_page(page: str, name: str = "page") -> list[Block]:
    """Run every block in order; a later block sees the names of the earlier ones."""
    namespace: dict[str, Any] = {"__name__": name}
    return [_run(match, page, name, namespace) for match in BLOCK.finditer(page)]


def _run(match: re.Match[str], page: str, name: str, namespace: dict[str, Any]) -> Block:
    line = page.count("\n", 0, match.start()) + 1
    printed = io.StringIO()
    source = "\n" * line + match["code"]  # tracebacks then point at the page's own lines
    with contextlib.redirect_stdout(printed):
        exec(compile(source, name, "exec"), namespace)
    return Block(line, match["code"], match["shown"] or "", _stripped(printed.getvalue()))


def _stripped(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def with_outputs(page: str, name: str = "page") -> str:
    """The page with the real output after each block that prints."""
    blocks = iter(run_page(page, name))

    def filled(match: re.Match[str]) -> str:
        block = next(blocks)
        output = f"\n```text\n{block.printed}```\n" if block.printed else ""
        return f"```python\n{block.code}```\n{output}"

    return BLOCK.sub(filled, page)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_outputs(path.read_text(encoding="utf-8"), path.name), encoding="utf-8")
