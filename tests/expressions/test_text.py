"""Keys that make spellings equal; numbers read from text and written as text."""

import csv
import json
from functools import partial

import ibis
import pytest

from factory_simulation.expressions import text
from tests.expressions.conftest import Each

ONE_PER_FUNCTION = [
    text.is_blank,
    text.trim,
    text.trimmed,
    text.lower,
    text.upper,
    text.name_key,
    text.machine_key,
    text.is_machine_key,
    text.kind_of,
    text.number_of,
    text.consonants_of,
    text.whole_number,
    text.decimal_number,
    text.json_number,
    text.json_text,
    lambda value: text.abbreviates(value, value),
    lambda value: text.json_object({"a": value}),
    lambda value: text.csv_line([value, value]),
]


@pytest.mark.parametrize("function", ONE_PER_FUNCTION)
def test_nothing_comes_of_an_empty_table(each: Each, function):
    assert each(function, []) == []


def test_no_numbers_are_written_for_an_empty_table(each: Each):
    assert each(lambda value: text.decimal_text(value, 2), [], "int64") == []
    assert each(text.number_text, [], "float64") == []


def test_null_and_white_space_are_blank(each: Each):
    assert each(text.is_blank, [None, "", "  ", " \t\r\n", "a", " a ", "0"]) == (
        [True, True, True, True, False, False, False]
    )


def test_trimming_leaves_null_where_nothing_is_left(each: Each):
    told = [None, "", " \t\r\n", " a b ", "\u00a0a", "vf"]
    assert each(text.trimmed, told) == [None, None, None, "a b", "a", "vf"]
    assert each(text.trim, told) == [None, "", "", "a b", "a", "vf"]


def test_case_changes_where_all_engines_agree(each: Each):
    assert each(text.lower, ["ABC", "\u0130", "\u03a3\u03c2", None]) == (
        ["abc", "i", "\u03c3\u03c3", None]
    )
    assert each(text.upper, ["pass", "Fail", "stra\u00dfe", "a b", None]) == (
        ["PASS", "FAIL", "stra\u00dfe", "a b", None]
    )


def test_spellings_of_one_name_share_a_key(each: Each):
    spellings = [
        "Iron Plate",
        "IronPlate",
        "IRON-PLATE",
        "iron_plate",
        "Iron_Plates",
        " iron  plate",
        "iron.plates ",
        "Iron\u00a0Plate",
        "Iron \u2013 Plate",
        "'Iron Plate'",
    ]
    assert set(each(text.name_key, spellings)) == {"ironplate"}


def test_names_of_other_letters_or_digits_have_other_keys(each: Each):
    names = ["Iron Plate", "Copper Plate", "Iron Plate 2", "Iron Pate", "Irón Plate", "Plate Iron"]
    keys = each(text.name_key, names)
    assert len(set(keys)) == len(names)


def test_a_name_loses_one_plural_only(each: Each):
    assert each(text.name_key, ["Glass", "Glas", None]) == ["glas", "gla", None]


def test_spellings_of_one_machine_share_a_key(each: Each):
    spellings = ["SMELTER-1", "smelter 1", "Smelter #1", "SMELTER_1", "smelter(1)", "Smelter1"]
    assert set(each(text.machine_key, spellings)) == {"smelter1"}


def test_a_machine_key_is_letters_and_then_a_number(each: Each):
    keys = ["smelter1", "m001", "smelter", "1", "", "1smelter", "smelter1b", "öfen1", None]
    assert each(text.is_machine_key, keys) == [True, True, *[False] * 6, None]


def test_a_machine_key_falls_apart_into_kind_and_number(each: Each):
    keys = ["smelter01", "asm100", "smelter010", "smelter0"]
    assert each(text.kind_of, keys) == ["smelter", "asm", "smelter", "smelter"]
    assert each(text.number_of, keys) == ["1", "100", "10", ""]


def test_consonants_keep_the_first_letter_and_write_doubled_ones_once(each: Each):
    words = ["assembler", "smelter", "press", "oven", "a", ""]
    assert each(text.consonants_of, words) == ["asmblr", "smltr", "prs", "ovn", "a", ""]


def test_three_letters_from_the_beginning_or_the_consonants_abbreviate(each: Each):
    fitting = ["asse", "ass", "asm", "asmb", "asmblr", "assembler"]
    others = ["as", "a", "", "amber", "asb", "sembler", "assemblers"]
    for_assembler = partial(text.abbreviates, word=ibis.literal("assembler"))
    assert each(for_assembler, fitting) == [True] * 6
    assert each(for_assembler, others) == [False] * 7


