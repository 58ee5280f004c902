"""A covariance matrix kept as its factor: a thousand domains do not cost a million products unasked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike

from analysis.arrays import Floats


@dataclass(frozen=True, eq=False)
class Covariance:
    """The covariance of a vector of estimates.

    `factor` (m, p) holds deviations and `sign` (m) their signs, so that V = factor' diag(sign) factor.
    Reads as an array: `np.asarray(v)`, `v[0, 1]`, `v.shape`; `v.to_frame()` labels it.
    """

    factor: Floats
    sign: Floats | None = None
    labels: tuple[object, ...] = ()

    @classmethod
    def of_matrix(cls, matrix: Floats) -> Covariance:
        """Keep a ready-made symmetric matrix."""
        kept = cls(np.zeros((0, matrix.shape[0])))
        object.__setattr__(kept, "matrix", matrix)
        object.__setattr__(kept, "variances", np.diagonal(matrix).copy())
        return kept

    @cached_property
    def matrix(self) -> Floats:
        right = self.factor if self.sign is None else self.factor * self.sign[:, None]
        return np.asarray(self.factor.T @ right)

    @cached_property
    def variances(self) -> Floats:
        if self.sign is None:
            return np.asarray(np.einsum("ij,ij->j", self.factor, self.factor))
        return np.asarray(np.einsum("ij,ij,i->j", self.factor, self.factor, self.sign))

    @property
    def standard_errors(self) -> Floats:
        return np.sqrt(np.maximum(self.variances, 0.0))

    def labelled(self, labels: tuple[object, ...]) -> Covariance:
        kept = Covariance(self.factor, self.sign, labels)
        for name in ("matrix", "variances"):
            if name in self.__dict__:
                object.__setattr__(kept, name, self.__dict__[name])
        return kept

    def of_linear(self, coefficients: Floats) -> Covariance:
        """The covariance of `coefficients` (k, p) times the estimates."""
        if self.factor.shape[0] == 0:
            return Covariance.of_matrix(np.asarray(coefficients @ self.matrix @ coefficients.T))
        return Covariance(np.asarray(self.factor @ coefficients.T), self.sign)

    @property
    def shape(self) -> tuple[int, int]:
        p = self.factor.shape[1]
        return p, p

    def __len__(self) -> int:
        return int(self.factor.shape[1])

    def __getitem__(self, key: Any) -> Any:
        return self.matrix[key]

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.matrix, dtype=dtype)

    def __deepcopy__(self, memo: dict[int, Any]) -> Covariance:
        return self  # nothing in it changes, and pandas copies attrs at every operation

    def to_frame(self) -> pd.DataFrame:
        """The matrix with the estimates' labels on both sides."""
        labels = pd.Index(list(self.labels)) if self.labels else None
        return pd.DataFrame(self.matrix, index=labels, columns=labels)
