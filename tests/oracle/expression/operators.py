"""What operators take and give: coercion, logic, comparison and arithmetic (S6.8, S6.10 to S6.15)."""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

from oracle.expression.reading import read_date, read_instant, read_time
from oracle.expression.values import (
    BIGINT,
    BOOLEAN,
    CAST,
    DOUBLE,
    NOT_FINITE,
    NULL,
    VARCHAR,
    ZERO,
    Fault,
    Record,
    Type,
    Typed,
    decimal,
    exact,
    finer,
    finite,
    half_away,
    instant,
    integer,
    limited,
    nearest_double,
    timestamp,
)  # fmt: skip
from oracle.values import DAY, NANOS, Refused

Runs = Sequence[Callable[[Record], Any]]
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_TIMES = ("TIMESTAMP", "TIMESTAMPTZ")


def strict(args: Sequence[Typed], kind: Type, core: Callable[..., Any]) -> Typed:
    """NULL when an operand is; all operands are evaluated first, so that the leftmost fault stands."""

    def run(record: Record) -> Any:
        values = [arg.run(record) for arg in args]
        return None if any(value is None for value in values) else core(*values)

    return Typed(kind, run)


def require(holds: bool, code: str = "operand-types") -> None:
    """Refuses."""
    if not holds:
        raise Refused(code)


def boolean(arg: Typed) -> Typed:
    """A truth value, or NULL."""
    require(arg.type.name in ("BOOLEAN", "NULL"))
    return arg


def as_double(arg: Typed, beside: Typed | None = None) -> Typed:
    """BIGINT and decimal literals as the nearest double, beside a float32 column the nearest float32 (S6.13)."""
    if arg.type.name == "BIGINT":
        return arg.converted(DOUBLE, nearest_double)
    if arg.type.name == "DECIMAL":
        require(arg.literal)
        near = nearest_single if beside is not None and beside.single else nearest_double
        return arg.converted(DOUBLE, near)
    return arg


def nearest_single(value: Fraction) -> float:
    """The float32 nearest to a decimal, rounded once: of the neighbours of its double the nearer one, of two the even one."""
    try:
        (bits,) = struct.unpack("I", struct.pack("f", nearest_double(abs(value))))
    except OverflowError:
        return math.copysign(math.inf, value)
    around = [
        (bit, Fraction(struct.unpack("f", struct.pack("I", bit))[0]))
        for bit in (max(bits - 1, 0), bits, bits + 1)
        if bit < 0x7F800000
    ]
    _, near = min(around, key=lambda pair: (abs(pair[1] - abs(value)), pair[0] % 2))
    return math.copysign(float(near), value)


# Logic


def _either(args: Sequence[Typed], decider: bool) -> Typed:
    """OR for True, AND for False: the decider wins on either side, then the leftmost fault, then NULL."""
    left, right = map(boolean, args)

    def run(record: Record) -> Any:
        values: list[Any] = []
        for side in (left, right):
            try:
                values.append(side.run(record))
            except Fault as failed:
                values.append(failed)
        if any(value is decider for value in values):
            return decider
        fault = next((value for value in values if isinstance(value, Fault)), None)
        if fault is not None:
            raise fault
        return None if None in values else not decider

    return Typed(BOOLEAN, run)


def logical_and(args: Sequence[Typed]) -> Typed:
    """AND."""
    return _either(args, False)


def logical_or(args: Sequence[Typed]) -> Typed:
    """OR."""
    return _either(args, True)


def logical_not(args: Sequence[Typed]) -> Typed:
    """NOT."""
    return strict([boolean(args[0])], BOOLEAN, operator.not_)


def test(arg: Typed, holds: Callable[[Any], bool]) -> Typed:
    """A question that NULL answers too."""
    return Typed(BOOLEAN, lambda record: holds(arg.run(record)))


# Common types


def read_beside(args: Sequence[Typed]) -> list[Typed]:
    """Literal texts beside dates and times are read as those."""
    kinds = [arg.type for arg in args if arg.type.name in ("DATE", "TIME", *_TIMES)]
    return [_read(arg, kinds) if arg.literal and arg.type == VARCHAR and kinds else arg for arg in args]


def _read(arg: Typed, kinds: list[Type]) -> Typed:
    kind = next((kind for kind in kinds if kind.name != "DATE"), kinds[0])
    if arg.constant is None:
        return Typed(kind, arg.run, literal=True)
    try:
        if kind.name in ("DATE", "TIME"):
            value = (read_date if kind.name == "DATE" else read_time)(arg.constant)
        else:
            value, zoned = read_instant(arg.constant)
            require(zoned == (kind.name == "TIMESTAMPTZ") and value % NANOS[kind.unit] == 0)
    except ValueError:
        raise Refused("operand-types") from None
    return Typed(kind, lambda record: value, literal=True)


