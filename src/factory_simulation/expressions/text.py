"""Text: keys that make spellings of one name equal, numbers read from and written as text."""

import json
from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from factory_simulation.expressions.numbers import LARGEST_MEASURE, micro

# a range, because the two characters within it that are not named reach Spark as letters
_WHITE_SPACE = " \t-\r\x1c-\x1f\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_SEPARATORS = f"[{_WHITE_SPACE}_#.,:;/'\"()*!+|~&\u2010\u2011\u2013\u2014\u2212-]"
_DOUBLED = "bcdfgklmnprstz"
_MICRO_PLACES = 6
_JSON_NUMBER = "^-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?$"


def trim(text: ir.StringValue) -> ir.StringValue:
    """Return the text without white space of any kind around it.

    Ibis's own ``strip`` takes the letters f and v for white space on Spark. After this, ``$`` in a
    pattern means the end on every engine: before, Spark finds it in front of a last line end too.
    """
    return text.re_replace(f"^[{_WHITE_SPACE}]+|[{_WHITE_SPACE}]+$", "")


def lower(text: ir.StringValue) -> ir.StringValue:
    """Return the text in lower case; the two letters on which engines differ are settled first."""
    return text.replace("\u0130", "i").lower().replace("\u03c2", "\u03c3")


def upper(text: ir.StringValue) -> ir.StringValue:
    """Return a word of ASCII letters in upper case, any other text as it is.

    Engines differ in what they make of other letters, such as the German sharp s.
    """
    return ibis.ifelse(text.re_search("^[A-Za-z]+$"), text.upper(), text)


def is_blank(text: ir.StringValue) -> ir.BooleanValue:
    """Tell whether a text is null or nothing but white space."""
    return trim(text.fill_null("")) == ""


def trimmed(text: ir.StringValue) -> ir.StringValue:
    """Return the text without white space around it; null where nothing is left."""
    return trim(text).nullif("")


def name_key(name: ir.StringValue) -> ir.StringValue:
    """Return what all spellings of a name share: no case, no separators, no plural.

    Letters and digits of any script stay, so that only a name with exactly these letters matches.
    """
    return lower(name).re_replace(_SEPARATORS, "").re_replace("s$", "")


def is_machine_key(key: ir.StringValue) -> ir.BooleanValue:
    """Tell whether a key has a machine's form: a kind in letters, then a number."""
    return key.re_search("^[a-z]+[0-9]+$")


def machine_key(machine_id: ir.StringValue) -> ir.StringValue:
    """Return what all spellings of a machine share, such as ``smelter1`` for ``Smelter #01``."""
    return lower(machine_id).re_replace(_SEPARATORS, "")


def kind_of(key: ir.StringValue) -> ir.StringValue:
    """Return the letters of a machine key."""
    return key.re_replace("[0-9]", "")


def number_of(key: ir.StringValue) -> ir.StringValue:
    """Return the number of a machine key, as text without leading zeros."""
    return key.re_replace("[^0-9]", "").re_replace("^0+", "")


def consonants_of(kind: ir.StringValue) -> ir.StringValue:
    """Return a word's first letter and its later consonants, doubled ones once (``asmblr``).

    This is how people shorten a word; see ``abbreviates``.
    """
    skeleton = kind.substr(0, 1).concat(kind.substr(1, 100).re_replace("[aeiou]", ""))
    for letter in _DOUBLED:
        skeleton = skeleton.replace(letter * 2, letter)
    return skeleton


def abbreviates(short: ir.StringValue, word: ir.StringValue) -> ir.BooleanValue:
    """Tell whether three or more letters stand for a word, by its beginning or its consonants.

    ``asse``, ``asm`` and ``asmblr`` stand for ``assembler``; ``as`` and ``amber`` do not.
    """
    long_enough = short.length() >= ibis.literal(3)
    return long_enough & (word.startswith(short) | consonants_of(word).startswith(short))


def whole_number(text: ir.StringValue) -> ir.IntegerValue:
    """Read a whole number of at most nine digits; null where the text is none.

    ``73.0`` counts as whole: it is how tools with float columns write 73. No count of a factory is
    longer, and what is computed from counts must fit into int64.
    """
    number = trim(text)
    return (
        ibis.ifelse(number.re_search("^[+-]?[0-9]{1,9}(?:[.]0+)?$"), number, None)
        .re_replace("[.]0+$", "")
        .try_cast("int64")
    )


def decimal_number(text: ir.StringValue) -> ir.FloatingValue:
    """Read a decimal number below ``LARGEST_MEASURE``; null where the text is none."""
    number = trim(text)
    pattern = "^[+-]?(?:[0-9]{1,30}(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]{1,2})?$"
    value = ibis.ifelse(number.re_search(pattern), number, None).try_cast("float64")
    # minus zero is another number than zero to some engines, when they group
    return ibis.cases((value.abs() == 0, 0.0), (value.abs() < LARGEST_MEASURE, value), else_=None)


def decimal_text(value: ir.IntegerValue, places: int) -> ir.StringValue:
    """Write ``value / 10**places`` with exactly that many decimals.

    Integers go in so that every engine writes the same bytes.
    """
    scale = ibis.literal(10**places, type="int64")
    magnitude = value.abs().cast("int64")
    fraction = (magnitude % scale).cast("string").lpad(places, "0")
    sign = ibis.ifelse(value < 0, "-", "")
    return sign.concat((magnitude // scale).cast("string"), ".", fraction)


def short_decimal(value: ir.IntegerValue, places: int) -> ir.StringValue:
    """Write ``value / 10**places`` without closing zeros, but with one decimal at least (``1.0``).

    This is how a float is printed, so that a number in a JSON file reads the same in bronze.
    """
    stripped = decimal_text(value, places).re_replace("0+$", "")
    return ibis.ifelse(stripped.endswith("."), stripped.concat("0"), stripped)


def number_text(number: ir.FloatingValue) -> ir.StringValue:
    """Write a number below ``LARGEST_MEASURE`` with one to six decimals, without closing zeros."""
    return short_decimal(micro(number), _MICRO_PLACES)


def json_text(text: ir.StringValue) -> ir.StringValue:
    """Write a text as a JSON string, or ``null``; control characters become spaces."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').re_replace("[\x01-\x1f]", " ")
    return ibis.literal('"').concat(escaped, '"').fill_null("null")


def json_number(text: ir.StringValue) -> ir.StringValue:
    """Write a text as it is where it is a JSON number, else as ``json_text`` does."""
    is_number = text.re_search(_JSON_NUMBER) & (trim(text) == text)  # see trim on line ends
    return ibis.ifelse(is_number, text, json_text(text))


def json_object(values: Mapping[str, ir.StringValue]) -> ir.StringValue:
    """Write columns of JSON texts as one JSON object per row.

    Args:
        values: Name and JSON text (see ``json_text``); none may be null.
    """
    parts: list[ir.StringValue | str] = []
    for name, value in values.items():
        parts += [f"{', ' if parts else ''}{json.dumps(name)}: ", value]
    return ibis.literal("{").concat(*parts, "}")


def csv_line(values: Sequence[ir.StringValue]) -> ir.StringValue:
    """Write texts as one line of CSV, quoted where they must be; null becomes an empty field."""
    parts: list[ir.StringValue | str] = []
    for value in values:
        parts += ["," if parts else "", _csv_field(value.fill_null(""))]
    return ibis.literal("").concat(*parts)


def _csv_field(value: ir.StringValue) -> ir.StringValue:
    quoted = ibis.literal('"').concat(value.replace('"', '""'), '"')
    return ibis.ifelse(value.re_search('[",\r\n]'), quoted, value)
