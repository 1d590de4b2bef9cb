"""Truth files: ``<truth_dir>/<event date>/truth.json``."""

import json
from collections.abc import Collection, Iterator
from datetime import date
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from kedro.io import AbstractDataset

from factory_simulation.datasets.connected import Connected
from factory_simulation.datasets.folders import GeneratedFiles, dated_folders
from factory_simulation.domain import FactoryError, Level, Metric
from factory_simulation.expressions.dates import DateRange, asked_dates
from factory_simulation.expressions.numbers import LARGEST_MEASURE, MICRO

_Row = dict[str, Any]
FILE = "truth.json"
_ENERGY = "energy_consumed_kwh"
_MILLI = 1_000
_TYPES = pa.schema(
    {
        "event_date": pa.date32(),
        "level": pa.string(),
        "key": pa.string(),
        "metric": pa.string(),
        "truth_micro": pa.int64(),
        "complete_on": pa.date32(),
        "has_history": pa.bool_(),
    }
)


class TruthFiles(Connected, AbstractDataset[ir.Table, ir.Table]):
    """What really happened, one JSON file per event date.

    Saved from one row per event date, machine and product: ``event_date``, ``factory_id``,
    ``machine_id``, ``product_name``, ``batches``, ``units_produced``, ``units_defective``,
    ``energy_micro_kwh``, ``last_arrival_date`` and ``history_from``; rows without a machine have
    ``units_in_stock`` of a factory's product instead, and rows with ``valid_from`` (where there are
    any) tell what a machine was that day. Loaded as one row per date, level, key and metric, in
    millionths. ``has_history`` tells whether all dates are there from which the stock of a date
    adds up: those since ``history_from``, if the date's file names it.

    Args:
        truth_dir: The folder that holds the dated folders.
        dates: Write these event dates alone; see ``DateRange``.
        connected: See ``Connected``.
    """

    def __init__(self, *, truth_dir: str, dates: str | None = None, **connected: Any) -> None:
        super().__init__(**connected)
        self.truth_dir = Path(truth_dir)
        self._dates = asked_dates(dates)
        self._facts: list[_Row] | None = None

    def facts(self) -> list[_Row]:
        """Return one dictionary per date, level, key and metric; files are read once a run.

        Raises:
            FactoryError: If there is no truth, or a file is not as its contract says.
        """
        if not self._exists():
            raise FactoryError(
                f"no truth in {self.truth_dir}: name its folder with truth_dir=…, "
                "or leave the validation pipeline out"
            )
        if self._facts is None:
            files = self._files()
            told = files.keys()
            self._facts = [row for day, path in files.items() for row in _facts(day, path, told)]
        return self._facts

    def load(self) -> ir.Table:
        """Return all truth that is in the folder."""
        rows = self.facts()
        return self.engine.small_table(pa.Table.from_pylist(rows, schema=_TYPES))

    def check_target(self) -> None:
        """Refuse to generate into a folder that holds files of somebody else."""
        GeneratedFiles(self.truth_dir, FILE).check()

    def save(self, data: ir.Table) -> None:
        """Write one file per event date, each whole or not at all."""
        self._release()
        self.check_target()
        files = GeneratedFiles(self.truth_dir, FILE)
        ordered = data.order_by("event_date", "factory_id", "machine_id", "product_name")
        rows = self.engine.fetch(ordered).to_pylist()
        days = sorted({row["event_date"] for row in rows})
        files.claim(days)
        for day, of_day in groupby(rows, key=itemgetter("event_date")):
            document = _document(day, list(of_day))
            content = json.dumps(document, indent=2) + "\n"
            files.write(day, partial(_write, content=content))
        if self._dates is None:
            files.keep_only(days)

    def _files(self) -> dict[date, Path]:
        dated, _others = dated_folders(self.truth_dir)
        return {day: f / FILE for day, f in dated.items() if (f / FILE).is_file()}

    def _release(self) -> None:
        """Forget what was read."""
        self._facts = None

    def _exists(self) -> bool:
        return self.truth_dir.is_dir() and bool(self._files())

    def _describe(self) -> dict[str, Any]:
        return {"truth_dir": str(self.truth_dir)}


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")


