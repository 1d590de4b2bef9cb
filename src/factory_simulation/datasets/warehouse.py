"""Tables of the warehouse."""

from typing import Any

import ibis.expr.types as ir
from kedro_datasets.ibis import TableDataset

from factory_simulation.datasets.engines import Engine, engine_of
from factory_simulation.domain import Schema


class BronzeTable(TableDataset):
    """A table of landed rows, fed file by file.

    Saving replaces the rows of the files that are in the data and leaves all others alone, so that
    a file that lands again changes nothing. Files that brought no row are taken out by
    ``LandingFiles.confirm``, which knows them.

    Args:
        table_name: The landed table.
        database: The schema.
        connection: The warehouse, see ``kedro_datasets.ibis.TableDataset``.
        metadata: For kedro-viz.
    """

    def __init__(
        self,
        *,
        table_name: str,
        database: str,
        connection: dict[str, Any],
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            table_name=table_name,
            database=database,
            connection=connection,
            metadata=metadata,
        )

    @property
    def engine(self) -> Engine:
        """The engine that holds the table."""
        return engine_of(self.connection)

    def save(self, data: ir.Table) -> None:
        """Replace the rows of the files that are in ``data``."""
        files = data.select("_source_file").distinct().to_pyarrow()["_source_file"].to_pylist()
        self.engine.replace_rows(
            self._table_name, Schema(self._database), data, key="_source_file", keys=files
        )
