"""Two-way tables with tests of association that count the design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from analysis.arrays import Codes, Floats
from analysis.columns import coded
from analysis.errors import EmptyDomain, UnknownOption, UnsuitableDesign
from analysis.models.quadratic import TAILS
from analysis.statistics import Ratios

if TYPE_CHECKING:
    from analysis.weighted_sample import WeightedSample


@dataclass(frozen=True)
class AssociationTest:
    """`statistic` with its degrees of freedom (`df_denominator` NaN for chi-squared forms) and p value."""

    method: str
    statistic: float
    df: float
    df_denominator: float
    p_value: float


@dataclass(frozen=True, eq=False)
class Crosstab:
    """Estimated counts (rows by columns) and a test that rows and columns are independent."""

    counts: pd.DataFrame = field(repr=False)
    test: AssociationTest


@dataclass(frozen=True, eq=False)
class _Table:
    """Shares of cells, columns varying fastest, with their covariance and that of the cell totals."""

    shares: Floats
    covariance: Floats
    total: float
    total_covariance: Floats
    rows: int
    columns: int
    n: int
    df: float
    df_denominator: float | None

    @property
    def contrasts(self) -> Floats:
        """A basis of the interaction space: orthogonal to both margins."""
        return np.asarray(np.kron(_centred(self.rows), _centred(self.columns)))

    @property
    def margins(self) -> tuple[Floats, Floats]:
        table = self.shares.reshape(self.rows, self.columns)
        return table.sum(axis=1), table.sum(axis=0)

    @property
    def pearson(self) -> float:
        top, left = self.margins
        expected = np.outer(top, left).ravel()
        return float(self.n * ((self.shares - expected) ** 2 / expected).sum())

    @property
    def generalised_deffs(self) -> Floats:
        """Eigenvalues of Rao and Scott's (1984) matrix of generalised design effects."""
        inverse = np.divide(1.0, self.shares, out=np.zeros_like(self.shares), where=self.shares > 0)
        scaled = self.contrasts * inverse[:, None]
        under_srs = self.contrasts.T @ scaled / self.n
        found = np.linalg.eigvals(np.linalg.solve(under_srs, scaled.T @ self.covariance @ scaled))
        if not found.real.sum() > 1e-9:
            raise UnsuitableDesign("crosstab", "the estimated covariance of the table is zero")
        return np.sort(found.real)[::-1]


def _centred(k: int) -> Floats:
    """k by k-1 contrasts that add up to zero."""
    return np.vstack([np.eye(k - 1), -np.ones(k - 1)])


def _f(table: _Table) -> AssociationTest:
    deffs = table.generalised_deffs
    statistic = table.pearson / deffs.sum()
    df = deffs.sum() ** 2 / (deffs**2).sum()
    denominator = df * table.df
    return AssociationTest("F", *_f_result(statistic, df, denominator))


def _chisq(table: _Table) -> AssociationTest:
    deffs = table.generalised_deffs
    p_value = float(stats.chi2.sf(table.pearson / deffs.mean(), len(deffs)))
    return AssociationTest("chisq", table.pearson, len(deffs), np.nan, p_value)


def _combination(method: str) -> Callable[[_Table], AssociationTest]:
    def test(table: _Table) -> AssociationTest:
        deffs = table.generalised_deffs
        spread = deffs.sum() ** 2 / (deffs**2).sum()
        denominator = spread * table.df if table.df_denominator is None else table.df_denominator
        p_value = TAILS[method](table.pearson, deffs, float(denominator))
        return AssociationTest(method, table.pearson, np.nan, np.nan, p_value)

    return test


def _wald(adjusted: bool) -> Callable[[_Table], AssociationTest]:
    def test(table: _Table) -> AssociationTest:
        """Koch, Freeman and Freeman (1975); adjusted as Thomas and Rao (1987)."""
        q = (table.rows - 1) * (table.columns - 1)
        chi2 = _wald_chi2(table)
        if adjusted:
            denominator = table.df - q + 1
            statistic = chi2 * denominator / (q * table.df)
            return AssociationTest("adj_wald", *_f_result(statistic, q, denominator))
        return AssociationTest("wald", *_f_result(chi2 / q, q, table.df))

    return test


