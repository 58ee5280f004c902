"""Reads every XLSForm of a folder: how many convert, and that no failure is a bare Python exception.

Run: python -m tests.instrument.corpus FOLDER
"""

from __future__ import annotations

import sys
import traceback
import warnings
from pathlib import Path

from survey.instrument import InstrumentErrors, check, codebook_csv, codebook_ddi, next_page, read_xlsform


def tried(path: Path) -> str:
    """`ok`, `refused: …` with the first fault, or `crash: …`."""
    try:
        form = read_xlsform(path)
        check(form, check(form, {}).answers)
        next_page(form, {}, None)
        codebook_csv(form)
        codebook_ddi(form)
    except InstrumentErrors as errors:
        return f"refused: {errors.faults[0].message()[:160]}"
    except Exception:
        return f"crash: {traceback.format_exc().strip().splitlines()[-1]}"
    return "ok"


def main(folder: Path) -> int:
    """Print each result and the totals; exit code 1 if anything crashed."""
    warnings.simplefilter("ignore")
    results = {path.name: tried(path) for path in sorted(folder.glob("*.xls*"))}
    for name, result in results.items():
        print(f"{name[:60]:60} {result}")
    kinds = [result.partition(":")[0] for result in results.values()]
    print({kind: kinds.count(kind) for kind in ("ok", "refused", "crash")})
    return int("crash" in kinds)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
