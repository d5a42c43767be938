"""The expression language: what a text means before any record is seen, and the functions there are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from guard_nb import _arrow, _explain, _native, _params, _texts
from guard_nb._params import Params
from guard_nb.contract import Contract


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of an expression and its parts, the whole first; `lines` are dictionaries, `str()` is for people.

    Keys of a line: `depth`, `what`, `type`, `nullable`, `range` (words), `faults` (codes, parts included), `proved`,
    `cost` (nanoseconds a record, about), `span`, `again` (shown before and computed once).
    """

    text: str
    lines: list[dict[str, Any]]

    @property
    def type(self) -> str:
        """SQL type of the whole."""
        return str(self.lines[0]["type"])

    @property
    def faults(self) -> list[str]:
        """Codes that records can end in; empty when the expression cannot fail."""
        return list(self.lines[0]["faults"])

    @property
    def cost(self) -> int:
        """About how many nanoseconds a record costs."""
        return sum(int(line["cost"]) for line in self.lines if not line["again"])

    def __str__(self) -> str:
        """The tree."""
        return _explain.tree_text(self.lines)

    __repr__ = __str__


def explain(
    text: str,
    over: Contract | object | None = None,
    object: str | None = None,  # noqa: A002
    *,
    frame: object | None = None,
    params: Params | None = None,
) -> Explanation:
    """Types, nullability, ranges, faults and cost of every part of an expression, without any record.

    `over` is a contract (whose clauses give ranges) or a frame; with a contract, `frame` gives the columns' real types.
    `object` names the schema object of a contract that has several. `params` bind the `:name`s.

    Raises `ExpressionError` with the position when the text is no expression, and `FrameError` when the frame's schema
    cannot be read.

    >>> import guard_nb as gn, polars as pl
    >>> print(gn.explain("qty * 2 > 10", pl.DataFrame({"qty": [1]}, schema={"qty": pl.Int32})))
    >        BOOLEAN · can be NULL · ~1 ns
      *      BIGINT · -4294967296 to 4294967294 · can be NULL · ~1 ns
        qty  BIGINT · -2147483648 to 2147483647 · can be NULL
        2    BIGINT · never NULL
      10     BIGINT · never NULL
    """
    given = _texts.expression("text", text)
    contract = over if isinstance(over, Contract) else None
    columns = frame if contract else over
    schema = None if columns is None else _arrow.schema_of(columns)
    native = contract._native if contract else None
    lines = _native.explain(given, native, _texts.optional("object", object), schema, _params.frame(params))
    return Explanation(text, json.loads(lines))


@dataclass(frozen=True, slots=True)
class Function:
    """One entry of the table of functions."""

    name: str
    aliases: tuple[str, ...]
    family: str
    signature: str
    strict: bool
    docs: str
    cost: int
    examples: tuple[tuple[str, str], ...]
    duckdb: str


def functions() -> list[Function]:
    """Every function, family by family, as docs/reference/expressions.md lists them."""
    return [
        Function(
            entry["name"],
            tuple(entry["aliases"]),
            entry["family"],
            entry["signature"],
            entry["strict"],
            entry["docs"],
            entry["costNs"],
            tuple((text, result) for text, result in entry["examples"]),
            entry["duckdb"],
        )
        for entry in json.loads(_native.functions())
    ]
