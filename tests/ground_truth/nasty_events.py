"""Machine events full of trouble."""

from pathlib import Path

_HEADER = "event_id,machine_id,event_type,reason,start_time,end_time"
_GOOD = [
    "E1,SMELTER-01,STOP,POWER_LOSS,2025-12-01T10:00:00,2025-12-01T10:30:00",
    "E2,smelter #1, stop ,,2025-12-01T11:00:00Z,2025-12-01T11:30:00Z",
    'E3,Asm-1,Maintenance,"oil, filter",2025-12-01 05:00,2025-12-01 06:00',
    "E4,SMELTER_02,MAINTENANCE,SCHEDULED,2025-12-01T05:00:00+05:30,2025-12-01T06:00:00+05:30",
    "E5,SMELTER-02,STOP,größe ☃,2025-12-01T12:00:00,2025-12-01T12:00:00",
    "E5,SMELTER-02,STOP,another,2025-12-01T12:00:00,2025-12-01T12:00:00",
]
_BAD = [
    ",SMELTER-01,STOP,,2025-12-01T10:00:00,2025-12-01T10:30:00",
    "E7,,STOP,,2025-12-01T10:00:00,2025-12-01T10:30:00",
    "E8,SMELTER-99,STOP,,2025-12-01T10:00:00,2025-12-01T10:30:00",
    "E9,SMELTER-01,PAUSE,,2025-12-01T10:00:00,2025-12-01T10:30:00",
    "E10,SMELTER-01,,,2025-12-01T10:00:00,2025-12-01T10:30:00",
    "E11,SMELTER-01,STOP,,noon,2025-12-01T10:30:00",
    "E12,SMELTER-01,STOP,,2025-12-01T10:00:00,",
    "E13,SMELTER-01,STOP,,2025-12-01T10:00:00,2025-12-01T09:30:00",
    "E14,SMELTER-01,STOP",
]


def write_machine_events(folder: Path) -> None:
    """Write events that are good, the same ones again, and ones that cannot be kept."""
    lines = [_HEADER, *_GOOD, *_GOOD, *_BAD]
    (folder / "machine_events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
