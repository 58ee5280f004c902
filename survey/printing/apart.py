"""A long document set in a process of its own: the memory that setting takes (half a megabyte a page, and kept for
later documents) is given back when that process ends.

`python -m survey.printing.apart LAYOUT TIME < data.json > document.pdf`
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from survey.printing import pdf

LONGEST_SECONDS = 600


class SettingFailed(RuntimeError):
    """The process that sets documents ended without one."""


def pdf_apart(layout: str, data: Mapping[str, Any], at: datetime | None = None) -> bytes:
    """The same document as `survey.printing.pdf` makes."""
    moment = (at or datetime.now(UTC)).isoformat()
    command = [sys.executable, "-m", "survey.printing.apart", layout, moment]
    given = json.dumps(data, ensure_ascii=False).encode()
    done = subprocess.run(command, input=given, capture_output=True, timeout=LONGEST_SECONDS, check=False)
    if done.returncode != 0:
        raise SettingFailed(f"{layout}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _main() -> None:
    layout, moment = sys.argv[1:]
    data = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pdf(layout, data, at=datetime.fromisoformat(moment)))


if __name__ == "__main__":
    _main()
