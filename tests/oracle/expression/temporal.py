"""Dates, times, intervals: literals, arithmetic and zones (S6.5, S6.18 to S6.20)."""

from __future__ import annotations

import re
from fractions import Fraction

from oracle.expression.calendar import civil, days_of, in_calendar, month_length, offset_at, offset_of_local, zone
from oracle.expression.operators import common, read_beside, require, strict
from oracle.expression.reading import read_date, read_instant, read_time
from oracle.expression.values import (
    BIGINT,
    DATE,
    HIGH,
    LOW,
    NULL,
    TEMPORAL,
    TIME,
    Fault,
    Type,
    Typed,
    elapsed,
    finer,
    instant,
    literal,
    timestamp,
)  # fmt: skip
from oracle.values import DAY, NANOS, Refused

_SPAN = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")
_MONTHS = {"month": 1, "mon": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200, "millennium": 12000}
_NANOS = {
    "nanosecond": 1, "microsecond": 10**3, "millisecond": 10**6, "second": 10**9, "minute": 60 * 10**9, "hour": 3600 * 10**9,
    "day": DAY, "week": 7 * DAY,
}  # fmt: skip
_CLOCKS = ("TIMESTAMP", "TIMESTAMPTZ")


def unit_of(nanos: int) -> str:
    """Microseconds, unless the value needs nanoseconds."""
    return "us" if nanos % 1000 == 0 else "ns"


def temporal_literal(kind: str, text: str) -> Typed:
    """DATE, TIME and TIMESTAMP literals; a zone makes a timestamp zoned."""
    try:
        if kind == "DATE":
            return literal(DATE, read_date(text))
        if kind == "TIME":
            return literal(TIME, read_time(text))
        nanos, zoned = read_instant(text)
    except ValueError:
        raise Refused("literal-unreadable") from None
    require(zoned or kind == "TIMESTAMP", "literal-unreadable")
    return literal(timestamp(unit_of(nanos), zoned), nanos)


def interval_literal(text: str) -> Typed:
    """`1 day`, `2 years 3 months`, `-1 hour`."""
    months, nanos, at = 0, Fraction(0), 0
    for match in _SPAN.finditer(text.strip()):
        count, unit = Fraction(match[1]), match[2].lower()
        unit = unit.removesuffix("s") if unit not in ("centuries", "s") else "century"
        require(
            match.start() == at and (unit in _NANOS or (unit in _MONTHS and count.denominator == 1)),
            "literal-unreadable",
        )
        months += int(count) * _MONTHS.get(unit, 0)
        nanos += count * _NANOS.get(unit, 0)
        at = match.end()
    require(at == len(text.strip()) > 0 and nanos.denominator == 1 and LOW <= nanos <= HIGH, "literal-unreadable")
    return span(months, int(nanos))


def span(months: int, nanos: int) -> Typed:
    """An INTERVAL literal."""
    require(-(2**31) <= months < 2**31 and LOW <= nanos <= HIGH, "literal-unreadable")
    return literal(Type("INTERVAL", unit=unit_of(nanos), months=months != 0, written=True), (months, nanos))


def checked_day(days: int) -> int:
    """A day of the calendar, or the fault."""
    if not in_calendar(days):
        raise Fault(TEMPORAL)
    return days


