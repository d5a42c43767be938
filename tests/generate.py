"""Random small contracts and frames that fit them, mostly (hypothesis strategies)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from oracle.arrow import Frame, parse_type
from oracle.values import DAY

_BOUNDS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]
_TEXTS = st.one_of(
    st.sampled_from(["", "a", "ab", "A", "é", "e\u0301", "😀", "a\n", " ", "12", "x@y.org"]), st.text(max_size=4)
)
_FLOATS = st.sampled_from([0.0, -0.0, 0.1, 0.3, 0.5, 1.0, -1.5, 2.0**53, 1e300, math.nan, math.inf, -math.inf])
_NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 0.5, 0.1, 2.5, 127, 2**53 + 1, 2**63 - 1, -(2**63)])
_INSTANTS = st.sampled_from([0, 1000, -1000, DAY, 20_000 * DAY, 20_000 * DAY + 500_000_000])
_OPERATORS = [
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
]


@dataclass
class Case:
    """A contract's text with a frame, the frames referred to and the instant to judge against."""

    contract: str
    frame: Frame
    references: dict[str, Frame]
    as_of: str | None


def _bounds(
    values: st.SearchStrategy[Any], more: dict[str, st.SearchStrategy[Any]] | None = None
) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(_BOUNDS, values) | (more or {}))


_INTEGER = {"multipleOf": st.sampled_from([1, 2, 3, 0.5, 1.5]), "format": st.sampled_from(["i8", "u8", "i64", "u128"])}
_STRING = {"minLength": st.integers(0, 3), "maxLength": st.integers(0, 3), "format": st.sampled_from(["email", "iban"]),
           "pattern": st.sampled_from(["a", "^a", "a$", "^.$", r"\d", r"^\w+$", r"\s", "(a|é)+", "^[^a-c]*$"])}  # fmt: skip
_ITEMS = {"minItems": st.integers(0, 2), "maxItems": st.integers(0, 3), "uniqueItems": st.booleans()}
_OBJECT = {"minProperties": st.integers(0, 2), "maxProperties": st.integers(0, 2), "required": st.just(["a"])}
_DAYS = st.sampled_from(["1970-01-01", "2024-10-04", "2026-01-01"])
_ZONED = st.sampled_from(["1970-01-01T00:00:00Z", "2024-10-04T00:00:00+02:00"])
_NAIVE = st.sampled_from(["1970-01-01T00:00:00", "2024-10-04T00:00:00.5"])
# Arrow type, its values, logical type, options
KINDS: list[tuple[str, st.SearchStrategy[Any], str, st.SearchStrategy[Any]]] = [
    ("int8", st.integers(-128, 127), "integer", _bounds(_NUMBERS, _INTEGER)),
    ("int64", st.sampled_from([-(2**63), -1, 0, 1, 2, 3, 2**53, 2**63 - 1]), "integer", _bounds(_NUMBERS, _INTEGER)),
    ("uint64", st.sampled_from([0, 1, 2, 2**53 + 1, 2**64 - 1]), "number", _bounds(_NUMBERS)),
    ("float64", _FLOATS, "number", _bounds(_NUMBERS, {"multipleOf": st.sampled_from([0.1, 0.25, 1])})),
    ("decimal(10, 2)", st.integers(-300, 300).map(lambda n: Decimal(n).scaleb(-2)), "number",
     _bounds(_NUMBERS, {"multipleOf": st.sampled_from([0.05, 0.1, 2])})),
    ("utf8", _TEXTS, "string", st.fixed_dictionaries({}, optional=_STRING)),
    ("dict<utf8>", _TEXTS, "string", st.fixed_dictionaries({}, optional=_STRING)),
    ("bool", st.booleans(), "boolean", st.just({})),
    ("date32", st.sampled_from([0, 20_000, 20_454]), "date", _bounds(_DAYS)),
    ("timestamp(us, UTC)", _INSTANTS, "timestamp", _bounds(_ZONED, {"timezone": st.booleans()})),
    ("timestamp(us)", _INSTANTS, "timestamp", _bounds(_NAIVE, {"timezone": st.booleans()})),
    ("list<int32>", st.lists(st.one_of(st.none(), st.integers(-1, 2)), max_size=3), "array", st.fixed_dictionaries({}, optional=_ITEMS)),
    ("struct<a: int32, b: utf8>", st.fixed_dictionaries({"a": st.one_of(st.none(), st.integers(0, 2)), "b": _TEXTS}), "object",
     st.fixed_dictionaries({}, optional=_OBJECT)),
]  # fmt: skip
SCALARS = range(11)


@st.composite
def _rule(draw: st.DrawFn, metric: str, arguments: dict[str, Any]) -> dict[str, Any]:
    rule: dict[str, Any] = {"metric": metric} | ({"arguments": arguments} if arguments else {})
    if draw(st.booleans()):
        rule |= {draw(st.sampled_from(_OPERATORS)): draw(st.sampled_from([0, 1, 2, 0.5, 50]))}
    else:
        rule |= {
            draw(st.sampled_from(["mustBeBetween", "mustNotBeBetween"])): draw(
                st.sampled_from([[0, 1], [1, 3], [0, 0.5]])
            )
        }
    if metric != "rowCount" and draw(st.booleans()):
        rule["unit"] = draw(st.sampled_from(["rows", "percent"]))
    if draw(st.booleans()):
        rule["severity"] = draw(st.sampled_from(["error", "warning", "info", "urgent"]))
    return rule | ({"dimension": "accuracy"} if draw(st.booleans()) else {})


