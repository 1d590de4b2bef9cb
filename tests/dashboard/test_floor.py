"""The header and the cards say what gold says, and what nobody knows is not said."""

import re
from datetime import date
from pathlib import Path

import pytest

from factory_simulation.dashboard import theme
from factory_simulation.dashboard.pages import floor, header
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries.health import Thresholds
from factory_simulation.dashboard.scope import KnownOn, Scope
from factory_simulation.domain import HealthState
from tests.conftest import Workspace

DAY, FIRST, LAST = date(2025, 12, 3), date(2025, 12, 1), date(2025, 12, 7)


@pytest.fixture(scope="module")
def published(classic_week: Workspace) -> Published:
    return Published(Path(classic_week.parameters["serving_dir"]))


def cards(html: str) -> dict[str, str]:
    found = re.split(r'<article class="fs-card" data-machine="([^"]+)"', html)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def values(html: str, measure: str) -> list[float]:
    """Return the exact values that are shown of a measure."""
    of_measure = re.search(rf'data-measure="{measure}".*?</div>', html, re.DOTALL)
    assert of_measure, measure
    return [float(value) for value in re.findall(r'<data value="([^"]+)"', of_measure[0])]


def test_the_header_has_the_day_its_change_and_the_period(published, classic_week):
    shown = header.header(published, Scope(), DAY, FIRST, LAST)
    for name in ("batches", "units_produced", "units_defective", "energy_kwh"):
        now, before, period = classic_week.query(
            f"SELECT sum({name}) FILTER (production_date = DATE '{DAY}') AS now, "
            f"sum({name}) FILTER (production_date = DATE '{DAY}' - 1) AS before, "
            f"sum({name}) AS period FROM gold.daily_production"
        )[0].values()
        assert values(shown, name) == pytest.approx(
            [float(now), float(now) / float(before) - 1, float(period)]
        )


def test_on_the_first_day_there_is_no_change(published):
    shown = header.header(published, Scope(), FIRST, FIRST, LAST)
    assert len(values(shown, "batches")) == 2


def test_a_day_without_production_says_so(published):
    shown = header.header(published, Scope(), date(2025, 11, 30), FIRST, LAST)
    assert "no production" in shown
    assert len(values(shown, "units_produced")) == 1  # the period's


def test_what_is_known_is_said(published):
    def known(known_on) -> str:
        return header.header(published, Scope(known_on=known_on), DAY, FIRST, LAST)

    assert "as known now" in known(KnownOn.LATEST)
    assert "settled" in known(KnownOn.LATEST)
    assert "as known that evening" in known(KnownOn.SAME_DAY)
    assert "as known on 2025-12-04" in known(date(2025, 12, 4))
    assert "provisional" in known(date(2025, 12, 4))


def test_each_machine_has_a_card_with_what_gold_has(published, classic_week):
    shown = cards(floor.floor(published, Scope(), DAY))
    made = classic_week.query(
        f"SELECT * FROM gold.daily_production WHERE production_date = DATE '{DAY}'"
    )
    assert shown.keys() == {row["machine_id"] for row in made}
    for row in made:
        card = shown[row["machine_id"]]
        for name in ("batches", "units_produced", "energy_kwh"):
            assert values(card, name) == pytest.approx([row[name]])


def test_a_machine_that_made_nothing_says_so(published):
    shown = cards(floor.floor(published, Scope(), date(2025, 11, 30)))
    assert len(shown) == 3
    for card in shown.values():
        assert "no production" in card
        assert "<data" not in card


def test_a_line_without_machines_says_so(published):
    assert "choose another" in floor.floor(published, Scope(product_name="Moon Cheese"), DAY)


def test_where_oee_is_of_another_time_than_the_totals_it_is_said(published):
    assert "as known now" in floor.floor(published, Scope(known_on=FIRST), DAY)


@pytest.mark.parametrize(
    ("efficiency", "state"),
    [
        (90.01, HealthState.HEALTHY),
        (90.0, HealthState.WARNING),
        (70.0, HealthState.WARNING),
        (69.99, HealthState.CRITICAL),
        (None, None),
    ],
)
def test_the_state_follows_the_thresholds(efficiency, state):
    assert floor.state_of({"efficiency_percent": efficiency}, Thresholds(90, 70, 50)) == state


def test_states_differ_by_symbol_and_word_and_not_by_colour_alone():
    looks = [*theme.STATES.values(), theme.NO_STATE]
    for part in ("title", "symbol", "colour"):
        assert len({getattr(look, part) for look in looks}) == len(looks)


def test_forty_machines_are_told_apart():
    names = [f"M-{n:02}" for n in range(40)]
    colours, markers = theme.colours(names), theme.markers(names)
    assert len({(colours[name], markers[name]) for name in names}) == 40
