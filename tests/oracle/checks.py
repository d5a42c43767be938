"""What each of `logicalTypeOptions` asks of one value, and the operators of quality rules."""

from __future__ import annotations

import base64
import ipaddress
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from oracle.arrow import Type, family
from oracle.values import Refused, amount, key, parse_date, read

Test = Callable[[Any], bool]
_BOUNDS = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}
_SIZES = {"minLength": operator.ge, "maxLength": operator.le, "minItems": operator.ge, "maxItems": operator.le,
          "minProperties": operator.ge, "maxProperties": operator.le, "dimensions": operator.eq}  # fmt: skip
_OPERATORS = {"mustBe": operator.eq, "mustNotBe": operator.ne, "mustBeGreaterThan": operator.gt, "mustBeLessThan": operator.lt,
              "mustBeGreaterOrEqualTo": operator.ge, "mustBeLessOrEqualTo": operator.le}  # fmt: skip
# Every option in the order of S5: its name for people and its code.
OPTIONS = {
    "minLength": ("length ≥ {}", "length-out-of-range"), "maxLength": ("length ≤ {}", "length-out-of-range"),
    "pattern": ("matches {}", "pattern-mismatch"), "format": ("format {}", "format-mismatch"),
    "minimum": ("≥ {}", "value-out-of-range"), "maximum": ("≤ {}", "value-out-of-range"),
    "exclusiveMinimum": ("> {}", "value-out-of-range"), "exclusiveMaximum": ("< {}", "value-out-of-range"),
    "multipleOf": ("multiple of {}", "not-a-multiple"), "timezone": ("has {} time zone", "timezone-mismatch"),
    "minItems": ("at least {} items", "items-out-of-range"), "maxItems": ("at most {} items", "items-out-of-range"),
    "uniqueItems": ("items are distinct", "items-duplicate"), "minProperties": ("at least {} properties", "properties-out-of-range"),
    "maxProperties": ("at most {} properties", "properties-out-of-range"), "required": ("has {}", "property-missing"),
    "dimensions": ("{} dimensions", "items-out-of-range"),
}  # fmt: skip
_NUMERIC = {*_BOUNDS, "multipleOf", "format"}
ALLOWED = {
    "string": {"minLength", "maxLength", "pattern", "format"}, "integer": _NUMERIC, "number": _NUMERIC,
    "date": {*_BOUNDS, "format"}, "timestamp": {*_BOUNDS, "format", "timezone"}, "time": {*_BOUNDS, "format", "timezone"},
    "array": {"minItems", "maxItems", "uniqueItems"}, "object": {"minProperties", "maxProperties", "required"},
    "map": {"minProperties", "maxProperties", "required"}, "vector": {"dimensions"},
}  # fmt: skip
_SPACE = "\\t\\n\\v\\f\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_FORMATS = {
    "uuid": r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "hostname": _HOST,
    "email": rf"(?=[^@]{{1,64}}@){_ATOM}(\.{_ATOM})*@{_HOST}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+",
}  # fmt: skip


def phrase(name: str, arg: Any) -> str:
    """The clause's name for people."""
    shown = ", ".join(arg) if isinstance(arg, list) else {True: "a", False: "no"}[arg] if isinstance(arg, bool) else arg
    return OPTIONS[name][0].format(shown)


def ecma(pattern: str) -> re.Pattern[str]:
    """An ECMA-262 pattern as Python's (S2.6)."""
    out, inside, at = "", False, 0
    while at < len(pattern):
        char = pattern[at]
        pair = pattern[at : at + 2] if char == "\\" else char
        spaces = {"\\s": _SPACE if inside else f"[{_SPACE}]", "\\S": f"[^{_SPACE}]"}
        plain = {".": "[^\\n\\r\\u2028\\u2029]", "$": "\\Z", "\\/": "/"} if not inside else {"[": "\\[", "\\/": "/"}
        out += "(?P<" if pattern[at : at + 3] == "(?<" and not inside else (spaces | plain).get(pair, pair)
        inside = (inside or char == "[") and pair != "]"
        at += 3 if pattern[at : at + 3] == "(?<" and not inside else len(pair)
    return re.compile(out, re.ASCII)


