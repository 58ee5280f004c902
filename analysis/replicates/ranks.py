"""Ranks of replicate weights, which their degrees of freedom rest on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.arrays import Floats

CLEAR = 1e-6  # smallest over largest eigenvalue of the products above which no column is near a combination
LARGEST = 20_000_000  # entries of a matrix that is factorised column by column


def rank_of_rows(blocks: Iterator[Floats], columns: int) -> int:
    """Rank of a matrix given in blocks of rows (rows, columns)."""
    kept: list[Floats] = []
    products = np.zeros((columns, columns))
    n_rows = 0
    for block in blocks:
        n_rows += len(block)
        products += block.T @ block
        if n_rows * columns <= LARGEST:
            kept.append(block)
    if n_rows == 0:
        return 0
    small = np.vstack(kept) if n_rows * columns <= LARGEST else None
    if small is not None and n_rows < columns:
        products = small @ small.T
    values = np.linalg.eigvalsh(products)
    if values[0] > CLEAR * values[-1]:
        return len(values)
    return int((values > 1e-10 * values[-1]).sum()) if small is None else pivoted_rank(small)


def pivoted_rank(matrix: Floats, tolerance: float = 1e-5) -> int:
    """Columns that keep more than `tolerance` of their length after the earlier ones are projected out.

    This is the rank that R's qr() reports (LINPACK's dqrdc2), and so R's degrees of freedom.
    """
    basis = np.zeros((len(matrix), min(matrix.shape)))
    rank = 0
    for column in matrix.T:
        length = float(np.linalg.norm(column))
        if rank == basis.shape[1]:
            break
        if length == 0:
            continue
        rest = column.copy()
        for _ in range(2):  # twice, against loss of orthogonality
            rest -= basis[:, :rank] @ (basis[:, :rank].T @ rest)
        left = float(np.linalg.norm(rest))
        if left > tolerance * length:
            basis[:, rank] = rest / left
            rank += 1
    return rank
