"""The connection to the warehouse that datasets share."""

from typing import Any, ClassVar

from kedro_datasets._utils import ConnectionMixin

from factory_simulation.datasets.engines import Engine, connect, engine_of


class Connected(ConnectionMixin):
    """A dataset that needs the engine: it shares one connection with all that name the same one.

    Args:
        connection: The Ibis backend and its arguments, as in ``kedro_datasets.ibis.TableDataset``.
    """

    # the group of kedro_datasets.ibis.TableDataset: DuckDB takes one connection per file
    _CONNECTION_GROUP: ClassVar[str] = "ibis"

    def __init__(self, connection: dict[str, Any]) -> None:
        self._connection_config = connection

    def _connect(self) -> Any:
        return connect(self._connection_config)

    @property
    def connection_config(self) -> dict[str, Any]:
        """The Ibis backend and its arguments."""
        return self._connection_config

    @property
    def engine(self) -> Engine:
        """The engine behind the connection."""
        return engine_of(self._connection)
