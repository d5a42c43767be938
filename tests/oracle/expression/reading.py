"""Dates and times as text, read strictly (S6.5, S6.21)."""

from __future__ import annotations

import re

from oracle.expression.calendar import days_of
from oracle.values import DAY, parse_time


def read_date(text: str) -> int:
    """Days of `2026-01-31`; ValueError otherwise."""
    match = re.fullmatch(r"(-?\d{4})-(\d\d)-(\d\d)", text, re.ASCII)
    if match is None:
        raise ValueError(text)
    return days_of(*map(int, match.groups()))


def read_time(text: str) -> int:
    """Nanoseconds of `13:00:00.5`; ValueError otherwise."""
    if not text.isascii():
        raise ValueError(text)
    return parse_time(text)


def read_instant(text: str) -> tuple[int, bool]:
    """Nanoseconds and whether a zone was written; ValueError otherwise."""
    match = re.fullmatch(r"(-?\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d[\d:.]*)\s?(Z|[-+]\d\d(?::?\d\d)?)?)?", text, re.ASCII)
    if match is None:
        raise ValueError(text)
    day, clock, offset = match.groups()
    nanos = read_date(day) * DAY + (parse_time(clock) if clock else 0)
    if offset and offset != "Z":
        away = parse_time(f"{offset[1:3]}:{offset[3:].lstrip(':') or '00'}")
        nanos -= away if offset[0] == "+" else -away
    return nanos, offset is not None