def _format(name: str, logical: str) -> Test | None:
    width = re.fullmatch(r"([iu])(8|16|32|64|128)", name)
    if logical == "integer" and width:
        bits, low = int(width[2]), -1 if width[1] == "i" else 0
        return lambda value: low * 2 ** (bits - 1) <= value < 2 ** (bits + low)
    if logical == "number" and name in ("f32", "f64"):
        # What rounds to a finite single is one.
        top = Fraction(2) ** 128 - Fraction(2) ** 103 if name == "f32" else Fraction(2) ** 1024
        return lambda value: not math.isfinite(value) or abs(amount(value)) < top
    if logical in ("date", "timestamp", "time") or (logical == "string" and name in ("password", "binary")):
        return None
    if logical == "string" and name in _FORMATS:
        return lambda value: re.fullmatch(_FORMATS[name], value) is not None
    if logical == "string" and name in ("ipv4", "ipv6", "byte", "date"):
        readers: dict[str, Callable[[str], Any]] = {"ipv4": ipaddress.IPv4Address, "ipv6": ipaddress.IPv6Address}
        readers |= {"byte": lambda value: base64.b64decode(value, validate=True), "date": parse_date}
        return lambda value: "%" not in value and _reads(readers[name], value)
    raise Refused("format-unknown")


def _reads(reader: Callable[[str], Any], text: str) -> bool:
    try:
        return reader(text) is not None
    except ValueError:
        return False


def option(name: str, arg: Any, kind: Type, logical: str) -> Test | None:
    """The test of a non-NULL value. None: the option states nothing that could fail."""
    found = family(kind)
    if name not in ALLOWED.get(logical, set()):
        raise Refused("option-misplaced")
    if found == "null":
        return lambda value: True
    if name == "format":
        return _format(arg, logical)
    if name in _BOUNDS:
        bound, exact = read(arg, kind), found in ("integer", "number")
        return lambda value: _BOUNDS[name](amount(value) if exact else value, bound)
    if name in _SIZES:
        return lambda value: _SIZES[name](_size(value), int(arg))
    step, pattern = (read(arg, kind) if name == "multipleOf" else 1), ecma(arg if name == "pattern" else "")
    tests: dict[str, Test] = {
        "multipleOf": lambda value: math.isfinite(value) and (amount(value) / step).denominator == 1,
        "pattern": lambda value: pattern.search(value) is not None,
        "timezone": lambda value: (len(kind.args) > 1) == arg,
        "uniqueItems": lambda value: not _repeats([key(item, kind.item) for item in value]),
        "required": lambda value: all(members(value).get(part) is not None for part in arg),
    }
    return tests[name]


def _size(value: Any) -> int:
    """Scalar values of a text, items of a list, non-NULL properties of a struct, entries of a map."""
    return sum(part is not None for part in value.values()) if isinstance(value, dict) else len(value)


def _repeats(keys: list[Any]) -> bool:
    present = [item for item in keys if item is not None]
    return len(set(present)) < len(present)


def members(value: Any) -> dict[Any, Any]:
    """An object's properties: of a struct, or of a map given as pairs."""
    return value if isinstance(value, dict) else dict(value)


def admits(name: str, bounds: list[Fraction], count: Fraction) -> bool:
    """Whether a quality operator admits the count (S2.10)."""
    if name.endswith("Between"):
        return (bounds[0] <= count <= bounds[1]) == (name == "mustBeBetween")
    return bool(_OPERATORS[name](count, bounds[0]))


def without_tolerance(name: str, bounds: list[Fraction], percent: bool) -> bool:
    """Whether the operator admits the count 0 and no larger one (S1.8). A share may be smaller than any positive bound."""
    smallest = Fraction(1, 10**30) if percent else Fraction(1)
    return admits(name, bounds, Fraction(0)) and not any(
        admits(name, bounds, count) for count in (smallest, Fraction(10**40))
    )