def checked(nanos: int, unit: str) -> int:
    """An instant of the calendar that the unit holds, or the fault."""
    checked_day(nanos // DAY)
    return instant(nanos, unit)


def add_months(days: int, months: int) -> int:
    """By calendar, the day clipped to the month's end."""
    year, month, day = civil(checked_day(days))
    count = year * 12 + month - 1 + months
    year, month = count // 12, count % 12 + 1
    if not -9999 <= year <= 9999:
        raise Fault(TEMPORAL)
    return days_of(year, month, min(day, month_length(year, month)))


def _moved(nanos: int, span: tuple[int, int], sign: int, unit: str) -> int:
    checked_day(nanos // DAY)
    day = add_months(nanos // DAY, sign * span[0]) if span[0] else nanos // DAY
    return checked(day * DAY + nanos % DAY + sign * span[1], unit)


def plus(name: str, left: Typed, right: Typed) -> Typed | None:
    """`+` and `-` where an operand is a date, a timestamp or an interval; None otherwise."""
    a, b = left.type, right.type
    sign = -1 if name == "-" else 1
    if name not in "+-" or not {a.name, b.name} & {"DATE", "INTERVAL", *_CLOCKS}:
        return None
    if a.written and b.written:
        (months, nanos), (more, rest) = left.constant, right.constant
        return span(months + sign * more, nanos + sign * rest)
    if "VARCHAR" in (a.name, b.name):
        left, right = read_beside([left, right])
        a, b = left.type, right.type
    if name == "+" and (
        (a.name == "BIGINT" or a.written)
        and b.name in ("DATE", "NULL", *_CLOCKS)
        and (a.name, b.name) != ("BIGINT", "NULL")
    ):
        a, b, back = b, a, True
    else:
        back = False
    order = [left, right]
    if {a.name, b.name} == {"DATE", "TIMESTAMP"}:
        order = common(order)
        a, b = (arg.type for arg in order)
    pair = (a.name, b.name)

    def made(kind: Type, core) -> Typed:  # type: ignore[no-untyped-def]
        return strict(order, kind, (lambda x, y: core(y, x)) if back else core)

    if pair == ("DATE", "BIGINT"):
        return made(DATE, lambda x, y: checked_day(checked_day(x) + sign * y))
    if pair == ("DATE", "DATE") and name == "-":
        return made(BIGINT, lambda x, y: x - y)
    if pair == ("DATE", "INTERVAL"):
        added = order[0 if back else 1]
        require(b.written and added.constant[1] % DAY == 0)
        return made(DATE, lambda x, y: checked_day(add_months(x, sign * y[0]) + sign * y[1] // DAY))
    if a.name in _CLOCKS and b.name == "INTERVAL":
        added, unit = order[0 if back else 1], a.unit
        require(a.name == "TIMESTAMP" or not b.months)
        require(added.constant[1] % NANOS[unit] == 0 if b.written else NANOS[b.unit] >= NANOS[unit])
        if not b.written:
            # Bringing it to the timestamp's unit is the operand's own fault, which beats a NULL timestamp.
            order[1] = added.converted(b, lambda value: (0, instant(value[1], unit)))
        return made(Type(a.name, unit=unit), lambda x, y: _moved(x, y, sign, unit))
    if a.name in _CLOCKS and pair == (a.name, a.name) and name == "-":
        unit = finer(a.unit, b.unit)
        order = common(order)
        return made(Type("INTERVAL", unit=unit), lambda x, y: (0, elapsed(x - y, unit)))
    if pair == ("INTERVAL", "INTERVAL"):
        require(not a.written and not b.written)
        order, unit = common(order), finer(a.unit, b.unit)
        return made(Type("INTERVAL", unit=unit), lambda x, y: (0, elapsed(x[1] + sign * y[1], unit)))
    if pair == ("NULL", "INTERVAL") and b.written:
        return strict(order, NULL, lambda x, y: None)
    raise Refused("operand-types")


def at_time_zone(value: Typed, where: Typed) -> Typed:
    """S6.19. A local time that a zone skips takes the offset before the gap, one that occurs twice its first reading."""
    require(value.type.name in (*_CLOCKS, "NULL") and where.type.name == "VARCHAR" and where.literal, "argument-types")
    found = zone(where.constant) if where.constant is not None else None
    require(found is not None, "argument-types")
    if value.type.name == "NULL":
        return value
    unit, zoned = value.type.unit, value.type.name == "TIMESTAMPTZ"

    def core(nanos: int) -> int:
        checked_day(nanos // DAY)
        seconds, look = nanos // 10**9, offset_at if zoned else offset_of_local
        shift = look(seconds, found) * 10**9  # type: ignore[arg-type]
        return checked(nanos + (shift if zoned else -shift), unit)

    return strict([value], timestamp(unit, not zoned), core)
