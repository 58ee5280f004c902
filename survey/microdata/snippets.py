"""Programs that a reader runs beside the released file: they print a published figure with its error."""

from collections.abc import Callable, Sequence

import numpy as np

from survey.formats import number
from survey.microdata.replicas import Reproduced

WEIGHT = "final_weight"
R_MEANS = {"share": "svymean", "mean": "svymean", "total": "svytotal"}


def r_snippet(one: Reproduced, file: str, scale: float, rscales: Sequence[float]) -> str:
    """For R with the package survey (3.3 or later)."""
    design = (
        "design <- svrepdesign(\n"
        f'  data = data, weights = ~{WEIGHT}, repweights = data[grep("^rep_[0-9]+$", names(data))],\n'
        '  type = "other", combined.weights = TRUE, mse = FALSE,\n'
        f"  scale = {scale!r}, rscales = {_r_vector(rscales)}\n)"
    )
    if one.over:
        result = f"result <- svyratio(~{one.column}, ~{one.over}, design, na.rm = TRUE)"
    else:
        result = f"result <- {R_MEANS[one.estimand]}(~{one.column}, design, na.rm = TRUE)"
    factor = _factor(one)
    return "\n".join(
        [
            *(f"# {line}" for line in _words(one, "R, gói survey")),
            "library(survey)",
            f'data <- read.csv("{file}", encoding = "UTF-8")',
            design,
            result,
            f'cat(sprintf("%.12f %.12f\\n", {factor} * as.numeric(coef(result)), {factor} * as.numeric(SE(result))))',
            "",
        ]
    )


def python_snippet(one: Reproduced, file: str) -> str:
    """For Python with numpy and pandas."""
    return "\n".join(
        [
            *(f"# {line}" for line in _words(one, "Python, numpy và pandas")),
            "import json",
            "",
            "import numpy as np",
            "import pandas as pd",
            "",
            f'data = pd.read_csv("{file}", encoding="utf-8")',
            f'with open("{file}.json", encoding="utf-8") as file:',
            "    about = json.load(file)",
            f'known = data[data["{one.column}"].notna()]',
            "",
            "",
            "def figure(weight):",
            f"    {PYTHON['ratio' if one.over else one.estimand](one)}",
            "",
            "",
            f'value = figure(known["{WEIGHT}"])',
            'replicates = np.array([figure(known[name]) for name in about["replicates"]])',
            "deviations = replicates - replicates.mean()",
            'error = np.sqrt(about["scale"] * np.sum(np.array(about["rscales"]) * deviations**2))',
            'print(f"{value:.12f} {error:.12f}")',
            "",
        ]
    )


def _mean(one: Reproduced) -> str:
    return f'return {_factor(one)} * np.average(known["{one.column}"], weights=weight)'


PYTHON: dict[str, Callable[[Reproduced], str]] = {
    "share": _mean,
    "mean": _mean,
    "total": lambda one: f'return {_factor(one)} * np.sum(known["{one.column}"] * weight)',
    "ratio": lambda one: (
        f'return {_factor(one)} * np.sum(known["{one.column}"] * weight) / np.sum(known["{one.over}"] * weight)'
    ),
}


def _factor(one: Reproduced) -> str:
    return "100" if one.unit == "%" and one.estimand in ("share", "ratio") else "1"


def _r_vector(values: Sequence[float]) -> str:
    if np.ptp(values) == 0:
        return repr(float(values[0]))
    rows = [", ".join(repr(float(value)) for value in values[at : at + 6]) for at in range(0, len(values), 6)]
    return "c(\n    " + ",\n    ".join(rows) + ")"


def _words(one: Reproduced, tool: str) -> list[str]:
    """What the program prints, and how that stands to what was published; no text of others but the label."""
    label = " ".join(one.label.split())
    unit = " ".join(one.unit.split())
    told = [
        f"{label} ({one.indicator}); {tool}. Chạy trong thư mục có tệp CSV.",
        f"In ra: ước lượng, sai số chuẩn ({unit}).",
        f"Đã công bố: {number(one.published, 6)}; sai số chuẩn {number(one.published_se, 6)} (tuyến tính hóa Taylor).",
        f"Từ tệp này: {number(one.value, 6)}; sai số chuẩn {number(one.std_error, 6)} (trọng số lặp).",
    ]
    if not one.is_same:
        told.append(
            f"KHÁC số công bố {number(one.difference, 6)} vì giá trị trong tệp đã gộp hoặc xóa trắng để ẩn danh."
        )
    told.append("Hai sai số chuẩn ước lượng cùng một đại lượng bằng hai cách nên chỉ gần bằng nhau.")
    return told
