"""Which row of the survey sheet each node of the form comes from."""

from __future__ import annotations

import re

BEGIN = re.compile(r"^begin[_ ](?:group|repeat|loop)\b", re.IGNORECASE)
END = re.compile(r"^end[_ ](?:group|repeat|loop)\b", re.IGNORECASE)


def rows_by_path(survey: list[dict[str, str]], root: str) -> dict[str, int]:
    """Spreadsheet row numbers (the header is row 1) by XPath, for messages."""
    rows: dict[str, int] = {}
    stack = [f"/{root}"]
    for number, row in enumerate(survey, start=2):
        cells = {column.lower(): value for column, value in row.items()}
        kind, name = cells.get("type", ""), cells.get("name", "")
        path = f"{stack[-1]}/{name}"
        if END.match(kind):
            stack = stack[:-1] or stack
            continue
        rows.setdefault(path, number)
        if BEGIN.match(kind):
            stack.append(path)
    return rows
