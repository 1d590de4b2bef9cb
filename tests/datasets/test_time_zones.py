"""Local time: each stretch has one offset; hours that come twice or never are covered so."""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from kedro.io import DatasetError

from factory_simulation.datasets.time_zones import TimeZones, stretches_of
from factory_simulation.domain import FactoryError

ZONES = [
    "Europe/Berlin",
    "Asia/Kolkata",
    "America/Phoenix",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Apia",
]
FIRST = int(datetime(1970, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2262, 1, 1, tzinfo=UTC).timestamp())


@pytest.fixture
def load(tmp_path: Path):
    def load_zones(*lines: str, header: str = "timezone,utc_offset_minutes") -> list[dict]:
        path = tmp_path / "factories.csv"
        content = [f"factory_id,factory_name,city,{header}", *lines]
        path.write_text("\n".join(content) + "\n")
        zones = TimeZones(
            filepath=str(path),
            types={"utc_offset_minutes": "int64"},
            connection={"backend": "duckdb", "warehouse": ":memory:", "settings": {}},
        )
        rows = zones.load().order_by("factory_id", "local_from_seconds")
        return zones.engine.fetch(rows).to_pylist()

    return load_zones


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def offsets_at(rows: list[dict], local: int) -> set[int]:
    return {
        row["utc_offset_seconds"]
        for row in rows
        if row["local_from_seconds"] <= local < row["local_to_seconds"]
    }


def offset_of(zone: ZoneInfo, second: int) -> int:
    return int(datetime.fromtimestamp(second, zone).utcoffset().total_seconds())


@pytest.mark.parametrize("name", ZONES)
def test_covering_stretches_have_the_offsets_that_are_possible(name):
    zone = ZoneInfo(name)
    rows = stretches_of(name).to_pylist()
    by_year: dict[int, list[dict]] = {}
    for row in rows:
        by_year.setdefault(row["local_year"], []).append(row)
    known = {row["utc_offset_seconds"] for row in rows}
    chance = random.Random(name)  # noqa: S311
    near = [
        row[edge] + shift
        for row in rows
        for edge in ("local_from_seconds", "local_to_seconds")
        for shift in (-1, 0, 1, chance.randrange(-7200, 7200))
    ]
    anywhere = [chance.randrange(FIRST, END) for _ in range(5_000)]
    for local in [second for second in near + anywhere if FIRST <= second < END]:
        year = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=local)).year
        # any zone's offset might be possible, not only those that the stretches know
        possible = {offset_of(zone, local - guess) for guess in {*known, -50_400, 0, 50_400}}
        expected = {offset for offset in possible if offset_of(zone, local - offset) == offset}
        assert offsets_at(by_year[year], local) == expected, local


@pytest.mark.parametrize("name", ZONES)
def test_no_stretch_crosses_the_end_of_a_year(name):
    for row in stretches_of(name).to_pylist():
        start = int(datetime(row["local_year"], 1, 1, tzinfo=UTC).timestamp())
        end = int(datetime(row["local_year"] + 1, 1, 1, tzinfo=UTC).timestamp())
        assert start <= row["local_from_seconds"] < row["local_to_seconds"] <= end


def test_hours_that_come_twice_or_never(load):
    rows = load("b,Berlin,Berlin,Europe/Berlin,0")
    assert offsets_at(rows, seconds("2025-07-01T12:00:00")) == {7200}
    assert offsets_at(rows, seconds("2025-10-26T02:30:00")) == {3600, 7200}
    assert offsets_at(rows, seconds("2025-10-26T01:59:59")) == {7200}
    assert offsets_at(rows, seconds("2025-10-26T03:00:00")) == {3600}
    assert offsets_at(rows, seconds("2025-03-30T02:30:00")) == set()
    assert offsets_at(rows, seconds("2025-03-30T03:00:00")) == {7200}


def test_a_day_that_was_left_out(load):
    rows = load("a,Apia,Apia,Pacific/Apia,")
    assert offsets_at(rows, seconds("2011-12-30T12:00:00")) == set()
    assert offsets_at(rows, seconds("2011-12-29T12:00:00")) == {-36_000}
    assert offsets_at(rows, seconds("2011-12-31T12:00:00")) == {50_400}


def test_an_offset_counts_where_there_is_no_zone(load):
    rows = load("a,A,A,,-90", "p,P,P,America/Phoenix,600")
    for factory, offset in (("a", -5_400), ("p", -25_200)):
        own = [row for row in rows if row["factory_id"] == factory]
        assert [row["local_year"] for row in own] == list(range(1970, 2262))
        assert {row["utc_offset_seconds"] for row in own} == {offset}
        assert own[0]["local_from_seconds"] == FIRST
        assert own[-1]["local_to_seconds"] == END


def test_the_column_of_offsets_may_be_missing(load):
    assert len(load("p,P,P,America/Phoenix", header="timezone")) == 292


def test_without_factories_there_is_no_local_time(load):
    assert load() == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("f,F,F,,", "factory f: timezone None is empty, and so is utc_offset_minutes"),
        ("f,F,F,Mars/Base,60", "factory f: timezone 'Mars/Base' is no IANA time zone"),
        ("f,F,F,America,60", "factory f: timezone 'America' is no IANA time zone"),
        ("f,F,F,../etc,60", "factory f: timezone '../etc' is no IANA time zone"),
        ("f,F,F,America/Phoenix,900", "utc_offset_minutes"),
    ],
)
def test_a_factory_without_local_time_is_told_in_one_line(load, line, told):
    with pytest.raises((FactoryError, DatasetError), match=told) as error:
        load(line)
    cause = error.value if isinstance(error.value, FactoryError) else error.value.__cause__
    assert "\n" not in str(cause)


def test_three_zones_are_found_at_once():
    stretches_of.cache_clear()
    begin = time.process_time()
    for name in ZONES[:3]:
        stretches_of(name)
    assert time.process_time() - begin < 1.0  # a third of that on a machine with nothing else to do
