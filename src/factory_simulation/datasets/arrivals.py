"""The dates on which something landed."""

from datetime import date
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from kedro.io import AbstractDataset

from factory_simulation.datasets.connected import Connected
from factory_simulation.datasets.folders import dated_folders
from factory_simulation.datasets.landing_writer import SUFFIXES
from factory_simulation.domain import LANDED_TABLES, FactoryError


def landed_dates(landing_dir: Path) -> list[date]:
    """Return the dates on which something landed; none where there is no landing folder."""
    folders = dated_folders(landing_dir)[0] if landing_dir.is_dir() else {}
    names = {f"{table}{suffix}" for table in LANDED_TABLES for suffix in SUFFIXES}
    return [
        day for day, folder in folders.items() if names & {path.name for path in folder.iterdir()}
    ]


class ArrivalDates(Connected, AbstractDataset[None, ir.Table]):
    """The dates on which something landed, loaded or not.

    Args:
        landing_dir: The folder that holds the dated folders.
        connected: See ``Connected``.
    """

    def __init__(self, *, landing_dir: str, **connected: Any) -> None:
        super().__init__(**connected)
        self._landing_dir = Path(landing_dir)

    def load(self) -> ir.Table:
        """Return one row per date; none where there is no landing folder any more."""
        days = landed_dates(self._landing_dir)
        return self.engine.small_table(pa.table({"arrival_date": pa.array(days, pa.date32())}))

    def save(self, _data: None) -> None:
        """Refuse: what arrives is not up to the pipeline."""
        raise FactoryError("arrival dates are not written by the pipeline")

    def _describe(self) -> dict[str, Any]:
        return {"landing_dir": str(self._landing_dir)}
