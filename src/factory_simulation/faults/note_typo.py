"""Typing errors in notes: two neighbouring letters change places.

Falls on notes that are a standard phrase, from the second letter on. Found where a note that is no
phrase has the letters of exactly one phrase, each as often: that phrase is the clean value.
"""

from string import ascii_lowercase

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import FaultType
from factory_simulation.expressions import text
from factory_simulation.expressions.random import Stream
from factory_simulation.faults.cells import CellFault
from factory_simulation.faults.settings import Settings as _Settings

_FIRST, _LAST = 1, 12
"""Where the first of the two letters stands, counted from 0."""


class Settings(_Settings):
    """``rate``: of notes that consist of a standard phrase."""


def fault(
    rate: float, note: Deferred, is_phrase: Deferred, stream: Stream, *keys: Deferred
) -> CellFault:
    """Return the fault of a note; it falls only where the two letters differ."""
    drawn = Stream(stream.seed, f"{stream.name}.place").integer(_FIRST, _LAST, *keys)
    place = drawn.cast("int32")  # not every engine cuts texts at 64 bits
    one, other = note.substr(place, 1), note.substr(place + 1, 1)
    typed = note.substr(0, place).concat(other, one, note.substr(place + 2, 1000))
    are_letters = one.re_search("^[a-z]$") & other.re_search("^[a-z]$") & (one != other)
    falls = stream.happens(rate, *keys) & is_phrase & are_letters
    return CellFault(FaultType.NOTE_TYPO, "transposed_letters", falls.fill_null(False), typed)


def match_notes(notes: ir.Table, phrases: ir.Table) -> ir.Table:
    """One row per landed note that is a misspelled phrase: ``landed_note`` and ``phrase``.

    Args:
        notes: Has a column ``note``.
        phrases: Has a column ``phrase``.
    """
    known = phrases.select("phrase", phrase_letters=_letters(_.phrase))
    unknown = (
        notes.select(landed_note=_.note)
        .distinct()
        .filter(_.landed_note.notnull())
        .anti_join(phrases, [("landed_note", "phrase")])
        .mutate(letters=_letters(_.landed_note))
    )
    return (
        unknown.join(known, [("letters", "phrase_letters")])
        .group_by("landed_note")
        .aggregate(phrase=_.phrase.min(), candidates=_.count())
        .filter(_.candidates == 1)
        .select("landed_note", "phrase")
    )


def find(rows: ir.Table, notes: ir.Table, column: str) -> ir.Table:
    """Put the phrase in the place of a misspelled note; what landed is ``landed_<column>``."""
    landed = f"landed_{column}"
    return (
        rows.rename({landed: column})
        .left_join(notes.rename({landed: "landed_note"}), landed)
        .drop(f"{landed}_right")
        .mutate({column: ibis.coalesce(_.phrase, _[landed])})
        .drop("phrase")
    )


def _letters(note: Deferred) -> Deferred:
    """Return how often each letter occurs, and what is left without letters."""
    small = text.lower(note)
    counts = [
        (small.length() - small.replace(letter, "").length()).cast("string").concat(",")
        for letter in ascii_lowercase
    ]
    return counts[0].concat(*counts[1:], small.re_replace("[a-z]", ""))
