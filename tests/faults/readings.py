"""Readings out of literal values, and the plates of the machines that took them."""

from typing import Any

from factory_simulation.faults import measures

SMELTER = {
    "temperature_low_c": 1150.0,
    "temperature_high_c": 1450.0,
    "pressure_low_bar": 1.25,
    "pressure_high_bar": 2.75,
}
ASSEMBLER = {
    "temperature_low_c": 20.0,
    "temperature_high_c": 50.0,
    "pressure_low_bar": 0.7,
    "pressure_high_bar": 1.3,
}
NO_PLATE = dict.fromkeys(SMELTER)
LANDED = {
    "number": "int64",
    **{measure.column: "string" for measure in measures.MEASURES},
    **dict.fromkeys(SMELTER, "float64"),
}


def reading(
    temperature: str | None, pressure: str | None, plate: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {"temperature": temperature, "pressure": pressure, **plate, **more}
