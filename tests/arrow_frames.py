"""The oracle's frames as pyarrow tables, whole or in pieces."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from oracle.arrow import LISTS, Frame, Type, family
from oracle.values import NANOS

_PLAIN = {"utf8": pa.string(), "large_utf8": pa.large_string(), "utf8_view": pa.string_view(), "bool": pa.bool_()}


def arrow_type(kind: Type) -> pa.DataType:
    """The Arrow type of the name in tests/vectors/README.md."""
    name, args, inner = kind.name, kind.args, [arrow_type(child) for _, child in kind.children]
    if name in _PLAIN:
        return _PLAIN[name]
    if name.startswith("decimal"):
        make = pa.decimal128 if int(args[0]) <= 38 else pa.decimal256
        return make(int(args[0]), int(args[1]))
    if name in ("time32", "time64", "duration"):
        return getattr(pa, name)(args[0])
    if name == "timestamp":
        return pa.timestamp(args[0], tz=args[1] if len(args) > 1 else None)
    if name in LISTS:
        makes = {"list": pa.list_, "large_list": pa.large_list, "list_view": pa.list_view}
        return pa.list_(inner[0], int(args[0])) if name == "fixed_list" else makes[name](inner[0])
    if name == "struct":
        return pa.struct([(label, child) for (label, _), child in zip(kind.children, inner, strict=True)])
    if name == "map":
        return pa.map_(*inner)
    return pa.dictionary(pa.int32(), inner[0]) if name == "dict" else getattr(pa, name)()


def raw(value: Any, kind: Type) -> Any:
    """A value as pyarrow takes it: nanoseconds in the type's unit."""
    if value is None:
        return None
    if kind.name in LISTS:
        return [raw(item, kind.item) for item in value]
    if kind.name == "struct":
        return {label: raw(value[label], child) for label, child in kind.children}
    if kind.name == "map":
        return [(raw(key, kind.children[0][1]), raw(item, kind.item)) for key, item in value]
    if kind.name == "date64":
        return value * 86_400_000
    return value // NANOS[kind.args[0]] if family(kind) in ("time", "timestamp", "duration") else value


def array(values: list[Any], kind: Type) -> pa.Array:
    """A column."""
    target = arrow_type(kind)
    if kind.name == "dict":
        return pa.array(values, target.value_type).dictionary_encode().cast(target)
    return pa.array([raw(value, kind) for value in values], target)


def table(frame: Frame, batch: int | None = None) -> pa.Table:
    """The frame, in batches of `batch` records when said."""
    fields = [pa.field(name, arrow_type(kind)) for name, kind in zip(frame.names, frame.types, strict=True)]
    columns = [array(column, kind) for column, kind in zip(frame.columns, frame.types, strict=True)]
    whole = pa.Table.from_arrays(columns, schema=pa.schema(fields))
    return whole if batch is None else pa.Table.from_batches(whole.to_batches(max_chunksize=batch), whole.schema)


def cut(frame: Frame, start: int, end: int) -> Frame:
    """Records `start` to `end` of a frame."""
    return Frame(frame.names, frame.types, [column[start:end] for column in frame.columns], end - start)
