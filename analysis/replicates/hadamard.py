"""Hadamard matrices, for balanced repeated replication."""

from __future__ import annotations

import numpy as np
from scipy import linalg

from analysis.arrays import Codes


def hadamard(minimum: int) -> Codes:
    """A Hadamard matrix of +1 and -1 of the smallest order built here that is at least `minimum`.

    Orders come from Sylvester's doubling and Paley's two constructions for primes (Hall 1986, 14.1); the
    first row and column are all +1.
    """
    order = max(1, minimum)
    while True:
        matrix = _of_order(order)
        if matrix is not None:
            return _normalised(matrix)
        order += 1


def _of_order(order: int) -> Codes | None:
    if order in (1, 2):
        return np.asarray(linalg.hadamard(order), dtype=np.int64)
    if order % 4:
        return None
    if _is_prime(order - 1):
        return _paley_first(order - 1)
    if (order // 2 - 1) % 4 == 1 and _is_prime(order // 2 - 1):
        return _paley_second(order // 2 - 1)
    half = _of_order(order // 2)
    return None if half is None else np.kron(np.array([[1, 1], [1, -1]]), half)


def _is_prime(q: int) -> bool:
    return q > 1 and all(q % k for k in range(2, int(q**0.5) + 1))


def _jacobsthal(q: int) -> Codes:
    """chi(i - j): +1 for squares modulo q, -1 for others, 0 on the diagonal."""
    character = -np.ones(q, dtype=np.int64)
    character[np.arange(1, q) ** 2 % q] = 1
    character[0] = 0
    index = np.arange(q)
    return np.asarray(character[(index[:, None] - index[None, :]) % q])


def _paley_first(q: int) -> Codes:
    skew = np.zeros((q + 1, q + 1), dtype=np.int64)
    skew[0, 1:], skew[1:, 0] = 1, -1
    skew[1:, 1:] = _jacobsthal(q)
    return skew + np.eye(q + 1, dtype=np.int64)


def _paley_second(q: int) -> Codes:
    core = np.zeros((q + 1, q + 1), dtype=np.int64)
    core[0, 1:] = core[1:, 0] = 1
    core[1:, 1:] = _jacobsthal(q)
    diagonal = np.eye(q + 1, dtype=np.int64)
    return np.kron(core, np.array([[1, 1], [1, -1]])) + np.kron(diagonal, np.array([[1, -1], [-1, -1]]))


def _normalised(matrix: Codes) -> Codes:
    matrix = matrix * matrix[:1]
    return matrix * matrix[:, :1]
