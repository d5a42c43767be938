"""Dates and times: parts, differences, makers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from oracle.expression.calendar import civil, days_of, iso_week, month_length, weekday, zone
from oracle.expression.functions import Call, function
from oracle.expression.functions_numeric import in_range
from oracle.expression.operators import require
from oracle.expression.temporal import add_months, at_time_zone, checked, checked_day
from oracle.expression.values import (
    BIGINT,
    DATE,
    NULL,
    OVERFLOW,
    TIME,
    VARCHAR,
    Type,
    Typed,
    instant,
    integer,
    literal,
    timestamp,
)  # fmt: skip
from oracle.values import DAY, NANOS

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPELT = {
    "year": "years", "isoyear": "", "quarter": "quarters", "month": "months", "week": "weeks", "day": "days dayofmonth",
    "dow": "dayofweek weekday", "isodow": "", "doy": "dayofyear", "hour": "hours", "minute": "minutes", "second": "seconds",
    "millisecond": "milliseconds ms", "microsecond": "microseconds us", "nanosecond": "nanoseconds ns",
}  # fmt: skip
PARTS = {spelt: name for name, more in _SPELT.items() for spelt in (name, *more.split())}
CLOCK = {
    "hour": 3600 * 10**9,
    "minute": 60 * 10**9,
    "second": 10**9,
    "millisecond": 10**6,
    "microsecond": 10**3,
    "nanosecond": 1,
}


def part_of(arg: Typed) -> str | None:
    """The part that a constant names; none for NULL."""
    if arg.constant is None:
        return None
    found = PARTS.get(arg.constant.lower())
    require(found is not None)
    return found


def day_of(value: int, kind: Type) -> int:
    """The day of a date or timestamp, if the calendar has it."""
    return checked_day(value if kind.name == "DATE" else value // DAY)


_OF_DAY: dict[str, Callable[[int], int]] = {
    "year": lambda day: civil(day)[0],
    "isoyear": lambda day: iso_week(day)[0],
    "quarter": lambda day: (civil(day)[1] + 2) // 3,
    "month": lambda day: civil(day)[1],
    "week": lambda day: iso_week(day)[1],
    "day": lambda day: civil(day)[2],
    "dow": lambda day: (weekday(day) + 1) % 7,
    "isodow": lambda day: weekday(day) + 1,
    "doy": lambda day: day - days_of(civil(day)[0], 1, 1) + 1,
}
_OF_CLOCK: dict[str, Callable[[int], int]] = {
    "hour": lambda nanos: nanos // CLOCK["hour"],
    "minute": lambda nanos: nanos // CLOCK["minute"] % 60,
    "second": lambda nanos: nanos // CLOCK["second"] % 60,
    "millisecond": lambda nanos: nanos % CLOCK["minute"] // CLOCK["millisecond"],
    "microsecond": lambda nanos: nanos % CLOCK["minute"] // CLOCK["microsecond"],
    "nanosecond": lambda nanos: nanos % CLOCK["minute"],
}


def _fits(part: str | None, kind: Type) -> bool:
    """Has the type this part?"""
    names = (
        {"DATE", "TIMESTAMP"}
        if part in _OF_DAY
        else {"TIME", "TIMESTAMP"}
        if part in _OF_CLOCK
        else {"DATE", "TIME", "TIMESTAMP"}
    )
    return kind.name in names | {"NULL"}


def read_part(part: str, value: int, kind: Type) -> int:
    """One number of a date or time."""
    return _OF_DAY[part](day_of(value, kind)) if part in _OF_DAY else _OF_CLOCK[part](value % DAY)


def _part(names: str, part: str) -> None:
    def infer(args: Sequence[Typed]) -> Type:
        require(_fits(part, args[0].type))
        return BIGINT

    @function(names, "any", infer)
    def _run(call: Call, x: int) -> int:
        return read_part(part, x, call.types[0])


for _names, _name in (
    ("year", "year"), ("quarter", "quarter"), ("month", "month"), ("week weekofyear", "week"), ("isoyear", "isoyear"),
    ("day dayofmonth day_of_month", "day"), ("day_of_week isodow", "isodow"), ("dayofweek weekday", "dow"), ("dayofyear day_of_year", "doy"),
    ("hour", "hour"), ("minute", "minute"), ("second", "second"), ("millisecond", "millisecond"), ("microsecond", "microsecond"),
    ("nanosecond", "nanosecond"),
):  # fmt: skip
    _part(_names, _name)


def _date_part_type(args: Sequence[Typed]) -> Type:
    require(_fits(part_of(args[0]), args[1].type))
    return BIGINT


@function("date_part datepart", "text!, any", _date_part_type)
def _date_part(call: Call, part: str, x: int) -> int:
    return read_part(PARTS[part.lower()], x, call.types[1])


@function("days_in_month", "local temporal", BIGINT)
def _days_in_month(call: Call, x: int) -> int:
    return month_length(*civil(day_of(x, call.types[0]))[:2])


@function("monthname", "local temporal", VARCHAR)
def _monthname(call: Call, x: int) -> str:
    return MONTHS[civil(day_of(x, call.types[0]))[1] - 1]


@function("dayname", "local temporal", VARCHAR)
def _dayname(call: Call, x: int) -> str:
    return DAYS[weekday(day_of(x, call.types[0]))]


@function("last_day", "local temporal", DATE)
def _last_day(call: Call, x: int) -> int:
    year, month, _ = civil(day_of(x, call.types[0]))
    return days_of(year, month, month_length(year, month))


def _start(part: str, day: int) -> int:
    """The first day of the part that a day lies in."""
    year, month, _ = civil(day)
    if part == "isoyear":
        january = days_of(iso_week(day)[0], 1, 4)
        return january - weekday(january)
    starts = {"year": (year, 1), "quarter": (year, (month - 1) // 3 * 3 + 1), "month": (year, month)}
    return days_of(*starts[part], 1) if part in starts else day - weekday(day) if part == "week" else day


def _trunc_type(args: Sequence[Typed]) -> Type:
    part, kind = part_of(args[0]), args[1].type
    require(part not in ("dow", "isodow", "doy") and kind.name != "TIME")
    require(_fits(part, kind))
    return kind


@function("date_trunc datetrunc", "text!, local temporal", _trunc_type)
def _date_trunc(call: Call, part: str, x: int) -> int:
    kind, part = call.types[1], PARTS[part.lower()]
    day = day_of(x, kind)
    if part in CLOCK:
        return checked(x - x % CLOCK[part], kind.unit)
    first = checked_day(_start(part, day))
    return first if kind.name == "DATE" else instant(first * DAY, kind.unit)


def _elapsed_type(args: Sequence[Typed]) -> Type:
    require(part_of(args[0]) != "isoyear")
    return _between_type(args)


def _between_type(args: Sequence[Typed]) -> Type:
    part, kinds = part_of(args[0]), {arg.type.name for arg in args[1:]} - {"NULL"}
    require(part not in ("dow", "isodow", "doy"))
    require(
        len(kinds) <= 1 and kinds <= {"DATE", "TIME", "TIMESTAMP"} and all(_fits(part, arg.type) for arg in args[1:])
    )
    return BIGINT


def _months(day: int) -> int:
    year, month, _ = civil(checked_day(day))
    return year * 12 + month - 1


@function("date_diff datediff", "text!, any, any", _between_type)
def _date_diff(call: Call, part: str, start: int, end: int) -> int:
    part, kind = PARTS[part.lower()], call.types[1]
    if part in CLOCK:
        return integer(end // CLOCK[part] - start // CLOCK[part], OVERFLOW)
    first, last = (value if kind.name == "DATE" else value // DAY for value in (start, end))
    if part in ("day", "week"):
        days = last - first
        return days if part == "day" else (abs(days) // 7) * (1 if days >= 0 else -1)
    if part == "isoyear":
        return iso_week(checked_day(last))[0] - iso_week(checked_day(first))[0]
    step = {"month": 1, "quarter": 3, "year": 12}[part]
    return _months(last) // step - _months(first) // step


def _complete_months(first: int, last: int) -> int:
    """Months that fit between two instants, the first not after the last."""
    count = _months(last // DAY) - _months(first // DAY)
    return count - (add_months(first // DAY, count) * DAY + first % DAY > last)


@function("date_sub datesub", "text!, any, any", _elapsed_type)
def _date_sub(call: Call, part: str, start: int, end: int) -> int:
    part, kind = PARTS[part.lower()], call.types[1]
    scale = DAY if kind.name == "DATE" else 1
    first, last = start * scale, end * scale
    sign = 1 if first <= last else -1
    if part in (*CLOCK, "day", "week"):
        size = CLOCK.get(part) or {"day": DAY, "week": 7 * DAY}[part]
        return integer(sign * (abs(last - first) // size), OVERFLOW)
    months = _complete_months(*sorted((first, last)))
    return sign * (months // {"month": 1, "quarter": 3, "year": 12}[part])


def _made_day(year: int, month: int, day: int) -> int:
    in_range(-9999 <= year <= 9999)
    try:
        return days_of(year, month, day)
    except (ValueError, OverflowError):
        in_range(False)
        raise


def _made_time(hour: int, minute: int, second: int) -> int:
    in_range(0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60)
    return ((hour * 60 + minute) * 60 + second) * 10**9


@function("make_date", "integer, integer, integer", DATE)
def _make_date(call: Call, year: int, month: int, day: int) -> int:
    return _made_day(year, month, day)


@function("make_time", "integer, integer, integer", TIME)
def _make_time(call: Call, hour: int, minute: int, second: int) -> int:
    return _made_time(hour, minute, second)


@function("make_timestamp", "integer, integer, integer, integer, integer, integer", timestamp())
def _make_timestamp(call: Call, year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    return _made_day(year, month, day) * DAY + _made_time(hour, minute, second)


@function("to_timestamp", "integer", timestamp("us", True))
def _to_timestamp(call: Call, seconds: int) -> int:
    checked_day(seconds * 10**9 // DAY)
    return seconds * 10**9


def _epoch_type(args: Sequence[Typed]) -> Type:
    kind = args[0].type
    require(kind.name in ("DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL", "NULL") and not kind.months)
    return BIGINT


def _epoch(name: str, unit: str) -> None:
    @function(name, "any", _epoch_type)
    def _run(call: Call, x: Any) -> int:
        nanos = x * DAY if call.types[0].name == "DATE" else x[1] if isinstance(x, tuple) else x
        return integer(nanos // NANOS[unit])


_epoch("epoch", "s")
_epoch("epoch_ms", "ms")
_epoch("epoch_us", "us")
_epoch("epoch_ns", "ns")


def _zone_type(args: Sequence[Typed]) -> Type:
    require(zone(args[0].constant) is not None)
    kind = args[1].type
    return timestamp(kind.unit, kind.name == "TIMESTAMP") if kind.name != "NULL" else NULL


@function("timezone", "text!, timestamp", _zone_type)
def _timezone(call: Call, where: str, x: int) -> Any:
    return at_time_zone(literal(call.types[1], x), literal(VARCHAR, where)).run({})
