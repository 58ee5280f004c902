"""Reads every XLSForm of a folder: how many convert, that each survives being written as a workbook and a
folder, that no failure is a bare Python exception, and that JavaRosa takes and refuses the same forms.

Run: python -m tests.instrument.corpus FOLDER
"""

from __future__ import annotations

import sys
import traceback
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from pyxform.xls2xform import convert

from survey.instrument import (
    Instrument,
    InstrumentErrors,
    check,
    codebook_csv,
    codebook_ddi,
    csv_files,
    next_page,
    read_sheets,
    read_xlsform,
    xlsx_bytes,
)
from survey.instrument.model import Sheets
from tests.instrument.referee.client import Referee, missing


def tried(path: Path) -> str:
    """`ok`, `refused: …` with the first fault, or `crash: …`."""
    try:
        form = read_xlsform(path)
        check(form, check(form, {}).answers)
        next_page(form, {}, None)
        codebook_csv(form)
        codebook_ddi(form)
        again = written_again(form.sheets)
        if again.xml != form.xml:
            return "crash: another form after being written as a workbook"
    except InstrumentErrors as errors:
        return f"refused: {errors.faults[0].message('vi')[:160]}"
    except Exception:
        return f"crash: {traceback.format_exc().strip().splitlines()[-1]}"
    return "ok"


def written_again(sheets: Sheets) -> Instrument:
    """The instrument of these sheets after a workbook; the folder of CSV sheets must hold the same."""
    with TemporaryDirectory() as folder:
        book, sub = Path(folder) / "form.xlsx", Path(folder) / "form"
        book.write_bytes(xlsx_bytes(sheets))
        sub.mkdir()
        for name, text in csv_files(sheets).items():
            (sub / name).write_text(text, encoding="utf-8")
        if read_sheets(sub) != sheets or read_sheets(book) != sheets:
            raise ValueError("other sheets after being written")
        return read_xlsform(book)


def accepted_elsewhere(path: Path, referee: Referee | None) -> bool | None:
    """Whether pyxform converts the file and JavaRosa loads it; None without JavaRosa."""
    if referee is None:
        return None
    try:
        referee.form(convert(str(path), validate=False).xform.encode())
    except Exception:
        # Whatever either of them raises is its way of refusing.
        return False
    return True


def main(folder: Path) -> int:
    """Print each result and the totals; exit code 1 if anything crashed."""
    warnings.simplefilter("ignore")
    referee = None if missing() else Referee()
    results = {}
    for path in sorted(folder.glob("*.xls*")):
        results[path.name] = result = tried(path)
        elsewhere = accepted_elsewhere(path, referee)
        mark = "" if elsewhere in (None, result == "ok") else "  [JavaRosa: other]"
        print(f"{path.name[:60]:60} {result}{mark}")
    if referee:
        referee.close()
    kinds = [result.partition(":")[0] for result in results.values()]
    print({kind: kinds.count(kind) for kind in ("ok", "refused", "crash")})
    return int("crash" in kinds)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
