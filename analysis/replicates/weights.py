"""Replicate weights of all rows, kept as products of small tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.arrays import Codes, Floats, sums_by
from analysis.columns import compact
from analysis.replicates.ranks import rank_of_rows
from analysis.scores import Scores


@dataclass(frozen=True, eq=False)
class Layer:
    """Factors (codes, R) that rows with the same code (n) share: those of a PSU, or of a calibration cell."""

    codes: Codes
    factors: Floats


@dataclass(frozen=True, eq=False)
class ReplicateWeights:
    """Weight of row i in replicate r is base[i] times the factors of all layers.

    A made replicate has one layer, by PSU; every weighting step redone on it adds one, by cell. Imported
    weights have a layer with a row of its own for each row.
    """

    base: Floats
    layers: tuple[Layer, ...]

    @classmethod
    def of_matrix(cls, matrix: Floats) -> ReplicateWeights:
        """Keep an (n, R) matrix of weights as it is."""
        return cls(np.ones(len(matrix)), (Layer(np.arange(len(matrix)), matrix),))

    @property
    def count(self) -> int:
        return int(self.layers[0].factors.shape[1])

    def column(self, r: int) -> Floats:
        """The weights (n) of one replicate."""
        weight = self.base
        for layer in self.layers:
            weight = weight * layer.factors[:, r][layer.codes]
        return weight

    def with_layer(self, codes: Codes, factors: Floats) -> ReplicateWeights:
        return ReplicateWeights(self.base, (*self.layers, Layer(codes, factors)))

    def within(self, inside: Floats) -> ReplicateWeights:
        """The same weights times 0/1 (n)."""
        return ReplicateWeights(self.base * inside, self.layers)

    def sums(self, columns: tuple[NDArray[Any], ...], group: Codes, n_groups: int) -> Floats:
        """Weighted sums of columns (n) by group in every replicate: (R, n_groups, columns)."""
        key, tables = self._keys()
        pairs = Scores(columns, self.base, group, n_groups).pairs(key, len(tables[0]))
        if len(self.layers) == 1:
            factors = self.layers[0].factors[tables[0]]
            parts = []
            for values in pairs.values.T:
                where = (pairs.group, pairs.unit)
                table = sparse.coo_array((values, where), shape=(n_groups, len(factors))).tocsr()
                parts.append(np.asarray(table @ factors).T)
            return np.stack(parts, axis=-1)
        order = np.argsort(pairs.group, kind="stable")
        unit, values, of_group = pairs.unit[order], pairs.values[order], pairs.group[order]
        starts = np.flatnonzero(np.r_[True, of_group[1:] != of_group[:-1]])
        result = np.zeros((self.count, n_groups, len(columns)))
        for r, factor in enumerate(self._factors(tables, unit)):
            result[r, of_group[starts]] = np.add.reduceat(values * factor[:, None], starts, axis=0)
        return result

    def _keys(self) -> tuple[Codes, list[Codes]]:
        """Rows with the same codes in all layers share a key; the code of each key in every layer."""
        first = self.layers[0]
        key, tables = first.codes, [np.arange(len(first.factors))]
        for layer in self.layers[1:]:
            size = len(layer.factors)
            observed, key = compact(key * size + layer.codes, None, len(tables[0]) * size)
            before, own = np.divmod(observed, size)
            tables = [*(table[before] for table in tables), own]
        return key, tables

    def _factors(self, tables: list[Codes], unit: Codes) -> Iterator[Floats]:
        """The product of all layers for some keys, replicate by replicate."""
        codes = [table[unit] for table in tables]
        for r in range(self.count):
            product = self.layers[0].factors[:, r][codes[0]]
            for layer, code in zip(self.layers[1:], codes[1:], strict=True):
                product = product * layer.factors[:, r][code]
            yield product

    def ranks(self, group: Codes, n_groups: int) -> Codes:
        """Rank of the weights (rows, R) of each group (see `rank_of_rows`); group -1 is left out."""
        key, tables = self._keys()
        kept = (group >= 0) & (self.base != 0)
        observed, position = compact(key[kept] * n_groups + group[kept], None, len(tables[0]) * n_groups)
        root = np.sqrt(sums_by(position, self.base[kept] ** 2, len(observed)))
        unit, of_group = np.divmod(observed, n_groups)
        order = np.argsort(of_group, kind="stable")
        bounds = np.searchsorted(of_group[order], np.arange(n_groups + 1))
        found = []
        for start, stop in itertools.pairwise(bounds):
            rows = order[start:stop]
            found.append(rank_of_rows(self._rows(tables, unit[rows], root[rows]), self.count))
        return np.array(found, dtype=np.int64)

    def _rows(self, tables: list[Codes], unit: Codes, root: Floats) -> Iterator[Floats]:
        """Weights of some keys (rows, R), some thousand at a time."""
        step = max(1, 2_000_000 // self.count)
        for start in range(0, len(unit), step):
            part = unit[start : start + step]
            block = np.repeat(root[start : start + step, None], self.count, axis=1)
            for layer, table in zip(self.layers, tables, strict=True):
                block *= layer.factors[table[part]]
            yield block
