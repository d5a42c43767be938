"""CAST and TRY_CAST (S6.21, S6.22)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.expression.operators import require
from oracle.expression.reading import read_date, read_instant, read_time
from oracle.expression.temporal import checked_day
from oracle.expression.values import (
    BIGINT,
    BLOB,
    BOOLEAN,
    CAST,
    DATE,
    DOUBLE,
    TIME,
    VARCHAR,
    Fault,
    Record,
    Type,
    Typed,
    decimal,
    exact,
    fits,
    half_away,
    instant,
    integer,
    nearest_double,
    text_of,
    timestamp,
)  # fmt: skip
from oracle.values import DAY, Refused

_WIDTHS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64}
_NAMES = {
    "BOOLEAN": BOOLEAN, "DOUBLE": DOUBLE, "VARCHAR": VARCHAR, "TEXT": VARCHAR, "DATE": DATE, "TIME": TIME, "BLOB": BLOB, "VARBINARY": BLOB,
    "TIMESTAMP": timestamp(), "TIMESTAMPNTZ": timestamp(), "TIMESTAMPTZ": timestamp("us", True),
}  # fmt: skip
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
Change = Callable[[Any], Any]


def target(written: tuple[str, ...]) -> tuple[Type, int, int]:
    """The type named in a CAST, its precision (decimals) and its width in bits (integers)."""
    name, *sizes = written
    if name in _WIDTHS and not sizes:
        return BIGINT, 0, _WIDTHS[name]
    if name == "DECIMAL" and len(sizes) <= 2 and all(size.isdigit() for size in sizes):
        precision, scale = [*map(int, sizes), 0][:2] if sizes else (18, 3)
        require(1 <= precision <= 38 and scale <= precision, "cast-type")
        return decimal(scale), precision, 0
    if name in _NAMES and not sizes:
        return _NAMES[name], 0, 0
    raise Refused("cast-type")


def cast(arg: Typed, written: tuple[str, ...], lenient: bool) -> Typed:
    """CAST, or TRY_CAST when lenient: that turns `cast-failed` of the conversion into NULL, faults of the operand stay."""
    kind, precision, bits = target(written)
    change = _same if arg.type.name == "NULL" else _change(arg.type, kind)

    def run(record: Record) -> Any:
        value = arg.run(record)
        if value is None:
            return None
        try:
            return _bounded(change(value), kind, precision, bits)
        except Fault as fault:
            if lenient and fault.code == CAST:
                return None
            raise

    return Typed(kind, run)


def _bounded(value: Any, kind: Type, precision: int, bits: int) -> Any:
    if bits and not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise Fault(CAST)
    if precision and abs(value) * 10**kind.scale >= 10**precision:
        raise Fault(CAST)
    return value


def _same(value: Any) -> Any:
    return value


def _change(source: Type, kind: Type) -> Change:
    """How values of one type become values of the other; refuses pairs that do not convert."""
    a, b = source.name, kind.name
    if b == "VARCHAR" and source.scalar:
        return _same if a == "VARCHAR" else lambda value: text_of(value, source)
    if a == "VARCHAR":
        return lambda text: _read(text, kind)
    if a == b and a != "DECIMAL":
        return _same
    if source.number and kind.number:
        return lambda value: _number(value, kind)
    pairs: dict[tuple[str, str], Change] = {
        ("TIMESTAMP", "DATE"): lambda nanos: checked_day(nanos // DAY),
        ("TIMESTAMP", "TIME"): lambda nanos: nanos % DAY,
        ("DATE", "TIMESTAMP"): lambda days: instant(days * DAY, "us"),
    }
    if (a, b) not in pairs:
        raise Refused("cast-type")
    return pairs[a, b]


def _micros(nanos: int) -> int:
    """A text's TIMESTAMP has microseconds; finer ones fail."""
    if nanos % 1000:
        raise Fault(CAST)
    return nanos


def _number(value: Any, kind: Type) -> Any:
    if isinstance(value, float) and not math.isfinite(value) and kind.name != "DOUBLE":
        raise Fault(CAST)
    if kind.name == "DOUBLE":
        return value if isinstance(value, float) else nearest_double(value)
    amount = Fraction(value)
    if kind.name == "BIGINT":
        if amount.denominator != 1:
            raise Fault(CAST)
        return integer(int(amount), CAST)
    if isinstance(value, float):
        amount = Fraction(half_away(amount * 10**kind.scale), 10**kind.scale)
    return exact(amount, kind.scale, CAST)


def _read(text: str, kind: Type) -> Any:
    """Texts are read strictly."""
    try:
        return _parsed(text, kind)
    except ValueError:
        raise Fault(CAST) from None


def _parsed(text: str, kind: Type) -> Any:
    name = kind.name
    if name == "BOOLEAN":
        return (
            {"true": True, "false": False}[text.lower()]
            if text.lower() in ("true", "false") and text.isascii()
            else _bad(text)
        )
    if name == "DATE":
        return read_date(text)
    if name == "TIME":
        return read_time(text)
    if name in ("TIMESTAMP", "TIMESTAMPTZ"):
        nanos, zoned = read_instant(text)
        return _micros(nanos) if zoned == (name == "TIMESTAMPTZ") else _bad(text)
    if name == "BLOB":
        return text.encode()
    if name == "BIGINT":
        return integer(int(text), CAST) if re.fullmatch(r"[-+]?\d+", text, re.ASCII) else _bad(text)
    if not _NUMBER.fullmatch(text):
        return _bad(text)
    if name == "DOUBLE":
        found = float(text)
        return found if math.isfinite(found) else _bad(text)
    mantissa, _, exponent = text.lower().partition("e")
    digits = Fraction(Decimal(mantissa))
    power = int(exponent or 0)
    if digits == 0 or abs(power) > 100_000:
        return digits if digits == 0 else _bad(text)
    amount = digits * Fraction(10) ** power
    return amount if fits(amount, kind.scale) else _bad(text)


def _bad(text: str) -> Any:
    raise ValueError(text)
