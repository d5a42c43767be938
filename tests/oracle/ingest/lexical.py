"""Texts of values (S9.5)."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Any

from oracle.ingest.records import Column

JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
CSV_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
TIME = r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
ZONE = r"(Z|[+-][0-9]{2}(?::[0-9]{2})?)?"
TRUE, FALSE = {"true", "t", "1", "yes"}, {"false", "f", "0", "no"}
DIGITS = 38


class Unreadable(Exception):
    """The text is no value of the column's type."""


def read_csv_text(text: str, column: Column) -> Any:
    """The value of a field."""
    if column.kind in ("string", "any"):
        return text
    if column.kind == "boolean":
        # Only ASCII has a case here.
        low = text.lower() if text.isascii() else ""
        if low not in TRUE | FALSE:
            raise Unreadable
        return low in TRUE
    if column.kind == "number" and re.fullmatch(r"nan|-?infinity", text, re.ASCII | re.IGNORECASE):
        return float(text)
    if column.kind in ("integer", "decimal", "number"):
        if not CSV_NUMBER.fullmatch(text):
            raise Unreadable
        return read_number(text, column)
    return read_temporal(text, column)


def read_number(text: str, column: Column) -> Any:
    """The value of digits whose form is right."""
    if column.kind == "number":
        value = float(text)
        if math.isinf(value):
            raise Unreadable
        return value
    if column.kind == "integer":
        value = shifted(text, 0, DIGITS)
        if not column.low <= value <= column.high:
            raise Unreadable
        return value
    return Decimal(shifted(text, column.scale, column.precision)).scaleb(-column.scale)


def shifted(text: str, scale: int, most: int) -> int:
    """The number × 10^scale, where that is integral and has no more than so many digits."""
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.lstrip("+-").partition(".")
    significant = (whole + fraction).lstrip("0")
    trimmed = significant.rstrip("0")
    if not trimmed:
        return 0
    zeros = int(exponent or "0") - len(fraction) + len(significant) - len(trimmed) + scale
    if zeros < 0 or len(trimmed) + zeros > most:
        raise Unreadable
    magnitude: int = int(trimmed) * 10**zeros
    return -magnitude if mantissa.startswith("-") else magnitude


def read_temporal(text: str, column: Column) -> Any:
    """A date, a time or a timestamp."""
    try:
        if column.kind == "date":
            return _date(_match(DATE, text))
        if column.kind == "time":
            return _time(_match(TIME, text))
        parts = _match(f"{DATE}[T ]{TIME}{ZONE}", text)
        return _timestamp(parts, column.zoned)
    except (ValueError, OverflowError):
        raise Unreadable from None


def _match(pattern: str, text: str) -> tuple[str | None, ...]:
    found = re.fullmatch(pattern, text)
    if found is None:
        raise Unreadable
    return found.groups()


def _date(parts: tuple[str | None, ...]) -> dt.date:
    return dt.date(*(int(part or "") for part in parts))


def _time(parts: tuple[str | None, ...]) -> dt.time:
    hours, minutes, seconds, fraction = parts
    if (fraction or "")[6:].strip("0"):
        raise Unreadable
    micros = int((fraction or "")[:6].ljust(6, "0"))
    return dt.time(int(hours or ""), int(minutes or ""), int(seconds or "0"), micros)


def _timestamp(parts: tuple[str | None, ...], zoned: bool) -> dt.datetime:
    local, zone = dt.datetime.combine(_date(parts[:3]), _time(parts[3:7])), parts[7]
    if (zone is not None) != zoned:
        raise Unreadable
    if zone is None:
        return local
    hours, minutes = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[4:] or "0"))
    if hours > 23 or minutes > 59:
        raise Unreadable
    east = dt.timedelta(hours=hours, minutes=minutes)
    return (local + east if zone.startswith("-") else local - east).replace(tzinfo=dt.UTC)