def _possible(options: dict[str, Any]) -> dict[str, Any]:
    """Drops upper bounds that leave next to no room: such contracts do not load."""
    low = [options[name] for name in options if name in ("minimum", "exclusiveMinimum")]
    high = [options[name] for name in options if name in ("maximum", "exclusiveMaximum")]
    room = not low or not high or (max(low) < min(high) if isinstance(low[0], str) else max(low) + 2 <= min(high))
    dropped = set() if room else {"maximum", "exclusiveMaximum"}
    dropped |= {
        f"max{what}"
        for what in ("Length", "Items", "Properties")
        if options.get(f"max{what}", 9) < options.get(f"min{what}", 0)
    }
    return {name: value for name, value in options.items() if name not in dropped}


@st.composite
def _property(draw: st.DrawFn, name: str, at: int) -> dict[str, Any]:
    kind, _, logical, options = KINDS[at]
    if draw(st.integers(0, 19)) == 0:
        logical, options = draw(st.sampled_from([("integer", st.just({})), ("string", st.just({"minLength": 1}))]))
    prop: dict[str, Any] = {"name": name, "logicalType": logical}
    written = _possible(draw(options))
    prop |= {"logicalTypeOptions": written} if written else {}
    for flag in ("required", "unique", "primaryKey"):
        if draw(st.integers(0, 3)) == 0 and (at in SCALARS or flag == "required"):
            prop[flag] = draw(st.booleans())
    if draw(st.integers(0, 5)) == 0:
        prop["classification"] = "secret"
    if logical == "number" and draw(st.booleans()):
        prop["customProperties"] = [{"property": "allowNonFinite", "value": draw(st.booleans())}]
    if kind == "utf8" and logical == "string" and draw(st.booleans()):
        prop["enum"] = [{"value": "a"}, {"value": "é"}]
    if at in SCALARS and draw(st.booleans()):
        metric = draw(st.sampled_from(["nullValues", "missingValues", "invalidValues", "duplicateValues"]))
        listed = {"missingValues": {"missingValues": draw(st.sampled_from([["a"], [None, "a"], [None]]))}}
        listed["invalidValues"] = {"validValues": ["a", "ab"]} if logical == "string" else {}
        prop["quality"] = (
            [draw(_rule(metric, listed.get(metric, {})))] if metric != "invalidValues" or logical == "string" else []
        )
    if logical == "array":
        prop["items"] = draw(_property("item", 1)) if draw(st.booleans()) else {"required": True}
        prop["items"].pop("primaryKey", None)
    if logical == "object":
        prop["properties"] = [
            {"name": "a", "logicalType": "integer", "required": draw(st.booleans())},
            {"name": "b", "unique": True},
        ]
    return prop


@st.composite
def _frame(draw: st.DrawFn, kinds: list[int], names: list[str], rows: int) -> Frame:
    nullable = [st.one_of(st.none(), *[KINDS[at][1]] * 4) for at in kinds]
    columns = [draw(st.lists(values, min_size=rows, max_size=rows)) for values in nullable]
    return Frame(names, [parse_type(KINDS[at][0]) for at in kinds], columns, rows)


@st.composite
def cases(draw: st.DrawFn, max_rows: int = 8) -> Case:
    """A contract over two to four columns, `c0` first, and a frame of at most `max_rows` records."""
    kinds = draw(st.lists(st.integers(0, len(KINDS) - 1), min_size=2, max_size=4))
    names = [f"c{at}" for at in range(len(kinds))]
    frame = draw(_frame(kinds, names, draw(st.integers(0, max_rows))))
    properties = [draw(_property(name, at)) for name, at in zip(names, kinds, strict=True)]
    if draw(st.integers(0, 9)) == 0:
        properties[-1]["name"] = "other"
    quality = [draw(_rule("rowCount", {}))] if draw(st.booleans()) else []
    if kinds[0] in SCALARS and kinds[1] in SCALARS and draw(st.booleans()):
        quality.append(draw(_rule("duplicateValues", {"properties": [prop["name"] for prop in properties[:2]]})))
    target: dict[str, Any] = {"name": "t", "properties": properties, "quality": quality}
    if draw(st.booleans()):
        policy = draw(st.sampled_from(["keep", "drop", "deny", "quarantine"]))
        target["customProperties"] = [{"property": "undeclaredColumns", "value": policy}]
    references: dict[str, Frame] = {}
    if kinds[0] in SCALARS and draw(st.booleans()):
        to = draw(st.sampled_from(["r.c0", "r.none", "t.c0"]))
        properties[0]["relationships"] = [{"type": "foreignKey", "to": to}]
        if draw(st.integers(0, 3)):
            references["r"] = draw(_frame(kinds[:1], ["c0"], draw(st.integers(0, 4))))
    tree: dict[str, Any] = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "random",
        "version": "1.0.0",
        "status": "active",
    }
    tree["schema"] = [target]
    if draw(st.booleans()):
        dated = [prop["name"] for prop in properties if prop["logicalType"] in ("date", "timestamp")]
        element = (dated or [properties[-1]["name"]])[0]
        unit, level = (
            draw(st.sampled_from(["s", "days", "months", "y", "m"])),
            draw(st.sampled_from(["freshness", "retention", "latency"])),
        )
        tree["slaProperties"] = [
            {"property": level, "value": draw(st.integers(0, 3)), "unit": unit, "element": f"t.{element}"}
        ]
    return Case(
        json.dumps(tree, ensure_ascii=False), frame, references, draw(st.sampled_from([None, "2024-10-05T00:00:00Z"]))
    )


@st.composite
def cuts(draw: st.DrawFn, rows: int) -> list[tuple[int, int]]:
    """Half-open ranges that cover the records, in any order, some empty."""
    edges = [0, *sorted(draw(st.lists(st.integers(0, rows), max_size=4))), rows]
    return draw(st.permutations(list(pairwise(edges))))
