"""Chaos: the kinds of fault of a scenario, each with its settings; what is not named is off."""

from pydantic import Field

from factory_simulation.faults.arrival import LateSettings, RedeliverySettings
from factory_simulation.faults.batch_ids import Settings as ReusedId
from factory_simulation.faults.clock_drift import Settings as ClockDrift
from factory_simulation.faults.clock_reset import Settings as ClockReset
from factory_simulation.faults.decimal_comma import Settings as DecimalComma
from factory_simulation.faults.local_time import Settings as LocalTime
from factory_simulation.faults.machine import MaintenanceSettings, StopSettings
from factory_simulation.faults.meter_drift import Settings as MeterDrift
from factory_simulation.faults.missing import Settings as MissingValue
from factory_simulation.faults.note_typo import Settings as NoteTypo
from factory_simulation.faults.orphan import Settings as Orphan
from factory_simulation.faults.percent_as_share import Settings as PercentAsShare
from factory_simulation.faults.rows import ConflictSettings, DuplicateSettings, LostSettings
from factory_simulation.faults.settings import Model
from factory_simulation.faults.spelling import MachineSettings, ProductSettings
from factory_simulation.faults.spike import Settings as Spike
from factory_simulation.faults.stuck_sensor import Settings as StuckSensor
from factory_simulation.faults.swapped import Settings as SwappedColumns
from factory_simulation.faults.unit_mixup import Settings as UnitMixup


class Chaos(Model):
    """How often each kind of fault falls, and how hard."""

    product_name_variant: ProductSettings = Field(default=ProductSettings())
    machine_id_variant: MachineSettings = Field(default=MachineSettings())
    note_typo: NoteTypo = Field(default=NoteTypo())
    missing_value: MissingValue = Field(default=MissingValue())
    decimal_comma: DecimalComma = Field(default=DecimalComma())
    unit_mixup: UnitMixup = Field(default=UnitMixup())
    percent_as_share: PercentAsShare = Field(default=PercentAsShare())
    swapped_columns: SwappedColumns = Field(default=SwappedColumns())
    spike: Spike = Field(default=Spike())
    stuck_sensor: StuckSensor = Field(default=StuckSensor())
    meter_drift: MeterDrift = Field(default=MeterDrift())
    clock_drift: ClockDrift = Field(default=ClockDrift())
    clock_reset: ClockReset = Field(default=ClockReset())
    local_time: LocalTime = Field(default=LocalTime())
    duplicate: DuplicateSettings = Field(default=DuplicateSettings())
    conflicting_copy: ConflictSettings = Field(default=ConflictSettings())
    lost_row: LostSettings = Field(default=LostSettings())
    orphan: Orphan = Field(default=Orphan())
    reused_id: ReusedId = Field(default=ReusedId())
    late_arrival: LateSettings = Field(default=LateSettings())
    redelivered_file: RedeliverySettings = Field(default=RedeliverySettings())
    machine_stop: StopSettings = Field(default=StopSettings())
    maintenance: MaintenanceSettings = Field(default=MaintenanceSettings())

    @property
    def longest_delay(self) -> int:
        """The largest number of days between an event and the last arrival of its row."""
        conflict = self.conflicting_copy
        correction = conflict.days.high if conflict.rate else 0
        return self.late_arrival.longest + correction + self.redelivered_file.longest
