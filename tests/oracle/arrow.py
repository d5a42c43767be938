"""Frames as plain lists with Arrow types, and which logical types an Arrow type has (S3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

LISTS = ("list", "large_list", "list_view", "fixed_list")
TEXTS = ("utf8", "large_utf8", "utf8_view")
BINARIES = ("binary", "large_binary", "binary_view")


@dataclass(frozen=True)
class Type:
    """`name` with its parameters (`decimal(10, 2)`: `args`) and its children (`struct<a: int8>`: name and type)."""

    name: str
    args: tuple[str, ...] = ()
    children: tuple[tuple[str, Type], ...] = ()

    @property
    def item(self) -> Type:
        """Type of a list's items, a dictionary's values or a map's values."""
        return self.children[-1][1]


@dataclass
class Frame:
    """Columns of equal length. Instants, times and durations are integer nanoseconds; dates are days since 1970."""

    names: list[str]
    types: list[Type]
    columns: list[list[Any]]
    rows: int


def _split(text: str) -> list[str]:
    """Splits at the commas that no bracket encloses."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "<(") - (char in ">)")
        if char == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in [*parts, text[start:]]]


def parse_type(text: str) -> Type:
    """Reads `int64`, `decimal(10, 2)`, `timestamp(us, UTC)`, `list<T>`, `fixed_list<T>(3)`, `struct<a: T>`, `map<K, V>`."""
    match = re.fullmatch(r"(\w+)(?:<(.*)>)?(?:\(([^()<>]*)\))?", text.strip())
    if match is None:
        raise ValueError(f"no type: {text}")
    name, inner, args = match.groups()
    children: list[tuple[str, Type]] = []
    for at, part in enumerate(_split(inner) if inner else []):
        label, _, rest = (
            part.partition(":") if name == "struct" else (("key", "value")[at] if name == "map" else "item", "", part)
        )
        children.append((label.strip(), parse_type(rest)))
    return Type(name, tuple(_split(args)) if args else (), tuple(children))


def family(kind: Type) -> str:
    """The narrowest logical type of an Arrow type; `null`, `binary` and `duration` beside the standard's words."""
    if kind.name == "dict":
        return family(kind.item)
    if re.fullmatch(r"u?int\d+", kind.name):
        return "integer"
    if kind.name.startswith("decimal"):
        return "integer" if int(kind.args[1]) <= 0 else "number"
    known = dict.fromkeys(LISTS, "array") | dict.fromkeys(TEXTS, "string") | dict.fromkeys(BINARIES, "binary")
    known |= dict.fromkeys(("time32", "time64"), "time") | dict.fromkeys(("date32", "date64"), "date")
    known |= {"float32": "number", "float64": "number", "bool": "boolean", "struct": "object"}
    return known.get(kind.name, kind.name)


def has_type(kind: Type, logical: str) -> bool:
    """Whether a column of this Arrow type has the logical type (S3.2)."""
    found = family(kind)
    wider = {"integer": {"number"}, "array": {"vector"}, "map": {"object"}}.get(found, set())
    return found == "null" or logical == found or logical in wider


def is_scalar(kind: Type) -> bool:
    """Whether values are neither lists nor structs nor maps."""
    return family(kind) not in ("array", "object", "map")
