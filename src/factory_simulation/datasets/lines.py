"""Rows that an engine made, on their way into files of a date, without a loop over them."""

from collections.abc import Iterator
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from factory_simulation.datasets.engines import Engine

_CHUNK = 100_000


def pieces_by_date(
    engine: Engine, rows: ir.Table, by: str = "_arrival_date"
) -> Iterator[tuple[date, pa.RecordBatch]]:
    """Yield runs of rows of one date from a table that is sorted by that date."""
    for batch in engine.stream(rows, chunk_size=_CHUNK):
        encoded = pc.run_end_encode(batch.column(by).cast(pa.date32()))
        start = 0
        for end, day in zip(encoded.run_ends.to_pylist(), encoded.values.to_pylist(), strict=True):
            yield day, batch.slice(start, end - start)
            start = end


def joined(lines: pa.Array) -> bytes:
    """Return all lines as one piece of bytes: an Arrow array already holds them side by side."""
    array = lines.cast(pa.large_string())
    _validity, offsets, data = array.buffers()
    ends = pa.Array.from_buffers(pa.int64(), len(array) + 1, [None, offsets], offset=array.offset)
    first, last = ends[0].as_py(), ends[-1].as_py()
    return data.slice(first, last - first).to_pybytes()
