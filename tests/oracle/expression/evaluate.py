"""Expressions bound to a frame's columns, then evaluated record by record."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle import arrow
from oracle.expression import casts, operators, temporal
from oracle.expression.functions import call
from oracle.expression.parse import Node, deep, parse
from oracle.expression.patterns import CALLED, like
from oracle.expression.values import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    HIGH,
    NULL,
    VARCHAR,
    Fault,
    Record,
    Type,
    Typed,
    decimal,
    literal,
    of_arrow,
    of_frame,
)  # fmt: skip
from oracle.values import Refused


@dataclass
class Names:
    """What names mean: columns of the frame, properties' names for them, parameters. `refused` are columns that no rule may read,
    `tables` names that may stand before a column."""

    columns: dict[str, arrow.Type]
    aliases: dict[str, str] = field(default_factory=dict)
    params: Mapping[str, Typed] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)


@dataclass
class Expression:
    """A bound expression. `columns` are those that it reads in order of appearance, each with the fields within."""

    typed: Typed
    columns: list[tuple[str, ...]]

    def value(self, record: Record) -> Any:
        """The value of a record (name of a column to value), NULL as None; raises Fault."""
        with deep():
            return self.typed.run(record)


def bind(node: Node, names: Names) -> Expression:
    """Types an expression; refuses (`Refused`) what is wrong with it."""
    binder = Binder(names)
    with deep():
        found = binder.bind(node)
        operators.require(not found.type.written)
        return Expression(found, binder.columns)


def resolve(name: str, quoted: bool, known: Sequence[str]) -> str | None:
    """The name that is meant (S6.4): exactly, else ignoring ASCII case."""
    if name in known:
        return name
    near = [other for other in known if not quoted and _folded(other) == _folded(name)]
    if len(near) > 1:
        raise Refused("column-ambiguous")
    return near[0] if near else None


def _folded(name: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in name)


def number(text: str) -> Typed:
    """A numeric literal (S6.5)."""
    if "e" in text.lower():
        value = float(text)
        operators.require(math.isfinite(value), "literal-unreadable")
        return literal(DOUBLE, value)
    whole, _, places = text.partition(".")
    operators.require(len((whole + places).lstrip("0")) <= 38 and len(places) <= 38, "literal-unreadable")
    if "." not in text:
        return literal(BIGINT, int(text)) if int(text) <= HIGH else literal(decimal(0), Fraction(int(text)))
    return literal(decimal(len(places)), Fraction(Decimal(text)))


class Binder:
    """Turns nodes into typed sub-expressions."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.columns: list[tuple[str, ...]] = []

    def bind(self, node: Node) -> Typed:
        """A node and all below it."""
        leaf = self._leaf(node)
        if leaf is not None:
            return leaf
        args = []
        for arg in node.args:
            args.append(self.bind(arg))
            # INTERVAL literals are no values: they stand beside some operators only.
            operators.require(node.kind in _BESIDE or not args[-1].type.written)
        typed = self._operation(node, args)
        return _constant(typed) if all(arg.literal for arg in args) else typed

    def _operation(self, node: Node, args: list[Typed]) -> Typed:
        if node.kind == "call" and node.value in _LAZY:
            return _LAZY[node.value](args)
        if node.kind == "call":
            return call(str(node.value), args)
        if node.kind == "field":
            return _field(args[0], *node.value)
        if node.kind in ("cast", "try_cast"):
            return casts.cast(args[0], node.value, node.kind == "try_cast")
        if node.kind in ("like", "ilike"):
            return like(args[0], args[1], node.kind == "ilike", node.value)
        if node.kind in operators.COMPARISONS:
            return operators.compare(node.kind, args[0], args[1])
        if node.kind in ("+", "-", "*", "/", "%", "//"):
            return temporal.plus(node.kind, args[0], args[1]) or operators.arithmetic(node.kind, args[0], args[1])
        return _OPERATIONS[node.kind](args)

    def _leaf(self, node: Node) -> Typed | None:
        if node.kind == "column":
            return self._column(node.value)
        if node.kind == "param":
            if node.value not in self.names.params:
                raise Refused("parameter-unbound")
            return self.names.params[node.value]
        leaves: dict[str, Callable[[Any], Typed]] = {
            "number": number,
            "text": lambda text: literal(VARCHAR, text),
            "boolean": lambda value: literal(BOOLEAN, value),
            "null": lambda _: literal(NULL, None),
            "temporal": lambda pair: temporal.temporal_literal(*pair),
            "interval": temporal.interval_literal,
        }
        return leaves[node.kind](node.value) if node.kind in leaves else None

    def _column(self, parts: tuple[tuple[str, bool], ...]) -> Typed:
        (first, quoted), *rest = parts
        known = [*self.names.columns, *(name for name in self.names.aliases if name not in self.names.columns)]
        found = resolve(first, quoted, known)
        if found is None and rest and first in self.names.tables:
            return self._column(tuple(rest))
        if found is None:
            raise Refused("column-unknown")
        column = found if found in self.names.columns else self.names.aliases[found]
        if column in self.names.refused:
            raise Refused(self.names.refused[column])
        source = self.names.columns[column]
        kind = of_arrow(source)
        read = kind
        typed = Typed(kind, lambda record: of_frame(record[column], read), single=source.name == "float32")
        path = [column]
        for name, exactly in rest:
            typed = _field(typed, name, exactly)
            path.append(str(resolve(name, exactly, [label for label, _ in kind.fields])))
            kind = typed.type
        if tuple(path) not in self.columns:
            self.columns.append(tuple(path))
        return typed


