"""Contracts of material: where a batch's input came from, and what became of it."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.domain import LotKind
from factory_simulation.expressions.rules import both_or_neither


class Genealogy(pa.DataFrameModel):
    """One row per batch and lot of its input that went into it, first in, first out.

    Units are of the input product.
    """

    factory_id: dt.String
    input_product_name: dt.String = pa.Field(description="what was used")
    output_product_name: dt.String = pa.Field(description="what the batch made of it")
    lot_key: dt.String = pa.Field(
        description="batch_key of the batch that made the input; "
        "factory|product|opening_stock, or factory|product|date of what is bought; or 'unknown'"
    )
    lot_kind: dt.String = pa.Field(isin=[kind.value for kind in LotKind])
    batch_key: dt.String = pa.Field(description="the batch that used the input")
    made_at: dt.Timestamp = pa.Field(
        nullable=True, description="end of the batch that made the lot; null for other lots"
    )
    used_at: dt.Timestamp = pa.Field(description="start of the batch that used it")
    is_before_made: dt.Boolean = pa.Field(
        description="used before the lot was made: stock was not known in full, or times are wrong"
    )
    units_before: dt.Int64 = pa.Field(
        ge=0, description="units of the product that the factory had used before these"
    )
    units_used: dt.Int64 = pa.Field(ge=1)

    class Config:
        strict = True
        unique = ["batch_key", "lot_key"]

    @pa.dataframe_check
    def only_batches_have_a_time(cls, data):
        """A lot was made at a time where a batch made it."""
        is_batch = data.table.lot_kind == LotKind.BATCH.value
        return both_or_neither(is_batch, data.table.made_at.notnull())

    @pa.dataframe_check
    def unknown_lots_have_no_key(cls, data):
        """An unknown lot is named so, and no other."""
        is_named = data.table.lot_key == LotKind.UNKNOWN.value
        return is_named == (data.table.lot_kind == LotKind.UNKNOWN.value)


class MaterialDaily(pa.DataFrameModel):
    """One row per date, factory and product that is made or in stock there; UTC days, in units."""

    production_date: dt.Date
    factory_id: dt.String
    product_name: dt.String
    units_opening: dt.Int64 = pa.Field(description="in stock as the day begins")
    units_made: dt.Int64 = pa.Field(ge=0, description="good units made")
    units_used: dt.Int64 = pa.Field(ge=0, description="taken as input of other products")
    units_scrapped: dt.Int64 = pa.Field(
        ge=0, description="defective units, which were never in stock"
    )
    units_closing: dt.Int64 = pa.Field(description="in stock as the day ends")
    is_overdrawn: dt.Boolean = pa.Field(
        description="more was used than is known to have been there: the opening stock or batches "
        "are missing"
    )

    class Config:
        strict = True
        unique = ["production_date", "factory_id", "product_name"]

    @pa.dataframe_check
    def balance_closes(cls, data):
        """What is there at the end is what was there, and came, less what went."""
        day = data.table
        return day.units_closing == day.units_opening + day.units_made - day.units_used


class MaterialYield(pa.DataFrameModel):
    """One row per date, factory and product that is made of another; units_used are of that one.

    Raw units are of what is bought and not made: ore. They are parts of units where a lot's ore is
    shared out among the batches that used it.
    """

    production_date: dt.Date
    factory_id: dt.String
    product_name: dt.String
    input_product_name: dt.String
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_defective: dt.Int64 = pa.Field(ge=0)
    units_good: dt.Int64 = pa.Field(ge=0)
    units_used: dt.Int64 = pa.Field(ge=0, description="input used, for defective units too")
    units_used_in_good: dt.Int64 = pa.Field(ge=0, description="input that is in good units")
    units_used_untraced: dt.Int64 = pa.Field(
        ge=0, description="of the input used, what came from opening stock or an unknown lot"
    )
    raw_units_used: dt.Float64 = pa.Field(
        ge=0, description="raw material used for the traced input, scrap of all stages included"
    )
    raw_units_in_good: dt.Float64 = pa.Field(
        ge=0, description="raw material that is in the good units made of traced input"
    )
    material_yield: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)
    raw_material_yield: dt.Float64 = pa.Field(nullable=True, ge=0, le=1)

    class Config:
        strict = True
        unique = ["production_date", "factory_id", "product_name"]

    @pa.dataframe_check
    def good_and_defective_units_are_all(cls, data):
        """A unit is good or it is not."""
        day = data.table
        return day.units_produced == day.units_good + day.units_defective

    @pa.dataframe_check
    def no_more_untraced_than_used(cls, data):
        """What cannot be followed was used."""
        return data.table.units_used_untraced <= data.table.units_used


CONTRACTS = {
    "genealogy": Genealogy,
    "material_daily": MaterialDaily,
    "material_yield": MaterialYield,
}
