"""Types and values of the expression language (S6.2, S6.3, S6.6, S6.9).

BOOLEAN is bool, BIGINT int, DECIMAL Fraction, DOUBLE float, VARCHAR str, BLOB bytes, DATE days since 1970, TIME nanoseconds since
midnight, TIMESTAMP nanoseconds since 1970 whatever its unit, INTERVAL (months, nanoseconds), lists are lists, structs dicts, NULL is None.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from oracle import arrow
from oracle.expression.calendar import civil, in_calendar
from oracle.values import DAY, NANOS, Refused, clock_text

LOW, HIGH = -(2**63), 2**63 - 1
UNITS = ("s", "ms", "us", "ns")


class Fault(Exception):
    """A record on which the expression has no value."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


OVERFLOW, ZERO, NOT_FINITE, CAST = "arithmetic-overflow", "division-by-zero", "result-not-finite", "cast-failed"
ARGUMENT, TEMPORAL, LARGE = "argument-out-of-range", "temporal-out-of-range", "result-too-large"


@dataclass(frozen=True)
class Type:
    """`scale` of decimals, `unit` of timestamps and measured intervals, `item` of lists, `fields` of structs; `written` of interval
    literals, `months` of those that hold months."""

    name: str
    scale: int = 0
    unit: str = "us"
    item: Type | None = None
    fields: tuple[tuple[str, Type], ...] = ()
    months: bool = False
    written: bool = False

    @property
    def number(self) -> bool:
        """BIGINT, DECIMAL or DOUBLE."""
        return self.name in ("BIGINT", "DECIMAL", "DOUBLE")

    @property
    def scalar(self) -> bool:
        """Neither list nor struct."""
        return self.name not in ("LIST", "STRUCT")


NULL, BOOLEAN, BIGINT, DOUBLE, VARCHAR, BLOB, DATE, TIME = map(
    Type, ("NULL", "BOOLEAN", "BIGINT", "DOUBLE", "VARCHAR", "BLOB", "DATE", "TIME")
)


def decimal(scale: int) -> Type:
    """DECIMAL with this scale; its precision shows only as the limit of 38 digits."""
    return Type("DECIMAL", scale=scale)


def listed(item: Type) -> Type:
    """A list of such items."""
    return Type("LIST", item=item)


def timestamp(unit: str = "us", zoned: bool = False) -> Type:
    """TIMESTAMP, with or without zone."""
    return Type("TIMESTAMPTZ" if zoned else "TIMESTAMP", unit=unit)


def finer(*units: str) -> str:
    """The shortest of these ticks."""
    return max(units, key=UNITS.index)


Record = dict[str, Any]


@dataclass(frozen=True)
class Typed:
    """A sub-expression: what it yields of a record. `literal` when it is one (or a parameter), `single` when it is a float32 column."""

    type: Type
    run: Callable[[Record], Any]
    literal: bool = False
    single: bool = False

    @property
    def constant(self) -> Any:
        """The value of a literal."""
        return self.run({})

    def converted(self, kind: Type, change: Callable[[Any], Any]) -> Typed:
        """The same with another type, its values changed; NULL stays."""

        def run(record: Record) -> Any:
            value = self.run(record)
            return None if value is None else change(value)

        return replace(self, type=kind, run=run)


def literal(kind: Type, value: Any) -> Typed:
    """A literal."""
    return Typed(kind, lambda record: value, literal=True)


def of_arrow(kind: arrow.Type) -> Type:
    """How a column is read (S6.3)."""
    name, found = kind.name, arrow.family(kind)
    if name == "dict":
        inner = of_arrow(kind.item)
        if inner.scalar:
            return inner
    elif name == "uint64":
        return decimal(0)
    elif name.startswith("decimal"):
        if int(kind.args[0]) <= 38 and int(kind.args[1]) >= 0 and name != "decimal256":
            return decimal(int(kind.args[1]))
    elif name in ("list", "large_list", "fixed_list"):
        return listed(of_arrow(kind.item))
    elif name == "struct":
        return Type("STRUCT", fields=tuple((label, of_arrow(child)) for label, child in kind.children))
    elif found == "timestamp":
        return timestamp(kind.args[0], len(kind.args) > 1)
    elif found == "duration":
        return Type("INTERVAL", unit=kind.args[0])
    plain = {"integer": BIGINT, "number": DOUBLE, "string": VARCHAR, "binary": BLOB, "boolean": BOOLEAN, "date": DATE,
             "time": TIME, "null": NULL}.get(found)  # fmt: skip
    if plain is None or (plain is BIGINT and not name.lstrip("u").startswith("int")) or name == "dict":
        raise Refused("column-type")
    return plain


