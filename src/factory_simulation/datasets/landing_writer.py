"""How the generator writes landing files: as text or as Parquet, a date at a time."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from factory_simulation.datasets.engines import Engine
from factory_simulation.datasets.folders import GeneratedFiles
from factory_simulation.datasets.lines import joined, pieces_by_date
from factory_simulation.domain import FactoryError, LandedTable
from factory_simulation.expressions import text
from factory_simulation.expressions.dates import DateRange

SUFFIXES = (".csv", ".json", ".parquet")
"""The suffixes of landing files, whoever made them."""

TEXT = "text"
PARQUET = "parquet"
_FORMATS = (TEXT, PARQUET)
_ROW_GROUP = 100_000


class LandingWriter:
    """Writes the landing files of one table, and takes back those of an earlier world.

    The same rows make the same bytes, whichever engine hands them over and in whatever pieces.

    Args:
        contract: The landed table.
        landing_dir: The folder that holds the dated folders.
        file_format: ``text`` (the suffix of the contract) or ``parquet`` (all columns strings).

    Raises:
        FactoryError: If the format is neither.
    """

    def __init__(self, contract: LandedTable, landing_dir: Path, file_format: str) -> None:
        if file_format not in _FORMATS:
            raise FactoryError(f"landing_format = {file_format!r}: allowed are text, parquet")
        self._contract = contract
        self._columns = contract.known
        self._landing_dir = landing_dir
        self._suffix = f".{PARQUET}" if file_format == PARQUET else contract.suffix

    def check(self) -> None:
        """Refuse a folder that holds such files of somebody else.

        Raises:
            FactoryError: If there are any, or the folder cannot be written.
        """
        self._files().check()

    def withdrawn(self) -> set[str]:
        """Return the files that the generator made and took away again, in any format."""
        files = self._files()
        return files.withdrawn.union(*(other.withdrawn for other in files.in_other_formats()))

    def write(self, engine: Engine, data: ir.Table, dates: DateRange | None) -> None:
        """Write one file per arrival date, each whole or not at all.

        Generated files that are no longer wanted go: those of other dates, and those of another
        format.

        Args:
            engine: The engine that has the rows.
            data: The table's columns as text, ``_arrival_date`` (date) and ``_source_row`` (the
                row's number in its file, from 1); more columns are passed over.
            dates: Touch the files of these dates alone.

        Raises:
            FactoryError: If files of somebody else are there.
        """
        self.check()
        files = self._files()
        others = files.in_other_formats()
        found = engine.fetch(data.select("_arrival_date").distinct())
        written = found["_arrival_date"].cast(pa.date32()).to_pylist()
        files.claim(written)
        ordered = data.order_by("_arrival_date", "_source_row")
        rows, write_file = self._prepared(ordered)
        for day, pieces in groupby(pieces_by_date(engine, rows), key=itemgetter(0)):
            files.write(day, partial(write_file, pieces=map(itemgetter(1), pieces)))
            for other in others:
                other.remove([day])
        for generated, kept in [(files, written), *((other, []) for other in others)]:
            if dates is None:
                generated.keep_only(kept)
            else:
                generated.remove(set(dates) - set(kept))

    def _files(self) -> GeneratedFiles:
        return GeneratedFiles(self._landing_dir, f"{self._contract.name}{self._suffix}")

    def _prepared(self, ordered: ir.Table) -> tuple[ir.Table, Callable[..., None]]:
        """Return what the engine has to compute, and what writes a file of it."""
        if self._suffix == f".{PARQUET}":
            return ordered.select("_arrival_date", *self._columns), self._write_parquet
        line = self._line(ordered).concat("\n")
        return ordered.select("_arrival_date", line=line), self._write_text

    def _line(self, data: ir.Table) -> ir.StringValue:
        if self._contract.suffix == ".json":
            return text.json_object(
                {
                    name: text.json_number(data[name])
                    if name in self._contract.numbers
                    else text.json_text(data[name])
                    for name in self._columns
                }
            )
        return text.csv_line([data[name] for name in self._columns])

    def _write_text(self, path: Path, pieces: Iterable[pa.RecordBatch]) -> None:
        with path.open("wb") as file:
            if self._contract.suffix == ".csv":
                file.write((",".join(self._columns) + "\n").encode())
            for piece in pieces:
                file.write(joined(piece.column("line")))

    def _write_parquet(self, path: Path, pieces: Iterable[pa.RecordBatch]) -> None:
        schema = pa.schema([(name, pa.string()) for name in self._columns])
        with pq.ParquetWriter(path, schema, compression="zstd") as file:
            for group in _row_groups(pieces, schema):
                file.write_table(group, row_group_size=_ROW_GROUP)


def _row_groups(pieces: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows in groups of one size, however they were cut before."""
    held = schema.empty_table()
    for piece in pieces:
        rows = pa.Table.from_batches([piece]).select(schema.names).cast(schema)
        held = pa.concat_tables([held, rows])
        while held.num_rows >= _ROW_GROUP:
            yield _whole(held.slice(0, _ROW_GROUP))
            held = held.slice(_ROW_GROUP)
    if held.num_rows:
        yield _whole(held)


def _whole(rows: pa.Table) -> pa.Table:
    """Return the rows as one piece of memory: how they were cut shows in the file otherwise."""
    return rows.take(pa.array(range(rows.num_rows), pa.int64())).combine_chunks()
