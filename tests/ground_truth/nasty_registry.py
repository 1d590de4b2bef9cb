"""Snapshots of the machine registry full of trouble.

The rates of the first date are those of the machines' plates, so that its truth stays true.
"""

from pathlib import Path

_HEADER = "machine_id,units_per_hour,kwh_per_unit,status,firmware,owner,snapshot_date"
_GOOD = {
    "2025-12-01": [
        "SMELTER-01,75,0.12,ACTIVE,1.0,Größe ☃,",
        "smelter #2,80.000,0.11, active ,,,2025-12-01",
        'Asm-1,3e1,0.08,,"1,0",,2025-12-01T00:00:00Z',
    ],
    "2025-12-02": [
        "SMELTER-01,80,0.12,ACTIVE,1.0,Größe ☃,",
        "SMELTER-02,80,.11,WATCHED,\\N,NULL,2025-12-02 00:30",
        "ASSEMBLER-01,30,0.08,,1.0,,2025-12-02T01:00:00+14:00",
        "ASSEMBLER-01,30,0.09,,1.0,,1970-01-01T00:00+14:00",
    ],
    "2025-12-03": [
        # denies the day before, and admits it again
        "SMELTER-01,75,0.12,ACTIVE,1.0,Größe ☃,2025-12-02",
        "SMELTER-01,80,0.12,ACTIVE,1.0,Größe ☃,2025-12-02",
        "SMELTER-02,100000,1000,ACTIVE,1.0,,2261-12-31T23:59:59-14:00",
    ],
}
_BAD = [
    ",75,0.12,ACTIVE,1.0,Ada,",
    "SMELTER-99,75,0.12,ACTIVE,1.0,Ada,",
    "SMELTER-01,,0.12,ACTIVE,1.0,Ada,",
    "SMELTER-01,fast,0.12,ACTIVE,1.0,Ada,",
    "SMELTER-01,75,-0.12,ACTIVE,1.0,Ada,",
    "SMELTER-01,0,0.12,ACTIVE,1.0,Ada,",
    "SMELTER-01,100001,0.12,ACTIVE,1.0,Ada,",
    "SMELTER-01,75,1e999,ACTIVE,1.0,Ada,",
    "SMELTER-01,75,NaN,ACTIVE,1.0,Ada,",
    "SMELTER-01,75,0.12,ACTIVE,1.0,Ada,2025-02-30",
    "SMELTER-01,75,0.12,ACTIVE,1.0,Ada,yesterday",
    "SMELTER-01,75",
]


def write_machine_registry(landing: Path) -> None:
    """Write snapshots that are good, the same ones again, and ones that cannot be kept."""
    for day, good in _GOOD.items():
        path = landing / day / "machine_registry.csv"
        lines = [_HEADER, *good, *good, *_BAD]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
