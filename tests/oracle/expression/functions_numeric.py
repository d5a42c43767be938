"""Numbers and hashes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import zlib
from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

from oracle.expression.functions import Call, function
from oracle.expression.operators import arithmetic, order, require
from oracle.expression.values import (
    ARGUMENT,
    BIGINT,
    BLOB,
    BOOLEAN,
    CAST,
    DOUBLE,
    NOT_FINITE,
    VARCHAR,
    Fault,
    Type,
    Typed,
    decimal,
    exact,
    finite,
    half_away,
    integer,
    limited,
    literal,
    nearest_double,
)  # fmt: skip

Real = Callable[[float], float]


def like_first(args: Sequence[Typed]) -> Type:
    """The type of the first argument."""
    return args[0].type


def in_range(holds: bool) -> None:
    """Or `argument-out-of-range`."""
    if not holds:
        raise Fault(ARGUMENT)


def result(value: Any, kind: Type) -> Any:
    """A number as a result of its type."""
    if kind.name == "BIGINT":
        return integer(int(value))
    return exact(Fraction(value), kind.scale) if kind.name == "DECIMAL" else finite(value)


@function("abs", "number", like_first)
def _abs(call: Call, x: Any) -> Any:
    return result(abs(x), call.result)


@function("sign", "number", BIGINT)
def _sign(call: Call, x: Any) -> int:
    return order(finite(x) if isinstance(x, float) else x, 0)


def _remainder_type(args: Sequence[Typed]) -> Type:
    return arithmetic("%", args[0], args[1]).type


@function("mod", "number, number", _remainder_type)
def _mod(call: Call, x: Any, y: Any) -> Any:
    return arithmetic("%", literal(call.types[0], x), literal(call.types[1], y)).run({})


@function("div", "integer, integer", BIGINT)
def _div(call: Call, x: int, y: int) -> Any:
    return arithmetic("//", literal(BIGINT, x), literal(BIGINT, y)).run({})


@function("gcd", "integer, integer", BIGINT)
def _gcd(call: Call, x: int, y: int) -> int:
    return integer(math.gcd(x, y))


@function("lcm", "integer, integer", BIGINT)
def _lcm(call: Call, x: int, y: int) -> int:
    return integer(math.lcm(x, y))


@function("factorial", "integer", BIGINT)
def _factorial(call: Call, n: int) -> int:
    in_range(n >= 0)
    return integer(math.factorial(min(n, 21)))


def _rounded_type(args: Sequence[Typed]) -> Type:
    kind = like_first(args)
    digits = args[1].constant if len(args) > 1 else 0
    return decimal(min(kind.scale, max(digits or 0, 0))) if kind.name == "DECIMAL" else kind


def _to_digits(x: Any, digits: int, choose: Callable[[Fraction], int]) -> Fraction:
    """`x` with that many digits; beyond what any number has, it is itself or zero."""
    digits = max(min(digits, 1200), -1200)
    power = Fraction(10) ** digits
    return Fraction(choose(Fraction(x) * power)) / power


@function("round", "number, integer?!", _rounded_type)
def _round(call: Call, x: Any, digits: int = 0) -> Any:
    if call.result.name == "DOUBLE":
        return finite(_signed(nearest_double(_to_digits(finite(x), digits, half_away)), x))
    return result(_to_digits(x, digits, half_away), call.result)


@function("trunc", "number, integer?!", _rounded_type)
def _trunc(call: Call, x: Any, digits: int = 0) -> Any:
    if call.result.name == "DOUBLE":
        shown = Decimal(repr(finite(x)))
        if digits > 400:
            return x
        cut = shown.quantize(
            Decimal(1).scaleb(-max(digits, -400)), ROUND_DOWN, Context(prec=1200, Emax=9999, Emin=-9999)
        )
        return _signed(float(cut), x)
    return result(_to_digits(x, digits, math.trunc), call.result)


def _signed(value: float, like: float) -> float:
    return math.copysign(value, like) if value == 0 else value


def _whole(args: Sequence[Typed]) -> Type:
    kind = like_first(args)
    return decimal(0) if kind.name == "DECIMAL" else kind


@function("floor", "number", _whole)
def _floor(call: Call, x: Any) -> Any:
    return (
        result(math.floor(finite(x) if isinstance(x, float) else x), call.result)
        if call.result != DOUBLE
        else _edge(x, math.floor)
    )


@function("ceil ceiling", "number", _whole)
def _ceil(call: Call, x: Any) -> Any:
    return result(math.ceil(x), call.result) if call.result != DOUBLE else _edge(x, math.ceil)


def _edge(x: float, choose: Callable[[float], int]) -> float:
    return _signed(float(choose(finite(x))), x)


def _real(names: str, core: Real, domain: Callable[[float], bool] = lambda x: True, approximate: bool = True) -> None:
    @function(names, "double", DOUBLE, approximate=approximate)
    def _run(call: Call, x: float) -> float:
        in_range(domain(finite(x)))
        return _computed(core, x)


def _computed(core: Callable[..., float], *args: float) -> float:
    try:
        return finite(core(*args))
    except OverflowError:
        raise Fault(NOT_FINITE) from None


_real("sqrt", math.sqrt, lambda x: x >= 0, approximate=False)
_real("cbrt", math.cbrt)
_real("exp", math.exp)
_real("ln", math.log, lambda x: x > 0)
_real("log10 log", math.log10, lambda x: x > 0)
_real("log2", math.log2, lambda x: x > 0)
_real("sin", math.sin)
_real("cos", math.cos)
_real("tan", math.tan)
_real("asin", math.asin, lambda x: abs(x) <= 1)
_real("acos", math.acos, lambda x: abs(x) <= 1)
_real("atan", math.atan)
_real("degrees", lambda x: x * (180 / math.pi), approximate=False)
_real("radians", lambda x: x * (math.pi / 180), approximate=False)


@function("power pow", "double, double", DOUBLE, approximate=True)
def _power(call: Call, x: float, y: float) -> float:
    finite(x), finite(y)
    in_range(y >= 0 or x != 0)
    in_range(x >= 0 or y == math.trunc(y))
    return _computed(math.pow, x, y)


@function("atan2", "double, double", DOUBLE, approximate=True)
def _atan2(call: Call, y: float, x: float) -> float:
    return math.atan2(finite(y), finite(x))


@function("pi", "", DOUBLE)
def _pi(call: Call) -> float:
    return math.pi


def _bucket_type(args: Sequence[Typed]) -> Type:
    require(all(arg.type.number or arg.type.name == "NULL" for arg in args[:3]))
    return BIGINT


@function("width_bucket", "common, common, common, integer", _bucket_type)
def _width_bucket(call: Call, x: Any, low: Any, high: Any, buckets: int) -> int:
    double = call.types[0].name == "DOUBLE"
    x, low, high = (finite(end) if double else Fraction(end) for end in (x, low, high))
    in_range(buckets > 0 and low != high)
    if low > high:
        x, low, high = -x, -low, -high
    if not low <= x < high:
        return 0 if x < low else integer(buckets + 1)
    if not double:
        return int((x - low) / (high - low) * buckets) + 1
    half = 1.0 if math.isfinite(high - low) else 0.5
    share = (x * half - low * half) / (high * half - low * half)
    return int(min(math.floor(share * nearest_double(buckets)) + 1, buckets))


def _shared(args: Sequence[Typed]) -> Type:
    require(args[0].type.scalar and not args[0].type.months)
    return args[0].type


def _extreme(names: str, sign: int) -> None:
    @function(names, "common*", _shared, null_aware=True)
    def _run(call: Call, *values: Any) -> Any:
        there = [value for value in values if value is not None]
        if any(value != value for value in there):
            raise Fault(NOT_FINITE)
        return reduce(lambda a, b: b if order(b, a) == sign else a, there) if there else None


_extreme("greatest", 1)
_extreme("least", -1)


@function("num_nulls", "any*", BIGINT, null_aware=True)
def _num_nulls(call: Call, *values: Any) -> int:
    return sum(value is None for value in values)


@function("num_nonnulls", "any*", BIGINT, null_aware=True)
def _num_nonnulls(call: Call, *values: Any) -> int:
    return sum(value is not None for value in values)


@function("is_nan isnan", "number", BOOLEAN)
def _is_nan(call: Call, x: Any) -> bool:
    return isinstance(x, float) and math.isnan(x)


@function("is_finite isfinite", "number", BOOLEAN)
def _is_finite(call: Call, x: Any) -> bool:
    return not isinstance(x, float) or math.isfinite(x)


@function("is_infinite isinf", "number", BOOLEAN)
def _is_infinite(call: Call, x: Any) -> bool:
    return isinstance(x, float) and math.isinf(x)


def octets(x: Any) -> bytes:
    """Bytes as they are, texts as UTF-8."""
    return x.encode() if isinstance(x, str) else bytes(x)


for _algorithm in ("sha256", "sha1", "md5"):

    @function(_algorithm, "bytes", VARCHAR)
    def _digest(call: Call, x: Any, algorithm: str = _algorithm) -> str:
        return hashlib.new(algorithm, octets(x), usedforsecurity=False).hexdigest()


@function("crc32", "bytes", BIGINT)
def _crc32(call: Call, x: Any) -> int:
    return zlib.crc32(octets(x))


def _hex_type(args: Sequence[Typed]) -> Type:
    require(args[0].type.name in ("VARCHAR", "BLOB", "BIGINT", "NULL"))
    return VARCHAR


@function("hex to_hex", "any", _hex_type)
def _hex(call: Call, x: Any) -> str:
    return f"{x % 2**64:X}" if isinstance(x, int) else limited(octets(x).hex().upper())


@function("unhex from_hex", "text", BLOB)
def _unhex(call: Call, x: str) -> bytes:
    if len(x) % 2 or not all(char in "0123456789abcdefABCDEF" for char in x):
        raise Fault(CAST)
    return limited(bytes.fromhex(x))


@function("base64_encode to_base64 base64", "bytes", VARCHAR)
def _base64_encode(call: Call, x: Any) -> str:
    return limited(base64.b64encode(octets(x)).decode())


@function("base64_decode from_base64", "text", BLOB)
def _base64_decode(call: Call, x: str) -> bytes:
    try:
        found = base64.b64decode(x, validate=True)
    except (ValueError, binascii.Error):
        raise Fault(CAST) from None
    if base64.b64encode(found).decode() != x:
        raise Fault(CAST)
    return limited(found)
