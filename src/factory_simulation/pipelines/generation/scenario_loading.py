"""Scenarios are read out of the configuration and checked before anything runs."""

from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from factory_simulation.domain import FactoryError
from factory_simulation.pipelines.generation.scenario import Machine, Scenario


def load_scenario(name: str, known: dict[str, Any], overrides: dict[str, Any]) -> Scenario:
    """Read a scenario out of the configuration and check it.

    Args:
        name: Which one.
        known: The configuration of every scenario, by name.
        overrides: Of these, ``seed``, ``start_date``, ``days``, ``machines`` (their number) and
            ``landing_format`` replace the scenario's.

    Raises:
        FactoryError: If there is no such scenario, or a value is not allowed.
    """
    raw = {**_merged(name, known), "name": name}
    calendar = dict(raw.get("calendar") or {})
    calendar.update({k: v for k, v in overrides.items() if k in {"start_date", "days"}})
    raw["calendar"] = calendar
    if "seed" in overrides:
        raw["seed"] = overrides["seed"]
    if "landing_format" in overrides:
        raw["landing"] = {**(raw.get("landing") or {}), "format": overrides["landing_format"]}
    try:
        scenario = Scenario.model_validate(raw)
        if "machines" in overrides:
            scenario = with_machine_count(scenario, overrides["machines"])
        return scenario
    except ValidationError as error:
        raise FactoryError(describe_invalid(f"scenario {name}", error)) from error


def _merged(name: str, known: dict[str, Any], above: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a scenario's configuration, on top of the one that it is based on.

    Blocks are merged key by key, anything else is replaced; a key without a value is as if it were
    not there at all.
    """
    if name not in known:
        told = f"; {above[-1]} is based on it" if above else ""
        raise FactoryError(
            f"scenario = {name!r}: no such scenario{told}; known are {', '.join(sorted(known))}"
        )
    if not isinstance(known[name], dict):
        raise FactoryError(f"scenario {name}: its file must hold a mapping under the key {name!r}")
    if name in above:
        raise FactoryError(f"scenario {above[0]}: based on itself, by {' and '.join(above)}")
    own = dict(known[name])
    base = own.pop("based_on", None)
    return _on_top(_merged(str(base), known, (*above, name)) if base else {}, own)


def _on_top(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        merged[key] = _on_top(base[key], value) if both else value
    return {key: value for key, value in merged.items() if value is not None}


def with_machine_count(scenario: Scenario, count: int) -> Scenario:
    """Return the scenario with so many machines, of its kinds in their proportions.

    The largest remainders are rounded up; a group of machines keeps one at least, as long as there
    are so many.
    """
    groups = scenario.machines
    total = len(scenario.fleet)
    shares = [Fraction(group.count * count, total) for group in groups]
    counts = [int(share) for share in shares]
    by_remainder = sorted(
        range(len(groups)), key=lambda i: (counts[i] > 0, counts[i] - shares[i], i)
    )
    for i in by_remainder[: count - sum(counts)]:
        counts[i] += 1
    sized = _numbered_on(
        [
            group.model_copy(update={"count": size})
            for group, size in zip(groups, counts, strict=True)
            if size
        ]
    )
    return Scenario.model_validate({**scenario.model_dump(), "machines": sized})


def _numbered_on(groups: list[Machine]) -> list[dict[str, Any]]:
    """Return groups of machines with ids that follow each other within each kind of id."""
    following: dict[str, int] = {}
    numbered = []
    for group in groups:
        kind, number = group.machine_id.split("-")
        first = following.get(kind, int(number))
        following[kind] = first + group.count
        machine_id = f"{kind}-{first:0{len(number)}d}"
        numbered.append({**group.model_dump(), "machine_id": machine_id})
    return numbered


def describe_invalid(what: str, error: ValidationError) -> str:
    """Return one line per bad value: its key, the value, and what is allowed."""
    problems = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        shown = "" if isinstance(problem["input"], dict) else f" = {problem['input']!r}"
        problems.append(
            f"{key}{shown}: {problem['msg'].removeprefix('Value error, ')}".lstrip(": ")
        )
    return f"{what}: {'; '.join(problems)}"
