"""Names for the array types that every module shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
Names: TypeAlias = str | Sequence[str]
Where: TypeAlias = Sequence[bool] | Mask | pd.Series | Callable[[pd.DataFrame], Any] | None


def sums_by(codes: Codes, values: NDArray[Any], size: int) -> Floats:
    """Add up values (n) by code (n), giving one sum for each code below `size`."""
    return np.bincount(codes, values, minlength=size).astype(np.float64, copy=False)


def counts_by(codes: Codes, size: int) -> Codes:
    """How often each code below `size` occurs."""
    return np.bincount(codes, minlength=size).astype(np.int64, copy=False)