def _constant(typed: Typed) -> Typed:
    """What is computed from constants without a fault is one (S6.5)."""
    if typed.literal or typed.type.name in ("LIST", "STRUCT"):
        return typed
    try:
        value = typed.run({})
    except Fault:
        return typed
    return Typed(typed.type, lambda record: value, literal=True)


def _field(struct: Typed, name: str, quoted: bool) -> Typed:
    """A struct's field; NULL of a NULL struct."""
    operators.require(struct.type.name == "STRUCT")
    fields = dict(struct.type.fields)
    found = resolve(name, quoted, list(fields))
    if found is None:
        raise Refused("column-unknown")
    return operators.strict([struct], fields[found], lambda value: value[found])


def _case(args: list[Typed]) -> Typed:
    """Conditions and results by turns, then the last result; only what is reached is evaluated."""
    conditions = [operators.boolean(arg) for arg in args[:-1:2]]
    results = operators.common([*args[1::2], args[-1]])

    def run(record: Record) -> Any:
        for condition, result in zip(conditions, results, strict=False):
            if condition.run(record) is True:
                return result.run(record)
        return results[-1].run(record)

    return Typed(results[-1].type, run)


def _if(args: list[Typed]) -> Typed:
    operators.require(len(args) == 3, "argument-count")
    return _case(args)


def _coalesce(args: list[Typed]) -> Typed:
    operators.require(len(args) > 0, "argument-count")
    parts = operators.common(args)
    return Typed(parts[0].type, lambda record: next((v for part in parts if (v := part.run(record)) is not None), None))


def _ifnull(args: list[Typed]) -> Typed:
    operators.require(len(args) == 2, "argument-count")
    return _coalesce(args)


def _nullif(args: list[Typed]) -> Typed:
    """CASE WHEN a = b THEN NULL ELSE a END, but that NaN is the same as NaN and differs from all else (S6.12)."""
    operators.require(len(args) == 2, "argument-count")
    left, right = operators.comparable(*args)
    first = args[0]

    def run(record: Record) -> Any:
        a, b = left.run(record), right.run(record)
        return None if operators.same(a, b) else first.run(record)

    return Typed(first.type, run)


def _in(args: list[Typed]) -> Typed:
    """`x = a OR x = b …`"""
    found = operators.compare("=", args[0], args[1])
    for member in args[2:]:
        found = operators.logical_or([found, operators.compare("=", args[0], member)])
    return found


def _string_concat(args: list[Typed]) -> Typed:
    """`||` as a function."""
    operators.require(len(args) == 2, "argument-count")
    operators.require(all(arg.type.name in ("VARCHAR", "BLOB", "NULL") for arg in args), "argument-types")
    operators.require(len({arg.type.name for arg in args} - {"NULL"}) < 2, "argument-types")
    return operators.joined(*args)


_LAZY: dict[str, Callable[[list[Typed]], Typed]] = {
    "string_concat": _string_concat, **CALLED, "if": _if, "coalesce": _coalesce, "ifnull": _ifnull, "nvl": _ifnull, "nullif": _nullif,
}  # fmt: skip
_BESIDE = {"+", "-", "*", "/", "%", "//", "||", "and", "or", "not", "neg", "plus", "in", *operators.COMPARISONS}
_OPERATIONS: dict[str, Callable[[list[Typed]], Typed]] = {
    "and": operators.logical_and,
    "or": operators.logical_or,
    "not": operators.logical_not,
    "neg": lambda args: operators.negate(args[0]),
    "plus": lambda args: operators.plus(args[0]),
    "case": _case,
    "in": _in,
    "is null": lambda args: operators.test(args[0], lambda value: value is None),
    "is true": lambda args: operators.test(operators.boolean(args[0]), lambda value: value is True),
    "is false": lambda args: operators.test(operators.boolean(args[0]), lambda value: value is False),
    "is distinct": lambda args: operators.distinct(args[0], args[1]),
    "||": lambda args: operators.joined(args[0], args[1]),
    "at time zone": lambda args: temporal.at_time_zone(args[0], args[1]),
}


def evaluate(text: str, names: Names, record: Record) -> tuple[Type, Any]:
    """The type and value of one record, for tests; raises Fault or Refused."""
    found = bind(parse(text), names)
    return found.typed.type, found.value(record)


__all__ = ["Expression", "Fault", "Names", "bind", "evaluate"]
