"""Ledger files: ``<truth_dir>/<arrival date>/fault_ledger.json``, what was made wrong."""

import json
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pajson
from kedro.io import AbstractDataset

from factory_simulation.datasets.connected import Connected
from factory_simulation.datasets.folders import GeneratedFiles, dated_folders
from factory_simulation.datasets.lines import joined, pieces_by_date
from factory_simulation.domain import FactoryError
from factory_simulation.expressions.dates import asked_dates

FILE = "fault_ledger.json"
_TYPES = pa.schema(
    {
        "fault_id": pa.string(),
        "fault_type": pa.string(),
        "mechanism": pa.string(),
        "table_name": pa.string(),
        "source_file": pa.string(),
        "source_row": pa.int64(),
        "column_name": pa.string(),
        "clean_value": pa.string(),
        "dirty_value": pa.string(),
        "event_date": pa.date32(),
        "arrival_date": pa.date32(),
        "recoverability": pa.string(),
        "event_id": pa.string(),
        "factory_id": pa.string(),
        "detection_chance": pa.float64(),
        "repair_chance": pa.float64(),
    }
)
# Arrow's JSON reader takes dates for numbers
_TYPES_IN_JSON = pa.schema(
    [(field.name, pa.string() if pa.types.is_date(field.type) else field.type) for field in _TYPES]
)
_ESCAPES = {chr(code): json.dumps(chr(code)).strip('"') for code in range(0x20)}


class LedgerFiles(Connected, AbstractDataset[ir.Table, ir.Table]):
    """The faults that were injected, one JSON file per arrival date, one object per line.

    Saved from and loaded as one row per fault, with the columns of the ledger. A saved row without
    ``fault_id`` says no more than that a ledger was kept on its arrival date: it may be empty.

    Args:
        truth_dir: The folder that holds the dated folders.
        dates: Write these arrival dates alone; see ``DateRange``.
        connected: See ``Connected``.
    """

    def __init__(self, *, truth_dir: str, dates: str | None = None, **connected: Any) -> None:
        super().__init__(**connected)
        self.truth_dir = Path(truth_dir)
        self._dates = asked_dates(dates)
        self._loaded: ir.Table | None = None

    def load(self) -> ir.Table:
        """Return the faults of all files, which are read once a run; none where there is no file.

        Raises:
            FactoryError: If a file is not as its contract says.
        """
        if self._loaded is None:
            parts = [_read(path) for path in ledger_files(self.truth_dir).values()]
            faults = pa.concat_tables([_TYPES.empty_table(), *parts])
            self._loaded = self.engine.small_table(faults)
        return self._loaded

    def check_target(self) -> None:
        """Refuse to generate into a folder that holds files of somebody else."""
        GeneratedFiles(self.truth_dir, FILE).check()

    def save(self, data: ir.Table) -> None:
        """Write one file per arrival date, in order of ``fault_id``, each whole or not at all."""
        self._release()
        self.check_target()
        files = GeneratedFiles(self.truth_dir, FILE)
        found = self.engine.fetch(data.select("arrival_date").distinct())
        days = found["arrival_date"].cast(pa.date32()).to_pylist()
        files.claim(days)
        ordered = data.select(_TYPES.names).order_by("arrival_date")
        pieces = pieces_by_date(self.engine, ordered, by="arrival_date")
        for day, of_day in groupby(pieces, key=itemgetter(0)):
            files.write(day, partial(_write, pieces=map(itemgetter(1), of_day)))
        if self._dates is None:
            files.keep_only(days)
        else:
            files.remove(set(self._dates) - set(days))

    def _release(self) -> None:
        """Forget what was read."""
        self._loaded = None

    def _exists(self) -> bool:
        return bool(ledger_files(self.truth_dir))

    def _describe(self) -> dict[str, Any]:
        return {"truth_dir": str(self.truth_dir)}


