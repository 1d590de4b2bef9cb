"""The connection to the warehouse that datasets share."""

from typing import Any, ClassVar

from kedro.io import AbstractDataset
from kedro_datasets._utils import ConnectionMixin

from factory_simulation.datasets.engines import Engine, connect, engine_of, may_hold_tables
from factory_simulation.domain import FactoryError


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


class Warehouse(Connected, AbstractDataset[None, Engine]):
    """The warehouse as a whole, for what is done around a run.

    Args:
        connection: The Ibis backend and its arguments.
    """

    def load(self) -> Engine:
        """Return the engine, with an open connection."""
        return self.engine

    def save(self, _data: None) -> None:
        """Refuse: tables are saved, a warehouse is not."""
        raise FactoryError("the warehouse is not saved as a whole: save its tables")

    def may_hold_tables(self) -> bool:
        """Tell whether there can be tables, without opening or creating anything."""
        return may_hold_tables(self._connection_config)

    def _describe(self) -> dict[str, Any]:
        return {"backend": self._connection_config["backend"]}
