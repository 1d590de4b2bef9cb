"""Two letters of a phrase that changed places are put back, where the letters name one phrase."""

import pytest
from ibis import _

from factory_simulation.expressions.random import Stream
from factory_simulation.faults.note_typo import fault, find, match_notes

PHRASES = ["Running well. Such is life", "Pressure steady", "listen now", "silent now", "Warped"]


@pytest.fixture
def matched(table, rows):
    def compute(*notes):
        given = table({"note": "string"}, [{"note": note} for note in notes])
        phrases = table({"phrase": "string"}, [{"phrase": phrase} for phrase in PHRASES])
        return {row["landed_note"]: row["phrase"] for row in rows(match_notes(given, phrases))}

    return compute


@pytest.mark.parametrize(
    ("note", "phrase"),
    [
        ("Prsesure steady", "Pressure steady"),
        ("Pressuer steady", "Pressure steady"),
        ("rPessure steady", "Pressure steady"),
        ("Running well. Such is lief", "Running well. Such is life"),
        # another letter, one too many, one too few, another sign
        ("Pressare steady", None),
        ("Presssure steady", None),
        ("Presure steady", None),
        ("Pressure  steady", None),
        ("Running well, Such is lief", None),
        # the letters of two phrases
        ("slient now", None),
        # a phrase is no misspelling, be it an anagram of another one
        ("silent now", None),
        ("Pressure steady", None),
        ("Batch SMELTER-01_20251201_001 started normally", None),
        ("", None),
        (None, None),
    ],
)
def test_the_phrase_is_the_only_one_with_the_same_letters(matched, note, phrase):
    assert matched(note) == ({note: phrase} if phrase else {})


def test_each_landed_note_is_matched_once_however_often_it_landed(matched):
    assert matched("Wraped", "Wraped", "Warpde", None) == {"Wraped": "Warped", "Warpde": "Warped"}
    assert matched() == {}


def test_notes_are_replaced_and_what_landed_stays_beside_them(table, rows):
    landed = table(
        {"log_id": "string", "notes": "string"},
        [
            {"log_id": "1", "notes": "Wraped"},
            {"log_id": "2", "notes": "Warped"},
            {"log_id": "3", "notes": None},
        ],
    )
    notes = table(
        {"landed_note": "string", "phrase": "string"},
        [{"landed_note": "Wraped", "phrase": "Warped"}],
    )
    assert rows(find(landed, notes, "notes")) == [
        {"log_id": "1", "landed_notes": "Wraped", "notes": "Warped"},
        {"log_id": "2", "landed_notes": "Warped", "notes": "Warped"},
        {"log_id": "3", "landed_notes": None, "notes": None},
    ]


# --- where it falls ----------------------------------------------------------------------------


@pytest.fixture
def typed(table, rows):
    """Type one note a hundred times; return whether a fault fell, and what was typed."""

    def compute(note, *, rate=1.0, is_phrase=True):
        given = [{"key": key, "note": note, "is_phrase": is_phrase} for key in range(100)]
        columns = {"key": "int64", "note": "string", "is_phrase": "boolean"}
        typo = fault(rate, _.note, _.is_phrase, Stream(1, "typo"), _.key)
        found = rows(table(columns, given).mutate(falls=typo.falls, dirty=typo.dirty))
        return [row["dirty"] for row in found if row["falls"]]

    return compute


def test_equal_letters_and_other_signs_are_left_where_they_stand(typed):
    assert typed("aaaaaaaaaaaaaaaaaaaa") == []
    assert typed("AbCdEfGhIjKlMnOpQrSt") == []
    assert typed("a-b-c-d-e-f-g-h-i-j-k") == []
    assert typed("aaaaabbbbbbbbbbbbbbb") == ["aaaababbbbbbbbbbbbbb"] * len(
        typed("a" * 5 + "b" * 15)
    )
    assert typed("aaaaabbbbbbbbbbbbbbb")


def test_places_from_the_second_letter_to_the_thirteenth_are_hit(typed):
    note = "abcdefghijklmnopqrst"
    swaps = {note[:i] + note[i + 1] + note[i] + note[i + 2 :] for i in range(1, 13)}
    assert set(typed(note)) == swaps
    assert len(typed(note)) == 100


def test_a_note_may_be_shorter_than_the_place(typed):
    assert set(typed("abc")) == {"acb"}
    assert typed("ab") == []
    assert typed("") == []
    assert typed(None) == []


def test_notes_that_are_no_phrase_are_untouched_and_so_are_all_without_a_rate(typed):
    assert typed("abcdefghijklmnopqrst", is_phrase=False) == []
    assert typed("abcdefghijklmnopqrst", is_phrase=None) == []
    assert typed("abcdefghijklmnopqrst", rate=0) == []
    assert 30 < len(typed("abcdefghijklmnopqrst", rate=0.5)) < 70
