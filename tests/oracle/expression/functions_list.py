"""Lists."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cmp_to_key, reduce
from typing import Any

from oracle.expression.functions import Call, function
from oracle.expression.operators import order, require, same
from oracle.expression.values import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    LARGE,
    NOT_FINITE,
    NULL,
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
    listed,
    nearest_double,
)  # fmt: skip


def item_type(args: Sequence[Typed]) -> Type:
    """The type of the first argument's items."""
    return args[0].type.item or NULL


def _list_type(args: Sequence[Typed]) -> Type:
    """That of the first argument."""
    return args[0].type


def _both_lists(args: Sequence[Typed]) -> Type:
    require(all(arg.type.name in ("LIST", "NULL") for arg in args))
    return _list_type(args)


@function("len list_length array_length cardinality", "list", BIGINT)
def _len(call: Call, items: list[Any]) -> int:
    return len(items)


@function("list_value list_pack", "common?*", lambda args: listed(args[0].type if args else NULL), null_aware=True)
def _list_value(call: Call, *items: Any) -> list[Any]:
    return list(items)


def _at(items: list[Any], at: int) -> int:
    """The place, from 0, of a position from 1 or, negative, from the end."""
    return at - 1 if at > 0 else len(items) + at


@function("list_extract array_extract list_element element_at", "list, integer", item_type)
def _list_extract(call: Call, items: list[Any], at: int) -> Any:
    place = _at(items, at)
    return items[place] if at != 0 and 0 <= place < len(items) else None


@function("list_slice array_slice", "list, integer, integer", _list_type)
def _list_slice(call: Call, items: list[Any], start: int, end: int) -> list[Any]:
    first, last = (_at(items, at) if at else -1 for at in (start, end))
    return limited([item for place, item in enumerate(items) if first <= place <= last])


@function("list_contains list_has array_contains array_has", "list, item", BOOLEAN)
def _list_contains(call: Call, items: list[Any], item: Any) -> bool:
    return any(same(item, other) for other in items if other is not None)


@function("list_position list_indexof array_position array_indexof", "list, item", BIGINT)
def _list_position(call: Call, items: list[Any], item: Any) -> int | None:
    return next((at for at, other in enumerate(items, 1) if other is not None and same(item, other)), None)


def _shared_items(args: Sequence[Typed]) -> Type:
    _both_lists(args)
    return BOOLEAN


@function("list_has_any array_has_any", "common, common", _shared_items)
def _list_has_any(call: Call, items: list[Any], others: list[Any]) -> bool:
    return any(a is not None and same(a, b) for a in items for b in others)


@function("list_has_all array_has_all", "common, common", _shared_items)
def _list_has_all(call: Call, items: list[Any], others: list[Any]) -> bool:
    return all(any(same(a, b) for a in items) for b in others if b is not None)


def _ordered(args: Sequence[Typed]) -> Type:
    require(item_type(args).scalar)
    return item_type(args)


def _extreme(names: str, sign: int) -> None:
    @function(names, "list", _ordered)
    def _run(call: Call, items: list[Any]) -> Any:
        there = [item for item in items if item is not None]
        if any(item != item for item in there):
            raise Fault(NOT_FINITE)
        return reduce(lambda a, b: b if order(b, a) == sign else a, there) if there else None


_extreme("list_min", -1)
_extreme("list_max", 1)


def _sum_type(args: Sequence[Typed]) -> Type:
    kind = item_type(args)
    require(kind.number or kind is NULL)
    return kind


@function("list_sum", "list", _sum_type)
def _list_sum(call: Call, items: list[Any]) -> Any:
    there = [item for item in items if item is not None]
    if not there:
        return None
    if call.result.name == "DOUBLE":
        return reduce(lambda a, b: finite(a + b), [finite(item) for item in there])
    total = sum(there)
    return integer(total) if call.result.name == "BIGINT" else exact(Fraction(total), call.result.scale)


def _mean_type(args: Sequence[Typed]) -> Type:
    kind = _sum_type(args)
    return decimal(max(6, kind.scale)) if kind.name == "DECIMAL" else kind if kind is NULL else DOUBLE


@function("list_avg", "list", _mean_type)
def _list_avg(call: Call, items: list[Any]) -> Any:
    there = [item for item in items if item is not None]
    if not there:
        return None
    if isinstance(there[0], float):
        return finite(reduce(lambda a, b: finite(a + b), [finite(item) for item in there]) / len(there))
    mean = Fraction(sum(there), len(there))
    if call.result.name == "DOUBLE":
        return nearest_double(mean)
    power = 10**call.result.scale
    return exact(Fraction(half_away(mean * power), power), call.result.scale)


@function("list_concat list_cat array_concat array_cat", "common, common", _both_lists)
def _list_concat(call: Call, items: list[Any], others: list[Any]) -> list[Any]:
    return limited(items + others)


@function("list_distinct array_distinct", "list", _list_type)
def _list_distinct(call: Call, items: list[Any]) -> list[Any]:
    _few(items)
    out: list[Any] = []
    for item in items:
        if item is not None and not any(same(item, other) for other in out):
            out.append(item)
    return out


def _few(items: list[Any]) -> None:
    if len(items) > 2**20:
        raise Fault(LARGE)


def _sorted_type(args: Sequence[Typed]) -> Type:
    _ordered(args)
    return _list_type(args)


@function("list_sort array_sort", "list", _sorted_type)
def _list_sort(call: Call, items: list[Any]) -> list[Any]:
    _few(items)
    numbers = sorted((item for item in items if item is not None and item == item), key=cmp_to_key(order))
    return numbers + [item for item in items if item != item] + [item for item in items if item is None]


@function("list_reverse array_reverse", "list", _list_type)
def _list_reverse(call: Call, items: list[Any]) -> list[Any]:
    _few(items)
    return items[::-1]


def _texts(args: Sequence[Typed]) -> Type:
    require(item_type(args).name in ("VARCHAR", "NULL"))
    return VARCHAR


@function("array_to_string", "list, text", _texts)
def _array_to_string(call: Call, items: list[Any], separator: str) -> str:
    return limited(separator.join(item for item in items if item is not None))


@function("string_split str_split split string_to_array", "text, text", listed(VARCHAR))
def _string_split(call: Call, x: str, separator: str) -> list[str]:
    return limited(x.split(separator) if separator or not x else list(x)) if x else [""]