def _document(day: date, rows: list[_Row]) -> _Row:
    """Return a date's truth as the file has it, plus the date of its last arrival."""
    made = [row for row in rows if row["batches"] is not None]
    stock = [row for row in rows if row["machine_id"] is None]
    return {
        "date": day.isoformat(),
        "history_from": min(row["history_from"] for row in rows).isoformat(),
        "complete_on": max((row["last_arrival_date"] for row in made), default=day).isoformat(),
        "total_batches": sum(row["batches"] for row in made),
        "by_factory": _totals_by("factory_id", made),
        "by_machine": _totals_by("machine_id", made),
        "by_product": _totals_by("product_name", made),
        "factory_totals": _totals(made),
        "stock": {
            factory: {row["product_name"]: row["units_in_stock"] for row in of_factory}
            for factory, of_factory in _grouped("factory_id", stock)
        },
        **_machines(rows),
    }


def _machines(rows: list[_Row]) -> dict[str, dict[str, _Row]]:
    """Return what each machine was, where there is a registry that should know."""
    known = [row for row in rows if row.get("valid_from") is not None]
    machines = {
        row["machine_id"]: {
            "valid_from": row["valid_from"].isoformat(),
            "units_per_hour": row["milli_units_per_hour"] / _MILLI,
            "kwh_per_unit": row["micro_kwh_per_unit"] / MICRO,
            **{name: row[name] for name in ("status", "firmware", "owner")},
        }
        for row in sorted(known, key=itemgetter("machine_id"))
    }
    return {"machines": machines} if machines else {}


def _totals_by(key: str, rows: list[_Row]) -> dict[str, dict[str, float]]:
    return {name: _totals(of_name) for name, of_name in _grouped(key, rows)}


def _grouped(key: str, rows: list[_Row]) -> Iterator[tuple[str, list[_Row]]]:
    for name, group in groupby(sorted(rows, key=itemgetter(key)), key=itemgetter(key)):
        yield name, list(group)


def _totals(rows: list[_Row]) -> dict[str, float]:
    return {
        "batches": sum(row["batches"] for row in rows),
        "units_produced": sum(row["units_produced"] for row in rows),
        "units_defective": sum(row["units_defective"] for row in rows),
        _ENERGY: sum(row["energy_micro_kwh"] for row in rows) / MICRO,
    }


def _micro(number: float) -> int:
    if isinstance(number, bool) or abs(number) >= LARGEST_MEASURE:
        raise ValueError(f"{number} is no number of a factory")
    return round(number * MICRO)


def _facts(day: date, path: Path, told: Collection[date]) -> Iterator[dict[str, Any]]:
    """Yield a truth file's numbers by level, key and metric; ``told`` has the dates of all."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        complete_on = date.fromisoformat(document.get("complete_on", day.isoformat()))
        history_from = date.fromisoformat(document.get("history_from", day.isoformat()))
        has_history = all(earlier in told for earlier in DateRange(history_from, day))
        factory = {"batches": document["total_batches"], **document["factory_totals"]}
        stock = {
            f"{factory_id}/{product}": {Metric.UNITS_IN_STOCK.value: units}
            for factory_id, units_by_product in document.get("stock", {}).items()
            for product, units in units_by_product.items()
        }
        groups = [
            (Level.FACTORY, {"factory": factory}),
            (Level.SITE, document.get("by_factory", {})),
            (Level.MACHINE, document["by_machine"]),
            (Level.PRODUCT, document["by_product"]),
            (Level.STOCK, stock),
        ]
        for level, by_key in groups:
            for key, totals in by_key.items():
                for metric in Metric:
                    name = _ENERGY if metric is Metric.ENERGY_KWH else metric.value
                    if name in totals:
                        yield {
                            "event_date": day,
                            "level": level.value,
                            "key": key,
                            "metric": metric.value,
                            "truth_micro": _micro(totals[name]),
                            "complete_on": complete_on,
                            "has_history": has_history,
                        }
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise FactoryError(f"truth file {path} is not as its contract says: {error!r}") from error
