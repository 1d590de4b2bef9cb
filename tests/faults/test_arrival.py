"""When rows land, how often, and under which name."""

from datetime import date

import pytest
from ibis import _

from factory_simulation.domain import FaultType
from factory_simulation.expressions.random import Stream
from factory_simulation.faults import arrival, orphan, spelling
from factory_simulation.faults import rows as fates
from factory_simulation.faults.arrival import LateSettings, RedeliverySettings
from factory_simulation.faults.batch_ids import reused_number
from factory_simulation.faults.rows import ConflictSettings, DuplicateSettings, LostSettings

COUNT = 4_000


@pytest.fixture
def drawn(table, rows):
    """Return what an expression draws for each of some thousand rows."""

    def compute(expression):
        given = [
            {"key": key, "batch_number": key % 12 + 1, "arrival_day": 20_000 + key}
            for key in range(COUNT)
        ]
        columns = dict.fromkeys(given[0], "int64")
        return [row["drawn"] for row in rows(table(columns, given).mutate(drawn=expression))]

    return compute


def share(drawn, value=True):
    return pytest.approx(drawn.count(value) / COUNT, abs=0.025)


def test_rows_are_late_at_their_rates_and_beyond_comes_first(drawn):
    settings = LateSettings.model_validate(
        {
            "rate": 0.5,
            "days": {"low": 1, "high": 2},
            "beyond": 0.2,
            "beyond_days": {"low": 6, "high": 6},
        }
    )
    days = drawn(arrival.late_days(settings, 1, _.key))
    assert set(days) == {0, 1, 2, 6}
    assert share(days, 6) == 0.2
    assert share(days, 0) == 0.4
    assert share(days, 1) == 0.2
    assert set(drawn(arrival.late_days(LateSettings(), 1, _.key))) == {0}


def test_rows_meet_one_fate_and_lost_ones_no_other(drawn):
    each = (
        DuplicateSettings(rate=0.5, respelled=0.5),
        ConflictSettings(rate=0.5),
        LostSettings(rate=0.5),
    )
    drawn_fates = drawn(fates.row_fate(*each, 1, _.key))
    assert share(drawn_fates, fates.LOST) == 0.5
    assert share(drawn_fates, fates.CORRECTED) == 0.25
    assert share(drawn_fates, fates.RESPELLED) == 0.125
    assert share(drawn_fates, fates.EXACT) == 0.0625
    assert share(drawn_fates, fates.NONE) == 0.0625
    off = fates.row_fate(DuplicateSettings(), ConflictSettings(), LostSettings(), 1, _.key)
    assert set(drawn(off)) == {fates.NONE}


def test_wrong_counts_are_too_large_by_one_to_nine(drawn):
    wrong = drawn(fates.wrong_count(_.key, 1, _.key) - _.key)
    assert set(wrong) == set(range(1, 10))


def test_files_are_delivered_again_by_table_and_day(drawn):
    batches = drawn(arrival.is_redelivered(0.3, "production_batches", 1))
    readings = drawn(arrival.is_redelivered(0.3, "sensor_logs", 1))
    assert share(batches) == share(readings) == 0.3
    assert batches != readings
    settings = RedeliverySettings(corrected=0.2, corrected_rows=0.6)
    assert share(drawn(arrival.is_corrected_file(settings, 1))) == 0.2
    assert share(drawn(arrival.is_wrong_at_first(settings, 1, _.key))) == 0.6
    assert not any(drawn(arrival.is_redelivered(0, "sensor_logs", 1)))


@pytest.mark.parametrize(
    ("settings", "longest"),
    [
        (LateSettings(), 0),
        (LateSettings(rate=0.1), 2),
        (LateSettings(beyond=0.1), 9),
        (RedeliverySettings(), 0),
        (RedeliverySettings(corrected_rows=0.5), 0),
        (RedeliverySettings(rate=0.1, corrected=0.1), 1),
    ],
)
def test_only_what_is_on_delays_rows(settings, longest):
    assert settings.longest == longest