def test_whole_numbers_are_read(each: Each):
    numbers = {
        "73": 73,
        " 73 ": 73,
        "73.0": 73,
        "73.000": 73,
        "007": 7,
        "+7": 7,
        "-7": -7,
        "0": 0,
        "999999999": 999_999_999,
        "-999999999.0": -999_999_999,
    }
    read = each(text.whole_number, list(numbers))
    assert dict(zip(numbers, read, strict=True)) == numbers


def test_what_is_no_whole_number_is_null(each: Each):
    others = [
        *["12.5", "73.", "abc", "1e3", "1,000", "1 000", "0x10", "--1", "NaN", "inf", "\u0663"],
        *["1000000000", "", " ", None],
    ]
    read = each(text.whole_number, others)
    assert dict(zip(others, read, strict=True)) == dict.fromkeys(others)


def test_decimal_numbers_are_read(each: Each):
    numbers = {
        "12.5": 12.5,
        " 7 ": 7.0,
        "-0.5": -0.5,
        ".5": 0.5,
        "5.": 5.0,
        "1.5e-3": 0.0015,
        "+2E2": 200.0,
        "999999999999.5": 999_999_999_999.5,
        "0": 0.0,
    }
    read = each(text.decimal_number, list(numbers))
    assert dict(zip(numbers, read, strict=True)) == numbers


def test_what_is_no_decimal_number_or_too_large_for_a_measure_is_null(each: Each):
    others = [
        *["NaN", "nan", "inf", "-Infinity", "1e400", "abc", ".", "1,5", "1_0", "1.2.3", "5 bar"],
        *["1000000000000", "-1e12", "", " ", None],
    ]
    read = each(text.decimal_number, others)
    assert dict(zip(others, read, strict=True)) == dict.fromkeys(others)


def test_decimals_are_written_with_exactly_so_many_places(each: Each):
    values = [0, 5, -3, 120, 12345, -100, 10**15 + 1, None]
    assert each(lambda value: text.decimal_text(value, 2), values, "int64") == (
        ["0.00", "0.05", "-0.03", "1.20", "123.45", "-1.00", "10000000000000.01", None]
    )


def test_numbers_are_written_without_closing_zeros(each: Each):
    numbers = [0.0, 2.5, 100.0, -0.125, 0.1 + 0.2, 1 / 3, 123_456_789.125, None]
    assert each(text.number_text, numbers, "float64") == (
        ["0.0", "2.5", "100.0", "-0.125", "0.3", "0.333333", "123456789.125", None]
    )


def test_json_texts_are_read_back_by_a_json_reader(each: Each):
    texts = ["plain", 'a "quoted" \\ text', "", "größe ☃", "a\nb\tc", None]
    read_back = [json.loads(told) for told in each(text.json_text, texts)]
    assert read_back == [*texts[:4], "a b c", None]


def test_a_json_number_is_written_raw_and_any_other_text_as_text(each: Each):
    numbers = ["0", "-1.5", "12", "1e9", "2.50", "1E-3"]
    assert each(text.json_number, numbers) == numbers
    others = ["12,5", "01", ".5", "5.", "+1", "NaN", "", " 1", "1\u2028", "true", "0x1", None]
    read_back = [json.loads(told) for told in each(text.json_number, others)]
    assert read_back == others
    assert each(text.json_number, ["1\n"]) == ['"1 "']


def test_a_json_object_names_each_value(each: Each):
    written = each(
        lambda value: text.json_object(
            {"first": text.json_text(value), 'a "b"': ibis.literal("1.5")}
        ),
        ["x", None],
    )
    assert [json.loads(told) for told in written] == [
        {"first": "x", 'a "b"': 1.5},
        {"first": None, 'a "b"': 1.5},
    ]


def test_a_json_object_may_be_empty(each: Each):
    assert each(lambda value: text.json_object({}).concat(value), ["", "x"]) == ["{}", "{}x"]


def test_a_line_of_csv_is_read_back_by_a_csv_reader(each: Each):
    texts = ["plain", "comma, here", 'a "quote"', "line\nbreak", ""]
    lines = each(lambda value: text.csv_line([value, ibis.literal("end")]), texts)
    assert [next(csv.reader([line])) for line in lines] == [[told, "end"] for told in texts]


def test_null_becomes_an_empty_field_of_csv(each: Each):
    assert each(lambda value: text.csv_line([value, value]), [None, "a"]) == [",", "a,a"]


def test_a_line_of_csv_may_have_one_field(each: Each):
    assert each(lambda value: text.csv_line([value]), ["a", None]) == ["a", ""]
