"""LIKE, ILIKE and regular expressions (S6.16)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from oracle.checks import ecma
from oracle.expression.functions import Call, function
from oracle.expression.operators import require, strict
from oracle.expression.values import BIGINT, BOOLEAN, VARCHAR, Type, Typed, limited
from oracle.values import Refused


def like(text: Typed, pattern: Typed, fold: bool, escape: str | None) -> Typed:
    """`%` any run, `_` one scalar value; ILIKE compares the lower-case forms of both."""
    require(text.type.name in ("VARCHAR", "NULL") and pattern.type.name in ("VARCHAR", "NULL"), "argument-types")
    require(pattern.literal and pattern.constant is not None, "argument-types")
    require(escape is None or len(escape) == 1, "argument-types")
    expected = re.compile(_regex(pattern.constant, escape, fold), re.DOTALL)
    return strict([text], BOOLEAN, lambda value: expected.fullmatch(lowered(value) if fold else value) is not None)


def lowered(text: str) -> str:
    """Lower case, character by character."""
    return "".join(char.lower() for char in text)


def _regex(pattern: str, escape: str | None, fold: bool) -> str:
    out, at = "", 0
    while at < len(pattern):
        char, plain = pattern[at], False
        if char == escape:
            at, plain = at + 1, True
            require(at < len(pattern), "argument-types")
            char = pattern[at]
        quoted = re.escape(lowered(char) if fold else char)
        out += quoted if plain else {"%": ".*", "_": "."}.get(char, quoted)
        at += 1
    return out


def _like_called(fold: bool) -> Callable[[list[Typed]], Typed]:
    """`like(x, pattern, escape)`: the operator as a function."""

    def made(args: list[Typed]) -> Typed:
        require(len(args) in (2, 3), "argument-count")
        if len(args) == 2:
            return like(args[0], args[1], fold, None)
        require(args[2].literal and args[2].type == VARCHAR and args[2].constant is not None, "argument-types")
        return like(args[0], args[1], fold, args[2].constant)

    return made


CALLED = {"like": _like_called(False), "ilike": _like_called(True)}


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of ECMA-262; what does not compile, or looks around or back, is refused."""
    if re.search(r"\\[1-9]|\(\?<?[=!]", pattern):
        raise Refused("argument-types")
    try:
        return ecma(pattern)
    except re.error:
        raise Refused("argument-types") from None


def _result(kind: Type) -> Callable[[Sequence[Typed]], Type]:
    """The result's type, once the pattern is known to be one."""

    def infer(args: Sequence[Typed]) -> Type:
        if args[1].constant is not None:
            compiled(args[1].constant)
        return kind

    return infer


def _extracted(args: Sequence[Typed]) -> Type:
    """The group is one of the pattern's."""
    groups = compiled(args[1].constant).groups
    require(len(args) < 3 or 0 <= args[2].constant <= groups)
    return VARCHAR


def _replaced(args: Sequence[Typed]) -> Type:
    """A backslash stands before a group's number or another; the only flag is `g`."""
    groups, template = compiled(args[1].constant).groups, args[2].constant
    require(re.fullmatch(r"([^\\]|\\[0-9\\])*", template, re.DOTALL) is not None)
    numbers = [int(ref) for ref in re.findall(r"\\([0-9\\])", template) if ref != "\\"]
    require(all(number <= groups for number in numbers))
    require(len(args) < 4 or args[3].constant in ("", "g"))
    return VARCHAR


@function("regexp_matches regexp_like", "text, text!", _result(BOOLEAN))
def _matches(call: Call, x: str, pattern: str) -> bool:
    return compiled(pattern).search(x) is not None


@function("regexp_full_match", "text, text!", _result(BOOLEAN))
def _full_match(call: Call, x: str, pattern: str) -> bool:
    return compiled(pattern).fullmatch(x) is not None


@function("regexp_count", "text, text!", _result(BIGINT))
def _count(call: Call, x: str, pattern: str) -> int:
    return sum(1 for _ in compiled(pattern).finditer(x))


@function("regexp_extract", "text, text!, integer?!", _extracted)
def _extract(call: Call, x: str, pattern: str, group: int = 0) -> str | None:
    found = compiled(pattern).search(x)
    return None if found is None else found.group(group)


@function("regexp_replace", "text, text!, text!, text?!", _replaced)
def _replace(call: Call, x: str, pattern: str, replacement: str, flags: str = "") -> str:
    def made(match: re.Match[str]) -> str:
        return re.sub(r"\\(\d|\\)", lambda ref: "\\" if ref[1] == "\\" else match.group(int(ref[1])) or "", replacement)

    return limited(compiled(pattern).sub(made, x, count=0 if "g" in flags else 1))