class LedgerDates(Connected, AbstractDataset[None, ir.Table]):
    """The arrival dates on which a ledger was kept, whether or not there is a fault in it.

    Args:
        truth_dir: The folder that holds the dated folders.
        connected: See ``Connected``.
    """

    def __init__(self, *, truth_dir: str, **connected: Any) -> None:
        super().__init__(**connected)
        self._truth_dir = Path(truth_dir)

    def load(self) -> ir.Table:
        """Return one row per arrival date that has a ledger file."""
        days = pa.array(list(ledger_files(self._truth_dir)), pa.date32())
        return self.engine.small_table(pa.table({"arrival_date": days}))

    def save(self, _data: None) -> None:
        """Refuse: the dates are those of the files."""
        raise FactoryError("ledger dates are not written by the pipeline: ledger files are")

    def _describe(self) -> dict[str, Any]:
        return {"truth_dir": str(self._truth_dir)}


def ledger_files(truth_dir: Path) -> dict[date, Path]:
    """Return the ledger files of a folder by arrival date; none where there is no folder."""
    dated = dated_folders(truth_dir)[0] if truth_dir.is_dir() else {}
    return {day: folder / FILE for day, folder in dated.items() if (folder / FILE).is_file()}


# --- writing -----------------------------------------------------------------------------------


def _write(path: Path, pieces: Iterator[pa.RecordBatch]) -> None:
    """Write the faults of a date in an order that knows neither engine nor collation."""
    rows = pa.concat_tables([pa.Table.from_batches([piece]).cast(_TYPES) for piece in pieces])
    faults = rows.filter(pc.is_valid(rows["fault_id"]))
    ordered = faults.sort_by([(name, "ascending") for name in _TYPES.names])
    with path.open("wb") as file:
        for batch in ordered.to_batches():
            file.write(joined(_lines(batch)))


def _lines(rows: pa.RecordBatch) -> pa.Array:
    """Return each row as a JSON object and a line end."""
    parts: list[Any] = []
    for number, name in enumerate(rows.schema.names):
        value = pc.fill_null(_json_value(rows.column(name)), "null")
        parts += [f'{", " if number else "{"}"{name}": ', value.cast(pa.large_string())]
    ends = [pa.scalar("}\n", pa.large_string()), pa.scalar("", pa.large_string())]
    texts = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*texts, *ends)


def _json_value(values: pa.Array) -> pa.Array:
    """Return values as JSON; null stays null, and so does a number that JSON has not."""
    if pa.types.is_floating(values.type):
        return pc.if_else(pc.is_finite(values), values, None).cast(pa.string())
    text = values.cast(pa.string())
    if pa.types.is_integer(values.type):
        return text
    text = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    if pc.any(pc.match_substring_regex(text, "[\x00-\x1f]")).as_py():
        for character, escaped in _ESCAPES.items():
            text = pc.replace_substring(text, character, escaped)
    return pc.binary_join_element_wise('"', text, '"', "")


# --- reading -----------------------------------------------------------------------------------


def _read(path: Path) -> pa.Table:
    """Return the rows of a file.

    Raises:
        FactoryError: If it is not as its contract says.
    """
    content = path.read_bytes()
    if not content.strip():
        return _TYPES.empty_table()
    try:
        content.decode()  # Arrow takes any bytes for text
        rows = pajson.read_json(
            pa.BufferReader(content),
            # one block: no line is too long for it
            read_options=pajson.ReadOptions(use_threads=False, block_size=len(content) + 1),
            parse_options=pajson.ParseOptions(
                explicit_schema=_TYPES_IN_JSON, unexpected_field_behavior="error"
            ),
        ).cast(_TYPES)
    except (pa.ArrowException, ValueError) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise FactoryError(f"ledger file {path} is not as its contract says: {reason}") from error
    if rows["fault_id"].null_count:
        raise FactoryError(f"ledger file {path} is not as its contract says: fault_id is missing")
    return rows
