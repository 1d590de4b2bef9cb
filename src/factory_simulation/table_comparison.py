"""What two warehouses or two folders of files differ in, cell by cell and byte by byte."""

import hashlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from factory_simulation.datasets.engines import Engine
from factory_simulation.domain import Schema
from factory_simulation.schemas.contract import contract_of

RELATIVE_TOLERANCE = 1e-9
"""How far floats of two engines may differ; all else must be equal."""

_OF_ONE_RUN = {
    *("run_id", "bronze_run_id", "silver_run_id", "replaced_run_id"),
    *("loaded_at", "_loaded_at"),
}
_KINDS = (
    (pa.types.is_boolean, pa.bool_()),
    (pa.types.is_integer, pa.int64()),
    (pa.types.is_floating, pa.float64()),
    (pa.types.is_timestamp, pa.timestamp("us")),
    (pa.types.is_date, pa.date32()),
)
Tables = dict[str, pa.Table]


def all_tables(engine: Engine) -> Tables:
    """Return every table of a warehouse but what only one run is about."""
    return {
        f"{schema}.{table}": engine.fetch(engine.table(schema, table))
        for schema in Schema
        if schema != Schema.WORK
        for table in sorted(import_module(f"factory_simulation.schemas.{schema}").CONTRACTS)
        if (schema, table) != (Schema.OPS, "runs") and engine.has_table(schema, table)
    }


def differences(ours: Tables, theirs: Tables) -> list[str]:
    """Return what two warehouses differ in, a line each; none where they hold the same."""
    told = []
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in ours or name not in theirs:
            told.append(f"{name}: only one of the two has it")
            continue
        keys = contract_of(*name.split(".")).unique
        told += [f"{name}: {line}" for line in table_differences(ours[name], theirs[name], keys)]
    return told


def table_differences(ours: pa.Table, theirs: pa.Table, keys: Sequence[str]) -> list[str]:
    """Return what two tables differ in, a line for each column.

    In which order rows and columns come is no difference.

    Args:
        ours: One table.
        theirs: The other one.
        keys: The columns by which a row of one is found in the other.
    """
    only_one = sorted(set(ours.column_names) ^ set(theirs.column_names))
    if only_one:
        return [f"only one of the two has column {', '.join(only_one)}"]
    kinds = {name: (_kind(ours[name].type), _kind(theirs[name].type)) for name in ours.column_names}
    told = [f"{name}: {a} and {b}" for name, (a, b) in kinds.items() if a != b]
    if told:
        return told
    if ours.num_rows != theirs.num_rows:
        return [f"{ours.num_rows} and {theirs.num_rows} rows"]
    schema = pa.schema({name: kind for name, (kind, _) in kinds.items()})
    order = [(name, "ascending") for name in keys]
    left, right = (
        table.select(schema.names).cast(schema).sort_by(order) for table in (ours, theirs)
    )
    for name in [name for name in schema.names if name not in _OF_ONE_RUN]:
        differing = _differing(left[name], right[name])
        if len(differing):
            row = differing[0].as_py()
            where = ", ".join(str(left[key][row]) for key in keys)
            told.append(
                f"{name}: {len(differing)} cells, such as {left[name][row]} and "
                f"{right[name][row]} at {where}"
            )
    return told


def _kind(type_: pa.DataType) -> pa.DataType:
    """Return the widest type of a kind: how many bits an engine takes is its own affair."""
    return next((kind for is_kind, kind in _KINDS if is_kind(type_)), pa.string())


def _differing(ours: pa.ChunkedArray, theirs: pa.ChunkedArray) -> pa.Array:
    """Return the positions at which two columns differ; null is equal to null alone."""
    if pa.types.is_floating(ours.type):
        largest = pc.max_element_wise(pc.abs(ours), pc.abs(theirs))
        distance = pc.abs(pc.subtract(ours, theirs))
        equal = pc.less_equal(distance, pc.multiply(largest, RELATIVE_TOLERANCE))
    else:
        equal = pc.equal(ours, theirs)
    both_null = pc.and_(pc.is_null(ours), pc.is_null(theirs))
    same = pc.if_else(both_null, True, pc.fill_null(equal, False))
    return pc.indices_nonzero(pc.invert(same))


def digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file in the dated folders below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("[0-9]*/*"))
    }
