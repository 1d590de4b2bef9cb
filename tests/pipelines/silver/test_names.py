"""Spellings that stand in no list, and the product or machine that they stand for."""

from collections.abc import Callable

import ibis.expr.types as ir
import pytest

from factory_simulation.pipelines.silver.clocks import locate_clocks
from factory_simulation.pipelines.silver.names import (
    match_machine_ids,
    match_notes,
    match_product_names,
)
from tests.pipelines.silver.conftest import CLOCKS
from tests.pipelines.silver.landed import Compute, MakeTable

Match = Callable[..., dict[str, str]]


@pytest.fixture
def match_products(table: MakeTable, rows: Compute, products: ir.Table) -> Match:
    """Match spellings of products; return the name by spelling."""

    def compute(*spellings: str | None) -> dict[str, str]:
        batches = table({"product_name": "string"}, [{"product_name": s} for s in spellings])
        found = rows(match_product_names(batches, products))
        assert len(found) == len({row["product_spelling"] for row in found})
        return {row["product_spelling"]: row["product_name"] for row in found}

    return compute


@pytest.fixture
def match_machines(table: MakeTable, rows: Compute) -> Match:
    """Match spellings of machines, all of which landed with batches; return the id by spelling."""

    def compute(*spellings: str | None, machines: ir.Table) -> dict[str, str]:
        landed = table({"machine_id": "string"}, [{"machine_id": s} for s in spellings])
        nothing = table({"machine_id": "string"}, [])
        found = rows(match_machine_ids(landed, *[nothing] * 4, machines))
        assert len(found) == len({row["machine_spelling"] for row in found})
        return {row["machine_spelling"]: row["machine_id"] for row in found}

    return compute


def test_a_product_is_known_by_its_letters(match_products: Match):
    spellings = [
        "Iron Plate",
        " iron  plate",
        "IRON-PLATE",
        "Iron_Plates",
        "ironplate",
        "iron.plate",
        "IronPlates ",
        "Iron\tPlate",
        "Iron\u00a0Plate",
    ]
    assert match_products(*spellings) == dict.fromkeys(spellings, "Iron Plate")


def test_a_product_of_other_letters_is_not_known(match_products: Match):
    others = ["Copper Wire", "Iron Plate 2", "Iron", "Plate Iron", "Irn Plate", "Gear Plate"]
    assert match_products(*others, "", " ", None) == {}


def test_each_spelling_of_a_product_comes_out_once(match_products: Match):
    landed = ["gearwheel", "Gear Wheel", "gearwheel", "IRON PLATE", "Copper Wire"]
    assert match_products(*landed) == {
        "gearwheel": "Gear Wheel",
        "Gear Wheel": "Gear Wheel",
        "IRON PLATE": "Iron Plate",
    }


def test_no_batches_have_no_products(match_products: Match):
    assert match_products() == {}


def test_a_machine_is_known_by_its_kind_and_number(match_machines: Match, machines: ir.Table):
    known = {
        "SMELTER-01": "SMELTER-01",
        "SMELTER#2": "SMELTER-02",
        "smelter-001": "SMELTER-01",
        "Smelter 1": "SMELTER-01",
        "SMELTER_02": "SMELTER-02",
        " smelter01 ": "SMELTER-01",
        "smelt 2": "SMELTER-02",
        "SMLTR-02": "SMELTER-02",
        "asm 1": "ASSEMBLER-01",
        "Asm-1": "ASSEMBLER-01",
        "ASSEMBLER#1": "ASSEMBLER-01",
        "Asmblr.01": "ASSEMBLER-01",
        "prs1": "PRESS-01",
    }
    assert match_machines(*known, machines=machines) == known


def test_a_machine_of_other_letters_or_another_number_is_not_known(
    match_machines: Match, machines: ir.Table
):
    others = [
        *["CRUSHER-09", "CRUSHER-01", "small-1", "sm-1"],
        *["SMELTER-09", "SMELTER-10", "SMELTER-00", "ASSEMBLER-02"],
        *["SMELTER", "SMELTER-", "1", "#01", "SMELTER-1B", "1-SMELTER", "", " ", None],
    ]
    assert match_machines(*others, machines=machines) == {}


def test_an_abbreviation_that_fits_two_machines_stands_for_neither(
    match_machines: Match, table: MakeTable
):
    machines = table(
        {"machine_id": "string"}, [{"machine_id": "PRESS-01"}, {"machine_id": "PRESSER-01"}]
    )
    spellings = ["pre 1", "prs-1", "press 1", "presser 1", "presse 1"]
    assert match_machines(*spellings, machines=machines) == {
        "press 1": "PRESS-01",
        "presser 1": "PRESSER-01",
        "presse 1": "PRESSER-01",
    }


