"""What the ledger says of ids is what is found in the rows that landed."""

from collections import Counter
from typing import Any, NamedTuple

import ibis
import pytest
from ibis import _

from factory_simulation.expressions import time
from factory_simulation.faults.batch_ids import find_lost, find_reused, judge, tell_apart
from factory_simulation.faults.cells import CERTAIN, NEVER
from tests.pipelines.generation.world import World, records, storm, with_chaos

JUDGED = {
    "machine_random_key": "int64",
    "event_day": "int64",
    "batch_number": "int64",
    "shown_number": "int64",
    "is_lost": "boolean",
}
LOST = None


@pytest.fixture
def judged(table, rows):
    """Judge a day by the numbers that its batches show; `LOST` for a batch that was lost."""

    def compute(shown: list[int | None]) -> list[tuple[bool, bool, bool]]:
        batches = [
            dict(zip(JUDGED, (1, 20_423, n, s or n, s is LOST), strict=True))
            for n, s in enumerate(shown, 1)
        ]
        parts = ("id_detection", "id_repair", "loss_detection")
        return [
            tuple(row[part] == CERTAIN for part in parts)
            for row in sorted(rows(judge(table(JUDGED, batches))), key=lambda r: r["batch_number"])
        ]

    return compute


FOUND, REPAIRED, MISSED, NOTHING = (
    (True, False, False),
    (True, True, False),
    (False, False, True),
    (False, False, False),
)


@pytest.mark.parametrize(
    ("shown", "reused", "missed"),
    [
        ([1, 2, 3, 4], {}, set()),
        ([1, 2, 1, 4, 5], {3: REPAIRED}, set()),
        ([1, 2, 3, 4, 2], {5: REPAIRED}, set()),
        ([1, 2, 3, 4, 5, 1, 2, 8], {6: FOUND, 7: FOUND}, set()),
        ([1, 2, 3, 4, 1, LOST, 7, 8], {5: FOUND}, set()),
        ([1, 2, 3, 4, LOST, 1, 7, 8], {6: FOUND}, set()),
        ([1, 2, 3, 4, LOST, 1], {6: FOUND}, set()),
        ([1, 2, 3, 4, 1, LOST], {5: REPAIRED}, set()),
        # an id of a batch that was lost itself looks as if it were in order
        ([1, 2, LOST, LOST, 3, 6, 7, 8], {5: NOTHING}, set()),
        ([LOST, 2, 3], {}, {1}),
        ([1, LOST, LOST, 4], {}, {2, 3}),
        ([1, 2, LOST], {}, set()),
        ([LOST, LOST], {}, set()),
        ([1, LOST, 3, 4, 5, 1, 7, 8], {6: REPAIRED}, {2}),
    ],
)
def test_hand_made_days_are_judged_by_what_their_ids_tell(judged, shown, reused, missed):
    told = judged(shown)
    for number, (detection, repair, loss) in enumerate(told, 1):
        if number in reused:
            assert (detection, repair) == reused[number][:2], number
        if shown[number - 1] is LOST:
            assert loss == (number in missed), number


def test_machines_and_days_are_judged_each_for_itself(table, rows):
    batches = [
        dict(zip(JUDGED, (key, day, number, number, is_lost), strict=True))
        for key, day, is_lost in ((1, 5, False), (1, 6, True), (2, 5, True))
        for number in (1, 2)
    ]
    batches += [dict(zip(JUDGED, (2, 5, 3, 3, False), strict=True))]
    found = rows(judge(table(JUDGED, batches)))
    missed = {
        (row["machine_random_key"], row["event_day"], row["batch_number"])
        for row in found
        if row["is_lost"] and row["loss_detection"] == CERTAIN
    }
    assert missed == {(2, 5, 1), (2, 5, 2)}


# --- in a world --------------------------------------------------------------------------------


class Claims(NamedTuple):
    """What was found in the landed rows of a world, beside what the ledger has of them."""

    standing: list[dict[str, Any]]
    """One row per batch that landed."""
    reused: dict[str, str | None]
    """By row, the id that it was given instead."""
    lost: set[str]
    truly_lost: dict[str, int]
    """By batch, whether its loss can be found."""


def claims_of(seed: int) -> Claims:
    scenario = storm({"materials": {"limit_production": False}}, days=20, seed=seed)
    world = World(with_chaos(scenario, lost_row={"rate": 0.08}, reused_id={"rate": 0.08}))
    standing = tell_apart(
        world.landed_batches.filter(_.is_landed).mutate(
            _row_id=_["_source_file"].concat(":", _["_source_row"].cast("string")),
            production_date=_.event_date,
            start_seconds=time.parse_iso_8601(_.start_time),
            end_seconds=time.parse_iso_8601(_.end_time),
        ),
        ["machine_id", "batch_id", "production_date"],
    )
    stored = world.con.create_table("standing", standing)
    reused = world.con.create_table("reused", find_reused(stored))
    known = stored.left_join(reused.rename(reused_row_id="_row_id"), [("_row_id", "reused_row_id")])
    named = known.mutate(batch_id=ibis.coalesce(_.repaired_id, _.batch_id))
    unique = ibis.ifelse(_.occurrence > 0, _.batch_id.concat("#"), _.batch_id)
    present = known.select("production_date", batch_id=ibis.coalesce(_.repaired_id, unique))
    return Claims(
        records(stored),
        {row["_row_id"]: row["repaired_id"] for row in records(reused)},
        {row["batch_id"] for row in records(find_lost(named, present))},
        {
            row["event_key"]: row["row_detection"]
            for row in records(world.landed_batches)
            if not row["is_landed"]
        },
    )


@pytest.fixture(scope="module")
def claims() -> list[Claims]:
    return [claims_of(seed) for seed in (1, 3, 5)]


def test_no_id_is_taken_for_reused_that_was_not(claims):
    for world in claims:
        truly = {r["_row_id"] for r in world.standing if r["batch_id_fault"] == "reused_id"}
        assert len(truly) > 50
        assert set(world.reused) <= truly


def test_no_batch_is_taken_for_lost_that_was_not(claims):
    for world in claims:
        assert len(world.lost) > 50
        assert world.lost <= {batch for batch, chance in world.truly_lost.items() if chance}


def test_ids_that_were_given_are_right_where_the_ledger_says_so(claims):
    given = Counter()
    for world in claims:
        for row in world.standing:
            if world.reused.get(row["_row_id"]):
                is_right = world.reused[row["_row_id"]] == row["batch_id_clean"]
                given[row["batch_id_repair"], is_right] += 1
    assert set(given) == {(CERTAIN, True), (NEVER, False)}
    assert given[CERTAIN, True] > 10 * given[NEVER, False]


def test_every_reused_id_that_can_be_found_is(claims):
    for world in claims:
        able = {r["_row_id"] for r in world.standing if r["batch_id_detection"] == CERTAIN}
        assert able == set(world.reused)


def test_every_id_that_can_be_repaired_is(claims):
    for world in claims:
        able = {r["_row_id"] for r in world.standing if r["batch_id_repair"] == CERTAIN}
        assert able <= {row for row, batch_id in world.reused.items() if batch_id}


def test_every_loss_that_can_be_found_is(claims):
    for world in claims:
        able = {batch for batch, chance in world.truly_lost.items() if chance}
        assert able == world.lost
