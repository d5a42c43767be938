"""Values: what equals what, what the contract's scalars mean as a column's type, and how evidence shows them."""

from __future__ import annotations

import math
import re
import struct
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.arrow import Type, family
from oracle.canonical import Num, canonical

NANOS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
DAY = 86_400 * 10**9
_EPOCH = date(1970, 1, 1).toordinal()
_DATE = r"(\d{4}-\d\d-\d\d)"
_TIME = r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"


class Refused(Exception):
    """A clause cannot be run; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_date(text: str) -> int:
    """Days since 1970 of `2026-01-31`."""
    if not re.fullmatch(_DATE, text):
        raise ValueError(text)
    return date.fromisoformat(text).toordinal() - _EPOCH


def parse_time(text: str) -> int:
    """Nanoseconds since midnight of `13:00`, `13:00:00` or `13:00:00.5`."""
    match = re.fullmatch(_TIME, text)
    if match is None:
        raise ValueError(text)
    hour, minute, second, fraction = match.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        raise ValueError(text)
    return (int(hour) * 3600 + int(minute) * 60 + int(second or 0)) * 10**9 + int((fraction or "").ljust(9, "0"))


def parse_instant(text: str) -> tuple[int, bool]:
    """Nanoseconds since 1970 and whether a zone was written. A date alone is its midnight, without a zone."""
    match = re.fullmatch(_DATE + r"(?:[T ]([\d:.]+)(Z|[-+]\d\d:\d\d)?)?", text)
    if match is None:
        raise ValueError(text)
    day, clock, zone = match.groups()
    nanos = parse_date(day) * DAY + (parse_time(clock) if clock else 0)
    if zone and zone != "Z":
        nanos -= (1 if zone[0] == "+" else -1) * parse_time(zone[1:])
    return nanos, zone is not None


def clock_text(nanos: int) -> str:
    """`13:00:00.5`"""
    seconds, rest = divmod(nanos, 10**9)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + (f".{rest:09}".rstrip("0") if rest else "")


def instant_text(nanos: int, zoned: bool) -> str:
    """RFC 3339, in UTC when zoned."""
    return f"{date_text(nanos // DAY)}T{clock_text(nanos % DAY)}" + "Z" * zoned


def date_text(days: int) -> str:
    """`2026-01-31`"""
    return date.fromordinal(days + _EPOCH).isoformat()


def amount(number: Any) -> Any:
    """A number to compare exactly; NaN and infinities stay floats."""
    return number if isinstance(number, float) and not math.isfinite(number) else Fraction(number)


def key(value: Any, kind: Type) -> Any:
    """Equal for equal values and only for those (S2.8). None for NULL."""
    found = family(kind)
    if value is None:
        return None
    if found in ("integer", "number"):
        return ("number", "NaN") if value != value else ("number", amount(value))
    if found == "array":
        return tuple(key(item, kind.item) for item in value)
    if found == "object":
        return tuple(key(value[name], child) for name, child in kind.children)
    if found == "map":
        return frozenset((key(k, kind.children[0][1]), key(v, kind.item)) for k, v in value)
    return (found, value)


def single(number: float) -> float:
    """The float32 nearest to a double."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


def nearest(scalar: Any, kind: Type) -> Any:
    """A member of a set of the contract: on floats, the float nearest to what is written."""
    exact = read(scalar, kind)
    if kind.name not in ("float32", "float64"):
        return exact
    return amount(single(float(scalar)) if kind.name == "float32" else float(scalar))


def read(scalar: Any, kind: Type) -> Any:
    """A scalar of the contract as a value to compare with a column of this type."""
    found = family(kind)
    try:
        if found in ("integer", "number") and isinstance(scalar, Num):
            return Fraction(Decimal(scalar))
        if found == "boolean" and isinstance(scalar, bool):
            return scalar
        if found == "string" and scalar is not None:
            return str(scalar).lower() if isinstance(scalar, bool) else str(scalar)
        if found == "date" and isinstance(scalar, str):
            return parse_date(scalar)
        if found == "time" and isinstance(scalar, str):
            return parse_time(scalar)
        if found == "timestamp" and isinstance(scalar, str):
            nanos, zoned = parse_instant(scalar)
            if zoned != (len(kind.args) > 1):
                raise Refused("bound-zone-mismatch")
            return nanos
    except ValueError:
        pass
    raise Refused("bound-unreadable")


def capped(text: str, name: str, always: bool = False) -> Any:
    """Text as it is, or its first 200 scalar values with the length."""
    return {name: text[:200], "length": len(text)} if always or len(text) > 200 else text


def _plain(value: Any, kind: Type) -> Any:
    """A value as JSON without a cap."""
    found = family(kind)
    if value is None or found in ("boolean", "string"):
        return value
    if found == "array":
        return [_plain(item, kind.item) for item in value]
    if found == "object":
        return {name: _plain(value[name], child) for name, child in kind.children}
    if found == "map":
        pairs = [(_plain(k, kind.children[0][1]), _plain(v, kind.item)) for k, v in value]
        return dict(pairs) if family(kind.children[0][1]) == "string" else [list(pair) for pair in pairs]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return value if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, bytes):
        return {"hex": value[:100].hex(), "length": len(value)}
    if found == "date":
        return date_text(value)
    if found == "time":
        return clock_text(value)
    if found == "timestamp":
        return instant_text(value, len(kind.args) > 1)
    if found == "duration":
        whole, rest = divmod(abs(value), 10**9)
        return "-" * (value < 0) + f"PT{whole}" + (f".{rest:09}".rstrip("0") if rest else "") + "S"
    return value if abs(value) < 2**53 else str(value)


def show(value: Any, kind: Type) -> Any:
    """A value as evidence shows it (docs/spec/verdict.md)."""
    plain = _plain(value, kind)
    if isinstance(plain, (list, dict)) and not isinstance(value, bytes):
        return capped(canonical(plain).decode(), "json", always=True)
    return capped(plain, "text") if isinstance(value, str) else plain
