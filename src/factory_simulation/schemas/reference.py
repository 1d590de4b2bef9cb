"""Contracts of the reference files, which people write."""

import ibis
import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.expressions.time import MINUTES_PER_DAY

_FARTHEST_ZONE = 14 * 60


class Factories(pa.DataFrameModel):
    """One row per factory. The offset counts where the time zone is empty."""

    factory_id: dt.String
    factory_name: dt.String
    city: dt.String
    timezone: dt.String = pa.Field(nullable=True)
    utc_offset_minutes: dt.Int64 = pa.Field(nullable=True, ge=-_FARTHEST_ZONE, le=_FARTHEST_ZONE)

    class Config:
        strict = True
        unique = ["factory_id"]


class Products(pa.DataFrameModel):
    """One row per product, with what it is made from."""

    product_name: dt.String
    made_from: dt.String = pa.Field(nullable=True)
    input_per_unit: dt.Int64 = pa.Field(nullable=True, ge=1)

    class Config:
        strict = True
        unique = ["product_name"]


class Machines(pa.DataFrameModel):
    """One row per machine; rates and limits as on its plate."""

    machine_id: dt.String = pa.Field(str_matches=r"^[A-Z]+-[0-9]+$")
    factory_id: dt.String
    machine_kind: dt.String
    product_name: dt.String
    units_per_hour: dt.Float64 = pa.Field(gt=0)
    kwh_per_unit: dt.Float64 = pa.Field(gt=0)
    installed_on: dt.Date
    temperature_low_c: dt.Float64 = pa.Field(nullable=True)
    temperature_high_c: dt.Float64 = pa.Field(nullable=True)
    pressure_low_bar: dt.Float64 = pa.Field(nullable=True)
    pressure_high_bar: dt.Float64 = pa.Field(nullable=True)

    class Config:
        strict = True
        unique = ["machine_id"]


class Phrases(pa.DataFrameModel):
    """One row per phrase that people write into notes."""

    phrase: dt.String
    topic: dt.String

    class Config:
        strict = True
        unique = ["phrase"]


class OpeningStock(pa.DataFrameModel):
    """One row per factory and product that was in stock before the first day."""

    factory_id: dt.String
    product_name: dt.String
    units: dt.Int64 = pa.Field(ge=0)

    class Config:
        strict = True
        unique = ["factory_id", "product_name"]


class Shifts(pa.DataFrameModel):
    """One row per factory and shift of its day.

    Minutes are counted from midnight UTC; one past 1440 is of the next day, so that a night shift
    ends after it began. Shifts of a factory follow each other without overlap, over midnight too.
    """

    factory_id: dt.String
    shift_name: dt.String
    start_minute: dt.Int64 = pa.Field(ge=0, lt=MINUTES_PER_DAY)
    end_minute: dt.Int64 = pa.Field(ge=1, le=2 * MINUTES_PER_DAY)

    class Config:
        strict = True
        unique = ["factory_id", "shift_name"]

    @pa.dataframe_check(error="a shift must end after it begins")
    def begins_before_it_ends(cls, data):
        """A shift lasts."""
        return data.table.start_minute < data.table.end_minute

    @pa.dataframe_check(error="shifts of a factory must not overlap")
    def ends_before_the_next_begins(cls, data):
        """After the last shift of a day comes the first one of the next."""
        shifts = data.table
        start = shifts.start_minute
        of_factory = ibis.window(group_by=shifts.factory_id)
        in_order = ibis.window(
            group_by=shifts.factory_id, order_by=[start, shifts.end_minute, shifts.shift_name]
        )
        tomorrow = start.min().over(of_factory) + MINUTES_PER_DAY
        return shifts.end_minute <= start.lead().over(in_order).fill_null(tomorrow)


CONTRACTS = {
    "factories": Factories,
    "products": Products,
    "machines": Machines,
    "phrases": Phrases,
    "opening_stock": OpeningStock,
    "shifts": Shifts,
}
