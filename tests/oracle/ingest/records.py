"""Columns of a contract's object, records of a source, and what becomes of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

# Name of the column that gathers undeclared JSON members (S9.7).
UNDECLARED = "guard_undeclared"

INTEGERS = {f"{sign}{bits}": (sign, bits) for sign in "iu" for bits in (8, 16, 32, 64)}
LOGICAL = ("string", "boolean", "date", "time")


@dataclass(frozen=True)
class Column:
    """What a column holds. `kind` is a logical type, or `decimal`, or `any` where none is declared."""

    name: str
    kind: str
    low: int = -(2**63)
    high: int = 2**63 - 1
    precision: int = 38
    scale: int = 0
    zoned: bool = True
    inner: tuple[Column, ...] = ()


@dataclass
class Record:
    """A record; `fault` where it is malformed, else its values and the paths of those that are unreadable."""

    start: int
    end: int
    line: int
    fault: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)


@dataclass
class Reading:
    """Records of a source, and the bytes that are in none."""

    records: list[Record] = field(default_factory=list)
    header: int = 0
    separators: int = 0
    blank: int = 0


def columns_of(properties: list[dict[str, Any]]) -> list[Column]:
    """The columns of a contract's properties (S9.4)."""
    return [_column(prop, prop["name"]) for prop in properties]


def _column(prop: dict[str, Any], name: str) -> Column:
    logical, options = prop.get("logicalType"), prop.get("logicalTypeOptions", {})
    exact = re.fullmatch(r"(?:decimal|numeric)\((\d+), *(\d+)\)", prop.get("physicalType", ""))
    if logical in LOGICAL:
        return Column(name, logical)
    if logical == "integer":
        sign, bits = INTEGERS[options.get("format", "i64")]
        low, high = (0, 2**bits - 1) if sign == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return Column(name, "integer", low=low, high=high)
    if logical == "number" and exact is not None:
        return Column(name, "decimal", precision=int(exact[1]), scale=int(exact[2]))
    if logical == "number":
        return Column(name, "number")
    if logical == "timestamp":
        return Column(name, "timestamp", zoned=options.get("timezone", True))
    if logical == "array":
        return Column(name, "array", inner=(_column(prop["items"], "item"),))
    if logical == "object":
        return Column(name, "object", inner=tuple(columns_of(prop["properties"])))
    assert logical is None, logical
    return Column(name, "any")


def decide(record: Record, columns: list[Column], policy: str) -> set[tuple[str, str]]:
    """Why a record is not accepted: code and path, for a contract that says no more than types."""
    if record.fault is not None:
        return {(record.fault, "")}
    reasons = {("type-mismatch", path) for path in record.unreadable}
    for column in columns:
        value = record.values.get(column.name)
        if column.kind == "number" and value is not None and not math.isfinite(value):
            reasons.add(("value-not-finite", column.name))
    if policy in ("deny", "quarantine") and record.undeclared:
        reasons.add(("column-undeclared", record.undeclared[0]))
    return reasons
