"""Master data that a scenario delivers with its files: what the factory knows of itself.

A pipeline needs it to know machines, products and zones; none of it is truth about a day.
"""

import pyarrow as pa

from factory_simulation.pipelines.generation.scenario import Scenario
from factory_simulation.pipelines.generation.world import describe_notes


def describe_reference_machines(scenario: Scenario) -> pa.Table:
    """One row per machine; rates and operating limits as on its plate."""
    rows = []
    for machine in scenario.fleet:
        kind = scenario.machine_kinds[machine.kind]
        hot, tight = kind.temperature_c.limits(), kind.pressure_bar.limits()
        rows.append(
            {
                "machine_id": machine.machine_id,
                "factory_id": machine.factory_id,
                "machine_kind": machine.kind,
                "product_name": machine.product_name,
                "units_per_hour": float(machine.units_per_hour),
                "kwh_per_unit": machine.kwh_per_unit,
                "installed_on": machine.installed_on,
                "temperature_low_c": hot[0],
                "temperature_high_c": hot[1],
                "pressure_low_bar": tight[0],
                "pressure_high_bar": tight[1],
            }
        )
    return pa.Table.from_pylist(rows)


def describe_reference_factories(scenario: Scenario) -> pa.Table:
    """One row per factory: its name, its city and its time zone."""
    return pa.Table.from_pylist(
        [
            {
                "factory_id": factory.factory_id,
                "factory_name": factory.name,
                "city": factory.city,
                "timezone": factory.timezone,
            }
            for factory in scenario.factories
        ]
    )


def describe_reference_products(scenario: Scenario) -> pa.Table:
    """One row per product, with what it is made from."""
    return pa.Table.from_pylist(
        [
            {
                "product_name": name,
                "made_from": recipe.made_from,
                "input_per_unit": recipe.input_per_unit,
            }
            for name, recipe in scenario.products.items()
        ]
    )


def describe_reference_opening_stock(scenario: Scenario) -> pa.Table:
    """One row per factory and product that was in stock before the first day, in units."""
    stock = scenario.materials.opening_stock
    pairs = [(f.factory_id, name) for f in scenario.factories for name in stock]
    return pa.table(
        {
            "factory_id": pa.array([factory for factory, _ in pairs], pa.string()),
            "product_name": pa.array([name for _, name in pairs], pa.string()),
            "units": pa.array([stock[name] for _, name in pairs], pa.int64()),
        }
    )


def describe_reference_shifts(scenario: Scenario) -> pa.Table:
    """One row per factory and shift: its opening hours are cut into an early half and a late one.

    A factory that is open for one minute has no second half.
    """
    shifts = []
    for factory in scenario.factories:
        opens, closes = scenario.working_minutes(factory.factory_id)
        noon = opens + (closes - opens + 1) // 2
        halves = (("early", opens, noon), ("late", noon, closes))
        shifts += [(factory.factory_id, *half) for half in halves if half[1] < half[2]]
    columns = list(zip(*shifts, strict=True))
    return pa.table(
        {
            "factory_id": pa.array(columns[0], pa.string()),
            "shift_name": pa.array(columns[1], pa.string()),
            "start_minute": pa.array(columns[2], pa.int64()),
            "end_minute": pa.array(columns[3], pa.int64()),
        }
    )


def describe_reference_phrases(scenario: Scenario) -> pa.Table:
    """One row per standard phrase that people choose when they write something down."""
    notes = describe_notes(scenario).to_pylist()
    phrases = {note["before"]: note["topic"] for note in notes if not note["names_batch"]}
    return pa.table({"phrase": list(phrases), "topic": list(phrases.values())})
