"""Landing and truth folders written by hand: a small day that is right, to be made wrong."""

import json
from pathlib import Path

BATCHES = """\
batch_id,machine_id,product_name,start_time,end_time,units_produced,units_defective
B1,SMELTER-01,Iron Plate,2025-12-01T06:00:00,2025-12-01T07:00:00,70,1
B2,SMELTER-01,iron_plate,2025-12-01T07:10:00,2025-12-01T08:10:00,72,2
B1,ASSEMBLER-01,Gear Wheel,2025-12-01T06:05:00,2025-12-01T07:35:00,40,0
"""
CHECKS = """\
check_id,batch_id,check_timestamp,inspector_id,pass_fail,defect_notes
C1,B2,2025-12-01T08:30:00,QC-001,PASS,
C2,B2,2025-12-01T01:35:00,QC-002,FAIL,"bent, twice"
"""
ENTRIES = """\
log_id,machine_id,operator_id,log_timestamp,action,notes
L1,Smelter #1,OP-101,2025-12-01T06:04:00,START_BATCH,all well
L2,asm 1,OP-102,2025-11-30T23:00:00,MONITOR,
"""
READINGS = [
    ("SMELTER-01", "2025-12-01T06:10:00", 1300.5, 2.0, 4.2, 97.5),
    ("SMELTER-01", "2025-12-01T06:30:00", None, 2.1, 4.2, 97.5),
    ("ASSEMBLER-01", "2025-12-01T06:30:00", 30.0, 1.0, None, 95.0),
]
TRUTH = {
    "date": "2025-12-01",
    "total_batches": 3,
    "by_machine": {
        "SMELTER-01": {
            "batches": 2,
            "units_produced": 142,
            "units_defective": 3,
            "energy_consumed_kwh": 17.04,
        },
        "ASSEMBLER-01": {
            "batches": 1,
            "units_produced": 40,
            "units_defective": 0,
            "energy_consumed_kwh": 3.2,
        },
    },
    "by_product": {
        "Iron Plate": {"batches": 2, "units_produced": 142, "units_defective": 3},
        "Gear Wheel": {"batches": 1, "units_produced": 40, "units_defective": 0},
    },
    "factory_totals": {
        "units_produced": 182,
        "units_defective": 3,
        "energy_consumed_kwh": 20.24,
    },
}


def reading(
    machine: object,
    timestamp: object,
    temperature: object = 1300,
    pressure: object = 2,
    energy: object = 4,
    efficiency: object = 98,
) -> dict[str, object]:
    return {
        "machine_id": machine,
        "timestamp": timestamp,
        "temperature": temperature,
        "pressure": pressure,
        "energy_kwh": energy,
        "efficiency_percent": efficiency,
    }


def write_day(landing: Path, truth: Path, day: str = "2025-12-01") -> Path:
    """Write the small day and its truth; return the day's folder."""
    folder = landing / day
    folder.mkdir(parents=True)
    (folder / "production_batches.csv").write_text(BATCHES)
    (folder / "qc_checks.csv").write_text(CHECKS)
    (folder / "operator_logs.csv").write_text(ENTRIES)
    readings = [reading(*values) for values in READINGS]
    (folder / "sensor_logs.json").write_text(json.dumps(readings, indent=2))
    (truth / day).mkdir(parents=True)
    (truth / day / "truth.json").write_text(json.dumps(TRUTH))
    return folder


def append(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)
