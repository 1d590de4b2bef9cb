"""The connection to the warehouse that datasets share."""

from typing import Any, ClassVar

from kedro_datasets._utils import ConnectionMixin

from factory_simulation.datasets.engines import Engine, open_engine


class Connected(ConnectionMixin):
    """A dataset that needs the engine: it shares one connection with all that name the same one.

    Args:
        connection: ``backend`` (of Ibis), ``warehouse`` and ``settings``.
        credentials: What a server wants to know beside that; see ``docs/engines.md``.
        metadata: For kedro-viz.
    """

    # one group, because an embedded engine takes one connection per warehouse
    _CONNECTION_GROUP: ClassVar[str] = "warehouse"

    def __init__(
        self,
        *,
        connection: dict[str, Any],
        credentials: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._connection_config = {**connection, **(credentials or {})}
        self.metadata = metadata

    def _connect(self) -> Engine:
        return open_engine(self._connection_config)

    @property
    def engine(self) -> Engine:
        """The engine, with the connection that all datasets of one warehouse share."""
        engine: Engine = self._connection
        return engine

    def _describe(self) -> dict[str, Any]:
        """Return what logs may show: no credentials."""
        return {name: self._connection_config.get(name) for name in ("backend", "warehouse")}
