"""Numbers read well, hold their exact value, and what is not known is a dash."""

import pytest

from factory_simulation.dashboard import html


def test_a_number_holds_its_exact_value():
    assert html.number(1234.5678, 1, "kWh") == (
        '<data value="1234.5678">1,234.6</data> <span class="fs-unit">kWh</span>'
    )
    assert html.number(0) == '<data value="0">0</data>'
    assert html.number(-0.0001, 3) == '<data value="-0.0001">0.000</data>'


def test_a_share_reads_in_percent():
    assert html.percent(0.0187617, 2) == '<data value="0.0187617">1.88 %</data>'


@pytest.mark.parametrize(
    ("value", "before", "shown"),
    [
        (110, 100, "▲ 10.0 %"),
        (90, 100, "▼ 10.0 %"),
        (100, 100, "= 0.0 %"),
    ],
)
def test_a_change_is_in_percent_of_what_was(value, before, shown):
    assert shown in html.change(value, before)


def test_a_change_of_a_share_is_in_points():
    assert "▲ 1.50 pp" in html.points(0.035, 0.02)
    assert "▼ 1.50 pp" in html.points(0.02, 0.035)


@pytest.mark.parametrize(
    "shown",
    [
        html.number(None),
        html.number(float("nan")),
        html.percent(None),
        html.change(1, None),
        html.change(1, 0),
        html.change(None, 1),
        html.points(0.1, None),
        html.points(None, 0.1),
    ],
)
def test_what_is_not_known_is_a_dash(shown):
    assert html.NONE in shown
    assert "<data" not in shown


def test_what_landed_is_not_taken_for_markup():
    shown = html.render("nothing_published", error="<script>alert(1)</script>")
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    ("landed", "shown"),
    [
        ("Iron Plate", "Iron Plate"),
        ("Iron  Plate", "Iron␣␣Plate"),
        (" Iron Plate ", "␣Iron Plate␣"),
        ("Iron\tPlate", "Iron␣Plate"),
        ("Iron\N{NO-BREAK SPACE}Plate", "Iron␣Plate"),
        ("two\nlines", "two\nlines"),
        ("", ""),
    ],
)
def test_blanks_that_one_overlooks_are_seen(landed, shown):
    assert html.with_blanks(landed) == shown
