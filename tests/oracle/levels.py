"""Ages of service levels (S4)."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.canonical import Num
from oracle.values import DAY, Refused, date_text, parse_date

_SECONDS = {"ms": Fraction(1, 1000), "s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800, "mo": "months", "y": "years"}
_WORDS = {"sec": "s", "second": "s", "minute": "min", "hr": "h", "hour": "h", "day": "d", "week": "w", "month": "mo", "year": "y"}


def level_unit(written: Any, unit: Any) -> tuple[Fraction, Any]:
    """The number and its unit: seconds, or `months` or `years`."""
    word = str(unit)
    step = _SECONDS.get(_WORDS.get(word, _WORDS.get(word.removesuffix("s"), word)))
    if step is None:
        raise Refused("unit-ambiguous" if word == "m" else "unit-unknown")
    if not isinstance(written, Num) or (isinstance(step, str) and Fraction(Decimal(written)).denominator != 1):
        raise Refused("bound-unreadable")
    return Fraction(Decimal(written)), step


def level_limit(as_of: int, count: Fraction, step: Any) -> Fraction:
    """The oldest instant allowed."""
    if not isinstance(step, str):
        return as_of - count * step * 10**9
    day = date.fromisoformat(date_text(as_of // DAY))
    months = day.year * 12 + day.month - 1 - int(count) * (12 if step == "years" else 1)
    year, month = months // 12, months % 12 + 1
    moved = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    return Fraction(parse_date(moved.isoformat()) * DAY + as_of % DAY)
