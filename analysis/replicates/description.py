"""What a file of replicate weights says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from analysis.errors import BadReplicates
from analysis.replicates.formats import column_types

if TYPE_CHECKING:
    import pandas as pd

    from analysis.replicates.replication import Replication

FORMAT = "replicate weights 1"


@dataclass(frozen=True)
class Description:
    """The columns of the weights and the constants of the variance, beside or inside the file.

    `strata` and `clusters` name the first stage's columns where the file has them, so that degrees of freedom
    are counted from it; `columns` the types of the data that a CSV or Stata file would lose.
    """

    method: str
    weight: str
    replicates: list[str]
    scale: float
    rscales: list[float]
    mse: bool
    df: float | None
    df_rule: str
    fay_rho: float | None
    first_stage: bool
    strata: str | None
    clusters: str | None
    rows: int
    columns: dict[str, Any]
    format: str = FORMAT

    @classmethod
    def of(
        cls,
        variance: Replication,
        weight: str,
        replicates: list[str],
        df: float | None,
        data: pd.DataFrame,
        first: tuple[str | None, str | None] | None = None,
    ) -> Description:
        """What a file of `data` says; `first` names the first stage's stratum and cluster where both are in it."""
        strata, clusters = first or (None, None)
        return cls(
            method=variance.method,
            weight=weight,
            replicates=replicates,
            scale=variance.scale,
            rscales=variance.rscales.tolist(),
            mse=variance.mse,
            df=df,
            df_rule=variance.df_rule,
            fay_rho=variance.fay_rho,
            first_stage=first is not None,
            strata=strata,
            clusters=clusters,
            rows=len(data),
            columns=column_types(data),
        )

    def as_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_mapping(cls, content: Any, where: str) -> Description:
        """Read it back. Raises `BadReplicates` when parts are missing."""
        if not isinstance(content, Mapping) or content.get("format") != FORMAT:
            raise BadReplicates(where, f"its description is not of the format {FORMAT!r}")
        names = [part.name for part in fields(cls)]
        missing = [name for name in names if name not in content]
        if missing:
            raise BadReplicates(where, f"its description lacks {', '.join(missing)}")
        found = cls(**{name: content[name] for name in names})
        if len(found.rscales) != len(found.replicates):
            raise BadReplicates(
                where,
                f"its description has {len(found.rscales)} rscales for {len(found.replicates)} replicates",
            )
        return found