def test_an_abbreviation_may_fit_machines_of_other_numbers(match_machines: Match, table: MakeTable):
    machines = table(
        {"machine_id": "string"}, [{"machine_id": "PRESS-01"}, {"machine_id": "PRESSER-02"}]
    )
    assert match_machines("pre 1", "pre 2", machines=machines) == {
        "pre 1": "PRESS-01",
        "pre 2": "PRESSER-02",
    }


def test_spellings_come_from_every_table_that_names_machines(
    table: MakeTable, rows: Compute, machines: ir.Table
):
    landed = [
        table({"machine_id": "string"}, [{"machine_id": spelling}, {"machine_id": "SMELTER-01"}])
        for spelling in ("smelter 1", "smelter 2", "asm 1", "prs 1", "lathe 1")
    ]
    assert rows(match_machine_ids(*landed, machines)) == [
        {"machine_spelling": "SMELTER-01", "machine_id": "SMELTER-01"},
        {"machine_spelling": "asm 1", "machine_id": "ASSEMBLER-01"},
        {"machine_spelling": "lathe 1", "machine_id": "LATHE-01"},
        {"machine_spelling": "prs 1", "machine_id": "PRESS-01"},
        {"machine_spelling": "smelter 1", "machine_id": "SMELTER-01"},
        {"machine_spelling": "smelter 2", "machine_id": "SMELTER-02"},
    ]


def test_nothing_that_landed_names_no_machine(match_machines: Match, machines: ir.Table):
    assert match_machines(machines=machines) == {}


@pytest.fixture
def match(table: MakeTable, rows: Compute, phrases: ir.Table) -> Match:
    """Match notes of checks and of entries; return the phrase by note."""

    def compute(checks: tuple[str | None, ...] = (), entries: tuple[str | None, ...] = ()):
        found = rows(
            match_notes(
                table({"defect_notes": "string"}, [{"defect_notes": note} for note in checks]),
                table({"notes": "string"}, [{"notes": note} for note in entries]),
                phrases,
            )
        )
        assert len(found) == len({row["landed_note"] for row in found})
        return {row["landed_note"]: row["phrase"] for row in found}

    return compute


def test_a_note_with_the_letters_of_one_phrase_is_that_phrase(match: Match):
    misspelled = {"Carcked edge": "Cracked edge", "Cracked egde": "Cracked edge", "Bnet": "Bent"}
    assert match(checks=(*misspelled, "Bnet", " Bnet ")) == misspelled
    assert match(entries=tuple(misspelled)) == misspelled
    assert match(checks=("Bnet",), entries=("Bnet", "All qiuet")) == {
        "Bnet": "Bent",
        "All qiuet": "All quiet",
    }


def test_a_phrase_or_a_note_of_other_letters_is_not_misspelled(match: Match):
    others = ("Bent", " Bent ", "All quiet", "Bents", "Ben", "Bennt", "Bent.", "Be nt", "Bant")
    assert match((*others, "", " ", None), (*others, None)) == {}


def test_a_note_with_the_letters_of_two_phrases_is_neither(match: Match):
    """Both have the letters of the other; what people write as it is known is left alone."""
    assert match(("Tools lsot", "Tools lost", "Lost tools")) == {}


def test_without_phrases_or_notes_nothing_is_misspelled(
    match: Match, table: MakeTable, rows: Compute, phrases: ir.Table
):
    assert match() == {}
    notes = table({"defect_notes": "string", "notes": "string"}, [{"notes": "Bnet"}])
    assert rows(match_notes(notes, notes, phrases.limit(0))) == []


def test_a_factory_with_machines_has_its_stretches_of_local_time(
    table: MakeTable, rows: Compute, machines: ir.Table, factories: ir.Table, clocks: ir.Table
):
    nobodys = table(CLOCKS, [{"factory_id": "empty", "utc_offset_seconds": 0}])
    known = factories.union(table({"factory_id": "string"}, [{"factory_id": "empty"}]))
    assert rows(locate_clocks(machines, known, clocks.union(nobodys))) == rows(clocks)


@pytest.mark.parametrize("left_out", ["factories", "time_zones"])
def test_a_factory_that_nobody_knows_has_no_offset(
    rows: Compute, machines: ir.Table, factories: ir.Table, clocks: ir.Table, left_out: str
):
    known = {"factories": factories, "time_zones": clocks}
    known[left_out] = known[left_out].filter(known[left_out].factory_id != "berlin")
    found = rows(locate_clocks(machines, **known))
    assert [row["utc_offset_seconds"] for row in found if row["factory_id"] == "berlin"] == [None]
    assert len(found) == 3


def test_no_machines_have_no_clocks(
    rows: Compute, machines: ir.Table, factories: ir.Table, clocks: ir.Table
):
    assert rows(locate_clocks(machines.limit(0), factories, clocks)) == []
