"""What one open browser tab has chosen; it outlives a publication, after which pages are new."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import marimo as mo

from factory_simulation.dashboard.html import literally
from factory_simulation.dashboard.player import Player
from factory_simulation.dashboard.published import Published
from factory_simulation.dashboard.queries import production, quality
from factory_simulation.dashboard.scope import KnownOn, Scope
from factory_simulation.domain import FactoryError
from factory_simulation.fault_kinds import FAULT_KINDS

_FACTORY, _LINE, _PERIOD, _KNOWN_ON, _DAY = "factory", "line", "period", "known on", "day"
_ADDED_UP, _BATCH, _EVENT, _TABLE = "added up", "batch", "event", "table"
_KNOWN = {"latest": KnownOn.LATEST, "the same evening": KnownOn.SAME_DAY}


class Session:
    """What is open and chosen.

    Attributes:
        player: The control of time travel, the same one all the time.
        opened: What is looked at, or why there is nothing to look at.
    """

    def __init__(self, folder: Path) -> None:
        self.player = Player()
        self._folder = folder
        self._chosen: dict[str, Any] = {}
        self.opened = self._open()

    def opened_anew(self) -> bool:
        """Open what has been published since, and tell whether something has."""
        before = self.opened
        try:
            if isinstance(before, Published) and not before.is_outdated():
                return False
        except FactoryError:
            return False  # the manifest is being mended: what is open can be read on
        self.opened = self._open()
        return isinstance(self.opened, Published) or str(before) != str(self.opened)

    def days(
        self, published: Published, first: date | None = None, last: date | None = None
    ) -> list[date]:
        """Return the days that can be shown, of all or of a period."""
        days = production.days(published)
        return [day for day in days if (first or days[0]) <= day <= (last or days[-1])]

    def factories(self, published: Published) -> mo.ui.dropdown:
        """Return the choice of a factory."""
        named = {name: key for key, name in production.factories(published).items()}
        return self._dropdown(_FACTORY, {"all factories": None, **named})

    def lines(self, published: Published) -> mo.ui.dropdown:
        """Return the choice of a line, by what it makes."""
        made = {name: name for name in production.lines(published)}
        return self._dropdown(_LINE, {"all lines": None, **made})

    def known_on(self, published: Published) -> mo.ui.dropdown:
        """Return the choice of what may be known."""
        arrivals = {day.isoformat(): day for day in production.arrival_dates(published)}
        return self._dropdown(_KNOWN_ON, {**_KNOWN, **arrivals}, "as known on")

    def period(self, published: Published) -> mo.ui.date_range:
        """Return the choice of dates that are played and added up."""
        days = production.days(published)
        first, last = self._chosen.get(_PERIOD, (days[0], days[-1]))
        first, last = max(first, days[0]), min(last, days[-1])
        return mo.ui.date_range(
            start=days[0],
            stop=days[-1],
            value=(first, last) if first <= last else (days[0], days[-1]),
            label="dates",
            on_change=self._keep(_PERIOD),
        )

    def pages(self, titles: tuple[str, ...]) -> mo.ui.tabs:
        """Return the choice of a page."""
        return mo.ui.tabs(
            dict.fromkeys(titles, ""),
            value=self._chosen.get("page", titles[0]),
            on_change=self._keep("page"),
        )

    def machine(self, published: Published, scope: Scope) -> mo.ui.dropdown:
        """Return the choice of a machine."""
        found = [row["machine_id"] for row in production.machines(published, scope)]
        options: dict[str, Any] = {machine: machine for machine in found}
        return self._dropdown("machine", options)

    def table(self, published: Published, first: str) -> mo.ui.dropdown:
        """Return the choice of a published table; ``first`` is chosen at first."""
        self._chosen.setdefault(_TABLE, first)
        options: dict[str, Any] = {name: name for name in sorted(published.tables)}
        return self._dropdown(_TABLE, options)

    def is_of_period(self) -> mo.ui.radio:
        """Return the choice of what is added up: the day, or all that is played."""
        options: dict[str, Any] = {"the day": False, "all dates": True}
        chosen = self._chosen.get(_ADDED_UP, False)
        return mo.ui.radio(
            options=options,
            value="all dates" if chosen else "the day",
            inline=True,
            on_change=self._keep(_ADDED_UP),
        )

    def batch(self, batches: list[dict[str, Any]]) -> mo.ui.table:
        """Return the choice of one batch; it stays chosen while it is among the batches.

        Args:
            batches: What is shown of each, with its key.
        """
        return self._choose_row(_BATCH, batches, "batch_key")

    def fault_kind(self, published: Published) -> mo.ui.dropdown:
        """Return the choice of a kind of fault, of those that were ever found."""
        found = {FAULT_KINDS[key].title: key for key in quality.kinds(published)}
        return self._dropdown("kind of fault", {"all kinds": None, **found})

    def event(self, events: list[dict[str, Any]]) -> mo.ui.table:
        """Return the choice of one event; it stays chosen while it is among the events.

        Args:
            events: What is shown of each, with its keys.
        """
        return self._choose_row(_EVENT, events, "fault_key", "row_id")

    def play(self, days: list[date]) -> None:
        """Let the player play some days; it stays on the day that it shows, if that is of them."""
        names = [day.isoformat() for day in days]
        shown = self._chosen.get(_DAY)
        at = names.index(shown) if shown in names else len(names) - 1
        if self.player.days != names:
            with self.player.hold_sync():
                self.player.index, self.player.days = at, names

    def day(self, days: list[date], index: int) -> date:
        """Return the day of an index of the player, and stay on it."""
        day = days[min(max(index, 0), len(days) - 1)]
        self._chosen[_DAY] = day.isoformat()
        return day

    def _open(self) -> Published | FactoryError:
        try:
            return Published(self._folder)
        except FactoryError as error:
            return error

    def _dropdown(
        self, name: str, options: dict[str, Any], label: str | None = None
    ) -> mo.ui.dropdown:
        chosen = self._chosen.get(name)
        labels = [key for key, value in options.items() if value == chosen]
        return mo.ui.dropdown(
            options=options,
            value=labels[0] if labels else next(iter(options), None),
            label=label or name,
            searchable=len(options) > 12,  # noqa: PLR2004 - more than one sees at a glance
            on_change=self._keep(name),
        )

    def _choose_row(self, name: str, rows: list[dict[str, Any]], *keys: str) -> mo.ui.table:
        """Return a table to choose a row from; it stays chosen while it is there.

        Args:
            name: What is chosen.
            rows: What is shown of each, and its keys.
            keys: The columns that are not shown; the first tells rows apart.
        """
        named = [row[keys[0]] for row in rows]
        chosen = self._chosen.get(name)
        if chosen not in named:
            self._chosen.pop(name, None)

        def keep(selected: Any) -> None:
            self._chosen[name] = selected[0][keys[0]] if selected else None

        return mo.ui.table(
            rows,
            selection="single",
            initial_selection=[named.index(chosen)] if chosen in named else None,
            pagination=True,
            page_size=10,
            hidden_columns=list(keys) if rows else None,
            format_mapping={column: literally for column in rows[0] if column not in keys}
            if rows
            else None,
            show_column_summaries=False,
            show_data_types=False,
            show_download=False,
            on_change=keep,
        )

    def _keep(self, name: str) -> Callable[[Any], None]:
        def keep(value: Any) -> None:
            self._chosen[name] = value

        return keep
