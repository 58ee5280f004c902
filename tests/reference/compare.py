"""Compare figures with the reference within the tolerances of the README beside the cases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

RELATIVE = {
    "est": 1e-9,
    "se": 1e-7,
    "ci": 1e-7,
    "ci_t": 1e-7,
    "ci_z": 1e-7,
    "deff": 1e-6,
    "df": 1e-9,
    "df_domain": 1e-9,
    "weights": 1e-7,
    "statistic": 1e-7,
    "parameter": 1e-7,
    "p_value": 1e-6,
    "difference": 1e-9,
}
IGNORED = {"parameter_names", "statistic_kind", "method"}
PINNED = 1e-8  # a standard error below this share of the estimate is exactly zero
BY_GROUP: dict[str, dict[str, float]] = {
    "glm": dict.fromkeys(("est", "se", "ci", "t", "p_value", "dispersion", "deviance", "F"), 1e-6),
    "sae_fay_herriot": {"": 1e-5},
    "sae_bhf": {"": 1e-4},
}
BY_GROUP["replicate_glm"] = BY_GROUP["glm"]


def tolerance(case: dict[str, Any], key: str) -> float:
    """The relative tolerance of one kind of figure."""
    request = case["request"]
    if request.get("interval_type") == "score" and key in ("ci", "se"):
        return 5e-3
    if request["stat"] == "ciprop" and key in ("est", "ci"):  # some rest on a regression stopped early
        return {"logit": 1e-6, "likelihood": 2e-6}.get(request["method"], RELATIVE[key])
    if request.get("statistic") in ("lincom", "saddlepoint") and key == "p_value":
        return 1e-4
    special = BY_GROUP.get(case["group"], {})
    return special.get(key, special.get("", RELATIVE.get(key, 1e-6)))


def differences(case: dict[str, Any], actual: dict[str, Any]) -> Iterator[str]:
    """One line per figure that differs from the reference."""
    for key, expected in case["result"].items():
        if key in IGNORED:
            continue
        if key not in actual:
            yield f"{key}: not computed"
        elif key == "estimates" or key == "cells":
            yield from _estimates(case, key, expected, actual[key])
        elif key == "vcov":
            yield from _covariance(expected, actual[key], case["result"]["estimates"])
        else:
            yield from _value(case, key, key, expected, actual[key])


def _estimates(
    case: dict[str, Any], where: str, expected: list[dict[str, Any]], actual: list[dict[str, Any]]
) -> Iterator[str]:
    found = {_key(row): row for row in actual}
    for row in expected:
        if _key(row) not in found:
            yield f"{where}: no row {_key(row)}"
            continue
        ours = found[_key(row)]
        label = " ".join(part for part in _key(row) if part)
        for key, value in row.items():
            if key in ("name", "by", "p", "level") or key in IGNORED or isinstance(value, str):
                continue
            if key == "se" and _is_pinned(row):
                if not abs(ours["se"]) <= PINNED * max(abs(row["est"]), 1e-300):
                    yield f"{label} se: {ours['se']!r}, expected exactly 0"
                continue
            yield from _value(case, f"{label} {key}", key, value, ours[key])
    if len(actual) != len(expected):
        yield f"{where}: {len(actual)} rows, expected {len(expected)}"


def _is_pinned(row: dict[str, Any]) -> bool:
    return row.get("se") is not None and row.get("est") and abs(row["se"]) < PINNED * abs(row["est"])


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    by = row.get("by") or {k: v for k, v in row.items() if isinstance(v, str) and k not in ("name", "method")}
    parts = [f"{name}={_text(value)}" for name, value in by.items()]
    return (row.get("name", ""), *parts, f"p={row['p']:.10g}" if "p" in row else "")


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _value(case: dict[str, Any], label: str, key: str, expected: Any, actual: Any) -> Iterator[str]:
    if isinstance(expected, dict):
        for name, value in expected.items():
            if isinstance(value, str):
                continue
            inner = "weights" if key == "weights" else name
            yield from _value(case, f"{label}.{name}", inner, value, actual[name])
    elif isinstance(expected, list):
        yield from _list(case, label, key, expected, actual)
    elif not _close(expected, actual, tolerance(case, key), 0.0):
        yield f"{label}: {actual!r}, expected {expected!r}"


def _list(case: dict[str, Any], label: str, key: str, expected: list[Any], actual: Any) -> Iterator[str]:
    actual = list(actual)
    if len(actual) != len(expected):
        yield f"{label}: {len(actual)} values, expected {len(expected)}"
        return
    if expected and isinstance(expected[0], dict):
        yield from _estimates(case, label, expected, actual)
        return
    numbers = [abs(x) for x in expected if isinstance(x, int | float)]
    scale = max(numbers, default=0.0)
    for position, (theirs, ours) in enumerate(zip(expected, actual, strict=True)):
        # the limits of an interval and the entries of a vector share their scale
        if not _close(theirs, ours, tolerance(case, key), scale * tolerance(case, key)):
            yield f"{label}[{position}]: {ours!r}, expected {theirs!r}"


def _close(expected: Any, actual: Any, relative: float, absolute: float) -> bool:
    if expected is None:
        return actual is None or not math.isfinite(actual)
    if actual is None or (isinstance(actual, float) and math.isnan(actual)):
        return False
    return math.isclose(expected, actual, rel_tol=relative, abs_tol=max(absolute, 1e-12))


def _covariance(expected: list[list[float]], actual: Any, estimates: list[dict[str, Any]]) -> Iterator[str]:
    ours, theirs = np.asarray(actual, dtype=float), np.asarray(expected, dtype=float)
    if ours.shape != theirs.shape:
        yield f"vcov: shape {ours.shape}, expected {theirs.shape}"
        return
    pinned = PINNED * np.abs([row["est"] for row in estimates])  # errors of this size count as zero
    root = np.maximum(np.sqrt(np.abs(np.diagonal(theirs))), pinned)
    allowed = 3e-7 * np.outer(root, root) + np.outer(pinned, pinned)
    wrong = np.abs(ours - theirs) > allowed
    if wrong.any():
        i, j = np.argwhere(wrong)[0]
        yield f"vcov[{i},{j}]: {ours[i, j]!r}, expected {theirs[i, j]!r}"
