"""Contracts of the records that the pipeline keeps of its own work."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import (
    LANDED_TABLES,
    MACHINE_ATTRIBUTES,
    ColumnChange,
    ColumnKind,
    FileStatus,
    Level,
    Metric,
    RunStatus,
)
from factory_simulation.schemas.partitions import (
    BronzePartitions,
    GoldPartitions,
    SilverPartitions,
    WorkedBatches,
)
from factory_simulation.schemas.silver import MachineVersions


class WorkedVersions(MachineVersions):
    """One row per machine and version by which facts have been worked, or are being."""

    class Config:
        strict = True
        unique = ["machine_id", "valid_from", "valid_to", *MACHINE_ATTRIBUTES]


class IngestedFiles(pa.DataFrameModel):
    """One row per landing file that was seen, with its latest content."""

    source_file: dt.String
    table_name: dt.String = pa.Field(isin=list(LANDED_TABLES))
    arrival_date: dt.Date = pa.Field(nullable=True)
    size_bytes: dt.Int64 = pa.Field(ge=0)
    sha256: dt.String = pa.Field(nullable=True)
    column_names: dt.String
    row_count: dt.Int64 = pa.Field(ge=0)
    status: dt.String = pa.Field(isin=[status.value for status in FileStatus])
    reason: dt.String = pa.Field(nullable=True)
    run_id: dt.String
    loaded_at: dt.Timestamp

    class Config:
        strict = True
        unique = ["source_file"]


class FileLoads(pa.DataFrameModel):
    """One row per landing file and run that took it in, or took it out.

    ``replaced_*`` is what the file held before, where that was something else.
    """

    source_file: dt.String
    run_id: dt.String
    table_name: dt.String = pa.Field(isin=list(LANDED_TABLES))
    arrival_date: dt.Date = pa.Field(nullable=True)
    size_bytes: dt.Int64 = pa.Field(ge=0)
    sha256: dt.String = pa.Field(nullable=True)
    row_count: dt.Int64 = pa.Field(ge=0)
    status: dt.String = pa.Field(isin=[status.value for status in FileStatus])
    loaded_at: dt.Timestamp
    replaced_sha256: dt.String = pa.Field(nullable=True)
    replaced_row_count: dt.Int64 = pa.Field(nullable=True)
    replaced_run_id: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["source_file", "run_id"]


class FileColumns(pa.DataFrameModel):
    """One row per column of a landing file that was ingested, by its name in the file."""

    source_file: dt.String
    table_name: dt.String = pa.Field(isin=list(LANDED_TABLES))
    arrival_date: dt.Date
    landed_name: dt.String
    column_name: dt.String
    kind: dt.String = pa.Field(isin=[kind.value for kind in ColumnKind])

    class Config:
        strict = True
        unique = ["source_file", "landed_name"]


class SchemaChanges(pa.DataFrameModel):
    """One row per landed table, arrival date and column that changed since the date before it."""

    table_name: dt.String = pa.Field(isin=list(LANDED_TABLES))
    arrival_date: dt.Date
    previous_date: dt.Date
    column_name: dt.String
    change: dt.String = pa.Field(isin=[change.value for change in ColumnChange])
    kind: dt.String = pa.Field(isin=[kind.value for kind in ColumnKind])
    previous_name: dt.String = pa.Field(nullable=True)
    landed_name: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["table_name", "arrival_date", "column_name"]


class Comparisons(pa.DataFrameModel):
    """One row per date, level, key and metric."""

    event_date: dt.Date
    level: dt.String = pa.Field(isin=[level.value for level in Level])
    key: dt.String
    metric: dt.String = pa.Field(isin=[metric.value for metric in Metric])
    truth: dt.Float64
    pipeline: dt.Float64
    lost: dt.Float64
    relative_error: dt.Float64 = pa.Field(ge=0)
    unexplained_error: dt.Float64 = pa.Field(ge=0)
    is_recoverable: dt.Boolean
    settled: dt.Boolean

    class Config:
        strict = True
        unique = ["event_date", "level", "key", "metric"]


class RestoredProduction(pa.DataFrameModel):
    """One row per date, machine and product: what landed, and what the ledger says was lost."""

    production_date: dt.Date
    factory_id: dt.String
    machine_id: dt.String
    product_name: dt.String
    batches: dt.Int64 = pa.Field(ge=1)
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    energy_kwh: dt.Float64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["production_date", "machine_id", "product_name"]


class Runs(pa.DataFrameModel):
    """One row per run that ended."""

    run_id: dt.String
    started_at: dt.Timestamp
    finished_at: dt.Timestamp
    pipelines: dt.String
    parameters: dt.String
    status: dt.String = pa.Field(isin=[status.value for status in RunStatus])
    error: dt.String = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["run_id"]


class Firings(pa.DataFrameModel):
    """One row per firing of a schedule whose arrival date is in bronze."""

    firing_id: dt.String
    due_at: dt.Timestamp
    arrival_date: dt.Date
    loaded_at: dt.Timestamp

    class Config:
        strict = True
        unique = ["firing_id"]


class NowcastComparisons(pa.DataFrameModel):
    """One row per nowcast of a date that has settled, with what came."""

    event_date: dt.Date
    factory_id: dt.String
    age_days: dt.Int64 = pa.Field(ge=0)
    metric: dt.String = pa.Field(isin=[Metric.BATCHES.value, Metric.UNITS_PRODUCED.value])
    estimate: dt.Float64
    low: dt.Float64
    high: dt.Float64
    actual: dt.Float64
    is_held: dt.Boolean

    class Config:
        strict = True
        unique = ["event_date", "factory_id", "age_days", "metric"]


class EnergyComparisons(pa.DataFrameModel):
    """One row per date and machine of the truth: true energy beside what was metered, in kWh.

    ``is_whole``: all batches of the truth were metered. ``relative_error`` is of the truth.
    """

    event_date: dt.Date
    machine_id: dt.String
    truth_kwh: dt.Float64 = pa.Field(ge=0)
    metered_kwh: dt.Float64 = pa.Field(nullable=True, ge=0)
    relative_error: dt.Float64 = pa.Field(nullable=True, ge=0)
    is_whole: dt.Boolean
    settled: dt.Boolean

    class Config:
        strict = True
        unique = ["event_date", "machine_id"]


CONTRACTS = {
    "ingested_files": IngestedFiles,
    "file_loads": FileLoads,
    "file_columns": FileColumns,
    "schema_changes": SchemaChanges,
    "restored_production": RestoredProduction,
    "comparisons": Comparisons,
    "nowcast_comparisons": NowcastComparisons,
    "energy_comparisons": EnergyComparisons,
    "runs": Runs,
    "bronze_partitions": BronzePartitions,
    "silver_partitions": SilverPartitions,
    "gold_partitions": GoldPartitions,
    "worked_batches": WorkedBatches,
    "worked_versions": WorkedVersions,
    "modelled_versions": WorkedVersions,
    "firings": Firings,
}
