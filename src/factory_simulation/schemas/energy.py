"""Contracts of gold's energy: what meters showed, beside what plates say."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from factory_simulation.expressions.rules import both_or_neither

_CORRECTED = "readings of a meter that drifts, set back by the plate's measure"


class BatchEnergy(pa.DataFrameModel):
    """One row per batch, in kWh.

    ``readings_metered`` tell energy by themselves, ``readings_imputed`` are filled up from these.
    ``metered_kwh`` is null where no reading tells any. ``is_complete`` is false where a reading
    told nothing that the others of its batch agree on; the energy of such a batch is a guess.
    """

    batch_key: dt.String
    batch_id: dt.String
    production_date: dt.Date
    factory_id: dt.String
    machine_id: dt.String
    product_name: dt.String
    units_produced: dt.Int64 = pa.Field(ge=0)
    units_good: dt.Int64 = pa.Field(ge=0)
    readings: dt.Int64 = pa.Field(ge=0)
    readings_metered: dt.Int64 = pa.Field(ge=0, description="readings that tell energy themselves")
    readings_imputed: dt.Int64 = pa.Field(ge=0, description="readings filled up from the others")
    readings_corrected: dt.Int64 = pa.Field(ge=0, description=_CORRECTED)
    is_complete: dt.Boolean = pa.Field(
        description="each reading tells its energy, or the others of the batch agree on it"
    )
    metered_kwh: dt.Float64 = pa.Field(nullable=True, ge=0)
    nameplate_kwh: dt.Float64 = pa.Field(
        ge=0, description="units made, times what the machine's plate said that day"
    )
    energy_variance: dt.Float64 = pa.Field(nullable=True, ge=-1)
    kwh_per_good_unit: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="metered energy per good unit"
    )

    class Config:
        strict = True
        unique = ["batch_key"]

    @pa.dataframe_check
    def readings_add_up(cls, data):
        """A reading is metered or imputed, unless no reading of its batch tells anything."""
        told = data.table.readings_metered + data.table.readings_imputed
        nothing_told = (data.table.readings_metered == 0) & (data.table.readings_imputed == 0)
        return (told == data.table.readings) | nothing_told

    @pa.dataframe_check
    def metered_by_readings(cls, data):
        """Energy is metered where a reading tells it."""
        return both_or_neither(data.table.metered_kwh.notnull(), data.table.readings_metered > 0)


class EnergyDaily(pa.DataFrameModel):
    """One row per date and machine, in kWh.

    ``metered_kwh``, ``nameplate_kwh``, ``units_good`` and what is computed of them are of the
    ``batches_metered`` alone: of ``batches`` that is not all where some have no usable reading.
    ``kwh_outside_batches`` is in none of them.
    """

    production_date: dt.Date = pa.Field(description="when batches began, and when else was read")
    factory_id: dt.String
    machine_id: dt.String
    batches: dt.Int64 = pa.Field(ge=0)
    batches_metered: dt.Int64 = pa.Field(ge=0, description="batches with a usable reading")
    batches_complete: dt.Int64 = pa.Field(
        ge=0, description="batches of which no reading had to be guessed"
    )
    units_good: dt.Int64 = pa.Field(ge=0, description="of metered batches")
    readings: dt.Int64 = pa.Field(ge=0, description="in batches")
    readings_imputed: dt.Int64 = pa.Field(ge=0)
    readings_corrected: dt.Int64 = pa.Field(ge=0, description=_CORRECTED)
    readings_outside: dt.Int64 = pa.Field(ge=0, description="readings outside of batches")
    metered_kwh: dt.Float64 = pa.Field(nullable=True, ge=0, description="of metered batches")
    nameplate_kwh: dt.Float64 = pa.Field(nullable=True, ge=0, description="of metered batches")
    kwh_outside_batches: dt.Float64 = pa.Field(
        ge=0, description="metered by readings outside of batches, and not in metered_kwh"
    )
    energy_variance: dt.Float64 = pa.Field(nullable=True, ge=-1)
    kwh_per_good_unit: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="metered energy per good unit"
    )

    class Config:
        strict = True
        unique = ["production_date", "machine_id"]

    @pa.dataframe_check
    def no_more_metered_than_batches(cls, data):
        """Complete batches are metered, and metered ones are batches."""
        is_metered = data.table.batches_metered <= data.table.batches
        return is_metered & (data.table.batches_complete <= data.table.batches_metered)

    @pa.dataframe_check
    def energy_of_metered_batches(cls, data):
        """There is metered energy where there is a metered batch."""
        return both_or_neither(data.table.metered_kwh.notnull(), data.table.batches_metered > 0)


CONTRACTS = {
    "batch_energy": BatchEnergy,
    "energy_daily": EnergyDaily,
}
