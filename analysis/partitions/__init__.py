"""Data beyond memory: rows in Parquet files or a Dask data frame are merged, and the merged rows estimated from."""

from analysis.partitions.design import PartitionedDesign

__all__ = ["PartitionedDesign"]
