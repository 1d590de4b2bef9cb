"""How pages are written: templates of Jinja2, and how numbers, shares and changes read in them.

Whatever comes from landed files is escaped. A number is a ``<data>`` element that holds its exact
value beside what is read.
"""

import math
import re
from datetime import date
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

_ADDRESS = re.compile(r"(\b(?:www\.|[a-z][a-z0-9+.-]*:))(?=\S)", re.IGNORECASE)
_WORD_JOINER = "\N{WORD JOINER}"

NONE = "\N{EN DASH}"
"""What stands where there is no number."""
_BLANK = "\N{OPEN BOX}"
_OVERLOOKED = re.compile(r"^\s+|\s+$|\s{2,}|[^\S \n]")
LONGEST = 60
"""So many characters of a text are shown where there is little room."""


def render(template: str, **values: Any) -> str:
    """Return a page of ``templates/<template>.html``."""
    return _environment().get_template(f"{template}.html").render(**values)


def number(value: float | None, decimals: int = 0, unit: str = "") -> Markup:
    """Return a number as it is read, with its unit; a dash where there is none."""
    if value is None or math.isnan(value):
        return Markup('<span class="fs-none">{}</span>').format(NONE)
    shown = f"{value:z,.{decimals}f}"  # z: what rounds to 0 has no sign
    unit_shown = Markup(' <span class="fs-unit">{}</span>').format(unit) if unit else Markup()
    return Markup('<data value="{}">{}</data>{}').format(value, shown, unit_shown)


def percent(share: float | None, decimals: int = 1) -> Markup:
    """Return a share in percent; the exact value that it holds is the share."""
    if share is None:
        return number(None)
    return Markup('<data value="{}">{:,.{}f} %</data>').format(share, share * 100, decimals)


def change(value: float | None, before: float | None, decimals: int = 1) -> Markup:
    """Return how a number changed, in percent of what it was before; a dash where that is none."""
    if value is None or not before:
        return number(None)
    relative = value / before - 1
    arrow = "▲" if relative > 0 else "▼" if relative < 0 else "="
    shown = f"{abs(relative) * 100:,.{decimals}f}"
    return Markup('<data value="{}">{} {} %</data>').format(relative, arrow, shown)


def points(value: float | None, before: float | None, decimals: int = 2) -> Markup:
    """Return how a share changed, in percentage points."""
    if value is None or before is None:
        return number(None)
    difference = value - before
    arrow = "▲" if difference > 0 else "▼" if difference < 0 else "="
    shown = f"{abs(difference) * 100:,.{decimals}f}"
    return Markup('<data value="{}">{} {} pp</data>').format(difference, arrow, shown)


def weekday(day: date) -> str:
    """Return a date with its day of the week."""
    return f"{day:%a} {day.isoformat()}"


def short(text: str, longest: int = LONGEST) -> str:
    """Return a text as it is shown where there is little room."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def with_blanks(text: str) -> str:
    """Return a text with those blanks made visible that one would overlook, and that matter."""
    return _OVERLOOKED.sub(lambda blanks: _BLANK * len(blanks[0]), text)


def plain(text: str) -> str:
    """Return a text as plotly shows it, whatever markup is in it."""
    return str(escape(short(text)))


def literally(text: Any) -> Any:
    """Return a text for a cell of marimo's tables, so that it is shown as it is.

    These make links of addresses, and fetch what is behind some of them: texts of landed files
    could call on hosts of others. A word joiner, which has no width, keeps an address from being
    one. What is downloaded has none.
    """
    return _ADDRESS.sub(rf"\1{_WORD_JOINER}", text) if isinstance(text, str) else text


def words(name: str) -> str:
    """Return a name of the vocabulary, such as ``late_arrival``, as words."""
    return name.replace("_", " ")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("factory_simulation.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "percent": percent,
        "short": short,
        "weekday": weekday,
        "words": words,
    }
    environment.globals |= {"change": change, "points": points}
    return environment