def _wald_chi2(table: _Table) -> float:
    top, left = table.margins
    expected = np.outer(top, left)
    gap = table.shares.reshape(table.rows, table.columns) - expected
    rows, columns = np.eye(table.rows), np.eye(table.columns)
    # derivative of N_ij - N_i. N_.j / N with respect to the total N_kl
    slope = np.eye(table.rows * table.columns)
    slope -= np.kron(rows, np.outer(left, np.ones(table.columns)))
    slope -= np.kron(np.outer(top, np.ones(table.rows)), columns)
    slope += np.outer(expected.ravel(), np.ones(table.rows * table.columns))
    variance = slope @ table.total_covariance @ slope.T
    inner = np.arange(table.rows * table.columns).reshape(table.rows, table.columns)[1:, 1:].ravel()
    y = table.total * gap.ravel()[inner]
    try:
        return float(y @ np.linalg.solve(variance[np.ix_(inner, inner)], y))
    except np.linalg.LinAlgError:
        raise UnsuitableDesign(
            "crosstab", "the covariance of the table is singular; use statistic='F'"
        ) from None


def _f_result(statistic: float, df: float, denominator: float) -> tuple[float, float, float, float]:
    return float(statistic), float(df), float(denominator), _f_tail(statistic, df, denominator)


def _f_tail(statistic: float, df: float, denominator: float) -> float:
    return float(stats.f.sf(statistic, df, denominator)) if denominator > 0 else np.nan


TESTS: dict[str, Callable[[_Table], AssociationTest]] = {
    "F": _f,
    "chisq": _chisq,
    "wald": _wald(adjusted=False),
    "adj_wald": _wald(adjusted=True),
    "lincom": _combination("lincom"),
    "saddlepoint": _combination("saddlepoint"),
    "saddlepoint_r": _combination("saddlepoint_r"),
}


def crosstab(
    design: WeightedSample,
    row: str,
    column: str,
    statistic: str,
    df_denominator: float | None,
    df: float | None,
) -> Crosstab:
    """Counts and test; rows with an unknown category leave as a domain but count in n, as in R."""
    if statistic not in TESTS:
        raise UnknownOption("statistic", statistic, tuple(TESTS))
    row_codes, row_levels = coded(design.data, [row], allow_missing=True)
    column_codes, column_levels = coded(design.data, [column], allow_missing=True)
    r, c = len(row_levels), len(column_levels)
    inside = design.domain_mask & (row_codes >= 0) & (column_codes >= 0) & (design.weight != 0)
    if not inside.any():
        raise EmptyDomain((row, column))
    if min(r, c) < 2:
        raise UnsuitableDesign("crosstab", f"{row!r} has {r} level(s) and {column!r} {c}; both need two")
    cell = np.where(inside, row_codes * c + column_codes, -1)
    weight = np.where(inside, design.weight, 0.0)
    shares, covariance = _estimated(design, cell, r * c, weight, ratio=True)
    totals, total_covariance = _estimated(design, cell, r * c, weight, ratio=False)
    n = int(design.variance.kept_rows(design.domain_mask).sum())
    table = _Table(
        shares,
        covariance,
        float(weight.sum()),
        total_covariance,
        r,
        c,
        n,
        design.degrees_of_freedom if df is None else df,
        df_denominator,
    )
    counts = pd.DataFrame(
        totals.reshape(r, c), index=pd.Index(row_levels[row]), columns=pd.Index(column_levels[column])
    )
    return Crosstab(counts, TESTS[statistic](table))


def _estimated(
    design: WeightedSample, cell: Codes, n_cells: int, weight: Floats, ratio: bool
) -> tuple[Floats, Floats]:
    """Shares or totals of cells with their covariance."""
    indicators = (cell[:, None] == np.arange(n_cells)[None, :]).astype(np.float64)
    statistic = Ratios.of_rows(indicators, np.ones(len(cell)) if ratio else None, np.asarray(cell >= 0))
    covariance = design.variance.covariance(statistic, weight, cell >= 0)
    return statistic.value(weight), np.asarray(covariance)
