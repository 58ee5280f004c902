"""A covariance matrix that is computed when asked for: a thousand domains do not cost a million products."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike

from analysis.arrays import Floats


class Covariance:
    """The covariance of a vector of p estimates.

    Reads as an array: `np.asarray(v)`, `v[0, 1]`, `v.shape`; `v.to_frame()` labels it. `variances` is its
    diagonal, known without the rest.
    """

    def __init__(
        self, variances: Floats, matrix: Callable[[], Floats], labels: tuple[object, ...] = ()
    ) -> None:
        self.variances = variances
        self._build = matrix
        self.labels = labels

    @classmethod
    def of_factor(cls, factor: Floats) -> Covariance:
        """From deviations (m, p) whose cross products are the matrix."""
        return cls(np.asarray(np.einsum("ij,ij->j", factor, factor)), lambda: np.asarray(factor.T @ factor))

    @classmethod
    def of_matrix(cls, matrix: Floats) -> Covariance:
        """From the matrix itself (p, p)."""
        return cls(np.diagonal(matrix).copy(), lambda: matrix)

    @cached_property
    def matrix(self) -> Floats:
        """The whole covariance (p, p), computed at the first call, in products of the estimates' units."""
        return self._build()

    @property
    def standard_errors(self) -> Floats:
        """The roots of the variances (p), in the units of the estimates."""
        return np.sqrt(np.maximum(self.variances, 0.0))

    def labelled(self, labels: tuple[object, ...]) -> Covariance:
        """The same with names (p) for `to_frame`."""
        return Covariance(self.variances, lambda: self.matrix, labels)

    def of_linear(self, coefficients: Floats) -> Covariance:
        """The covariance of `coefficients` (k, p) times the estimates."""
        return Covariance.of_matrix(np.asarray(coefficients @ self.matrix @ coefficients.T))

    @property
    def shape(self) -> tuple[int, int]:
        """(p, p), as of an array."""
        return len(self), len(self)

    def __len__(self) -> int:
        return len(self.variances)

    def __getitem__(self, key: Any) -> Any:
        return self.matrix[key]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.matrix, dtype=dtype)

    def __deepcopy__(self, memo: dict[int, Any]) -> Covariance:
        return self  # nothing in it changes, and pandas copies attrs at every operation

    def __repr__(self) -> str:
        return f"<Covariance of {len(self)} estimates>"

    def to_frame(self) -> pd.DataFrame:
        """The matrix with the estimates' labels on both sides."""
        labels = pd.Index(list(self.labels)) if self.labels else None
        return pd.DataFrame(self.matrix, index=labels, columns=labels)
