"""`make bench`: statistics, questionnaire engine and collection, one after the other on a quiet machine."""

import subprocess
import sys

BENCHMARKS = (
    "tests.load.bench_analysis",
    "tests.load.bench_instrument",
    "tests.load.bench_submissions",
    "tests.load.bench_assessment",
    "tests.load.bench_phone",
    "tests.load.bench_snapshot",
)


def main() -> int:
    """Run each benchmark in a process of its own; return the first exit code that is not 0."""
    codes = []
    for module in BENCHMARKS:
        print(f"\n== python -m {module}", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", module], check=False).returncode)
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