def of_frame(value: Any, kind: Type) -> Any:
    """A frame's value in our form."""
    if value is None or kind.name == "NULL":
        return None
    if kind.name == "DECIMAL":
        return Fraction(value)
    if kind.name == "INTERVAL":
        return (0, value)
    if kind.item is not None:
        return [of_frame(item, kind.item) for item in value]
    if kind.name == "STRUCT":
        return {label: of_frame(value[label], child) for label, child in kind.fields}
    return value


def fits(value: Fraction, scale: int) -> bool:
    """Is it a decimal of at most 38 digits with this scale?"""
    scaled = value * 10**scale
    return bool(scaled.denominator == 1 and abs(scaled) < 10**38)


def integer(value: int, code: str = OVERFLOW) -> int:
    """A BIGINT, or the fault."""
    if not LOW <= value <= HIGH:
        raise Fault(code)
    return value


def exact(value: Fraction, scale: int, code: str = OVERFLOW) -> Fraction:
    """A decimal, or the fault."""
    if not fits(value, scale):
        raise Fault(code)
    return value


def finite(value: float) -> float:
    """A double that is neither NaN nor infinite (S6.12)."""
    if not math.isfinite(value):
        raise Fault(NOT_FINITE)
    return value


def nearest_double(value: int | Fraction) -> float:
    """Round to nearest, ties to even; beyond the doubles it is infinite."""
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def half_away(value: Fraction) -> int:
    """The nearest integer, halves away from zero."""
    size = abs(value)
    whole = size.numerator // size.denominator
    whole += size - whole >= Fraction(1, 2)
    return -whole if value < 0 else whole


def instant(nanos: int, unit: str) -> int:
    """An instant that ticks of the unit hold, or the fault."""
    if not LOW <= nanos // NANOS[unit] <= HIGH:
        raise Fault(TEMPORAL)
    return nanos


def elapsed(nanos: int, unit: str) -> int:
    """Exact time that 64 bits of ticks hold, or the fault."""
    integer(nanos // NANOS[unit])
    return nanos


Sized = TypeVar("Sized", str, bytes, list[Any])


def limited(value: Sized) -> Sized:
    """A text or list as a result (S6.17)."""
    if len(value.encode() if isinstance(value, str) else value) > 2**20:
        raise Fault(LARGE)
    return value


def text_of(value: Any, kind: Type) -> str:
    """S6.9."""
    if kind.name == "BOOLEAN":
        return "true" if value else "false"
    if kind.name == "DECIMAL":
        digits = f"{abs(half_away(value * 10**kind.scale)):0{kind.scale + 1}}"
        at = len(digits) - kind.scale
        return ("-" if value < 0 else "") + digits[:at] + ("." + digits[at:] if kind.scale else "")
    if kind.name == "DOUBLE":
        if not math.isfinite(value):
            raise Fault(CAST)
        return "0" if value == 0 else f"{Decimal(repr(value)):f}".removesuffix(".0")
    if kind.name == "BLOB":
        return _decoded(value)
    if kind.name == "INTERVAL":
        return _span(*value)
    if kind.name == "DATE":
        return day_text(value)
    if kind.name == "TIME":
        return clock_text(value)
    if kind.name in ("TIMESTAMP", "TIMESTAMPTZ"):
        zone = "+00:00" if kind.name == "TIMESTAMPTZ" else ""
        return f"{day_text(value // DAY)} {clock_text(value % DAY)}{zone}"
    return str(value)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Fault(CAST) from None


def _span(months: int, nanos: int) -> str:
    """ISO 8601: `P1M`, `PT36H`, `-PT0.5S`, `PT0S`."""
    if months:
        raise Refused("cast-type")
    size = abs(nanos)
    hours, minutes, rest = size // (3600 * 10**9), size // (60 * 10**9) % 60, size % (60 * 10**9)
    seconds = f"{rest // 10**9}" + (f".{rest % 10**9:09}".rstrip("0") if rest % 10**9 else "") + "S" if rest else ""
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + seconds
    return "-" * (nanos < 0) + "PT" + (text or "0S")


def day_text(days: int) -> str:
    """`2026-01-31`; years before 1 have a sign and four digits."""
    if not in_calendar(days):
        raise Fault(TEMPORAL)
    year, month, day = civil(days)
    return f"{'-' * (year < 0)}{abs(year):04}-{month:02}-{day:02}"
