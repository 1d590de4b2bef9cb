"""Spark: a distributed engine. A warehouse is a folder of Parquet files, local or shared.

Plain Parquet (see ``snapshots``) rather than a metastore: the embedded metastore lets one process
in at a time, a shared one is a service to run, and files can be read by every other tool.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark.datatypes import PySparkType
from py4j.protocol import Py4JError
from pyspark import RDD
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from factory_simulation.datasets.engines import landing_tasks
from factory_simulation.datasets.engines.base import AS_LANDED, Fingerprint, LandingRead
from factory_simulation.datasets.engines.parquet import ParquetEngine
from factory_simulation.datasets.engines.snapshots import Snapshots
from factory_simulation.domain import LANDED_TABLES, PARSE_ERROR, SURPLUS, FactoryError

_OLDEST_JAVA = 17
_MOMENT = pa.timestamp("us")


class SparkEngine(ParquetEngine):
    """A Spark session: in this process, or on a cluster.

    Args:
        session: The session.
        snapshots: The warehouse.
    """

    def __init__(self, session: SparkSession, snapshots: Snapshots) -> None:
        super().__init__(ibis.pyspark.connect(session), snapshots)
        self._session = session
        self._landed: DataFrame | None = None

    @classmethod
    def open(
        cls,
        warehouse: str | None,
        settings: Mapping[str, Any],
        credentials: Mapping[str, Any],
    ) -> Self:
        """See ``Engine``; settings and credentials are Spark's, such as ``spark.master``."""
        _require_java()
        snapshots = Snapshots(warehouse)
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder
        for name, value in {**settings, **credentials}.items():
            builder = builder.config(name, value)
        try:
            # a session of its own, so that two warehouses share no table's name
            return cls(builder.getOrCreate().newSession(), snapshots)
        except (PySparkException, Py4JError) as error:
            raise FactoryError(f"Spark does not start: {_brief(error)}") from error

    @classmethod
    def may_hold_tables(cls, warehouse: str | None) -> bool:
        """See ``Engine``."""
        return Snapshots.exist(warehouse)

    def close(self) -> None:
        """See ``Engine``. Spark itself goes on: other sessions of this process share it."""
        self._forget_landed()

    def small_table(self, rows: pa.Table) -> ir.Table:
        """See ``Engine``. Ibis's own way goes through pandas, which loses nulls."""
        return self._named(self._session.createDataFrame(rows), "small")

    def read_landing(
        self, table: str, files: Sequence[Path], renamed: Mapping[str, str] = AS_LANDED
    ) -> LandingRead:
        """See ``Engine``. Spark's tasks read the files, several at a time, where they run."""
        self._forget_landed()
        contract = LANDED_TABLES[table]
        read = self._tasks(files).mapInArrow(
            partial(landing_tasks.read, table, dict(renamed)), landing_tasks.columns_read(contract)
        )
        self._landed = read.persist()
        told = self._landed.filter(f.col(landing_tasks.ROW_COUNT).isNotNull()).toArrow().to_pylist()
        landed = self._landed.filter(f.col(landing_tasks.ROW_COUNT).isNull())
        named = f.explode(f.map_keys(landing_tasks.MORE)).alias("name")
        more = sorted(row.name for row in landed.select(named).distinct().collect())
        rows = landed.select(
            "_path",
            "_source_row",
            *contract.columns,
            PARSE_ERROR,
            SURPLUS,
            *(f.col(landing_tasks.MORE)[name].alias(name) for name in more),
        )
        return LandingRead(
            rows=self._named(rows, "landed"),
            row_counts={
                Path(row["_path"]): row[landing_tasks.ROW_COUNT]
                for row in told
                if row[landing_tasks.REJECTED] is None
            },
            rejected={
                Path(row["_path"]): row[landing_tasks.REJECTED]
                for row in told
                if row[landing_tasks.REJECTED] is not None
            },
            columns={
                Path(row["_path"]): dict(row[landing_tasks.COLUMNS])
                for row in told
                if row[landing_tasks.COLUMNS]
            },
        )

    def fingerprints(self, files: Sequence[Path]) -> list[Fingerprint]:
        """See ``Engine``. Taken where the files are read."""
        if not files:
            return []
        prints: list[Fingerprint] = self._spread(files).map(Fingerprint.of).collect()
        return prints

    def fetch(self, rows: ir.Table) -> pa.Table:
        """See ``Engine``. Ibis's own way goes through pandas, which loses nulls."""
        fetched = self._computed(rows).toArrow()
        return fetched.cast(pa.schema([_without_zone(field) for field in fetched.schema]))

    def stream(self, rows: ir.Table, chunk_size: int) -> Iterator[pa.RecordBatch]:
        """See ``Engine``. By way of files: a large result does not fit into the driver."""
        with self.snapshots.scratch() as folder:
            self._write(rows, folder)
            for file in self.snapshots.parquet_files(folder):
                with self.snapshots.files.open(file, "rb") as source:
                    yield from pq.ParquetFile(source).iter_batches(chunk_size)

    def _know(self, name: str, folder: str) -> None:
        read = self._session.read.parquet(self.snapshots.address(folder))
        read.createOrReplaceTempView(name)

    def _write(self, rows: ir.Table, folder: str) -> None:
        self._computed(rows).write.parquet(self.snapshots.address(folder))

    def _computed(self, rows: ir.Table) -> DataFrame:
        """Return a table as Spark has it, in the types that Ibis takes it to have.

        Spark reads numbers with a point as decimals, and so takes what is made of them.
        """
        computed = self._session.sql(self.connection.compile(rows))
        numbered = computed.toDF(*(f"c{number}" for number in range(len(rows.columns))))
        return numbered.select(
            [
                f.col(f"c{number}").cast(PySparkType.from_ibis(type_)).alias(name)
                for number, (name, type_) in enumerate(rows.schema().items())
            ]
        )

    def _named(self, rows: DataFrame, what: str) -> ir.Table:
        name = ibis.util.gen_name(what)
        rows.createOrReplaceTempView(name)
        return self.connection.table(name)

    def _tasks(self, files: Sequence[Path]) -> DataFrame:
        """Return the paths of the files, for the tasks that read them."""
        paths = self._spread([(str(path),) for path in files])
        return self._session.createDataFrame(paths, "path string")

    def _spread(self, parts: Sequence[Any]) -> RDD[Any]:
        """Hand out parts of the work, evenly, to as many tasks as can run at once."""
        context = self._session.sparkContext
        return context.parallelize(parts, max(1, min(len(parts), context.defaultParallelism)))

    def _forget_landed(self) -> None:
        if self._landed is not None:
            self._landed.unpersist()
            self._landed = None


def _without_zone(field: pa.Field) -> pa.Field:
    """Return a column of times as other engines hand it out; Spark's session is in UTC."""
    return field.with_type(_MOMENT) if pa.types.is_timestamp(field.type) else field


def _require_java() -> None:
    """Make sure that there is a Java that Spark can run on, before Spark fails without a word."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    remedy = f"install Java {_OLDEST_JAVA} or newer, or let JAVA_HOME name it"
    if java is None or not Path(java).is_file():
        where = f"{java}, where JAVA_HOME points, is none" if java else "there is none"
        raise FactoryError(f"engine spark needs Java, and {where}: {remedy}")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - the user's own Java
    version = re.search(r'version "(?:1\.)?(\d+)', told.stderr)
    if version is None or int(version[1]) < _OLDEST_JAVA:
        found = told.stderr.partition("\n")[0] or "one that does not start"
        raise FactoryError(f"engine spark needs another Java than {java} ({found}): {remedy}")


def _brief(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


ENGINE = SparkEngine