def common(args: Sequence[Typed]) -> list[Typed]:
    """Brings results of branches, list items and the like to one type."""
    args = read_beside(args)
    doubles = any(arg.type == DOUBLE for arg in args)
    types = [DOUBLE if doubles and arg.literal and arg.type.number else arg.type for arg in args]
    kind = reduce(_joined, types, NULL)
    return [as_type(arg, kind) for arg in args]


def _joined(a: Type, b: Type) -> Type:
    if "NULL" in (a.name, b.name):
        return b if a.name == "NULL" else a
    if a.number and b.number:
        require({a.name, b.name} != {"DOUBLE", "DECIMAL"})
        if "DOUBLE" in (a.name, b.name):
            return DOUBLE
        return decimal(max(a.scale, b.scale)) if "DECIMAL" in (a.name, b.name) else BIGINT
    if {a.name, b.name} == {"DATE", "TIMESTAMP"}:
        return a if a.name == "TIMESTAMP" else b
    require(a.name == b.name)
    if a.name in _TIMES:
        return timestamp(finer(a.unit, b.unit), a.name == "TIMESTAMPTZ")
    if a.name == "INTERVAL":
        return Type("INTERVAL", unit=finer(a.unit, b.unit), months=a.months or b.months)
    if a.item and b.item:
        return Type("LIST", item=_joined(a.item, b.item))
    require(a == b)
    return a


def as_type(arg: Typed, kind: Type) -> Typed:
    """An operand as the common type."""
    name = arg.type.name
    if name == "NULL" or arg.type == kind:
        return Typed(kind, arg.run, arg.literal)
    if kind.name == "DOUBLE":
        return as_double(arg)
    if kind.name == "DECIMAL":
        return arg.converted(kind, lambda value: exact(Fraction(value), kind.scale, CAST))
    if name == "DATE":
        return arg.converted(kind, lambda days: instant(days * DAY, kind.unit))
    if kind.name in _TIMES:
        return arg.converted(kind, lambda value: instant(value, kind.unit))
    if kind.name == "INTERVAL":
        return arg.converted(kind, lambda value: (0, instant(value[1], kind.unit)))
    if kind.item is not None and arg.type.item is not None:
        was, now = arg.type.item, kind.item
        return arg.converted(kind, lambda items: [_item(item, was, now) for item in items])
    return Typed(kind, arg.run, arg.literal)


def _item(value: Any, was: Type, now: Type) -> Any:
    return as_type(Typed(was, lambda record: value), now).run({})


# Comparison


def comparable(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Operands whose values compare exactly as Python's do; refuses what does not compare."""
    left, right = read_beside([left, right])
    if {left.type.name, right.type.name} == {"DATE", "TIMESTAMP"}:
        left, right = common([left, right])
    a, b = left.type, right.type
    if "NULL" in (a.name, b.name):
        other = b if a.name == "NULL" else a
        require(other.scalar and not other.months)
        return left, right
    if a.number and b.number:
        if "DOUBLE" in (a.name, b.name):
            pair = [
                as_double(one, two) if one.type.name == "DECIMAL" else one
                for one, two in ((left, right), (right, left))
            ]
            return pair[0], pair[1]
        return left, right
    require(a.name == b.name and a.scalar and not (a.written and b.written))
    if a.name in (*_TIMES, "INTERVAL"):
        require(not a.months and not b.months)
        unit = _measure(left, b.unit) if a.written else _measure(right, a.unit) if b.written else finer(a.unit, b.unit)
        return _in_unit(left, unit), _in_unit(right, unit)
    return left, right


def _measure(span: Typed, beside: str) -> str:
    """The unit in which an INTERVAL literal is compared: that beside it if its ticks hold it, else nanoseconds."""
    return beside if span.constant[1] % NANOS[beside] == 0 else "ns"


def _in_unit(arg: Typed, unit: str) -> Typed:
    """Ticks of different units are brought to the finer one (S6.18)."""
    if arg.type.name == "INTERVAL":
        return arg.converted(arg.type, lambda value: (0, instant(value[1], unit)))
    return arg.converted(arg.type, lambda value: instant(value, unit))


def order(a: Any, b: Any) -> int:
    """−1, 0 or 1; NaN is a fault. Doubles compare exactly with every number."""
    if a != a or b != b:
        raise Fault(NOT_FINITE)
    return int(a > b) - int(a < b)


def compare(name: str, left: Typed, right: Typed) -> Typed:
    """`=`, `<` and so on."""
    left, right = comparable(left, right)
    return strict([left, right], BOOLEAN, lambda a, b: COMPARISONS[name](order(a, b), 0))


def same(a: Any, b: Any) -> bool:
    """Neither is distinct from the other: NULL equals NULL and NaN NaN."""
    if a is None or b is None:
        return a is b
    return bool((a != a and b != b) or a == b)


def distinct(left: Typed, right: Typed) -> Typed:
    """IS DISTINCT FROM."""
    left, right = comparable(left, right)

    def run(record: Record) -> bool:
        a, b = left.run(record), right.run(record)
        return not same(a, b)

    return Typed(BOOLEAN, run)


# Arithmetic


def _remainder(a: Any, b: Any) -> Any:
    """With the dividend's sign."""
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


_EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "%": _remainder, "//": lambda a, b: int(Fraction(a) / Fraction(b)),
}  # fmt: skip
_DOUBLE: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": math.fmod,
}  # fmt: skip


