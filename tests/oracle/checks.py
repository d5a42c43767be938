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
from oracle.values import Refused, amount, key, read

Test = Callable[[Any], bool]
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_COMPARE = dict(zip(_BOUNDS, (operator.ge, operator.le, operator.gt, operator.lt), strict=True))
_CODES = dict.fromkeys(("minLength", "maxLength"), "length-out-of-range") | dict.fromkeys(_BOUNDS, "value-out-of-range")
_CODES |= {"pattern": "pattern-mismatch", "format": "format-mismatch", "multipleOf": "not-a-multiple"}
_CODES |= {"timezone": "timezone-mismatch", "uniqueItems": "items-duplicate", "required": "property-missing"}
_CODES |= dict.fromkeys(("minItems", "maxItems", "dimensions"), "items-out-of-range")
_CODES |= dict.fromkeys(("minProperties", "maxProperties"), "properties-out-of-range")
ORDER = ("minLength", "maxLength", "pattern", "format", *_BOUNDS, "multipleOf", "timezone", "minItems", "maxItems", "uniqueItems",
         "minProperties", "maxProperties", "required", "dimensions")  # fmt: skip
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
    signs = {"minLength": "length ≥ ", "maxLength": "length ≤ ", "pattern": "matches ", "format": "format ", "minimum": "≥ "}
    signs |= {"maximum": "≤ ", "exclusiveMinimum": "> ", "exclusiveMaximum": "< ", "multipleOf": "multiple of "}
    if name in signs:
        return signs[name] + str(arg)
    ends = {"Items": "items", "Properties": "properties"}
    if name[:3] in ("min", "max"):
        return f"at {'least' if name[:3] == 'min' else 'most'} {arg} {ends[name[3:]]}"
    zone = "has a time zone" if arg is True else "has no time zone"
    return {"timezone": zone, "uniqueItems": "items are distinct", "dimensions": f"{arg} dimensions"}.get(
        name) or "has " + ", ".join(arg)  # fmt: skip


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
        top = Fraction(2) ** (128 if name == "f32" else 1024)
        return lambda value: not math.isfinite(value) or abs(amount(value)) < top
    if logical in ("date", "timestamp", "time") or (logical == "string" and name in ("password", "binary")):
        return None
    if logical == "string" and name in _FORMATS:
        return lambda value: re.fullmatch(_FORMATS[name], value) is not None
    if logical == "string" and name in ("ipv4", "ipv6", "byte"):
        readers: dict[str, Callable[[str], Any]] = {"ipv4": ipaddress.IPv4Address, "ipv6": ipaddress.IPv6Address}
        readers["byte"] = lambda value: base64.b64decode(value, validate=True)
        return lambda value: "%" not in value and _reads(readers[name], value)
    raise Refused("format-unknown")


def _reads(reader: Callable[[str], Any], text: str) -> bool:
    try:
        reader(text)
    except ValueError:
        return False
    return True


def option(name: str, arg: Any, kind: Type, logical: str) -> tuple[str, Test | None]:
    """Code on failure and the test of a non-NULL value. No test: the option states nothing that could fail."""
    found, number = family(kind), int(arg) if name[:3] in ("min", "max") and name not in _BOUNDS or name == "dimensions" else 0
    if name not in ALLOWED.get(logical, set()):
        raise Refused("option-misplaced")
    test: Test | None
    if found == "null":
        test = lambda value: True  # noqa: E731
    elif name in _BOUNDS:
        bound, compare, exact = read(arg, kind), _COMPARE[name], found in ("integer", "number")
        test = lambda value: compare(amount(value) if exact else value, bound)  # noqa: E731
    elif name == "multipleOf":
        step = read(arg, kind)
        test = lambda value: math.isfinite(value) and (amount(value) / step).denominator == 1  # noqa: E731
    elif name == "pattern":
        pattern = ecma(arg)
        test = lambda value: pattern.search(value) is not None  # noqa: E731
    elif name == "format":
        test = _format(arg, logical)
    elif name == "timezone":
        test = lambda value: (len(kind.args) > 1) == arg  # noqa: E731
    elif name == "uniqueItems":
        test = lambda value: not _repeats([key(item, kind.item) for item in value])  # noqa: E731
    elif name == "required":
        test = lambda value: all(members(value).get(part) is not None for part in arg)  # noqa: E731
    elif name in ("minProperties", "maxProperties"):
        compare = operator.ge if name[:3] == "min" else operator.le
        test = lambda value: compare(len(value) if found == "map" else sum(v is not None for v in value.values()), number)  # noqa: E731
    else:
        compare = {"min": operator.ge, "max": operator.le}.get(name[:3], operator.eq)
        test = lambda value: compare(len(value), number)  # noqa: E731
    return _CODES[name], test


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
    compare = {"mustBe": operator.eq, "mustNotBe": operator.ne, "mustBeGreaterThan": operator.gt, "mustBeLessThan": operator.lt}
    compare |= {"mustBeGreaterOrEqualTo": operator.ge, "mustBeLessOrEqualTo": operator.le}
    return bool(compare[name](count, bounds[0]))


def without_tolerance(name: str, bounds: list[Fraction], percent: bool) -> bool:
    """Whether the operator admits the count 0 and no larger one (S1.8). A share may be smaller than any positive bound."""
    smallest = Fraction(1, 10**30) if percent else Fraction(1)
    more = (smallest, Fraction(10**40), *(edge + smallest for edge in bounds if edge >= 0))
    return admits(name, bounds, Fraction(0)) and not any(admits(name, bounds, Fraction(math.ceil(n) if not percent else n)) for n in more)
