"""LIKE, ILIKE (S6.16)."""

from __future__ import annotations

import re

from oracle.expression.operators import require, strict
from oracle.expression.values import BOOLEAN, Typed
from oracle.values import Refused


def like(text: Typed, pattern: Typed, fold: bool, escape: str | None) -> Typed:
    """`%` any run, `_` one scalar value; ILIKE compares the lower-case forms of both."""
    require(text.type.name in ("VARCHAR", "NULL") and pattern.type.name in ("VARCHAR", "NULL"))
    require(pattern.literal, "argument-types")
    require(escape is None or len(escape) == 1, "argument-types")
    if pattern.constant is None:
        return strict([text, pattern], BOOLEAN, lambda a, b: None)
    expected = re.compile(_regex(pattern.constant.lower() if fold else pattern.constant, escape), re.DOTALL)
    return strict([text], BOOLEAN, lambda value: expected.fullmatch(value.lower() if fold else value) is not None)


def _regex(pattern: str, escape: str | None) -> str:
    out, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if char == escape:
            at += 1
            if at == len(pattern):
                raise Refused("argument-types")
            out += re.escape(pattern[at])
        else:
            out += {"%": ".*", "_": "."}.get(char, re.escape(char))
        at += 1
    return out
