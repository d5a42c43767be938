"""The table of functions: signatures, and calls of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from oracle.expression.operators import as_double, common, require, strict
from oracle.expression.values import NULL, Record, Type, Typed
from oracle.values import Refused

# Kinds of parameters and the types that they take; `double` takes integers and decimal literals too, and so on.
KINDS = {
    "boolean": ("BOOLEAN",), "integer": ("BIGINT",), "number": ("BIGINT", "DECIMAL", "DOUBLE"), "double": ("BIGINT", "DOUBLE"),
    "text": ("VARCHAR",), "binary": ("BLOB",), "bytes": ("VARCHAR", "BLOB"), "date": ("DATE",), "time": ("TIME",),
    "timestamp": ("TIMESTAMP", "TIMESTAMPTZ"), "local timestamp": ("TIMESTAMP",), "local temporal": ("DATE", "TIMESTAMP"),
    "temporal": ("DATE", "TIMESTAMP", "TIMESTAMPTZ"), "interval": ("INTERVAL",), "list": ("LIST",),
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """What a core is called with besides values."""

    types: tuple[Type, ...]
    result: Type


@dataclass(frozen=True)
class Function:
    """`params` are kinds; `?` behind one makes it and those after it optional, `!` constant, a last `*` repeatable."""

    params: tuple[str, ...]
    result: Callable[[Sequence[Typed]], Type]
    core: Callable[..., Any]
    strict: bool = True


TABLE: dict[str, Function] = {}
APPROXIMATE: set[str] = set()


def function(names: str, params: str, result: Type | Callable[[Sequence[Typed]], Type], null_aware: bool = False,
             approximate: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Enters a core under its names. A core takes the call, then the values."""

    def enter(core: Callable[..., Any]) -> Callable[..., Any]:
        kinds = tuple(part.strip() for part in params.split(",")) if params else ()
        infer = (lambda args: result) if isinstance(result, Type) else result
        for name in names.split():
            TABLE[name] = Function(kinds, infer, core, not null_aware)
            APPROXIMATE.update({name} if approximate else ())
        return core

    return enter


def call(name: str, args: list[Typed]) -> Typed:
    """A call of a function of the table."""
    if name not in TABLE:
        raise Refused("function-unknown")
    entry = TABLE[name]
    least = sum("?" not in part for part in entry.params)
    variadic = bool(entry.params) and entry.params[-1].endswith("*")
    require(least <= len(args) and (variadic or len(args) <= len(entry.params)), "argument-count")
    kinds = [entry.params[min(at, len(entry.params) - 1)] for at in range(len(args))]
    made = _conform(args, kinds)
    result = _argued(partial(entry.result, made))
    about = Call(tuple(arg.type for arg in made), result)
    if entry.strict:
        found = strict(made, result, lambda *values: entry.core(about, *values))
    else:
        found = Typed(result, lambda record: entry.core(about, *_values(made, record)))
    return found


def _argued(run: Callable[[], Any]) -> Any:
    """Types that do not suit are the arguments' fault."""
    try:
        return run()
    except Refused as refused:
        raise Refused("argument-types" if refused.code == "operand-types" else refused.code) from None


def _values(args: Sequence[Typed], record: Record) -> list[Any]:
    return [arg.run(record) for arg in args]


def _conform(args: list[Typed], kinds: list[str]) -> list[Typed]:
    """The arguments as their parameters take them."""
    out = list(args)
    shared = [at for at, kind in enumerate(kinds) if kind.startswith("common")]
    for at, arg in zip(shared, common([out[at] for at in shared]), strict=True):
        out[at] = arg
    out = [_argued(partial(_one, arg, kind)) for arg, kind in zip(out, kinds, strict=True)]
    for at, kind in enumerate(kinds):
        if kind.startswith("item") and out[0].type.item is not None:
            out[at] = _argued(partial(_as_item, out[at], out[0].type.item))
    return out


def _as_item(arg: Typed, kind: Type) -> Typed:
    """An argument as an item of a list: what values beside such an item become, if that is the item's type."""
    if kind.name == "NULL":
        return arg
    made, item = common([arg, Typed(kind, arg.run)])
    require(item.type == kind)
    return made


def _one(arg: Typed, kind: str) -> Typed:
    word = kind.rstrip("?!*")
    require("!" not in kind or (arg.literal and arg.constant is not None))
    if arg.type is NULL or arg.type.name == "NULL" or word in ("any", "common", "item"):
        return arg
    if word == "double":
        require(arg.type.name in KINDS[word] or (arg.type.name == "DECIMAL" and arg.literal))
        return as_double(arg)
    require(arg.type.name in KINDS[word])
    return arg


from oracle.expression import functions_format, functions_list, functions_numeric, functions_text, functions_time  # noqa: E402, F401
