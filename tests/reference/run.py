"""Run reference cases: python -m tests.reference.run CASES.json [--data DIR] [--group NAME]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from analysis.errors import MissingValues
from tests.reference.cases import HERE, Case, Datasets, Inexpressible, read_cases
from tests.reference.compare import differences
from tests.reference.designs import design_of
from tests.reference.requests import answer
from tests.reference.small_areas import MODELS
from tests.reference.steps import apply_steps


def failures(case: Case, datasets: Datasets) -> list[str]:
    """What differs from the reference, or why the case cannot be computed."""
    try:
        if case.request["stat"] in MODELS:
            figures = MODELS[case.request["stat"]](case, datasets)
        else:
            figures = answer(apply_steps(design_of(case, datasets), case.steps), case)
        return list(differences(case.content, figures))
    except MissingValues as refused:
        return [] if _all_unknown(case) else [f"MissingValues: {refused}"]
    except Inexpressible as missing:
        return [f"cannot be expressed: {missing}"]
    except Exception as error:  # any fault in one case must not hide the others
        return [f"{type(error).__name__}: {error}"]


def _all_unknown(case: Case) -> bool:
    """Where a value is missing R answers NA and the library refuses: that is agreement."""
    rows = case.result.get("estimates", [])
    return bool(rows) and all(row["est"] is None for row in rows)


def data_folder(cases_file: Path, given: Path | None) -> Path:
    """The folder named, else the one beside the case file, else the copy kept here."""
    beside = cases_file.parent / "data"
    return given or (beside if beside.is_dir() else HERE / "data")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.reference.run", description=__doc__)
    parser.add_argument("cases", type=Path, help="case file, .json or .json.gz")
    parser.add_argument("--data", type=Path, help="folder of the data sets")
    parser.add_argument("--group", action="append", help="only the cases of this group; may be repeated")
    options = parser.parse_args(arguments)
    datasets = Datasets(data_folder(options.cases, options.data))
    cases = [c for c in read_cases(options.cases) if not options.group or c.group in options.group]
    failed = 0
    for case in cases:
        found = failures(case, datasets)
        if found:
            failed += 1
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            print(f"{case.id} [{case.group}] {found[0]}{more}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