def arithmetic(name: str, left: Typed, right: Typed) -> Typed:
    """`+ - * / % //` of numbers; a NULL literal takes the other's type."""
    a, b = left.type, right.type
    if a.name == "NULL" and b.name == "NULL":
        return strict([left, right], BIGINT if name == "//" else NULL, lambda x, y: None)
    require(all(kind.number or kind.name == "NULL" for kind in (a, b)))
    left, right = (
        Typed(two.type, one.run) if one.type.name == "NULL" else one for one, two in ((left, right), (right, left))
    )
    names = {left.type.name, right.type.name}
    require(name != "//" or names == {"BIGINT"})
    if "DOUBLE" in names or (name == "/" and names == {"BIGINT"}):
        return strict([as_double(left, right), as_double(right, left)], DOUBLE, lambda x, y: _double(name, x, y))
    scales = left.type.scale, right.type.scale
    if names == {"BIGINT"}:
        return strict([left, right], BIGINT, lambda x, y: integer(_divided(name, x, y)))
    if name == "/":
        scale = max(6, *scales)
        return strict([left, right], decimal(scale), lambda x, y: _quotient(x, y, scale))
    scale = sum(scales) if name == "*" else max(scales)
    require(scale <= 38)
    return strict([left, right], decimal(scale), lambda x, y: exact(Fraction(_divided(name, x, y)), scale))


def _divided(name: str, x: Any, y: Any) -> Any:
    if name in ("%", "//") and y == 0:
        raise Fault(ZERO)
    return _EXACT[name](x, y)


def _quotient(x: Any, y: Any, scale: int) -> Fraction:
    if y == 0:
        raise Fault(ZERO)
    return exact(Fraction(half_away(Fraction(x) / Fraction(y) * 10**scale), 10**scale), scale)


def _double(name: str, x: float, y: float) -> float:
    finite(x), finite(y)
    if name in ("/", "%") and y == 0:
        raise Fault(ZERO)
    try:
        return finite(_DOUBLE[name](x, y))
    except OverflowError:
        raise Fault(NOT_FINITE) from None


def negate(arg: Typed) -> Typed:
    """Unary minus; the negation of a literal is a literal."""
    kind = arg.type
    if kind.written:
        months, nanos = arg.constant
        return Typed(kind, lambda record: (-months, -nanos), literal=True)
    require(kind.number or kind.name == "NULL")
    core: dict[str, Callable[[Any], Any]] = {"BIGINT": lambda x: integer(-x), "DOUBLE": lambda x: -finite(x)}
    found = strict([arg], kind, core.get(kind.name, operator.neg))
    if not arg.literal:
        return found
    value = found.constant
    if kind.name == "DECIMAL" and kind.scale == 0 and value == -(2**63):
        return Typed(BIGINT, lambda record: -(2**63), literal=True)
    return Typed(found.type, lambda record: value, literal=True)


def plus(arg: Typed) -> Typed:
    """Unary plus changes nothing."""
    require(arg.type.number or arg.type.name == "NULL")
    return arg


def joined(left: Typed, right: Typed) -> Typed:
    """`||` of two texts, or of two binaries."""
    names = {left.type.name, right.type.name} - {"NULL"}
    require(names in (set(), {"VARCHAR"}, {"BLOB"}))
    kind = next((arg.type for arg in (left, right) if arg.type.name != "NULL"), NULL)
    return strict([left, right], kind, lambda a, b: limited(a + b))
