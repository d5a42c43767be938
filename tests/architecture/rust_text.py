"""Rust source without a parser: comments and literals blanked, functions found by their braces."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_BLANKED = re.compile(
    r"""
    //[^\n]*
    | /\*.*?\*/
    | \b(?:b|c)?r(?P<hashes>\#*)".*?"(?P=hashes)
    | (?:\b[bc])?"(?:\\.|[^"\\])*"
    | (?:\bb)?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[0-9a-fA-F_]+\}|.)|[^\\'\n])'
    """,
    re.VERBOSE | re.DOTALL,
)
_FN = re.compile(r"\bfn\s+(\w+)")


class Function(NamedTuple):
    """A function with a body. Lines count from 1."""

    name: str
    line: int
    lines: int


@cache
def code(text: str) -> str:
    """The text with comments and literals as blanks; lines and columns stay."""
    return _BLANKED.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def without_tests(text: str) -> str:
    """The text up to its `#[cfg(test)]` module."""
    at = re.search(r"^#\[cfg\(test\)\]\s*\n\s*mod\s+\w+\s*\{", text, re.MULTILINE)
    return text[: at.start()] if at else text


def functions(text: str) -> list[Function]:
    """Functions with a body; `text` is source as it is written."""
    bare = code(text)
    found = []
    for start in _FN.finditer(bare):
        body = _body(bare, start.end())
        if body is not None:
            first = bare.count("\n", 0, start.start()) + 1
            found.append(Function(start.group(1), first, bare.count("\n", 0, body) + 2 - first))
    return found


def _body(bare: str, at: int) -> int | None:
    """Where the body that follows a signature ends; None if there is no body."""
    depth = 0
    for position in range(at, len(bare)):
        char = bare[position]
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif depth == 0 and char == ";":
            return None
        elif depth == 0 and char == "{":
            return _closing(bare, position)
    return None


def _closing(bare: str, at: int) -> int | None:
    depth = 0
    for position in range(at, len(bare)):
        depth += (bare[position] == "{") - (bare[position] == "}")
        if depth == 0:
            return position
    return None
