"""The statistician's guide: every block runs in order and prints what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import run_page, with_outputs

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "statistics" / "guide.md"


def test_the_guide_shows_what_its_code_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = run_page(GUIDE.read_text(encoding="utf-8"), GUIDE.name)
    assert len(blocks) > 20
    wrong = [
        f"guide.md:{b.line} shows\n{b.shown}but prints\n{b.printed}" for b in blocks if b.shown != b.printed
    ]
    assert not wrong, (
        "\n".join(wrong)
        + "\nIf the figures rightly moved: python -m tests.docs.blocks docs/statistics/guide.md"
    )


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
