"""How methods hand back what they found, or why they found nothing, as JSON can hold it."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from analysis import SurveyError
from survey.errors import Fault
from survey.process.models import MethodKind, MethodResult
from survey.process.statistical_faults import in_vietnamese

LONGEST = 1000  # characters of a reason that are kept
REFUSALS = (SurveyError, Fault)


def found(
    kind: MethodKind,
    indicator: str,
    method: str,
    lines: Iterable[Mapping[str, Any]],
    summary: Mapping[str, Any],
) -> MethodResult:
    """A result of one indicator; numbers that are not finite are kept as unknown."""
    return MethodResult(
        kind=kind,
        indicator=indicator,
        method=method,
        reason="",
        lines=[_plain(line) for line in lines],
        summary=_plain(summary),
    )


def refused(
    kind: MethodKind, indicator: str, method: str, fault: Exception | str, summary: Mapping[str, Any]
) -> MethodResult:
    """No figure for one indicator, with the reason in Vietnamese."""
    told = in_vietnamese(fault) if isinstance(fault, SurveyError) else fault
    detail = {"detail": str(fault)} if isinstance(fault, SurveyError) else {}
    return MethodResult(
        kind=kind,
        indicator=indicator,
        method=method,
        reason=str(told)[:LONGEST],
        lines=[],
        summary={**summary, **detail},
    )


def _plain(value: Any) -> Any:
    """Python's own types, which JSON has; NaN and infinity, which it has not, become None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
