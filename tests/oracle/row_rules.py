"""Row rules (S7): expressions that every record must satisfy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle.arrow import Frame, Type
from oracle.cells import Cells, Tree, resolve
from oracle.expression.evaluate import Expression, Names, bind
from oracle.expression.parse import Node, parse, parse_query
from oracle.expression.values import Fault, Typed, literal, of_arrow, of_frame, timestamp
from oracle.quality import Quality
from oracle.values import Refused, parse_date, show

_EPOCH = datetime(1970, 1, 1)


@dataclass
class Rule:
    """A bound rule and what its value means."""

    expression: Expression
    violated: Callable[[Any], bool]


def written(rule: Tree, name: str, target: Tree, prop: str | None) -> tuple[Node, Callable[[Any], bool]]:
    """The expression of a clause and which of its values violate it (S7.1 to S7.3)."""
    if rule.get("type") == "sql":
        query = rule.get("query")
        if not isinstance(query, str):
            raise Refused("rule-malformed")
        return _lowered(query, name, target, prop), lambda value: value is True
    body = rule.get("implementation")
    if type(body) is str:
        body = {"rule": body}
    if not isinstance(body, dict) or set(body) - {"rule", "onNull"} or type(body.get("rule")) is not str:
        raise Refused("rule-malformed")
    if body.get("onNull", "pass") not in ("pass", "fail"):
        raise Refused("rule-malformed")
    fails = body.get("onNull") == "fail"
    return parse(body["rule"]), lambda value: value is False or (value is None and fails)


def _lowered(query: str, name: str, target: Tree, prop: str | None) -> Node:
    """The condition of `SELECT COUNT(*) FROM {object} WHERE p`."""
    query = _put(query, "object", name)
    for word in ("property", "column"):
        query = query if prop is None else _put(query, word, prop)
    table, condition = parse_query(query)
    known = {name, str(target.get("physicalName") or name)}
    if condition is None or table.lower() not in {word.lower() for word in known}:
        raise Refused("sql-not-a-row-rule")
    return condition


def _put(query: str, word: str, name: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    for hole in ('"${%s}"', '"{%s}"', "${%s}", "{%s}"):
        query = query.replace(hole % word, quoted)
    return query


def names(
    frame: Frame, properties: list[Tree], top: dict[str, Cells], tables: set[str], params: dict[str, Typed]
) -> Names:
    """What names mean in rules over a frame (S6.4, S7.6)."""
    found = Names(dict(zip(frame.names, frame.types, strict=True)), params=params, tables=tables)
    refused = {name: "column-ambiguous" for name in frame.names if frame.names.count(name) > 1}
    for prop in properties:
        name, column = str(prop["name"]), resolve(prop, frame.names)
        cells = top[name]
        if column is None:
            found.columns[name] = Type("null")
            refused[name] = "column-missing"
        elif cells.absent or cells.mismatch:
            refused[column] = cells.absent or "type-mismatch"
        if column is not None and column != name:
            found.aliases[name] = column
    found.refused = refused
    return found


def judged(rule: Rule, frame: Frame, shown: Callable[[int], tuple[str, Tree]]) -> Tree:
    """Violations and undecided records. `shown` gives path and values of a record."""
    bad: list[tuple[int, str, Tree]] = []
    unsure: dict[str, list[tuple[int, str, Tree]]] = {}
    for row in range(frame.rows):
        record = {name: column[row] for name, column in zip(frame.names, frame.columns, strict=True)}
        try:
            if rule.violated(rule.expression.value(record)):
                bad.append((row, *shown(row)))
        except Fault as fault:
            unsure.setdefault(fault.code, []).append((row, *shown(row)))
    holds = False if bad else None if unsure else True
    code = "rule-violated" if bad else min(unsure, default="")
    return {"evaluated": frame.rows, "bad": bad, "holds": holds, "code": code, "unsure": dict(sorted(unsure.items()))}


def tolerated(found: Tree, asked: Quality, of: int) -> Tree:
    """A rule under an operator: the outcome stands only if it is the same whatever the undecided records would say (S7.5)."""
    failing = len(found["bad"])
    outcomes = {asked.admits(failing + more, of) for more in range(sum(map(len, found["unsure"].values())) + 1)}
    holds = outcomes.pop() if len(outcomes) == 1 else None
    code = "metric-out-of-range" if holds is False else min(found["unsure"], default="")
    return found | {"holds": holds, "code": code, "metric": asked.measured(failing, of)}


def bound(node: Node, violated: Callable[[Any], bool], scope: Names) -> Rule:
    """The rule over a frame; refuses what is no condition."""
    expression = bind(node, scope)
    if expression.typed.type.name not in ("BOOLEAN", "NULL"):
        raise Refused("operand-types")
    return Rule(expression, violated)


# Parameters


def arrow_of(value: Any) -> tuple[Type, Any]:
    """Arrow type and frame value of a bound Python value."""
    if isinstance(value, Decimal):
        return Type("decimal128", ("38", str(max(0, -int(value.as_tuple().exponent))))), value
    if isinstance(value, datetime):
        naive = value.replace(tzinfo=None) - (value.utcoffset() or timedelta())
        zone = () if value.tzinfo is None else ("UTC",)
        return Type("timestamp", ("us", *zone)), (naive - _EPOCH) // timedelta(microseconds=1) * 1000
    if isinstance(value, date):
        return Type("date32"), parse_date(value.isoformat())
    if isinstance(value, time):
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return Type("time64", ("us",)), seconds * 10**9 + value.microsecond * 1000
    if isinstance(value, timedelta):
        return Type("duration", ("us",)), value // timedelta(microseconds=1) * 1000
    if isinstance(value, list):
        items = [arrow_of(item) for item in value]
        kind = next((kind for kind, _ in items if kind.name != "null"), Type("null"))
        return Type("list", (), (("item", kind),)), [item for _, item in items]
    plain = {bool: "bool", int: "int64", float: "float64", str: "utf8", bytes: "binary", type(None): "null"}
    return Type(plain[type(value)]), value


def parameter(value: Any) -> Typed:
    """A bound value: a literal in every respect."""
    kind, raw = arrow_of(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return literal(of_arrow(Type("decimal128", ("38", "0"))), Fraction(value))
    ours = of_arrow(kind)
    return literal(ours, of_frame(raw, ours))


def parameters(given: dict[str, Any], as_of: int | None) -> dict[str, Typed]:
    """Parameters by name; `as_of` unless given."""
    instant = {} if as_of is None else {"as_of": literal(timestamp("ns", True), as_of)}
    return instant | {name: parameter(value) for name, value in given.items()}


def shown_params(given: dict[str, Any]) -> Tree:
    """Bound values as evidence shows them."""
    return {
        name: show(value, kind) for name, (kind, value) in ((name, arrow_of(value)) for name, value in given.items())
    }
