"""RFC 8785 bytes, and contracts read with every scalar as written (S1.14)."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Context, Decimal
from typing import Any

import yaml


class Num(str):
    """The digits of a number as written."""


_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def es6(number: float) -> str:
    """ECMAScript's Number::toString, which RFC 8785 prescribes."""
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if -6 < point <= 0:
        body = "0." + "0" * -point + text
    elif 0 < point <= 21:
        body = text.ljust(point, "0") if len(text) <= point else f"{text[:point]}.{text[point:]}"
    else:
        body = text[0] + (f".{text[1:]}" if len(text) > 1 else "") + f"e{point - 1:+d}"
    return "-" * sign + body


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, (int, float)):
        return str(value) if isinstance(value, int) and abs(value) < 2**53 else es6(float(value))
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_text(key)}:{_text(value[key])}" for key in keys) + "}"
    return "[" + ",".join(map(_text, value)) + "]"


def canonical(document: Any) -> bytes:
    """The canonical bytes of a tree of dicts, lists, text, numbers, booleans and None."""
    return _text(document).encode()


def digest(data: bytes) -> str:
    """`sha256:` and the hex digest."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _build(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _build(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_build(item) for item in node.value]
    text = str(node.value)
    if node.style is not None:
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    return Num(text) if _NUMBER.fullmatch(text) else text


def load(text: str) -> Any:
    """The tree of a YAML 1.2 text: numbers as `Num`, dates as text."""
    return _build(yaml.compose(text, Loader=yaml.BaseLoader))


def shortest(digits: str) -> str:
    """One spelling for equal numbers: plain digits, or with an exponent where more than 40 zeros or places would be needed."""
    number = Context(prec=len(digits) + 1).normalize(Decimal(digits))
    exponent = int(number.as_tuple().exponent)
    return (
        f"{number:f}"
        if abs(exponent) <= 40
        else f"{number.scaleb(-exponent, Context(prec=len(digits) + 1)):f}e{exponent}"
    )


def tree_json(tree: Any) -> Any:
    """The tree as JSON: numbers that a double holds exactly as numbers, others as `{"$decimal": digits}`."""
    if isinstance(tree, dict):
        return {key: tree_json(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [tree_json(item) for item in tree]
    if not isinstance(tree, Num):
        return tree
    number = float(tree)
    exact = abs(number) != float("inf") and Decimal(number) == Decimal(tree)
    return number if exact else {"$decimal": shortest(tree)}


def contract_digest(tree: Any) -> str:
    """Digest of a contract's canonical form."""
    return digest(canonical(tree_json(tree)))
