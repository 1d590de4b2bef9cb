"""What somebody looks at: of which factory and line, and as known when."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import ibis.expr.types as ir
from ibis import _


class KnownOn(StrEnum):
    """What may be known of a date, but for what was on some fixed arrival date."""

    LATEST = "latest"
    SAME_DAY = "same_day"


@dataclass(frozen=True)
class Scope:
    """What is looked at.

    Attributes:
        factory_id: One factory; None is all.
        product_name: One line, by what it makes; None is all.
        known_on: What is known now, what was of each date at its own end, or what was at the end of
            an arrival date.
    """

    factory_id: str | None = None
    product_name: str | None = None
    known_on: KnownOn | date = KnownOn.LATEST

    @property
    def is_everything(self) -> bool:
        """Whether all factories and all lines are looked at."""
        return self.factory_id is None and self.product_name is None

    def of(self, table: ir.Table) -> ir.Table:
        """Return the rows of a table of this factory and line, as far as it tells them apart."""
        if self.factory_id is not None and "factory_id" in table.columns:
            table = table.filter(_.factory_id == self.factory_id)
        if self.product_name is not None and "product_name" in table.columns:
            table = table.filter(_.product_name == self.product_name)
        return table

    def believed(self, as_of: ir.Table) -> ir.Table:
        """Return of beliefs with ``known_date`` and ``known_until`` the ones that held then."""
        if self.known_on is KnownOn.LATEST:
            held = _.known_until.isnull()
        else:
            then = _.event_date if self.known_on is KnownOn.SAME_DAY else self.known_on
            held = (_.known_date <= then) & (_.known_until.isnull() | (_.known_until > then))
        return self.of(as_of.filter(held))