def test_a_row_is_late_where_it_landed_after_its_day(table, rows):
    first, second = date(2025, 12, 1), date(2025, 12, 2)
    columns = {"number": "int64", "arrived": "date", "happened": "date"}
    pairs = [(first, first), (second, first), (first, second), (None, first)]
    given = [dict(zip(columns, (n, *pair), strict=True)) for n, pair in enumerate(pairs)]
    late = rows(table(columns, given).mutate(is_late=arrival.find(_.arrived, _.happened)))
    assert [row["is_late"] for row in late] == [False, True, False, None]


def test_orphans_land_beside_their_share_of_checks(drawn):
    assert share(drawn(orphan.orphan_count(0.25, 1, _.key))) == 0.25
    assert not any(drawn(orphan.orphan_count(0, 1, _.key)))


def test_reused_numbers_are_earlier_ones_but_never_the_one_just_before(drawn):
    off_by = drawn(reused_number(0.5, 1, _.key, _.arrival_day) - _.batch_number)
    shown = drawn(reused_number(0.5, 1, _.key, _.arrival_day))
    for key, (number, off) in enumerate(zip(shown, off_by, strict=True)):
        own = key % 12 + 1
        assert off == 0 or (1 <= number <= own - 2)
    assert off_by.count(0) / COUNT == pytest.approx(1 - 0.5 * 10 / 12, abs=0.03)
    assert set(drawn(reused_number(0, 1, _.key) - _.batch_number)) == {0}


# --- names -------------------------------------------------------------------------------------


def test_spellings_fall_at_their_rate_and_each_is_as_likely(drawn):
    numbers = drawn(spelling.spelling_number(0.6, 4, Stream(1, "name"), _.key))
    assert set(numbers) == {0, 1, 2, 3}
    assert share(numbers, 0) == 0.4
    assert share(numbers, 1) == share(numbers, 2) == share(numbers, 3) == 0.2
    assert set(drawn(spelling.spelling_number(0, 4, Stream(1, "name"), _.key))) == {0}


NAMES = {"name": "string", "spelling": "string", "spelling_number": "int64"}
SPELLINGS = [("Gear", "Gear", 0), ("Gear", "GEAR", 1), ("Plate", "Plate", 0), ("Plate", "plate", 1)]


def test_a_name_is_written_in_the_way_that_its_number_says(table, rows):
    spellings = table(NAMES, [dict(zip(NAMES, row, strict=True)) for row in SPELLINGS])
    columns = {"name": "string", "number": "int64"}
    given = [{"name": name, "number": n} for name in ("Gear", "Plate") for n in (0, 1)]
    spelled = spelling.with_spelling(
        table(columns, given), spellings, name="name", spelling="spelling", number=_.number
    )
    fault = spelling.fault(FaultType.PRODUCT_NAME_VARIANT, "name", "spelling")
    told = rows(spelled.mutate(falls=fault.falls, dirty=fault.dirty))
    assert [tuple(row.values()) for row in told] == [
        ("Gear", 0, "Gear", False, "Gear"),
        ("Gear", 1, "GEAR", True, "GEAR"),
        ("Plate", 0, "Plate", False, "Plate"),
        ("Plate", 1, "plate", True, "plate"),
    ]


def test_spellings_are_replaced_and_unknown_ones_are_left_without_a_name(table, rows):
    landed = table(
        {"number": "int64", "name": "string"},
        [{"number": n, "name": name} for n, name in enumerate(["GEAR", "Plate", "Bolt", None])],
    )
    known = table(
        {"spelling": "string", "name": "string"},
        [{"spelling": "GEAR", "name": "Gear"}, {"spelling": "Plate", "name": "Plate"}],
    )
    found = rows(spelling.find(landed, known, name="name", spelling="spelling"))
    assert [(row["landed_name"], row["name"]) for row in found] == [
        ("GEAR", "Gear"),
        ("Plate", "Plate"),
        ("Bolt", None),
        (None, None),
    ]
