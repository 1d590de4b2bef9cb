"""Contracts of bronze: text columns as landed, and the lineage of each row.

Made from the landing contracts, so that their columns are named once. Not strict: a file may have
more columns than the contract knows, and bronze keeps them.
"""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import (
    EVENT_DATE,
    LANDED_TABLES,
    PARSE_ERROR,
    SURPLUS,
    LandedTable,
    Reason,
)

_PARSE_ERRORS = [
    Reason.TOO_FEW_FIELDS.value,
    Reason.TOO_MANY_FIELDS.value,
    Reason.NOT_AN_OBJECT.value,
    Reason.MALFORMED_QUOTES.value,
    Reason.MALFORMED_JSON.value,
]


def _contract(table: LandedTable) -> pa.DataFrameSchema:
    """One row per landed row: the contract's columns as nullable text, and lineage."""
    return pa.DataFrameSchema(
        {
            "_row_id": pa.Column(dt.String),
            "_source_file": pa.Column(dt.String),
            "_source_row": pa.Column(dt.Int64, pa.Check.ge(1)),
            "_arrival_date": pa.Column(dt.Date),
            "_loaded_at": pa.Column(dt.Timestamp),
            EVENT_DATE: pa.Column(dt.Date),
            **{name: pa.Column(dt.String, nullable=True) for name in table.columns},
            PARSE_ERROR: pa.Column(dt.String, pa.Check.isin(_PARSE_ERRORS), nullable=True),
            SURPLUS: pa.Column(dt.String, nullable=True),
        },
        unique=["_row_id"],
        name=table.name,
        description=f"One row per landed row of ``{table.name}``, its columns as text.",
    )


CONTRACTS = {name: _contract(table) for name, table in LANDED_TABLES.items()}
