"""The pages for statisticians: every block runs in order and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis import Design
from tests.docs.blocks import run_page, with_outputs

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "statistics"


@pytest.mark.parametrize(("name", "fewest"), [("guide.md", 25), ("coming-from.md", 2)])
def test_the_page_shows_what_its_code_prints(name: str, fewest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = run_page((DOCS / name).read_text(encoding="utf-8"), name)
    assert len(blocks) >= fewest
    wrong = [
        f"{name}:{b.line} shows\n{b.shown}but prints\n{b.printed}" for b in blocks if b.shown != b.printed
    ]
    remedy = f"If the figures rightly moved: python -m tests.docs.blocks docs/statistics/{name}"
    assert not wrong, "\n".join([*wrong, remedy])


def test_every_call_that_coming_from_names_exists() -> None:
    page = (DOCS / "coming-from.md").read_text(encoding="utf-8")
    ours = "\n".join(line.rsplit("|", 2)[1] for line in page.splitlines() if line.startswith("| "))
    named = set(re.findall(r"\bd\.(\w+)", ours))
    assert len(named) > 20
    assert {name for name in named if not hasattr(Design, name)} == set()


PAGE = """
```python
x = 2
```

```python
print(x + 1)
```

```text
4
```
"""


def test_a_wrong_figure_is_seen_and_corrected() -> None:
    first, second = run_page(PAGE)
    assert (first.shown, first.printed) == ("", "")
    assert (second.line, second.shown, second.printed) == (6, "4\n", "3\n")
    assert with_outputs(PAGE) == PAGE.replace("4\n", "3\n")
